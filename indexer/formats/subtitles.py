"""Subtitles (.srt, .vtt) → a document whose places are times: "12:30–13:05"."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.clean import clean, clean_lines
from indexer.document import Block, Document
from indexer.formats.decode import decode
from indexer.formats.outline import Heading, Item, assemble, title_from
from knowledge.errors import DocumentError

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,]\d{1,3}"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}.*")
_SPEAKER = re.compile(r"<v(?:\.[^\s>]*)?\s+([^<>]+)>")
_TAGS = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,200}\}")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")
# A stretch ends with a sentence once it has so many words, or after so long a silence.
_ENOUGH, _MOST = 50, 90
_SILENCE_S = 20


@dataclass(frozen=True, slots=True)
class _Cue:
    """What is said from one second to another; `line` is the file's, `speaker` may be ''."""

    start: int
    end: int
    speaker: str
    text: str
    line: int


def read(data: bytes, *, name: str) -> Document:
    """The document of a subtitle file; raises DocumentError where it has no times."""
    lines = clean_lines(decode(data, name=name))
    cues = list(_cues(lines))
    if not cues:
        raise DocumentError(
            f"{name} has no times such as 00:01:02,000 --> 00:01:04,000: give it the ending of "
            "what it really is, or save it as subtitles again."
        )
    items = [item for stretch in _stretches(cues) for item in _items(stretch)]
    return assemble(items, name=name, title=title_from(name))


def _cues(lines: Sequence[str]) -> Iterator[_Cue]:
    before: list[str] = []
    timed = [
        (index, match) for index, line in enumerate(lines) if (match := _TIMES.fullmatch(line))
    ]
    ends = [index for index, _ in timed[1:]]
    for (index, match), end in zip(timed, [*ends, len(lines)], strict=False):
        said = list(_said(lines[index + 1 : end], last=end == len(lines)))
        spoken = [_plain(text) for text in said]
        speaker = next((found[1] for text in said if (found := _SPEAKER.search(text))), "")
        # Captions that roll up say each line twice or three times.
        new = [text for text in spoken if text and text not in before]
        before = spoken
        if new:
            start, stop = _seconds(match.groups()[:3]), _seconds(match.groups()[3:])
            yield _Cue(start, stop, clean(speaker).strip(), " ".join(new), index + 1)


def _said(lines: Sequence[str], *, last: bool) -> Iterator[str]:
    """A cue's text: up to a blank line, and without the next cue's number."""
    for index, line in enumerate(lines):
        number = line.strip().isdigit() and index == len(lines) - 1 and not last
        if not line.strip() or number:
            return
        yield line


def _seconds(clock: Sequence[str | None]) -> int:
    hours, minutes, seconds = (int(each or 0) for each in clock)
    return hours * 3600 + minutes * 60 + seconds


def _plain(text: str) -> str:
    return " ".join(clean(html.unescape(_TAGS.sub("", text))).split())


def _stretches(cues: Sequence[_Cue]) -> Iterator[list[_Cue]]:
    """Cues of about a passage together, parted at the ends of sentences and at silences."""
    stretch: list[_Cue] = []
    words = 0
    for cue in cues:
        size = len(cue.text.split())
        if stretch:
            ended = words >= _ENOUGH and _SENTENCE_END.search(stretch[-1].text)
            if ended or words + size > _MOST or cue.start - stretch[-1].end > _SILENCE_S:
                yield stretch
                stretch, words = [], 0
        stretch.append(cue)
        words += size
    if stretch:
        yield stretch


def _items(stretch: Sequence[_Cue]) -> Iterator[Item]:
    yield Heading(f"{_clock(stretch[0].start)}–{_clock(stretch[-1].end)}", 1)
    text = ""
    speaker = ""
    for cue in stretch:
        if cue.speaker and cue.speaker != speaker:
            speaker = cue.speaker
            text += f"\n{speaker}: {cue.text}"
        else:
            text += f" {cue.text}"
    yield Block(text.strip(), line=stretch[0].line)


def _clock(seconds: int) -> str:
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"
