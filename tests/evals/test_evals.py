"""What measures is itself held to known values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.evals.audit import drawn, table, verdicts
from tests.evals.retrieval import ndcg


@pytest.mark.parametrize(
    ("ranked", "relevant", "score"),
    [
        (["a", "b"], {"a"}, 1.0),
        (["b", "a"], {"a"}, 0.6309),
        (["a", "x", "b"], {"a", "b"}, 0.9197),
        (["x"] * 10 + ["a"], {"a"}, 0.0),
        ([], {"a"}, 0.0),
    ],
)
def test_gain_falls_with_rank(ranked: list[str], relevant: set[str], score: float) -> None:
    assert ndcg(ranked, relevant) == pytest.approx(score, abs=1e-4)


def test_an_audit_draws_shown_sentences_with_their_quotes(tmp_path: Path) -> None:
    report = tmp_path / "eval.json"
    shown = {"text": "GANs | were introduced in 2014.", "citations": [1, 2], "supported": True}
    struck = {"text": "Never shown.", "citations": [], "supported": False}
    quotes = [{"n": 1, "quote": "In 2014\nGANs."}, {"n": 2, "quote": "Two networks."}]
    case = {"question": "When?", "sentences": [shown, struck], "citations": quotes}
    report.write_text(json.dumps({"cases": [case]}), "utf-8")

    rows = drawn(report, count=150, seed=1)
    assert rows == [("When?", shown["text"], "In 2014\nGANs. // Two networks.")]
    text = table(rows)
    assert (
        "| 1 | When? | GANs ¦ were introduced in 2014. | In 2014 GANs. // Two networks. |" in text
    )
    assert verdicts(text) == {"open": 1}
    assert verdicts(text.replace("networks. |  |", "networks. | yes |")) == {"yes": 1}
    assert verdicts(text.replace("networks. |  |", "networks. | not the year |")) == {"no": 1}
