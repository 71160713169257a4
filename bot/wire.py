"""Answers and search results as the JSON objects that the command line prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from indexer.receipt import Receipt
from knowledge.check import Checked
from knowledge.types import Answer, Citation, Evidence, Verdict

Json = dict[str, object]


def answer_object(answer: Answer, *, question_id: str | None) -> Json:
    """An answer as one JSON object."""
    return {
        "id": question_id,
        "question": answer.question,
        "status": str(answer.status),
        "answer": answer.text,
        "sentences": [
            {
                "text": sentence.text,
                "citations": list(sentence.citations),
                "supported": sentence.supported,
                "verdict": str(sentence.verdict),
                "reason": sentence.reason,
            }
            for sentence in answer.sentences
        ],
        "citations": [citation_object(each) for each in answer.citations],
        "reason": answer.reason,
        "nearest": [evidence_object(each) for each in answer.nearest],
        "timings": _rounded(asdict(answer.timings)),
        "tokens": asdict(answer.tokens),
        "signals": _rounded(answer.signals),
        "model": answer.model,
        "library_version": answer.library_version,
    }


def citation_object(citation: Citation) -> Json:
    """A numbered quote and where it stands."""
    return {
        "n": citation.n,
        "document_id": citation.document_id,
        "title": citation.title,
        "location": str(citation.location),
        "quote": citation.quote,
        "updated": citation.updated,
    }


def evidence_object(evidence: Evidence) -> Json:
    """A passage with its score."""
    passage = evidence.passage
    return {
        "document_id": passage.document_id,
        "title": passage.title,
        "score": round(evidence.score, 4),
        "text": passage.text,
        "location": str(passage.location),
    }


def search_object(
    ranked: Sequence[Evidence], *, query: str, question_id: str | None, k: int
) -> Json:
    """Document ids, best first, and the `k` best passages."""
    return {
        "id": question_id,
        "query": query,
        "ranked": list(dict.fromkeys(each.passage.document_id for each in ranked)),
        "passages": [evidence_object(each) for each in ranked[:k]],
    }


def check_object(checked: Sequence[Checked], *, claim_id: str | None) -> Json:
    """A statement's verdict: the worst of its sentences', with the evidence of each."""
    order = (Verdict.CONTRADICTED, Verdict.UNSUPPORTED, Verdict.PARTLY, Verdict.SUPPORTED)
    worst = min((each.grounding.verdict for each in checked), key=order.index)
    labels = {Verdict.SUPPORTED: "supported", Verdict.CONTRADICTED: "contradicted"}
    return {
        "id": claim_id,
        "claim": " ".join(each.text for each in checked),
        "label": labels.get(worst, "not_fully"),
        "score": round(min(each.score for each in checked), 4),
        "evidence": [
            {"document_id": found.passage.document_id, "sentence": found.text}
            for each in checked
            for found in each.grounding.support
        ],
        "sentences": [
            {
                "text": each.text,
                "verdict": str(each.grounding.verdict),
                "reason": each.grounding.reason,
            }
            for each in checked
        ],
    }


def receipt_object(receipt: Receipt) -> Json:
    """An index run's receipt."""
    return {
        "added": list(receipt.added),
        "changed": list(receipt.changed),
        "removed": list(receipt.removed),
        "unchanged": len(receipt.unchanged),
        "held": list(receipt.held),
        "failed": [{"id": each.id, "reason": each.reason} for each in receipt.failed],
        "flagged": [asdict(each) for each in receipt.flagged],
        "quarantined": list(receipt.quarantined),
        "passages": receipt.passages,
        "embedded": receipt.embedded,
        "library_version": {"before": receipt.version_before, "after": receipt.version_after},
        "seconds": round(receipt.seconds, 3),
    }


def _rounded(values: Mapping[str, float | None]) -> Json:
    return {
        name: None if value is None else round(float(value), 4) for name, value in values.items()
    }
