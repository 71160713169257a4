"""Imports go one way, heavy libraries have one home each, and the command line starts light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.picture import REPOSITORY, arrows_between, drawn, imported

PACKAGES = ("knowledge", "indexer", "bot")
# What each package may import of the others: bot → indexer → knowledge.
ALLOWED = {"knowledge": set(), "indexer": {"knowledge"}, "bot": {"knowledge", "indexer"}}

# Each heavy library and the modules that may import it. Beside a library's home stand only
# knowledge/convert.py, which runs in a process of its own, and knowledge/hardware.py, which says
# what the processor is fast at.
HOMES = {
    "chromadb": {"knowledge/vectors.py"},
    "onnxruntime": {"knowledge/rerank.py"},
    "openai": {"knowledge/endpoint.py"},
    "sentence_transformers": {"knowledge/embed.py"},
    "sentencex": {"knowledge/sentences.py"},
    "snowballstemmer": {"knowledge/words.py"},
    "tokenizers": {"knowledge/encoder.py", "knowledge/rerank.py"},
    "torch": {
        "knowledge/causal.py",
        "knowledge/convert.py",
        "knowledge/decoder.py",
        "knowledge/generate.py",
        "knowledge/hardware.py",
        "knowledge/quantise.py",
        "knowledge/smooth.py",
        "knowledge/together.py",
        "knowledge/weights.py",
        "knowledge/weights_file.py",
    },
    "transformers": {"knowledge/causal.py", "knowledge/convert.py", "knowledge/hardware.py"},
    "pypdfium2": {"indexer/formats/pdf.py"},
    "trafilatura": {"indexer/formats/html.py"},
    "typer": {
        "bot/backup_cli.py",
        "bot/cli.py",
        "bot/insight/command.py",
        "bot/invocation.py",
        "bot/asking_cli.py",
        "bot/library_cli.py",
        "bot/models_cli.py",
        "bot/knowledge_asked.py",
        "bot/knowledge_cli.py",
        "bot/knowledge_looking_cli.py",
        "bot/knowledge_options.py",
        "bot/knowledge_shown.py",
        "bot/setup/command.py",
        "bot/setup/flow.py",
        "bot/vitals/command.py",
        "bot/web/command.py",
    },
    "matplotlib": {"bot/insight/canvas.py"},
    "prometheus_client": {"bot/vitals/figures.py"},
    "sklearn": {"bot/insight/place.py"},
    "starlette": {"bot/web/replies.py", "bot/web/site.py"},
    "uvicorn": {"bot/web/command.py"},
}
HEAVY = (
    "chromadb",
    "discord",
    "lxml",
    "matplotlib",
    "numpy",
    "onnxruntime",
    "openai",
    "prometheus_client",
    "pydantic_settings",
    "pypdfium2",
    "sentence_transformers",
    "sentencex",
    "sklearn",
    "starlette",
    "tokenizers",
    "torch",
    "trafilatura",
    "transformers",
    "uvicorn",
)


def modules(package: str) -> list[Path]:
    found = sorted((REPOSITORY / package).rglob("*.py"))
    assert len(found) > 5
    return found


def top_level(file: Path) -> Iterator[str]:
    """The libraries a module imports as soon as it is imported itself."""
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_one_way(package: str) -> None:
    forbidden = set(PACKAGES) - ALLOWED[package] - {package} | {"tests"}
    for file in modules(package):
        roots = {name.split(".")[0] for name in imported(file)}
        assert not roots & forbidden, f"{file.relative_to(REPOSITORY)} imports {roots & forbidden}"


@pytest.mark.parametrize("library", HOMES)
def test_a_heavy_library_has_one_home(library: str) -> None:
    importers = {
        file.relative_to(REPOSITORY).as_posix()
        for package in PACKAGES
        for file in modules(package)
        if any(name.split(".")[0] == library for name in imported(file))
    }
    assert importers == HOMES[library]


def test_the_picture_in_the_documentation_is_the_code_s() -> None:
    files, arrows = drawn((REPOSITORY / "docs" / "architecture.md").read_text("utf-8"))
    there = arrows_between(files)

    assert len(files) > 15
    assert {file.split("/")[0] for file in files} == set(PACKAGES)
    # Draw the missing arrows in docs/architecture.md, and take out those that are no more.
    assert sorted(there - arrows) == []
    assert sorted(arrows - there) == []


def test_discord_stays_in_the_bot() -> None:
    for package in ("knowledge", "indexer"):
        for file in modules(package):
            assert "discord" not in {name.split(".")[0] for name in imported(file)}, file


@pytest.mark.parametrize(
    "library",
    [
        "chromadb",
        "matplotlib",
        "onnxruntime",
        "openai",
        "sentence_transformers",
        "sklearn",
        "torch",
    ],
)
def test_the_heaviest_are_imported_when_they_are_needed(library: str) -> None:
    for package in PACKAGES:
        for file in modules(package):
            if file.name != "convert.py":
                assert library not in set(top_level(file)), file


def loaded_by(code: str) -> set[str]:
    """The libraries that are loaded after `code` ran in a fresh process."""
    script = f"{code}\nimport sys\nprint('\\n' + ' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}


def test_the_command_line_is_imported_without_anything_heavy() -> None:
    loaded = loaded_by("import bot.cli")
    assert "typer" in loaded
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["models", "--help"], []])
def test_help_needs_nothing_heavy(arguments: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['footnote', *{arguments!r}]\n"
        "from bot.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code in (0, 2), end.code\n"
    )
    loaded = loaded_by(code)
    assert "typer" in loaded
    assert not loaded & set(HEAVY)


def test_importing_the_packages_reads_no_setting_and_starts_nothing() -> None:
    code = (
        "import os, threading\n"
        "os.environ['FOOTNOTE_THREADS'] = 'not a number'\n"
        "import bot.app, bot.serving, indexer.sync, knowledge.answer\n"
        "assert threading.active_count() == 1\n"
    )
    assert "bot" in loaded_by(code)
