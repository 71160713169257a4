"""Subtitles: what is said, with the time at which it is said."""

from __future__ import annotations

import pytest

from indexer.chunk import chunk
from indexer.load import load_bytes
from knowledge.errors import DocumentError

SRT = """1
00:00:01,000 --> 00:00:04,000
<i>Welcome</i> to the reading room.

2
00:00:04,500 --> 00:00:08,250
{\\an8}It opens at nine,

3
00:00:08,300 --> 00:00:10,000
and closes at six.

4
01:02:40,000 --> 01:02:43,000
Goodbye.
"""


def test_cues_become_stretches_with_times() -> None:
    document = load_bytes(SRT.encode(), name="tour_01.srt")
    assert document.title == "Tour 01"
    assert [(block.headings, block.line, block.text) for block in document.blocks] == [
        (
            ("0:01–0:10",),
            2,
            "Welcome to the reading room. It opens at nine, and closes at six.",
        ),
        (("1:02:40–1:02:43",), 14, "Goodbye."),
    ]


def test_vtt_has_speakers_notes_styles_and_settings() -> None:
    data = (
        "WEBVTT Kind: captions\n\nNOTE not said\n\nSTYLE\n::cue { color: red }\n\n"
        "intro\n00:01.000 --> 00:03.000 align:start position:0%\n<v Ada>Shall we &amp; begin?\n\n"
        "00:03.000 --> 00:05.000\n<v.loud Bob Smith>Yes, <00:04.000><c>now.</c></v>\n\n"
        "00:05.000 --> 00:06.000\n<v Bob Smith>Right away.\n"
    )
    (block,) = load_bytes(data.encode(), name="talk.vtt").blocks
    assert block.headings == ("0:01–0:06",)
    assert block.text == "Ada: Shall we & begin?\nBob Smith: Yes, now. Right away."


def test_captions_that_roll_up_are_said_once() -> None:
    data = (
        "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nfirst line\n\n"
        "00:00:02.000 --> 00:00:04.000\nfirst line\nsecond line\n\n"
        "00:00:04.000 --> 00:00:06.000\nsecond line\nthird line\n"
    )
    (block,) = load_bytes(data.encode(), name="auto.vtt").blocks
    assert block.text == "first line second line third line"


def test_a_missing_blank_line_does_not_make_a_number_a_word() -> None:
    data = "1\n00:00:01,000 --> 00:00:02,000\nOne.\n2\n00:00:02,000 --> 00:00:03,000\n1984\n"
    (block,) = load_bytes(data.encode(), name="tight.srt").blocks
    assert block.text == "One. 1984"


def test_a_long_talk_is_parted_at_sentences_and_every_passage_has_its_time() -> None:
    cues = (
        f"{n}\n00:{n // 12:02}:{n % 12 * 5:02},000 --> 00:{n // 12:02}:{n % 12 * 5 + 4:02},000\n"
        f"This is the sentence of number {n} here.\n"
        for n in range(400)
    )
    document = load_bytes("\n".join(cues).encode(), name="long.srt")
    passages = chunk(document)
    assert len(passages) == len(document.blocks) > 30
    assert all(each.text.endswith(".") for each in passages)
    found = next(each for each in passages if "number 300 here" in each.text)
    start, end = (
        sum(int(part) * 60**place for place, part in enumerate(reversed(clock.split(":"))))
        for clock in found.headings[0].split("–")
    )
    assert start <= 300 * 5 <= end


def test_a_file_without_times_is_no_subtitles() -> None:
    with pytest.raises(DocumentError, match=r"notes\.srt has no times such as 00:01:02,000"):
        load_bytes(b"Just some text.\n", name="notes.srt")


def test_windows_line_ends_and_a_byte_order_mark_are_no_matter() -> None:
    data = b"\xef\xbb\xbf" + SRT.replace("\n", "\r\n").encode()
    assert len(load_bytes(data, name="a.srt").blocks) == 2
