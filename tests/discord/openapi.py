"""Discord's own OpenAPI description as a referee of requests and answers, where it is at hand."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

BESIDE = Path(__file__).parents[2].parent / "shared" / "discord" / "openapi.json"
# Read before any test begins: they run without the settings of whoever runs them.
DESCRIPTION = Path(os.environ.get("FOOTNOTE_DISCORD_OPENAPI") or BESIDE)

# Bodies shorter than this are quicker looked at again than remembered.
_LONG = 20_000


@functools.cache
def referee() -> Referee | None:
    """One for all tests: reading the description takes a while."""
    return Referee(json.loads(DESCRIPTION.read_text())) if DESCRIPTION.is_file() else None


class Referee:
    """Checks JSON bodies against the schema of their operation."""

    def __init__(self, document: dict[str, Any]) -> None:
        # discord.py sends ids as integers in places, and numbers as strings.
        document["components"]["schemas"]["SnowflakeType"] = {"type": ["string", "integer"]}
        self._paths = document["paths"]
        resource = Resource(contents=document, specification=DRAFT202012)
        self._registry = Registry().with_resource("discord", resource)
        self._validators: dict[str, Draft202012Validator] = {}
        self._right: set[str] = set()

    def request(self, method: str, path: str, body: Any) -> Iterator[str]:
        """What is wrong with a request's body."""
        operation = self._operation(method, path)
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            if body:
                yield f"{method} {path} takes no body"
            return
        yield from self._check(
            f"discord#/paths/{_escaped(path)}/{method.lower()}/requestBody/content"
            "/application~1json/schema",
            body,
        )

    def response(self, method: str, path: str, status: int, body: Any) -> Iterator[str]:
        """What is wrong with our server's answer."""
        responses = self._operation(method, path)["responses"]
        if str(status) not in responses:
            if status < 400:
                yield f"{method} {path} never answers {status}"
            return
        if "application/json" in responses[str(status)].get("content", {}):
            yield from self._check(
                f"discord#/paths/{_escaped(path)}/{method.lower()}/responses/{status}/content"
                "/application~1json/schema",
                body,
            )

    def _operation(self, method: str, path: str) -> dict[str, Any]:
        return self._paths[path][method.lower()]

    def _check(self, reference: str, body: Any) -> Iterator[str]:
        if reference not in self._validators:
            self._validators[reference] = Draft202012Validator(
                {"$ref": reference}, registry=self._registry
            )
        # Every stage registers the same commands, in every language: they are looked at once.
        whole = json.dumps([reference, body], sort_keys=True)
        if whole in self._right:
            return
        found = False
        for error in self._validators[reference].iter_errors(body):
            found = True
            reasons = [error, *sorted(error.context or (), key=lambda e: -len(e.absolute_path))]
            where = "/".join(map(str, reasons[-1].absolute_path))
            yield f"{'; '.join(e.message[:200] for e in reasons[:6])} (at {where or 'the top'})"
        if not found and len(whole) > _LONG:
            self._right.add(whole)


def _escaped(path: str) -> str:
    return path.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
