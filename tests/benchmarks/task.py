"""A comparison's folder: what is compared, and what of it is there already."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.app import App
from bot.config import BotSettings
from bot.evaluate import Case, read_cases
from knowledge.errors import UsageError
from tests.benchmarks.asked import Asked, chosen, kept

# In this order, so that whoever is slow does not take the time of the others.
CONTENDERS = ("Footnote", "plain", "CitationQueryEngine")

# What builds the services of the bot.
OURS = "bot.app:App"


@dataclass(frozen=True, slots=True)
class Task:
    """Which questions are asked of which documents; `app` names what builds the services."""

    out: Path
    questions: Path
    count: int
    documents: tuple[Path, ...] = ()
    app: str = OURS

    @property
    def results(self) -> Path:
        """A line for each answer."""
        return self.out / "answers.jsonl"

    @property
    def measured(self) -> Path:
        """The machine's limits, and how fast the decoders are beside them."""
        return self.out / "machine.json"

    def cases(self) -> tuple[Case, ...]:
        """The questions with what their answers must hold."""
        return chosen(read_cases(self.questions), self.count)

    def settings(self) -> BotSettings:
        """Models as the environment names them, all on this machine; a library of its own."""
        return BotSettings(home=self.out / "home", llm_base_url=None, chroma_url=None)

    def services(self) -> App:
        """The services, made by what `app` names."""
        import importlib

        module, _, name = self.app.partition(":")
        made = getattr(importlib.import_module(module), name)(self.settings())
        assert isinstance(made, App)
        return made

    def missing(self, contender: str) -> list[Case]:
        """What a contender has not answered yet."""
        done = {each.question for each in self.answers() if each.contender == contender}
        return [case for case in self.cases() if case.id not in done]

    def answers(self) -> list[Asked]:
        """All answers to the chosen questions."""
        wanted = {case.id for case in self.cases()}
        return [each for each in kept(self.results) if each.question in wanted]

    def machine(self) -> dict[str, Any]:
        """What was measured of the machine; {} where nothing was."""
        if not self.measured.is_file():
            return {}
        found = json.loads(self.measured.read_text("utf-8"))
        assert isinstance(found, dict)
        return found

    def note(self, name: str, record: dict[str, Any]) -> None:
        """Keep something measured of the machine."""
        text = json.dumps(self.machine() | {name: record}, indent=2)
        self.measured.write_text(text + "\n", "utf-8")

    def begin(self, *, fresh: bool) -> None:
        """Go on with an interrupted run of the same; begin anew where there is none.

        Raises UsageError where the folder holds a run with other documents or models.
        """
        file, now = self.out / "task.json", self._described()
        before = json.loads(file.read_text("utf-8")) if file.is_file() else now
        finished = not any(self.missing(name) for name in CONTENDERS)
        if before != now and not (fresh or finished):
            raise UsageError(
                f"{self.out} holds an unfinished run with other documents or models. "
                "Name another folder with --out, or forget that run with --fresh."
            )
        if fresh or finished:
            self._forget(library=before != now)
        self.out.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(now, indent=2) + "\n", "utf-8")

    def _forget(self, *, library: bool) -> None:
        for path in (self.results, self.measured):
            path.unlink(missing_ok=True)
        if library:
            shutil.rmtree(self.out / "home", ignore_errors=True)

    def _described(self) -> dict[str, Any]:
        settings = self.settings()
        return {
            "documents": list(map(str, self.documents)),
            "models": [settings.llm_model, settings.embedding_model, settings.reranker_model],
            "services": self.app,
        }

    def as_argument(self) -> str:
        """The task for a process of its own."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_argument(cls, text: str) -> Task:
        """The same in that process."""
        record = json.loads(text)
        documents = tuple(map(Path, record.pop("documents")))
        out, questions = Path(record.pop("out")), Path(record.pop("questions"))
        return cls(out=out, questions=questions, documents=documents, **record)
