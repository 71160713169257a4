"""Several texts are written at once, each as if it were alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
import torch

from knowledge.decoder import Cache, LlamaDecoder, Turn
from knowledge.generate import LocalGenerator
from knowledge.prompt import Prompt
from knowledge.together import CHUNK, ROOM, Asked, Together, portions
from tests.knowledge.tiny_model import write_folder

TOKENS = 60
PROMPTS = tuple(
    Prompt("Be brief.", f"{name}:\n" + f"Two networks are trained by {name}. " * size, f"{name}?")
    for name, size in (("Ada", 2), ("Bob", 9), ("Cai", 1), ("Dee", 30), ("Eve", 4))
)


class Watched:
    """The steps of a decoder: how many tokens of each text they took, and what stood in the way."""

    def __init__(self, decoder: LlamaDecoder) -> None:
        self._decoder = decoder
        self.steps: list[list[int]] = []
        self.before: Callable[[Sequence[Turn]], None] = lambda turns: None

    def cache(self) -> Cache:
        return self._decoder.cache()

    def forward(self, turns: Sequence[Turn]) -> list[torch.Tensor]:
        self.steps.append([len(turn.ids) for turn in turns])
        self.before(turns)
        return self._decoder.forward(turns)

    def felt(self, turn: Turn, *, layers: int) -> torch.Tensor:
        return self._decoder.felt(turn, layers=layers)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture
def generator(folder: Path, monkeypatch: pytest.MonkeyPatch) -> LocalGenerator:
    # float32 makes all ways compute alike.
    monkeypatch.setattr("knowledge.hardware.fast_dtype", lambda: torch.float32)
    made = LocalGenerator(lambda: folder, name="tiny")
    made.load()
    return made


@pytest.fixture
def watched(generator: LocalGenerator, monkeypatch: pytest.MonkeyPatch) -> Watched:
    together = generator.loaded().decoder
    assert isinstance(together, Together)
    seen = Watched(together.decoder)
    monkeypatch.setattr(together, "decoder", seen)
    return seen


def written(
    generator: LocalGenerator,
    prompt: Prompt,
    *,
    tokens: int = TOKENS,
    stop: threading.Event | None = None,
    begun: Callable[[str], None] = lambda piece: None,
) -> str:
    """The text of a prompt; `begun` is called with each of its pieces."""
    reading = generator.read(prompt)
    reading.answerable()
    reading.state()
    pieces = []
    for piece in reading.write(max_tokens=tokens, stop=stop):
        pieces.append(piece)
        begun(piece)
    return "".join(pieces)


def at_once(works: Sequence[Callable[[], str]]) -> list[str]:
    """What each of these comes to, begun at one moment in threads of their own."""
    ready = threading.Barrier(len(works))

    def begin(work: Callable[[], str]) -> str:
        ready.wait(300)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [each.result(300) for each in [pool.submit(begin, work) for work in works]]


# -- whole texts ---------------------------------------------------------------------------


def test_texts_written_together_are_those_written_alone(
    generator: LocalGenerator, watched: Watched
) -> None:
    alone = [written(generator, prompt) for prompt in PROMPTS]
    assert len(set(alone)) == len(PROMPTS)
    assert all(len(step) == 1 for step in watched.steps)
    steps = len(watched.steps)
    watched.steps.clear()

    together = at_once([lambda p=prompt: written(generator, p) for prompt in PROMPTS])

    assert together == alone
    assert max(len(step) for step in watched.steps) > 1
    assert len(watched.steps) < steps


def test_a_long_prompt_is_read_in_steps_that_leave_room_for_others(
    generator: LocalGenerator, watched: Watched
) -> None:
    written(generator, PROMPTS[3])

    reading = [step[0] for step in watched.steps if step[0] > CHUNK // 2]
    assert max(reading) == CHUNK
    assert len(reading) > 4


def test_a_text_may_join_and_leave_in_the_midst_of_another(
    generator: LocalGenerator, watched: Watched
) -> None:
    long, short = (written(generator, p, tokens=n) for p, n in ((PROMPTS[0], 150), (PROMPTS[1], 8)))
    joined: list[str] = []
    numbers = count()

    with ThreadPoolExecutor(1) as pool:

        def beside(_: str) -> None:
            if next(numbers) == 3:
                watched.steps.clear()
                second = pool.submit(written, generator, PROMPTS[1], tokens=8)
                joined.append(second.result(300))

        first = written(generator, PROMPTS[0], tokens=150, begun=beside)

    assert (first, joined) == (long, [short])


def test_stopping_one_text_ends_it_and_no_other(
    generator: LocalGenerator, watched: Watched
) -> None:
    alone = written(generator, PROMPTS[0], tokens=120)
    whole = written(generator, PROMPTS[1], tokens=120)
    stop = threading.Event()

    def stopping(_: str) -> None:
        stop.set()

    first, second = at_once(
        [
            lambda: written(generator, PROMPTS[0], tokens=120),
            lambda: written(generator, PROMPTS[1], tokens=120, stop=stop, begun=stopping),
        ]
    )

    assert first == alone
    assert len(second) < len(whole)
    assert whole.startswith(second)
    assert len(watched.steps[-1]) == 1


def test_a_text_that_nobody_reads_on_takes_no_step(
    generator: LocalGenerator, watched: Watched
) -> None:
    left = generator.read(PROMPTS[1]).write(max_tokens=120, stop=None)
    next(left)
    watched.steps.clear()

    written(generator, PROMPTS[0])

    assert watched.steps
    assert all(len(step) == 1 for step in watched.steps)


def test_what_all_prompts_begin_with_is_read_once(folder: Path) -> None:
    generator = LocalGenerator(lambda: folder, name="tiny")
    together = generator.loaded().decoder
    assert isinstance(together, Together)
    seen = Watched(together.decoder)
    together.decoder = seen
    system = len(generator.loaded().encode(generator.loaded().frame("Be brief.")[0]))

    at_once([lambda p=prompt: str(generator.read(p).tokens.prompt) for prompt in PROMPTS])

    assert sum(sum(step) for step in seen.steps) == system + sum(
        generator.read(prompt).tokens.prompt - system for prompt in PROMPTS
    )


# -- steps ---------------------------------------------------------------------------------


class Gate:
    """Holds a step back until so many turns wait for the next."""

    def __init__(self, together: Together, *, turns: int) -> None:
        self._together = together
        self._turns = turns
        self.used = False

    def __call__(self, turns: Sequence[Turn]) -> None:
        if self.used:
            return
        self.used = True
        with self._together._changed:
            # The turn that is being taken is among those who ask.
            assert self._together._changed.wait_for(
                lambda: len(self._together._asked) == self._turns + 1, timeout=300
            )


@pytest.fixture
def steps(watched: Watched) -> tuple[Together, Watched]:
    return Together(watched), watched


def logits(together: Together, ids: Sequence[int], cache: Cache, *, keep: int = 1) -> torch.Tensor:
    return together.forward([Turn(ids, cache, keep)])[0]


def beside(
    together: Together, watched: Watched, works: Sequence[Callable[[], torch.Tensor]]
) -> list[torch.Tensor | BaseException]:
    """What comes of turns that all wait while a step is under way."""
    watched.before = Gate(together, turns=len(works))
    with ThreadPoolExecutor(len(works) + 1) as pool:
        held = pool.submit(logits, together, [1], together.cache())
        while not watched.before.used:
            pass
        asked = [pool.submit(work) for work in works]
        held.result(300)
        return [each.exception(300) or each.result() for each in asked]


def test_an_error_in_one_text_is_raised_there_and_the_others_go_on(
    steps: tuple[Together, Watched],
) -> None:
    together, watched = steps
    expected = [logits(together, ids, together.cache()) for ids in ([5, 6, 7], [8, 9])]
    unheard_of = 10**6

    first, wrong, second = beside(
        together,
        watched,
        [
            lambda: logits(together, [5, 6, 7], together.cache()),
            lambda: logits(together, [3, unheard_of], together.cache()),
            lambda: logits(together, [8, 9], together.cache()),
        ],
    )

    assert isinstance(wrong, IndexError)
    torch.testing.assert_close([first, second], expected)
    torch.testing.assert_close(logits(together, [8, 9], together.cache()), expected[1])


def test_whoever_is_interrupted_takes_nobody_along(steps: tuple[Together, Watched]) -> None:
    together, watched = steps
    expected = logits(together, [5, 6, 7], together.cache())
    interrupted = threading.Event()

    def interrupting(_: Sequence[Turn]) -> None:
        if not interrupted.is_set():
            interrupted.set()
            raise KeyboardInterrupt

    watched.before = interrupting
    with pytest.raises(KeyboardInterrupt):
        logits(together, [1], together.cache())
    torch.testing.assert_close(logits(together, [5, 6, 7], together.cache()), expected)


def test_a_long_prompt_is_read_between_the_words_of_others(
    steps: tuple[Together, Watched],
) -> None:
    together, watched = steps
    prompt = [n % 250 for n in range(3 * CHUNK + 5)]
    expected = logits(together, prompt, together.cache())
    watched.steps.clear()
    other = together.cache()

    def writing() -> torch.Tensor:
        for token in range(20):
            last = logits(together, [token], other)
        return last

    read, wrote = beside(
        together, watched, [lambda: logits(together, prompt, together.cache()), writing]
    )

    torch.testing.assert_close(read, expected, atol=1e-4, rtol=1e-4)
    assert isinstance(wrote, torch.Tensor)
    held, first, *_ = watched.steps
    assert (held, first) == ([1], [1, CHUNK])
    assert sum(each for step in watched.steps for each in step) == 1 + len(prompt) + 20


# -- what goes into a step -----------------------------------------------------------------


def asked(ids: int, *, keep: int = 1, guessed: int = 0) -> Asked:
    return Asked(Turn(range(ids), None, keep, guessed))


def sizes(*those: Asked) -> list[tuple[int, int, int]]:
    """Whose turn, tokens, and of how many the logits are wanted."""
    return [(those.index(who), len(turn.ids), turn.keep) for who, turn in portions(those)]


def test_all_who_write_get_their_turn_in_every_step() -> None:
    assert sizes(asked(1), asked(1), asked(1)) == [(0, 1, 1), (1, 1, 1), (2, 1, 1)]
    assert sizes(asked(1000), asked(1), asked(1))[:2] == [(1, 1, 1), (2, 1, 1)]


def test_guesses_share_what_room_there_is() -> None:
    def writing(guesses: int) -> Asked:
        return asked(1 + guesses, keep=1 + guesses, guessed=guesses)

    assert sizes(writing(3), writing(15)) == [(0, 4, 4), (1, ROOM // 2, ROOM // 2)]
    many = [writing(3) for _ in range(ROOM + 1)]
    assert sizes(*many) == [(number, 1, 1) for number in range(ROOM + 1)]


def test_prompts_share_a_step_in_the_order_in_which_they_came() -> None:
    assert sizes(asked(1000), asked(900)) == [(0, CHUNK, 0)]
    assert sizes(asked(CHUNK - 8), asked(900)) == [(0, CHUNK - 8, 1), (1, 8, 0)]


def test_what_is_asked_after_a_prompt_goes_before_other_prompts() -> None:
    assert sizes(asked(1000), asked(30)) == [(1, 30, 1), (0, CHUNK - 30, 0)]


def test_the_tokens_whose_logits_are_wanted_stay_together() -> None:
    assert sizes(asked(CHUNK + 2, keep=10), asked(1)) == [(1, 1, 1), (0, CHUNK - 8, 0)]
