"""Model files that are missing, cut or changed are found, and the way back is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.config import BotSettings
from bot.health import Finding, examine
from knowledge.errors import ModelError
from knowledge.manifest import seal
from knowledge.models import EMBEDDED, ModelStore
from tests.bot_cli.conftest import OfflineApp
from tests.faults.stage import cut

NAME = "all-minilm-l6-v2"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """An installed model, as far as its record goes."""
    folder = tmp_path / "models" / NAME
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(bytes(100_000))
    seal(folder, model=NAME, source=EMBEDDED[NAME].source_digest)
    return folder


def finding(model: Path) -> Finding:
    settings = BotSettings(home=model.parents[1] / "home", models_dir=model.parent)
    app = OfflineApp(settings)
    try:
        return {each.what: each for each in examine(app, repair=False)}[f"model {NAME}"]
    finally:
        app.library.close()


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[50_000] ^= 1
    file.write_bytes(data)


def test_a_whole_model_is_found_whole(model: Path) -> None:
    assert finding(model) == Finding(
        f"model {NAME}", ok=True, detail="installed, every file as it was fetched"
    )


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (lambda file: file.unlink(), "is not installed"),
        (lambda file: cut(file, 0.5), "is not installed"),
        (flip, "has changed on the disk"),
    ],
)
def test_a_broken_model_is_found_and_the_way_back_is_told(
    model: Path, how: Callable[[Path], None], told: str
) -> None:
    how(model / "model.safetensors")
    found = finding(model)
    assert not found.ok
    assert told in found.detail
    assert "footnote models fetch" in found.advice


def test_a_cut_model_is_never_loaded_but_fetched_again(model: Path) -> None:
    cut(model / "model.safetensors", 0.5)

    class Nowhere:
        def fetch(self, *_: object, **__: object) -> Path:
            raise ModelError("fetched again")

    store = ModelStore(model.parent, fetcher=Nowhere())  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="fetched again"):
        store.resolve(NAME)
