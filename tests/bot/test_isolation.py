"""Two servers with conflicting documents: whatever is done, neither meets anything of the other."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.permissions import scopes
from indexer.document import Block, Document
from indexer.parts import parts
from indexer.pending import Pending, Upload
from knowledge.errors import FootnoteError
from knowledge.library import SHARED
from knowledge.retrieve import Retriever, Weights
from knowledge.types import AnswerReady
from tests.fakes import HashingEmbedder
from tests.stores import OverlapReranker, opened, quoting

GUILDS = (1, 2)
NAMES = ("rules.md", "hours.md")

Step = tuple[str, int, str, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "stage", "approve", "remove", "undo", "back", "ask"]),
        st.sampled_from(GUILDS),
        st.sampled_from(NAMES),
        st.integers(0, 40),
    ),
    min_size=30,
    max_size=60,
)


class Town:
    """Two servers on one library; every text names whose it is."""

    def __init__(self, library, jobs, pending: Pending) -> None:
        self.library, self.jobs, self.pending = library, jobs, pending
        self.retriever = Retriever(
            library, embedder=HashingEmbedder(), reranker=OverlapReranker(), weights=Weights()
        )
        self.asked = 0
        self.found = 0
        self.said = 0

    def do(self, step: Step) -> None:
        what, guild, name, number = step
        scope = f"guild:{guild}"
        try:
            self._do(what, scope, name, number)
        except FootnoteError as error:
            self.clean(str(error), guild)
        self.look(guild, name)

    def _do(self, what: str, scope: str, name: str, number: int) -> None:
        waiting = self.jobs.waiting(scope=scope)
        match what:
            case "add" | "stage":
                staged = self.stage(scope, name, number)
                if what == "add":
                    self.jobs.approve(staged.id, scope=scope, by="x")
            case "approve" if waiting:
                self.jobs.approve(waiting[0].id, scope=scope, by="x")
            case "approve":
                # One that waits elsewhere is not there, whoever knows its name.
                for other in self.pending.all():
                    self.jobs.approve(other.id, scope=scope, by="x")
            case "remove":
                self.jobs.remove(name, scope=scope, by="x")
            case "undo":
                self.jobs.roll_back(name, scope=scope, by="x", version=number)
            case "back":
                self.jobs.roll_back_all(number, scope=scope, by="x")
            case _:
                self._try(what, scope, name, number)

    def _try(self, what: str, scope: str, name: str, number: int) -> None:
        """What looks at a library as it would be, and what makes others look."""
        waiting = self.jobs.waiting(scope=scope)
        if what == "golden":
            answer = f"The secret word of {scope} is {scope}{name} number {number}."
            self.jobs.golden.write(f"What is the secret word of {scope}?", answer, scope=scope)
        elif what == "sample" and waiting:
            tried = list(self.jobs.samples(waiting[0].id, scope=scope, asked=["secret word?"]))
            self.clean(repr(tried), int(scope.removeprefix("guild:")))

    def stage(self, scope: str, name: str, number: int):
        """As `Jobs.add`, without a process for each: reading is not what this is about."""
        words = f"The secret word of {scope} is {scope}{name} number {number}."
        upload = Upload(name, words.encode(), name, scope, "x")
        document = Document(f"{name} of {scope}", (Block(words),))
        (part,) = parts(document, upload, upload.data, library=self.library).all
        vectors = HashingEmbedder().embed_documents([each.text for each in part.passages])
        return self.pending.keep(upload, document, vectors=vectors, revision=part.info.revision)

    def look(self, guild: int, name: str) -> None:
        """All ways in which a server sees a library."""
        scope, reach = f"guild:{guild}", scopes(guild)
        other = next(each for each in GUILDS if each != guild)
        for question in (f"What is the secret word of guild:{other}?", f"guild:{other}{name}"):
            self.asked += 1
            evidence = self.retriever.retrieve(question, k=10, scopes=reach)
            self.found += len(evidence)
            assert all(each.passage.scope in (SHARED, scope) for each in evidence)
            self.clean("".join(each.passage.text for each in evidence), guild)
        self.clean(repr(self.library.documents(scopes=reach)), guild)
        self.clean(repr(self.jobs.history(scope=scope)), guild)
        self.clean(repr(self.jobs.waiting(scope=scope)), guild)
        self.clean(repr(self.jobs.audit.entries(scope=scope)), guild)

    def answered(self, guild: int) -> None:
        """What a server is told when it asks for the other one's secret."""
        other = next(each for each in GUILDS if each != guild)
        answerer = quoting(self.library, embedder=HashingEmbedder()).answerer
        question = f"What is the secret word of guild:{other}?"
        for event in answerer.answer(question, scopes=scopes(guild)):
            if isinstance(event, AnswerReady):
                answer = replace(event.answer, question="", reason="")
                self.said += bool(answer.text)
                self.clean(repr(answer), guild)

    @staticmethod
    def clean(text: str, guild: int) -> None:
        other = next(each for each in GUILDS if each != guild)
        assert f"guild:{other}" not in text, text


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_no_operation_and_no_question_of_one_server_meets_anything_of_the_other(
    done: list[Step],
) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as (library, jobs):
        town = Town(library, jobs, Pending(library.home / "pending"))
        for guild in GUILDS:
            town.do(("add", guild, NAMES[0], 1))
        for step in done:
            town.do(step)
        assert town.asked >= 60
        assert town.found


def test_five_hundred_operations_and_questions_in_two_servers_leak_nothing() -> None:
    chance = random.Random(20251122)
    kinds = ("add", "add", "stage", "approve", "remove", "undo", "back", "golden", "sample", "ask")
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as (library, jobs):
        town = Town(library, jobs, Pending(library.home / "pending"))
        for number in range(500):
            guild = chance.choice(GUILDS)
            town.do((chance.choice(kinds), guild, chance.choice(NAMES), chance.randrange(40)))
            if number % 5 == 0:
                town.answered(guild)
        assert town.asked >= 1000
        assert town.said >= 50
