"""The pictures: documents by meaning, and PNGs that hold what they should."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.gaps import Gap, Unanswered
from bot.insight.atlas import Atlas, Map, Spot, folder
from bot.insight.chart import chart
from bot.insight.mapping import map_picture
from bot.insight.place import between, means, placed, spread
from bot.insight.theme import DARK, LIGHT, THEMES, Theme
from bot.insight.words import map_description
from bot.receipts import Receipts
from knowledge.library import Library
from knowledge.types import DocumentInfo
from tests.bot.insight.month import END, GUILD, live
from tests.fakes import HashingEmbedder, index, write_files

SIZE = (1080, 1350)


def pixels(picture: bytes) -> np.ndarray:
    """The colours of a PNG, a row each."""
    with Image.open(io.BytesIO(picture)) as image:
        assert image.size == SIZE
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB")).reshape(-1, 3)


def share(picture: bytes, colour: str) -> float:
    """How much of a picture has exactly this colour."""
    wanted = [int(colour[n : n + 2], 16) for n in (1, 3, 5)]
    return float((pixels(picture) == wanted).all(axis=1).mean())


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 counts it."""

    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_colours_stand_out_from_their_ground(theme: Theme) -> None:
    assert contrast(theme.ink, theme.ground) > 12
    assert contrast(theme.dim, theme.ground) > 4.5
    for colour in (theme.answered, theme.partial, theme.refused, theme.gap, *theme.folders):
        assert contrast(colour, theme.ground) > 2.9, colour


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_a_month_is_drawn_in_the_theme_s_colours(tmp_path: Path, theme: Theme) -> None:
    store = Receipts(tmp_path / "receipts.sqlite")
    live(store, [(f"d{n}.md", f"Document {n}") for n in range(9)])

    picture = chart(store.activity.figures(GUILD, days=30, now=END), theme=theme, title="Hall")

    store.close()
    assert share(picture, theme.ground) > 0.5
    for colour in (theme.answered, theme.partial, theme.refused):
        assert share(picture, colour) > 0.001


def test_a_server_without_any_question_has_a_chart_too(tmp_path: Path) -> None:
    store = Receipts(tmp_path / "receipts.sqlite")

    picture = chart(store.activity.figures(GUILD, days=30, now=END), theme=DARK, title="$x_1$ ünï")

    store.close()
    assert 0.9 < share(picture, DARK.ground) < 1.0


def test_documents_alike_are_placed_near_each_other() -> None:
    chance = np.random.default_rng(1)
    subjects = chance.normal(size=(3, 32))
    vectors = np.concatenate([each + 0.2 * chance.normal(size=(8, 32)) for each in subjects])
    points = placed(means({str(n): [v] for n, v in enumerate(vectors)}))

    centres = [points[n * 8 : n * 8 + 8].mean(axis=0) for n in range(3)]
    for n, centre in enumerate(centres):
        own = np.linalg.norm(points[n * 8 : n * 8 + 8] - centre, axis=1).max()
        others = min(np.linalg.norm(centre - o) for m, o in enumerate(centres) if m != n)
        assert own < others
    assert points.min() >= 0
    assert points.max() <= 1


@pytest.mark.parametrize("count", [0, 1, 2, 5, 14])
def test_any_number_of_documents_has_its_places_always_the_same(count: int) -> None:
    vectors = np.random.default_rng(2).normal(size=(count, 16)).astype(np.float32)

    first, second = placed(vectors, apart=0.04), placed(vectors, apart=0.04)

    assert first.shape == (count, 2)
    assert np.array_equal(first, second)


def test_points_on_one_spot_are_spread_and_those_apart_stay() -> None:
    points = np.array([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.1, 0.1]])

    moved = spread(points, apart=0.05)

    near = np.linalg.norm(moved[:, None] - moved[None, :], axis=2) + np.eye(4)
    assert near.min() > 0.045
    assert np.array_equal(moved[3], points[3])


def test_fixed_points_stay_where_others_make_way() -> None:
    moved = spread(np.array([[0.5, 0.5], [0.5, 0.51]]), apart=0.1, fixed=1)

    assert moved[0].tolist() == [0.5, 0.5]
    assert np.linalg.norm(moved[1] - moved[0]) > 0.099


def test_a_question_stands_among_the_documents_it_is_like() -> None:
    documents = np.eye(4, dtype=np.float32)
    points = np.array([[0.0, 0.0], [0.1, 0.0], [0.0, 0.1], [1.0, 1.0]])
    asked = np.array([[0.1, 0.0, 0.0, 0.99]], dtype=np.float32)

    ((x, y),) = between(asked, documents=documents, points=points)

    assert x > 0.9
    assert y > 0.9


def titled(*names: str) -> dict[str, str]:
    """Documents with a heading each."""
    return {
        name: f"# {name}\n\nAll about {name.split('/')[-1]} and nothing else.\n" for name in names
    }


def mapped(library: Library, gaps: Sequence[Gap] = ()) -> Map:
    """The map of a library in which the first document was cited."""
    atlas = Atlas(library, embedder=HashingEmbedder(library.embedder))
    first = library.documents()[0].id
    return atlas.map(["shared"], cited={first: 7}, gaps=gaps)


def test_a_map_shows_every_document_its_folder_citations_and_gaps(
    tmp_path: Path, library: Library
) -> None:
    index(library, write_files(tmp_path / "notes", titled("a/cats.md", "a/dogs.md", "b/tea.md")))
    asked = Gap(Unanswered("r", "Who feeds the cats?"), 3)

    found = mapped(library, [asked])

    assert {spot.folder for spot in found.spots} == {"a", "b"}
    assert found.folders == ("a", "b")
    assert [spot.cited for spot in found.spots] == [7, 0, 0]
    (missing,) = found.missing
    assert (missing.number, missing.question, missing.times) == (1, "Who feeds the cats?", 3)
    assert missing.near in {spot.title for spot in found.spots}
    assert "3 documents" in map_description(found)


def test_an_empty_library_has_an_empty_map(library: Library) -> None:
    found = Atlas(library, embedder=HashingEmbedder()).map(["shared"], cited={})

    assert found == Map((), ())
    assert share(map_picture(found, theme=LIGHT, title="Nothing"), LIGHT.ground) > 0.9


def test_a_map_is_drawn_with_a_colour_for_each_folder_and_marks_for_gaps(
    tmp_path: Path, library: Library
) -> None:
    names = [f"{folder}/{n}.md" for folder in "abcdefgh" for n in range(3)]
    index(library, write_files(tmp_path / "notes", titled(*names)))

    found = mapped(library, [Gap(Unanswered("r", "Who?"), 1)])
    # Only what was cited has its colour in full.
    cited = Map(tuple(replace(spot, cited=1) for spot in found.spots), found.missing)

    picture = map_picture(cited, theme=LIGHT, title="Hall")

    for colour in (*LIGHT.folders, LIGHT.gap):
        assert share(picture, colour) > 0.0003, colour


@pytest.mark.parametrize(
    ("name", "origin", "group"),
    [
        ("gan.md", "shipped", "shipped documents"),
        ("rules.md", "/srv/notes", "single documents"),
        ("2024/rules.md", "/srv/notes", "2024"),
        ("example.org/about", None, "example.org"),
    ],
)
def test_a_document_s_folder(name: str, origin: str | None, group: str) -> None:
    assert folder(DocumentInfo(name, "T", "shared", 1, "r", origin=origin)) == group


def test_a_spot_says_what_it_is() -> None:
    spots = (Spot("a.md", "About a", "notes", 0.5, 0.5, 2),)

    assert "About a (2)" in map_description(Map(spots, ()))
