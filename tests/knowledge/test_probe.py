"""The model's state is read where a probe was fitted to the model, and only there."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from knowledge.abstain import shipped_calibration
from knowledge.config import Settings
from knowledge.decoder import Turn
from knowledge.probe import PROBED_LAYERS, Probe, probe_for
from tests.knowledge.test_decoder import IDS, decoder, made


def test_the_default_model_has_a_probe_and_others_have_none() -> None:
    default = Settings.model_fields["llm_model"].default
    shipped = probe_for(default)
    assert shipped is not None
    assert shipped.weights.shape == (1536,)
    assert np.isfinite(shipped.weights).all()
    assert shipped.weights.any()
    assert probe_for("another-model") is None


def test_a_state_is_weighed() -> None:
    probe = Probe("a model", -0.5, np.array([2.0, -1.0], dtype=np.float32))
    assert probe.log_odds([1.0, 0.5]) == pytest.approx(1.0)


def test_both_calibrations_weigh_the_answer_most() -> None:
    for probed in (True, False):
        assert shipped_calibration(probed=probed).weights["answerable"] > 0.5


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_state_is_that_of_transformers(layers: int) -> None:
    model = made("qwen2")
    with torch.inference_mode():
        found = model(input_ids=torch.tensor([IDS]), output_hidden_states=True)
        # The last of them has been through the last norm.
        wanted = found.hidden_states[layers][0, -1]
    mine = decoder(model)
    cache = mine.cache()
    mine.forward([Turn(IDS[:50], cache, 1)])
    state = mine.felt(Turn(IDS[50:], cache, 1), layers=layers)
    if layers < 3:
        torch.testing.assert_close(state, wanted, atol=2e-4, rtol=1e-4)
    assert cache.length == 50
    (after,) = mine.forward([Turn(IDS[50:], cache, 1)])
    torch.testing.assert_close(after[-1], found.logits[0, -1], atol=2e-4, rtol=1e-4)


def test_the_probed_layer_is_one_of_the_default_model() -> None:
    assert 0 < PROBED_LAYERS < 28
