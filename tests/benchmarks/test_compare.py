"""A comparison: its figures, and a whole run of it with models of next to no weights."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from bot.app import App
from bot.evaluate import Case, read_cases
from bot.insight.theme import THEMES
from knowledge.errors import UsageError
from tests.benchmarks import compare, contest
from tests.benchmarks.asked import Asked, Said, chosen, keep, kept, looks_refused, shared, summarise
from tests.benchmarks.compare import QUESTIONS, REPOSITORY
from tests.benchmarks.machine import Limits, Pace, layer_weights, shares
from tests.benchmarks.picture import picture
from tests.benchmarks.report import markdown, rewritten, shown_picture, table
from tests.benchmarks.task import CONTENDERS, OURS, Task
from tests.fakes import HashingEmbedder, OverlapReranker, write_files

SAID = Said("It is 42.", False, 0.5, 2.0, 6.0, 300, 20.0, 4.0)
CASES = {
    "a": Case("a", "How many?", (("42", "forty-two"),)),
    "b": Case("b", "Which two?", (("42",), ("seven",))),
    "c": Case("c", "Who?", ()),
}
DOCUMENTS = {
    "tea.md": "# Tea\n\n## Green\n\nGreen tea is served on Fridays at four in the garden.\n",
    "coffee.md": "# Coffee\n\nThe coffee machine was bought by Ada in 2019 for 300 euros.\n",
}
LINES = [
    {"id": "1", "question": "When is green tea served?", "must": [["Friday"]]},
    {"id": "2", "question": "Who bought the coffee machine?", "must": [["Ada"]]},
    {"id": "3", "question": "Who won the cup?", "must": []},
]


class TinyApp(App):
    """The services with an embedder and a reranker that need no weights."""

    @cached_property
    def embedder(self) -> HashingEmbedder:  # type: ignore[override]
        return HashingEmbedder(self.settings.embedding_model)

    @cached_property
    def reranker(self) -> OverlapReranker:  # type: ignore[override]
        return OverlapReranker()

    def fetch_models(self) -> None:
        """Nothing to fetch."""


def asked(contender: str, question: str, **changes: object) -> Asked:
    return Asked(contender, question, replace(SAID, **changes), peak_mb=100.0)  # type: ignore[arg-type]


def test_the_questions_are_the_golden_ones() -> None:
    golden = (REPOSITORY / "tests" / "evals" / "golden.jsonl").read_text("utf-8").splitlines()
    assert set(QUESTIONS.read_text("utf-8").splitlines()) <= set(golden)


@pytest.mark.parametrize("count", [4, 8, 12, 24])
def test_a_choice_keeps_the_proportion_of_what_has_no_answer(count: int) -> None:
    picked = chosen(read_cases(QUESTIONS), count)
    assert len({case.id for case in picked}) == count
    assert sum(not case.answerable for case in picked) == count // 4


def test_a_choice_leaves_out_what_continues_a_conversation() -> None:
    follows = replace(CASES["a"], conversation=(("Who?", "Ada."),))
    assert chosen([CASES["b"], follows, CASES["c"]], 3) == (CASES["b"], CASES["c"])


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("The passages do not mention who founded it.", True),
        ("I don't know.", True),
        ("None of the sources are helpful.", True),
        ("There is no information about the price.", True),
        ("", True),
        ("Midjourney was founded by David Holz.", False),
        ("BLOOM took 433 MWh.", False),
    ],
)
def test_a_refusal_in_words_is_seen(text: str, *, refused: bool) -> None:
    assert looks_refused(text) is refused


def test_figures_are_medians_and_shares() -> None:
    found = summarise(
        [
            asked("x", "a", whole_s=4.0),
            asked("x", "b", whole_s=8.0, first_text_s=None),
            asked("x", "c", whole_s=1.0, refused=True, later_tokens=0.0, writing_s=0.0),
        ],
        CASES,
    )
    # The quick refusal counts for itself, not for how long an answer takes.
    assert (found.questions, found.whole_s, found.first_text_s) == (3, 6.0, 2.0)
    assert found.tokens_a_second == pytest.approx(5.0)
    assert (found.groups_met, found.right) == (pytest.approx(2 / 3), 0.5)
    assert (found.refused, found.unanswerable) == (1, 1)


def test_only_what_all_have_answered_is_compared() -> None:
    found = shared([asked("x", "a"), asked("x", "b"), asked("y", "b"), asked("y", "c")])
    assert {name: [each.question for each in answers] for name, answers in found.items()} == {
        "x": ["b"],
        "y": ["b"],
    }
    assert shared([]) == {}


def test_an_answer_is_kept_though_the_line_before_it_broke_off(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    keep(path, asked("x", "a"))
    with path.open("a") as stream:
        stream.write('{"contender": "x", "quest')
    assert kept(path) == [asked("x", "a")]
    keep(path, asked("x", "b"))
    assert kept(path) == [asked("x", "a"), asked("x", "b")]


def test_shares_are_of_what_the_machine_can_do() -> None:
    config = {
        "hidden_size": 1536,
        "num_attention_heads": 12,
        "num_key_value_heads": 2,
        "num_hidden_layers": 28,
        "intermediate_size": 8960,
    }
    # What Qwen2.5 calls 1.31 billion parameters without its embedding.
    assert layer_weights(config) == pytest.approx(1.31e9, rel=0.01)
    limits = Limits(40e9, 0.8e12, 2, 8 << 30, "a processor", 0.1)
    found = shares(Pace(320, 2.0, 0.05, 800_000_000_000, 1_000_000_000), limits)
    assert (found.prefill, found.decode) == (pytest.approx(0.5), pytest.approx(0.5))


def test_a_page_gets_what_it_has_marks_for(tmp_path: Path) -> None:
    summaries = [summarise([asked(name, "a"), asked(name, "c")], CASES) for name in CONTENDERS]
    blocks = {
        "table": markdown(table(summaries, {}), "two questions"),
        "picture": shown_picture(tmp_path / "docs" / "pictures", tmp_path / "docs" / "page.md"),
    }
    page = "Before\n<!-- bench: table -->\nlast week\n<!-- bench: end of table -->\nAfter\n"
    new = rewritten(page, blocks)
    assert "last week" not in new
    assert "| whole answer, s | 6.00 | 6.00 | 6.00 |" in new
    assert "<picture>" not in new
    assert new.startswith("Before\n")
    assert new.endswith("After\n")
    assert rewritten(new, blocks) == new
    assert 'src="pictures/bench-light.png"' in rewritten(page.replace("table", "picture"), blocks)
    with pytest.raises(UsageError, match="bench: …"):
        rewritten("A page without marks", blocks)


@pytest.mark.parametrize("name", ["README.md", "docs/models-and-hardware.md"])
def test_the_pages_have_a_place_for_it(name: str) -> None:
    page = (REPOSITORY / name).read_text("utf-8")
    assert "a picture" in rewritten(page, {"picture": "a picture", "table": "a table"})


@pytest.mark.parametrize("name", THEMES)
def test_the_picture_shows_every_contender_in_a_colour_of_its_own(
    name: str, tmp_path: Path
) -> None:
    theme = THEMES[name]
    summaries = [summarise([asked(each, "a"), asked(each, "c")], CASES) for each in CONTENDERS]
    file = tmp_path / "picture.png"
    file.write_bytes(picture(summaries, theme=theme, below="2 questions"))
    with Image.open(file) as image:
        assert image.size == (1080, 1350)
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or ()}
    for colour in theme.folders[: len(CONTENDERS)]:
        assert tuple(int(colour[n : n + 2], 16) for n in (1, 3, 5)) in colours


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    """A tiny model, two documents and three questions."""
    from tests.knowledge.tiny_model import write_folder

    monkeypatch.setenv("FOOTNOTE_LLM_MODEL", str(write_folder(tmp_path / "tiny")))
    monkeypatch.setenv("FOOTNOTE_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("FOOTNOTE_MAX_ANSWER_TOKENS", "16")
    documents = write_files(tmp_path / "documents", DOCUMENTS)
    questions = tmp_path / "questions.jsonl"
    questions.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return Task(tmp_path / "bench", questions, 12, (documents,), f"{__name__}:TinyApp")


def _words(task: Task) -> list[str]:
    """The same as a person would write it."""
    return [
        *("--questions", str(task.questions), "--count", str(task.count)),
        *("--documents", *map(str, task.documents), "--out", str(task.out), "--app", task.app),
    ]


def test_a_run_compares_all_of_them_and_goes_on_where_it_was(
    desk: Task, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.begin(fresh=False)
    keep(desk.results, asked("plain", "1"))

    assert compare.main(_words(desk)) == 0
    shown = capfd.readouterr().out
    # What was there was not asked again.
    assert shown.count("3/3") == 2
    assert shown.count("2/2") == 1
    record = json.loads((desk.out / "bench.json").read_text("utf-8"))
    assert [each["contender"] for each in record["contenders"]] == list(CONTENDERS)
    assert [each["questions"] for each in record["contenders"]] == [3, 3, 3]
    for answer in record["answers"]:
        said = answer["said"]
        assert 0 < said["evidence_s"] <= said["whole_s"]
        assert said["prompt_tokens"] > 50 or said["refused"]
        assert answer["peak_mb"] >= 100
    assert list(record["shares"]) == list(CONTENDERS)
    assert all(share > 0 for each in record["shares"].values() for share in each.values())
    assert (desk.out / "bench-dark.png").read_bytes() != (desk.out / "bench-light.png").read_bytes()
    # What is finished begins anew.
    desk.begin(fresh=False)
    assert desk.answers() == []


def test_without_options_the_bot_itself_is_compared() -> None:
    assert compare._parser().parse_args([]).app == Task.__dataclass_fields__["app"].default == OURS


def test_without_time_left_nothing_is_asked(desk: Task, capfd: pytest.CaptureFixture[str]) -> None:
    desk.begin(fresh=False)
    contest.run(desk, "plain", until=0.0, console=Console())
    assert "out of time: 3 questions are left out" in capfd.readouterr().out
    assert desk.answers() == []


def test_a_contender_that_dies_is_told(
    desk: Task, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOOTNOTE_LLM_MODEL", str(desk.out / "nowhere"))
    desk.begin(fresh=False)
    assert compare.apart(desk, "plain", seconds=60.0) == "plain ended with an error, told above."
    assert "nowhere" in capfd.readouterr().err
    assert "signal 9" in compare.ending("plain", -9)


def test_an_unfinished_run_is_not_mixed_with_another(desk: Task) -> None:
    desk.begin(fresh=False)
    keep(desk.results, asked("plain", "1"))
    other = replace(desk, documents=())
    with pytest.raises(UsageError, match="--fresh"):
        other.begin(fresh=False)
    other.begin(fresh=True)
    assert other.answers() == []
