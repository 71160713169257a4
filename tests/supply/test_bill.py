"""The bill of materials has every locked package with its digests, and its licence where told."""

from __future__ import annotations

import json
from typing import Any

from tests.supply.bill import completed
from tests.supply.lock import LOCK, pinned

PINNED = pinned(LOCK.read_text("utf-8"))


def drafted() -> dict[str, Any]:
    """The components as the tool writes them, with what it adds of its own."""
    return {
        "bomFormat": "CycloneDX",
        "components": [
            {
                "bom-ref": f"requirements-L{number}",
                "name": each.name,
                "version": each.version,
                "purl": f"pkg:pypi/{each.name}@{each.version}",
                "type": "library",
                "description": f"requirements line {number}",
                "externalReferences": [{"type": "distribution", "url": "https://an.index/x"}],
            }
            for number, each in enumerate(PINNED)
        ],
    }


def test_every_package_has_its_digests_and_most_their_licence() -> None:
    bill = completed(drafted())

    assert bill["bomFormat"] == "CycloneDX"
    assert len(bill["components"]) == len(PINNED)
    for component, package in zip(bill["components"], PINNED, strict=True):
        (reference,) = component["externalReferences"]
        assert [each["content"] for each in reference["hashes"]] == list(package.digests)
    licensed = {
        each["name"]: each["licenses"][0]["license"]["name"]
        for each in bill["components"]
        if "licenses" in each
    }
    assert len(licensed) > 0.9 * len(PINNED)
    assert "Apache" in licensed["chromadb"] or "Apache" in licensed["transformers"]


def test_it_does_not_say_where_a_machine_fetched_from() -> None:
    assert "://" not in json.dumps(completed(drafted()))
