"""Models of the Hugging Face Hub, from a server on the loopback."""

from __future__ import annotations

import random
import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.embedded import Role
from knowledge.errors import DigestError, ModelError
from knowledge.fetch import Fetcher, FetchProgress, Step
from knowledge.models import ModelStore
from tests.knowledge.hub_server import COMMIT, Hub, running
from tests.knowledge.wheelhouse import Wheelhouse, folder_model

WEIGHTS = random.Random(3).randbytes(300_000)
REPOSITORY = {
    "config.json": b'{"auto_map": {"AutoModel": "modeling_evil.Evil"}}',
    "tokenizer.json": b"{}",
    "chat_template.jinja": b"{{ messages }}",
    "model.safetensors": WEIGHTS,
    "1_Pooling/config.json": b"{}",
    "pytorch_model.bin": b"a pickle",
    "modeling_evil.py": b"raise SystemExit",
    "README.md": b"# Read me",
}
LOADABLE = {name for name in REPOSITORY if not name.endswith((".bin", ".py", ".md"))}
# Unreachable at once: port 9 of the loopback is the discard service, which nobody runs.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running({"org/model": REPOSITORY, "org/pickles": {"pytorch_model.bin": b"x"}}) as server:
        yield server


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have told huggingface_hub to stay offline."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def store_at(tmp_path: Path, endpoint: str, **options) -> ModelStore:
    return ModelStore(tmp_path / "models", fetcher=Fetcher(hub_endpoint=endpoint), **options)


def test_only_data_is_taken_of_a_repository_never_pickles_or_code(tmp_path, hub):
    folder = store_at(tmp_path, hub.url).resolve("org/model")

    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {*LOADABLE, "footnote.json"}
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert not any("evil" in path or path.endswith(".bin") for path in hub.asked)


def test_a_repository_is_downloaded_once_listed_verified_and_removed(tmp_path, hub):
    store = store_at(tmp_path, hub.url)
    assert not store.installed("org/model")
    folder = store.resolve("org/model")
    asked = list(hub.asked)

    assert store_at(tmp_path, NOWHERE).resolve("org/model") == folder
    assert hub.asked == asked
    state = store.list()[-1]
    assert (state.name, state.role, state.installed) == ("org/model", Role.OTHER, True)
    assert state.bytes == sum(len(REPOSITORY[name]) for name in LOADABLE)
    store.verify("org/model")
    assert COMMIT in (folder / "footnote.json").read_text()

    store.remove("org/model")
    assert not store.installed("org/model")
    assert not folder.exists()


def test_progress_counts_the_bytes_that_will_be_taken(tmp_path, hub):
    seen: list[FetchProgress] = []
    store_at(tmp_path, hub.url, report=seen.append).resolve("org/model")

    total = sum(len(REPOSITORY[name]) for name in LOADABLE)
    assert {(p.model, p.step, p.total) for p in seen} == {("org/model", Step.DOWNLOADING, total)}
    assert (seen[0].done, seen[-1].done) == (0, total)


def test_weights_that_are_not_what_the_hub_states_are_refused(tmp_path, hub):
    hub.served["model.safetensors"] = bytes([WEIGHTS[0] ^ 1]) + WEIGHTS[1:]

    with pytest.raises(DigestError, match=r"model\.safetensors"):
        store_at(tmp_path, hub.url).resolve("org/model")
    assert not list((tmp_path / "models").rglob("*.safetensors"))


def test_a_repository_without_safetensors_is_refused(tmp_path, hub):
    with pytest.raises(ModelError, match="safetensors"):
        store_at(tmp_path, hub.url).resolve("org/pickles")


@pytest.mark.parametrize("name", ["../../outside.json", "/outside.json"])
def test_a_repository_with_a_path_that_leads_outside_is_refused(tmp_path, hub, name):
    hub.repositories["org/evil"] = {**REPOSITORY, name: b"{}"}

    with pytest.raises(ModelError, match="unsafe path"):
        store_at(tmp_path, hub.url).resolve("org/evil")
    assert not list(tmp_path.rglob("outside.json"))


def test_an_unknown_repository_is_one_plain_line(tmp_path, hub):
    with pytest.raises(ModelError, match=r"org/unknown is no folder here, and .*404") as refused:
        store_at(tmp_path, hub.url).resolve("org/unknown")
    assert "\n" not in str(refused.value)


def test_a_hub_out_of_reach_is_one_plain_line(tmp_path):
    with pytest.raises(ModelError, match="org/model did not come from the Hugging Face Hub") as out:
        store_at(tmp_path, NOWHERE).resolve("org/model")
    assert "\n" not in str(out.value)


def test_a_repository_too_large_for_the_disk_is_refused_before_its_files(
    tmp_path, hub, monkeypatch
):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**6, 10**6 - 9, 9))

    with pytest.raises(ModelError, match="free disk"):
        store_at(tmp_path, hub.url).resolve("org/model")
    assert not any("resolve" in path for path in hub.asked)


def test_where_the_index_fails_the_publisher_has_the_same_files(tmp_path, hub):
    house = Wheelhouse(tmp_path / "house")
    files = {name: REPOSITORY[name] for name in ("config.json", "model.safetensors")}
    model = folder_model(house, "tiny-embedder", files, hub="org/model")
    house.broken["tiny-embedder==1.0"] = ModelError("no index")
    store = ModelStore(
        tmp_path / "models",
        embedded={model.name: model},
        fetcher=Fetcher(download=house.download, hub_endpoint=hub.url),
    )

    folder = store.resolve("tiny-embedder")

    assert {path.name for path in folder.iterdir()} == {*files, "footnote.json"}
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_the_publishers_files_are_held_to_the_same_digest(tmp_path, hub):
    house = Wheelhouse(tmp_path / "house")
    pinned = {"config.json": b"another version", "model.safetensors": WEIGHTS}
    model = folder_model(house, "tiny-embedder", pinned, hub="org/model")
    house.broken["tiny-embedder==1.0"] = ModelError("no index")
    store = ModelStore(
        tmp_path / "models",
        embedded={model.name: model},
        fetcher=Fetcher(download=house.download, hub_endpoint=hub.url),
    )

    with pytest.raises(DigestError, match=r"config\.json"):
        store.resolve("tiny-embedder")
    assert not store.installed("tiny-embedder")


def test_a_file_the_publisher_took_away_is_named(tmp_path, hub):
    house = Wheelhouse(tmp_path / "house")
    model = folder_model(house, "tiny-embedder", {"gone.txt": b"1"}, hub="org/model")
    house.broken["tiny-embedder==1.0"] = ModelError("no index")
    store = ModelStore(
        tmp_path / "models",
        embedded={model.name: model},
        fetcher=Fetcher(download=house.download, hub_endpoint=hub.url),
    )

    with pytest.raises(ModelError, match=r"org/model no longer holds gone\.txt"):
        store.resolve("tiny-embedder")


def test_without_index_and_hub_both_are_named(tmp_path):
    house = Wheelhouse(tmp_path / "house")
    model = folder_model(house, "tiny-embedder", REPOSITORY, hub="org/model")
    house.broken["tiny-embedder==1.0"] = ModelError("no index here")
    store = ModelStore(
        tmp_path / "models",
        embedded={model.name: model},
        fetcher=Fetcher(download=house.download, hub_endpoint=NOWHERE),
    )

    with pytest.raises(ModelError, match=r"no index here.*Hugging Face Hub") as failed:
        store.resolve("tiny-embedder")
    assert "FOOTNOTE_EMBEDDING_MODEL" in str(failed.value)
