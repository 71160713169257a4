"""reStructuredText: headings by their order, directives read or left out by what they are."""

from __future__ import annotations

from contextlib import suppress

import pytest

from indexer.document import Block, BlockKind
from indexer.load import load_bytes
from knowledge.errors import DocumentError

SOURCE = """\
.. _top:

=====
Guide
=====

Read ``the code`` of :class:`~lib.Reader` and the `manual <https://e.org>`_,
*now* or **later**.

Install
-------

.. code-block:: sh
   :caption: x

   pip install footnote

   footnote run

.. note:: Mind the gap.
   It is wide.

.. image:: picture.png
   :alt: left out

Deeper
~~~~~~

- One item
  that wraps
- Two

1. First
2. Second

As follows::

    x = 1

=====  =====
City   River
=====  =====
Bern   Aare
=====  =====

+------+-------+
| A    | B     |
+======+=======+
| 1    | 2     |
+------+-------+

.. a comment
   of two lines

.. [1] A footnote.

Use
---

Done.
"""


def test_a_document_keeps_its_structure() -> None:
    document = load_bytes(SOURCE.encode(), name="guide.rst")
    install, deeper = ("Install",), ("Install", "Deeper")
    assert document.title == "Guide"
    assert document.blocks == (
        Block("Read `the code` of lib.Reader and the manual, now or later.", line=7),
        Block("pip install footnote\n\nfootnote run", BlockKind.CODE, install, line=16),
        Block("Mind the gap.", headings=install, line=20),
        Block("It is wide.", headings=install, line=21),
        Block("- One item that wraps\n- Two", BlockKind.LIST, deeper, line=29),
        Block("1. First\n2. Second", BlockKind.LIST, deeper, line=33),
        Block("As follows:", headings=deeper, line=36),
        Block("x = 1", BlockKind.CODE, deeper, line=38),
        Block("| City | River |\n| Bern | Aare |", BlockKind.TABLE, deeper, line=40),
        Block("| A | B |\n| 1 | 2 |", BlockKind.TABLE, deeper, line=46),
        Block("[1] A footnote.", headings=deeper, line=55),
        Block("Done.", headings=("Use",), line=60),
    )


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "text",
    [
        "``" + "x" * 100_000,
        "`" + " " * 50_000 + "x",
        "Line.\n\n" * 10_000,
        "".join(f"{' ' * depth}.. note::\n\n" for depth in range(300)) + " " * 300 + "Deep.",
        "=" * 100_000,
        "| a\n" * 20_000,
    ],
)
def test_repetition_does_not_take_for_ever(text: str) -> None:
    with suppress(DocumentError):
        load_bytes(text.encode(), name="odd.rst")
