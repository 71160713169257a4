"""Eight questions one after the other against the same eight at once, with the default model.

They go the way that Discord's questions go: queue, evidence, model, the states of the message. What
Discord itself takes is not in the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.app import App
from bot.config import BotSettings
from bot.drafting import Drafting, Running
from bot.page import Page
from bot.serving import Shelves
from bot.stream import Live
from bot.vitals.figures import Figures
from bot.waiting import OpenQuestion
from bot.worker import Worker
from knowledge.generate import LocalGenerator
from knowledge.hardware import share_cores
from knowledge.prompt import Prompt
from knowledge.together import Together
from knowledge.types import Answer
from tests.benchmarks.figures import Row, show, write

GOLDEN = Path(__file__).parents[1] / "evals" / "golden.jsonl"
QUESTIONS = 8
TOKENS = 64
PROMPT = Prompt(
    "Answer in one to three sentences, with the names and numbers of the passages.",
    "Sampling:\nNucleus sampling keeps the smallest set of tokens whose probabilities add up to p;"
    " Ari Holtzman and others described it in 2019. Top-k sampling keeps the k likeliest tokens. A"
    " low temperature makes likely tokens likelier still.",
    "How do nucleus sampling, top-k sampling and temperature differ?",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What an asker saw: seconds to the first evidence and to the whole answer, and the answer."""

    evidence_s: float
    whole_s: float
    answer: Answer


@dataclass(frozen=True, slots=True)
class Round:
    """All questions asked once in some way, and the seconds until the last was answered."""

    seen: tuple[Seen, ...]
    seconds: float

    def row(self, name: str) -> Row:
        """The figures of this way of asking."""
        evidence = [each.evidence_s for each in self.seen]
        return {
            "asked": name,
            "questions": len(self.seen),
            "seconds in all": round(self.seconds, 2),
            "answers a minute": round(60 * len(self.seen) / self.seconds, 1),
            "first evidence, s: median": round(statistics.median(evidence), 2),
            "first evidence, s: last": round(max(evidence), 2),
            "whole answer, s: median": round(statistics.median(e.whole_s for e in self.seen), 2),
            "whole answer, s: last": round(max(each.whole_s for each in self.seen), 2),
        }


class Askers:
    """People who ask the bot's services."""

    def __init__(self, app: App, worker: Worker) -> None:
        self._settings = app.settings
        self._worker = worker
        self._drafting = Drafting(
            app.settings,
            answerer=app.answerer,
            library=Shelves(app),
            worker=worker,
            figures=Figures(),
        )

    async def ask(self, text: str, *, asker: int) -> Seen:
        """Ask one question and look at the message until the answer is there."""
        started, evidence = time.perf_counter(), 0.0

        async def shown(pages: Sequence[Page], _: bool) -> None:
            nonlocal evidence
            if pages[0].embeds and not evidence:
                evidence = time.perf_counter() - started

        task = asyncio.current_task()
        assert task is not None
        running = Running(OpenQuestion(f"q{asker}", text, time.time(), asker, None, 0), task)
        job = self._drafting.begin(running, conversation=())
        async with Live(shown, interval=self._settings.edit_interval_s) as live:
            draft = await self._drafting.follow(running, job, live=live)
        assert draft.answer is not None
        return Seen(evidence, time.perf_counter() - started, draft.answer)


async def asked(app: App, questions: Sequence[str], *, at_once: bool) -> Round:
    """The questions, all at once or each when the one before it is answered."""
    worker = Worker(threads=app.settings.concurrent_answers, queue_length=len(questions))
    askers = Askers(app, worker)
    started = time.perf_counter()
    if at_once:
        asking = [askers.ask(each, asker=n) for n, each in enumerate(questions)]
        seen = await asyncio.gather(*asking)
    else:
        seen = [await askers.ask(each, asker=n) for n, each in enumerate(questions)]
    seconds = time.perf_counter() - started
    await worker.close()
    return Round(tuple(seen), seconds)


def alone(generator: LocalGenerator, *, times: int) -> Row:
    """Decoding one text through what takes texts together, and by the bare decoder: in turns."""
    model = generator.loaded()
    assert isinstance(model.decoder, Together)
    bare = LocalGenerator(Path, name="bare")
    bare.loaded = lambda: replace(model, decoder=model.decoder.decoder)
    rates: dict[str, list[float]] = {"together": [], "bare": []}
    texts: set[str] = set()
    for _ in range(times):
        for name, each in (("together", generator), ("bare", bare)):
            reading = each.read(PROMPT)
            started = time.perf_counter()
            texts.add("".join(reading.write(max_tokens=TOKENS, stop=None)))
            rates[name].append(reading.tokens.completion / (time.perf_counter() - started))
    together, plain = (statistics.median(rates[name]) for name in ("together", "bare"))
    return {
        "asked": "one text",
        "tokens/s": round(together, 2),
        "tokens/s by the bare decoder": round(plain, 2),
        "ratio": round(together / plain, 3),
        "the same text": len(texts) == 1,
    }


def chosen(count: int) -> list[str]:
    """Golden questions that the documents answer, from all over the file."""
    lines = GOLDEN.read_text("utf-8").splitlines()
    answerable = [each["question"] for each in map(json.loads, lines) if each.get("must")]
    return answerable[:: len(answerable) // count][:count]


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask in both ways, in turns, and print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--questions", type=int, default=8)
    parser.add_argument("--answers", type=int, help="written at once; the setting's without")
    parser.add_argument("--rounds", type=int, default=1, help="in turns; the medians count")
    parser.add_argument("--home", type=Path, help="a library; a temporary one without")
    parser.add_argument("--out", type=Path, default=Path("together.json"))
    wanted = parser.parse_args(arguments)
    share_cores()
    with tempfile.TemporaryDirectory() as folder:
        settings = BotSettings(_env_file=None, home=wanted.home or Path(folder) / "home")
        if wanted.answers:
            settings = settings.model_copy(update={"concurrent_answers": wanted.answers})
        app = App(settings)
        app.index_shipped()
        app.load()
        rows = measure(app, chosen(wanted.questions), rounds=wanted.rounds)
        app.library.close()
    write(wanted.out, rows)


def measure(app: App, questions: Sequence[str], *, rounds: int) -> list[Row]:
    """The questions in both ways, as often as wanted, and decoding alone."""
    one_by_one: list[Round] = []
    at_once: list[Round] = []
    asyncio.run(asked(app, questions[:1], at_once=False))
    for _ in range(rounds):
        one_by_one.append(asyncio.run(asked(app, questions, at_once=False)))
        at_once.append(asyncio.run(asked(app, questions, at_once=True)))
    ratios = [a.seconds / b.seconds for a, b in zip(one_by_one, at_once, strict=True)]
    same = sum(
        a.answer.text == b.answer.text
        for a, b in zip(one_by_one[0].seen, at_once[0].seen, strict=True)
    )
    rows = [
        middle(one_by_one).row("one after the other"),
        middle(at_once).row("at once")
        | {
            "throughput, ratio": round(statistics.median(ratios), 2),
            "ratios": " ".join(f"{ratio:.2f}" for ratio in ratios),
            "answers of the same text": same,
        },
    ]
    show(f"{app.settings.concurrent_answers} answers written at once", rows, first="asked")
    assert isinstance(app.generator, LocalGenerator)
    single = alone(app.generator, times=2 * rounds + 1)
    show("Decoding", [single], first="asked")
    return [*rows, single]


def middle(rounds: Sequence[Round]) -> Round:
    """The round that took the median time, the quicker of two."""
    return sorted(rounds, key=lambda each: each.seconds)[(len(rounds) - 1) // 2]


if __name__ == "__main__":
    main()
