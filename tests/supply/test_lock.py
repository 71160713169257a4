"""The lock file holds what the project needs, all of it, at the versions that are tested."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement

from tests.pages import REPOSITORY
from tests.supply.lock import LOCK, constrained, normal, pinned

TEXT = LOCK.read_text("utf-8")
PINNED = pinned(TEXT)
VERSIONS = {each.name: each.version for each in PINNED}


def needed(names: list[str]) -> Iterator[Requirement]:
    """Everything that these packages need, as the installed ones tell."""
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [Requirement(name) for name in names]
    while todo:
        wanted = todo.pop()
        key = (normal(wanted.name), frozenset(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        yield wanted
        try:
            installed = distribution(wanted.name)
        except PackageNotFoundError:
            continue
        for text in installed.requires or ():
            found = Requirement(text)
            extras = wanted.extras or {""}
            if found.marker is None or any(found.marker.evaluate({"extra": e}) for e in extras):
                todo.append(found)


def test_everything_that_is_needed_is_in_it() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = list(needed(project["dependencies"]))
    assert len(wanted) > 100
    assert {normal(each.name) for each in wanted} - VERSIONS.keys() == set()
    for each in wanted:
        assert each.specifier.contains(VERSIONS[normal(each.name)], prereleases=True), each


def test_its_versions_are_those_that_are_tested() -> None:
    # An environment brings its own pip, which no constraint holds back.
    held = {**constrained(), "pip": VERSIONS["pip"]}
    assert {name: version for name, version in VERSIONS.items() if held.get(name) != version} == {}


def test_every_package_has_its_digests() -> None:
    assert len(VERSIONS) == len(PINNED) > 100
    assert [each.name for each in PINNED if not each.digests] == []
    lines = [line for line in TEXT.splitlines() if line.strip()]
    others = [line for line in lines if not line.lstrip().startswith(("#", "--hash="))]
    assert all(re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==\S+ \\", line) for line in others), others


def test_torch_is_the_build_for_processors_under_its_plain_version() -> None:
    (torch,) = [each for each in PINNED if each.name == "torch"]
    assert torch.version == constrained()["torch"]
    assert "+" not in torch.version
    assert not [name for name in VERSIONS if name.startswith(("nvidia", "triton", "cuda"))]


def test_it_names_no_place_to_fetch_from() -> None:
    assert "://" not in TEXT
    assert not re.search(r"^\s*-(i|f|-index|-extra|-find|-trusted)", TEXT, re.MULTILINE)
