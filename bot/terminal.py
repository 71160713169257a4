"""Answers in the terminal: evidence at once, the draft as it comes, then text and quotes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from bot.console import steady_console
from knowledge.answer import Answerer
from knowledge.errors import FootnoteError
from knowledge.sentences import split_sentences
from knowledge.types import (
    Answer,
    AnswerReady,
    Citation,
    Event,
    Evidence,
    EvidenceFound,
    Location,
    Sentence,
    Status,
    TextWritten,
    Verdict,
)

_QUOTE_WORDS = 32


def show_answer(events: Iterable[Event]) -> Answer | None:
    """Show an answer's events as they come; the answer, or None if there was none."""
    console = steady_console()
    draft = ""
    with Live(console=console, transient=True, refresh_per_second=8) as live:
        for event in events:
            if isinstance(event, EvidenceFound):
                live.console.print(_evidence(event))
            elif isinstance(event, TextWritten):
                draft += event.text
                live.update(Padding(Text(f"{draft} …", style="dim italic"), (1, 2)))
            elif isinstance(event, AnswerReady):
                live.update("")
                live.stop()
                console.print(_answer(event.answer))
                return event.answer
    return None


def show_passages(ranked: Sequence[Evidence]) -> None:
    """Show passages whole, best first."""
    console = steady_console()
    if not ranked:
        console.print("Nothing found.")
    for number, each in enumerate(ranked, start=1):
        passage = each.passage
        console.print(
            Panel(
                escape(passage.text),
                title=escape(f"{number}. {_place(passage.title, passage.location)}"),
                subtitle=escape(f"{passage.document_id} · {each.score:.2f}"),
                title_align="left",
                subtitle_align="right",
                border_style="dim",
            )
        )


def show_checked(checked: Sequence[tuple[Sentence, tuple[Citation, ...]]]) -> None:
    """Show each sentence with its verdict and the quotes for or against it."""
    console = steady_console()
    styles = {Verdict.SUPPORTED: "green", Verdict.CONTRADICTED: "red", Verdict.PARTLY: "yellow"}
    for sentence, quotes in checked:
        style = styles.get(sentence.verdict, "dim")
        console.print(Text.assemble((f"{sentence.verdict}  ", f"bold {style}"), sentence.text))
        console.print(Text(f"  {sentence.reason}", style="dim"))
        for quote in quotes:
            console.print(_quote(quote))


def converse(answerer: Answerer) -> None:
    """Ask for questions and answer them until an empty line or the end of input."""
    console = steady_console()
    turns: list[tuple[str, str]] = []
    console.print("Ask about the documents. An empty line ends the conversation.", style="dim")
    while True:
        try:
            question = console.input("[bold cyan]?[/] ").strip()
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if not question:
            return
        try:
            answer = show_answer(answerer.answer(question, conversation=turns))
        except FootnoteError as error:
            console.print(escape(str(error)), style="red")
            continue
        if answer is not None and answer.status is not Status.REFUSED:
            turns.append((question, answer.text))


def _evidence(found: EvidenceFound) -> Group:
    lines = [Text(f"Evidence · {found.seconds:.2f} s", style="bold dim")]
    for each in found.evidence[:4]:
        passage = each.passage
        lines.append(Text(f"  ▸ {_place(passage.title, passage.location)}", style="cyan"))
        lines.append(Text(f"    “{_opening(passage.text)}”", style="dim"))
    return Group(*lines)


def _answer(answer: Answer) -> Group:
    parts: list[object] = [Rule(style="dim")]
    if answer.status is Status.REFUSED:
        parts.append(Padding(Text(answer.reason, style="yellow"), (1, 2)))
        parts.append(Text("The nearest passages are above.", style="dim") if answer.nearest else "")
    else:
        parts.append(Padding(Text(answer.text), (1, 2)))
        parts.extend(_quote(citation) for citation in answer.citations)
        if answer.reason:
            parts.append(Text(answer.reason, style="yellow"))
    parts.append(Text(_footer(answer), style="dim"))
    return Group(*parts)  # type: ignore[arg-type]  # rich takes any renderable


def _quote(citation: Citation) -> Group:
    dated = f" · {citation.updated}" if citation.updated else ""
    return Group(
        Text.assemble((f"  [{citation.n}] ", "bold cyan"), f"“{citation.quote}”"),
        Text(
            f"      {_place(citation.title, citation.location)} · {citation.document_id}{dated}",
            style="dim",
        ),
    )


def _footer(answer: Answer) -> str:
    return (
        f"\n{answer.status} in {answer.timings.total_s:.1f} s · {answer.model}"
        f" · library version {answer.library_version}"
    )


def _place(title: str, location: Location) -> str:
    place = str(location)
    return f"{title} › {place}" if place else title


def _opening(text: str) -> str:
    first = split_sentences(text)[0].text if text.strip() else ""
    words = first.split()
    return " ".join(words[:_QUOTE_WORDS]) + (" …" if len(words) > _QUOTE_WORDS else "")
