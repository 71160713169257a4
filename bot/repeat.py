"""When a question is the same as one before, over the same evidence (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bot.config import BotSettings


def same_key(
    question: str, *, scopes: Sequence[str], library_version: str, settings: BotSettings
) -> str:
    """Equal for questions that must get equal answers: same words, evidence, models and limits."""
    parts = (
        " ".join(question.casefold().split()).rstrip(" ?!."),
        *scopes,
        library_version,
        settings.llm_model,
        settings.llm_base_url or "",
        settings.llm_served_model or "",
        settings.embedding_model,
        settings.reranker_model,
        str(settings.evidence_passages),
        str(settings.max_answer_tokens),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
