"""A list of all that Footnote runs on, as CycloneDX JSON: `python -m tests.supply.bill TOOL OUT`.

The tool, cyclonedx-py, reads the lock file; licences are added from what is installed here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from tests.pages import REPOSITORY
from tests.supply.lock import LOCK, normal, pinned

Component = dict[str, Any]
_LONGEST = 100


def written(tool: Path) -> Component:
    """What the tool makes of the lock file."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "bill.json"
        options = ["--pyproject", "pyproject.toml", "--output-format", "JSON"]
        subprocess.run(
            [str(tool), "requirements", str(LOCK), *options, "--output-file", str(out)],
            cwd=REPOSITORY,
            check=True,
            stderr=subprocess.DEVNULL,
        )
        found: Component = json.loads(out.read_text("utf-8"))
        return found


def completed(bill: Component) -> Component:
    """With digests and licences, and without where this machine fetched anything from."""
    digests = {each.name: each.digests for each in pinned(LOCK.read_text("utf-8"))}
    return {**bill, "components": [_completed(each, digests) for each in bill["components"]]}


def _completed(component: Component, digests: dict[str, tuple[str, ...]]) -> Component:
    name = normal(component["name"])
    kept = {key: component[key] for key in ("bom-ref", "name", "version", "purl", "type")}
    prefix = {"alg": "SHA-256"}
    files = [{**prefix, "content": digest} for digest in digests[name]]
    # A package has a file for each platform: any of these is the package.
    references = [{"type": "distribution", "url": component["purl"], "hashes": files}]
    licence = _licence(name)
    licences = {"licenses": [{"license": {"name": licence}}]} if licence else {}
    return {**kept, **licences, "externalReferences": references}


def _licence(name: str) -> str:
    """A package's licence in a few words, where it is installed and says so."""
    try:
        about: PackageMetadata = metadata(name)
    except PackageNotFoundError:
        return ""
    stated = about.get("License-Expression") or about.get("License") or ""
    if stated and len(stated) <= _LONGEST and "\n" not in stated:
        return str(stated)
    classified = [str(each) for each in about.get_all("Classifier") or ()]
    names = [each.split(" :: ")[-1] for each in classified if each.startswith("License :: ")]
    return ", ".join(names)


def main() -> None:
    """The command line."""
    tool, out = Path(sys.argv[1]).absolute(), Path(sys.argv[2])
    bill = completed(written(tool))
    out.write_text(json.dumps(bill, indent=1) + "\n", "utf-8")
    licensed = sum("licenses" in each for each in bill["components"])
    count = len(bill["components"])
    sys.stdout.write(f"{out}: {count} packages, {licensed} of them with their licence\n")


if __name__ == "__main__":
    main()
