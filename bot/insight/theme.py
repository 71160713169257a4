"""The pictures' colours, on a dark ground and on a light one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours; told apart also by people who see few (Okabe and Ito's set)."""

    ground: str
    ink: str
    dim: str
    line: str
    answered: str
    partial: str
    refused: str
    gap: str
    folders: tuple[str, ...]


DARK = Theme(
    *("#1e1f22", "#f2f3f5", "#b5bac1", "#3f4147"),
    *("#56b4e9", "#f0b429", "#8b8f98", "#ff7a66"),
    ("#56b4e9", "#f0b429", "#3cc79c", "#d48bc0", "#f0e442", "#c9a27a", "#8b8f98"),
)
LIGHT = Theme(
    *("#ffffff", "#1b1c1f", "#565a63", "#d9dbdf"),
    *("#0072b2", "#d98200", "#8f949d", "#c8321f"),
    ("#0072b2", "#d98200", "#008a63", "#a84f8c", "#8a7a00", "#7a5230", "#7b808a"),
)
THEMES = {"dark": DARK, "light": LIGHT}
