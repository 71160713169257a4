"""Every message of the code, for the catalogues: found by reading it, never by running it.

Four kinds are found: what is said at once (`say("…")`, `say.counted("…", "…", n)`), what is said
where nobody knows the reader's language (`said(f"…")`, and the sentences of errors), what Discord
shows of commands (descriptions and choices), and the words of the page's templates.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.language import SENTENCE

ROOT = Path(__file__).parent.parent
# Only the terminal shows what these say, or nobody but whoever sets the bot up.
_OFFSTAGE = re.compile(
    r"bot/(setup/.*|vitals/.*|insight/command|web/command|web/guard|.*_cli|cli|reference|messages|catalogues"
    r"|backup|batch|database|evaluat\w+|exposure|health|indexing|invocation|link"
    r"|knowledge_(work|asked|shown)"
    r"|port|report|restore|supervisor|progress|terminal|console)\.py"
    r"|knowledge/(config|convert|embedded|fetch|hub|install|manifest|models|wheels|causal|encoder"
    r"|history)\.py|indexer/discover\.py"
)
_SAYS = frozenset({"say", "_say"})
_CHOOSES = frozenset({"spoken", "language", "language_of"})
_CALL = re.compile(r"\bsay(?:\.counted)?\(")


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """One entry of a catalogue; `many` is the plural, '' where there is none."""

    text: str
    many: str = ""
    context: str | None = None


def messages(root: Path = ROOT) -> dict[Message, list[str]]:
    """Every message with the files that say it."""
    found: dict[Message, list[str]] = {}
    for package in ("bot", "indexer", "knowledge"):
        for file in sorted((root / package).rglob("*.py")):
            name = file.relative_to(root).as_posix()
            if not offstage(name):
                for each in in_code(file.read_text("utf-8"), commands="/commands/" in name):
                    found.setdefault(each, []).append(name)
    for file in sorted((root / "bot" / "web" / "templates").glob("*.html")):
        for each in in_template(file.read_text("utf-8")):
            found.setdefault(each, []).append(file.relative_to(root).as_posix())
    return found


def offstage(name: str) -> bool:
    """Whether nobody on Discord or the page reads what a module says."""
    return _OFFSTAGE.fullmatch(name) is not None


def in_code(text: str, *, commands: bool = False) -> Iterator[Message]:
    """The messages of a module; `commands` for one that makes commands of Discord."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            yield from _called(node)
            if commands:
                yield from _described(node)
        elif commands and isinstance(node, ast.Subscript) and _name(node.value) == "Literal":
            chosen = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            yield from (Message(each) for each in _sentences(chosen))


def in_template(text: str) -> Iterator[Message]:
    """The messages of a template, whose calls that say something are Python's too."""
    for call in _CALL.finditer(text):
        yield from in_code(" ".join(_whole_call(text[call.start() :]).split()))


def _whole_call(text: str) -> str:
    """The text up to the bracket that closes its first one; those in strings do not count."""
    open_ones, quote = 0, ""
    for place, each in enumerate(text):
        if quote:
            quote = "" if each == quote else quote
        elif each in "\"'":
            quote = each
        elif each in "()":
            open_ones += 1 if each == "(" else -1
            if not open_ones:
                return text[: place + 1]
    return ""


def _called(call: ast.Call) -> Iterator[Message]:
    name = _name(call.func)
    if isinstance(call.func, ast.Call) and _name(call.func.func) in _CHOOSES:
        name = "say"
    if name in _SAYS:
        yield from (Message(each) for each in _sentences(call.args[:1]))
    elif name == "counted" and len(call.args) > 2:
        one, many = _sentences(call.args[:2])
        yield Message(one, many)
    elif name == "said" or (name.endswith("Error") and name != "AssertionError"):
        yield from (Message(each, context=SENTENCE) for each in _sentences(call.args[:1]))


def _described(call: ast.Call) -> Iterator[Message]:
    """What a command, its group or its options are described as."""
    name = _name(call.func)
    for keyword in call.keywords:
        if name == "describe" or (name in {"command", "Group"} and keyword.arg == "description"):
            yield from (Message(each) for each in _sentences([keyword.value]))


def _sentences(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield _form(node)
        elif isinstance(node, ast.IfExp):
            yield from _sentences([node.body, node.orelse])


def _form(node: ast.JoinedStr) -> str:
    """An f-string as a message: every value is a name in braces, after what it is made of."""
    places: dict[str, str] = {}
    pieces = []
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            source = ast.unparse(value.value)
            if source not in places:
                name = _value_name(value.value)
                taken = sum(each.rstrip("0123456789") == name for each in places.values())
                places[source] = f"{name}{taken + 1}" if taken else name
            pieces.append(f"{{{places[source]}}}")
        elif isinstance(value, ast.Constant):
            pieces.append(str(value.value))
    return "".join(pieces)


def _value_name(node: ast.expr) -> str:
    called = {id(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}
    found = (
        _name(each)
        for each in ast.walk(node)
        if isinstance(each, ast.Name | ast.Attribute) and id(each) not in called
    )
    name = next(found, "value").lower().strip("_0123456789")
    return name or "value"


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
