"""Marks sentences that are made where nobody knows who will read them."""

from __future__ import annotations


def said(sentence: str) -> str:
    """The sentence as it is; the catalogues find it by this mark, and say it in other languages."""
    return sentence
