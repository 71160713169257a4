"""`python -m bot.catalogues`: brings the catalogues in step with the code, and compiles them.

What is new in the code waits untranslated in each `.po` file, which a test finds; what is gone from
the code is taken out. The compiled `.mo` files are kept, so that nobody has to build anything.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from bot.language import DOMAIN, FOLDER, catalogue_file
from bot.messages import messages

_HEADER = "# The bot's own words. `make messages` brings this file in step with the code.\n#"


def template() -> Catalog:
    """Every message of the code, untranslated."""
    made = Catalog(project="Footnote", copyright_holder="", charset="utf-8")
    for each, files in sorted(messages().items(), key=lambda item: (item[1], item[0].text)):
        text = (each.text, each.many) if each.many else each.text
        made.add(text, context=each.context, locations=[(name, 1) for name in sorted(set(files))])
    return made


def read(tag: str, folder: Path = FOLDER) -> Catalog:
    """A language's catalogue as it is written, or an empty one for a new language."""
    file = _written(tag, folder)
    if not file.is_file():
        return Catalog(locale=tag.replace("-", "_"))
    return read_po(io.BytesIO(file.read_bytes()), locale=tag.replace("-", "_"), domain=DOMAIN)


def refresh(tag: str, *, source: Catalog, folder: Path = FOLDER) -> Catalog:
    """Bring one language in step, and compile it."""
    catalogue = read(tag, folder)
    catalogue.update(source, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    _dress(catalogue)
    file = _written(tag, folder)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_text(catalogue))
    compile_into(catalogue_file(tag, folder), catalogue)
    return catalogue


def compile_into(file: Path, catalogue: Catalog) -> None:
    """Write a catalogue as gettext reads it."""
    made = io.BytesIO()
    write_mo(made, catalogue)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(made.getvalue())


def _dress(catalogue: Catalog) -> None:
    """A header that says nothing of when or by whom, so that only messages ever change a file."""
    catalogue.header_comment = _HEADER
    catalogue.fuzzy = False
    catalogue.project, catalogue.version = "Footnote", "1"
    catalogue.last_translator = catalogue.language_team = "Footnote"
    catalogue.msgid_bugs_address = "the issues of the project"
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)


def _written(tag: str, folder: Path) -> Path:
    return catalogue_file(tag, folder).with_suffix(".po")


def _text(catalogue: Catalog) -> bytes:
    made = io.BytesIO()
    write_po(made, catalogue, width=98, include_lineno=False, omit_header=False)
    return made.getvalue()


if __name__ == "__main__":
    known = sorted(each.name for each in FOLDER.iterdir() if each.is_dir())
    for name in sys.argv[1:] or known:
        done = refresh(name.replace("_", "-"), source=template())
        missing = sum(not each.string or not all(each.string) for each in done if each.id)
        sys.stdout.write(f"{name}: {len(done)} messages, {missing} not translated\n")
