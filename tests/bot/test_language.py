"""The bot's own words: chosen by a tag, filled in, recognised again, in the reader's language."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.language import accepted, language_of
from bot.messages import Message, in_code, in_template, offstage
from bot.recognise import form, recognised

REPOSITORY = Path(__file__).parents[2]


def test_a_finished_sentence_gives_its_message_and_values_back() -> None:
    known = [form("{name} is empty: add text."), form("{name} has {count} pages.")]

    assert recognised("tea.md is empty: add text.", known) == (
        "{name} is empty: add text.",
        {"name": "tea.md"},
    )
    assert recognised("a {b}.pdf has 12 pages.", known) == (
        "{name} has {count} pages.",
        {"name": "a {b}.pdf", "count": "12"},
    )
    assert recognised("Nobody wrote this.", known) is None


def test_the_same_value_twice_must_be_the_same() -> None:
    known = [form("{name} replaces {name}.")]

    assert recognised("tea replaces tea.", known) is not None
    assert recognised("tea replaces coffee.", known) is None


def test_the_code_s_messages_are_found_by_reading_it() -> None:
    code = """
def told(say, name, pages):
    say("Nothing here.")
    say.counted("{count} page", "{count} pages", pages)
    reason = said(f"{name.strip()} has {len(pages)} pages, {pages[0].number} first")
    raise DocumentError(f"{self.path.name} and {other.name} are gone")
"""
    assert set(in_code(code)) == {
        Message("Nothing here."),
        Message("{count} page", "{count} pages"),
        Message("{name} has {pages} pages, {number} first", context="sentence"),
        Message("{name} and {name2} are gone", context="sentence"),
    }


def test_a_template_s_messages_are_found_too() -> None:
    html = '<p title="{{ say("Open it") }}">{{ say.counted("{count} line", "{count} lines", n) }}'

    assert set(in_template(html)) == {
        Message("Open it"),
        Message("{count} line", "{count} lines"),
    }


@pytest.mark.parametrize("tag", ["en", "en-GB", "en-US", "", "xx", "tlh", "../../etc"])
def test_what_is_not_translated_is_english(tag: str) -> None:
    assert language_of(tag).tag == "en"


@pytest.mark.parametrize("header", ["", "en", "xx;q=0.9", "en-GB,en;q=0.8", ";;;,,q=", "*"])
def test_a_browser_that_wants_nothing_we_have_reads_english(header: str) -> None:
    assert accepted(header).tag == "en"


def test_whoever_says_something_passes_the_language_on() -> None:
    """A function that takes `say` is never called without it where a person is spoken to."""
    trees = {
        name: ast.parse(file.read_text("utf-8"))
        for file in (REPOSITORY / "bot").rglob("*.py")
        if not offstage(name := file.relative_to(REPOSITORY).as_posix())
    }
    speaking = {
        (name, node.name)
        for name, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(each.arg == "say" for each in node.args.kwonlyargs)
    }
    silent = [
        f"{name}:{call.lineno} {ast.unparse(call.func)}"
        for name, tree in trees.items()
        for known in [_imports(name, tree)]
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and _called(call.func, known) in speaking
        and not any(each.arg == "say" for each in call.keywords)
    ]

    assert ("bot/render.py", "final") in speaking
    assert silent == []


def _imports(name: str, tree: ast.Module) -> dict[str, str]:
    """What a module calls other modules of the bot, and their functions."""
    known = {node.name: f"{name}:{node.name}" for node in tree.body if hasattr(node, "name")}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("bot"):
            folder = node.module.replace(".", "/")
            for alias in node.names:
                whole = (REPOSITORY / folder / f"{alias.name}.py").is_file()
                found = f"{folder}/{alias.name}.py" if whole else f"{folder}.py:{alias.name}"
                known[alias.asname or alias.name] = found
    return known


def _called(called: ast.expr, known: dict[str, str]) -> tuple[str, str]:
    if isinstance(called, ast.Name):
        module, _, function = known.get(called.id, "").partition(":")
        return module, function
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return known.get(called.value.id, ""), called.attr
    return "", ""
