"""A statement is judged by the model's state, and by its words where none is to be seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from knowledge.check import Checker, cited, concluded
from knowledge.config import Settings
from knowledge.errors import UsageError
from knowledge.generate import Reading
from knowledge.library import SHARED
from knowledge.prompt import STATED, Prompt
from knowledge.retrieve import Retriever
from knowledge.stance import CLASSES, Stance, StanceProbe, StanceReader, stance_probe_for
from knowledge.types import Evidence, Location, Passage, Verdict
from tests.fakes import OverlapReranker, ScriptedGenerator, ScriptedReading

LAMPS = "The red lamp of the Harrow bridge burns oil. The bridge opened in 1904. Carts pay a toll."
PROBE = StanceProbe(np.zeros(3, dtype=np.float32), 4 * np.eye(3, dtype=np.float32))


class Found(Retriever):
    """One passage, whatever is asked."""

    def __init__(self) -> None:
        pass

    def retrieve(
        self, question: str, *, k: int, scopes: Sequence[str] = (SHARED,), fold: bool = True
    ) -> tuple[Evidence, ...]:
        return (Evidence(Passage("p", "d", "Harrow", LAMPS, Location(), 0), 1.0, 1.0, 1.0),)


class Minded(ScriptedGenerator):
    """A model whose state is given, and which notes what it was given to read."""

    def __init__(self, *state: float) -> None:
        super().__init__()
        self.state = state
        self.read_prompts: list[Prompt] = []
        self.asked: list[str] = []

    def read(self, prompt: Prompt) -> Reading:
        mind = self

        class Mindful(ScriptedReading):
            def state(self, ask: str = "") -> tuple[float, ...]:
                mind.asked.append(ask)
                return mind.state

        self.read_prompts.append(prompt)
        return Mindful(prompt, "", log_odds=None, step=1)


def checker(*state: float) -> tuple[Checker, Minded]:
    model = Minded(*state)
    reader = StanceReader(model, reranker=OverlapReranker(), probe=PROBE)
    return Checker(Found(), reader=reader), model


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ((1.0, 0.0, 0.0), Verdict.SUPPORTED),
        ((0.0, 1.0, 0.0), Verdict.CONTRADICTED),
        ((0.0, 0.0, 1.0), Verdict.UNSUPPORTED),
    ],
)
def test_the_state_decides_and_the_nearest_sentence_is_quoted(
    state: tuple[float, ...], verdict: Verdict
) -> None:
    checking, model = checker(*state)
    (checked,) = checking.check("Lanterns at Harrow crossing use whale fat.")
    assert checked.grounding.verdict is verdict
    assert checked.stance == PROBE.stance(state)
    assert checked.score == pytest.approx(checked.stance.supported)
    assert model.asked == [STATED]
    (prompt,) = model.read_prompts
    assert "Statement: Lanterns at Harrow crossing use whale fat." in prompt.question
    assert "burns oil" in prompt.evidence
    ((sentence, quotes),) = cited([checked])
    assert sentence.verdict is verdict
    assert bool(quotes) is (verdict is not Verdict.UNSUPPORTED)
    assert all(quote.quote in LAMPS for quote in quotes)


def test_without_a_state_the_words_decide() -> None:
    checking, _ = checker()
    (checked,) = checking.check("The red lamp of the Harrow bridge burns oil.")
    assert checked.grounding.verdict is Verdict.SUPPORTED
    assert checked.stance is None
    (worded,) = Checker(Found()).check("The red lamp of the Harrow bridge burns oil.")
    assert worded == checked


def test_a_number_that_stands_nowhere_is_not_supported_whatever_the_state_says() -> None:
    checking, _ = checker(1.0, 0.0, 0.0)
    (checked,) = checking.check("The bridge opened in 1911.")
    assert checked.grounding.verdict is Verdict.PARTLY
    assert "1911" in checked.grounding.reason


def test_an_empty_text_has_nothing_to_check() -> None:
    with pytest.raises(UsageError, match="nothing to check"):
        checker(1.0, 0.0, 0.0)[0].check("  ")


def test_half_a_match_of_words_is_partly_there_where_the_model_does_not_see_it() -> None:
    unsure = Stance(supported=0.1, contradicted=0.1)
    assert concluded(unsure, worded=Verdict.SUPPORTED) is Verdict.PARTLY
    assert concluded(unsure, worded=Verdict.UNSUPPORTED) is Verdict.UNSUPPORTED


def test_the_default_model_has_a_probe_of_its_stances_and_others_have_none() -> None:
    shipped = stance_probe_for(Settings.model_fields["llm_model"].default)
    assert shipped is not None
    assert shipped.weights.shape == (len(CLASSES), 1536)
    assert np.isfinite(shipped.weights).all()
    assert shipped.weights.any()
    assert stance_probe_for("another-model") is None


def test_chances_add_up_to_one_with_neither() -> None:
    stance = PROBE.stance((0.0, 0.0, 0.0))
    assert (stance.supported, stance.contradicted) == pytest.approx((1 / 3, 1 / 3))
