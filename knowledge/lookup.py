"""What lives, looked up in the catalogue: documents, passages, words and vectors."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import numpy as np

from knowledge.catalog_file import CatalogFile, marks
from knowledge.embed import Vectors
from knowledge.types import DocumentInfo, Location, Passage
from knowledge.variants import variants

# Words that say nothing about what a question is after. Kept short on purpose: BM25 already
# gives frequent words little weight, this only spares the index the longest lists.
_STOP = frozenset(
    """
    a an and are as at be by can could did do does for from had has have how i in is it its me my
    of on or that the their them they this to was we were what when where which who whom whose why
    will with would you your
    """.split()
)
_WORD = re.compile(r"\w+")

_PASSAGE = """
    SELECT c.id, d.id, r.title, c.text, c.headings, c.page, c.line, c.position,
           r.updated, r.source, d.scope
    FROM chunks c
    JOIN documents d ON d.revision = c.revision
    JOIN revisions r ON r.revision = c.revision
"""


def match_expression(question: str) -> str:
    """An FTS5 expression that asks for any of the question's words; '' where it has none.

    British and American spellings are asked for both.
    """
    words = list(dict.fromkeys(_WORD.findall(question.lower())))
    telling = [word for word in words if word not in _STOP]
    asked = (telling or words)[:64]
    also = [other for word in asked for other in variants(word) if other not in asked]
    return " OR ".join(f'"{word}"' for word in [*asked, *also])


class Lookup(CatalogFile):
    """The catalogue's answers about what lives; all of them cheap."""

    def count(self) -> tuple[int, int]:
        """Live documents and live chunks."""
        ((documents,),) = self._rows("SELECT count(*) FROM documents")
        ((chunks,),) = self._rows("SELECT count(*) FROM chunks_text")
        return int(str(documents)), int(str(chunks))

    def documents(
        self,
        *,
        scopes: Sequence[str] | None = None,
        origin: str | None = None,
        document_id: str | None = None,
    ) -> tuple[DocumentInfo, ...]:
        """Live documents by scope and id."""
        where: list[str] = ["1"]
        values: list[str] = []
        if scopes is not None:
            where.append(f"d.scope IN ({marks(scopes)})")
            values.extend(scopes)
        if origin is not None:
            where.append("d.origin = ?")
            values.append(origin)
        if document_id is not None:
            where.append("d.id = ?")
            values.append(document_id)
        rows = self._rows(
            "SELECT d.id, r.title, d.scope,"  # noqa: S608 - only placeholders are built
            " (SELECT count(*) FROM chunks c WHERE c.revision = d.revision),"
            " d.revision, r.updated, r.source, r.summary, d.origin, r.digest"
            " FROM documents d JOIN revisions r ON r.revision = d.revision"
            f" WHERE {' AND '.join(where)} ORDER BY d.scope, d.id",
            values,
        )
        return tuple(DocumentInfo(*row) for row in rows)  # type: ignore[arg-type]  # sqlite is untyped

    def document(self, document_id: str, *, scope: str) -> DocumentInfo | None:
        """One live document."""
        found = self.documents(scopes=[scope], document_id=document_id)
        return found[0] if found else None

    def passages(self, ids: Sequence[str], *, scopes: Sequence[str]) -> dict[str, Passage]:
        """The live passages among `ids` that belong to `scopes`."""
        found: dict[str, Passage] = {}
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            rows = self._rows(
                f"{_PASSAGE} WHERE c.id IN ({marks(some)}) AND d.scope IN ({marks(scopes)})",
                [*some, *scopes],
            )
            found.update((passage.id, passage) for passage in map(_passage, rows))
        return found

    def document_passages(self, document_id: str, *, scope: str) -> tuple[Passage, ...]:
        """All passages of a live document, in order."""
        rows = self._rows(
            f"{_PASSAGE} WHERE d.id = ? AND d.scope = ? ORDER BY c.position", [document_id, scope]
        )
        return tuple(map(_passage, rows))

    def neighbours(self, passage: Passage) -> tuple[Passage | None, Passage | None]:
        """The passages before and after it in its document, while it is live."""
        rows = self._rows(
            f"{_PASSAGE} WHERE d.id = ? AND d.scope = ? AND c.position IN (?, ?)",
            [passage.document_id, passage.scope, passage.position - 1, passage.position + 1],
        )
        near = {each.position: each for each in map(_passage, rows)}
        return near.get(passage.position - 1), near.get(passage.position + 1)

    def passage(self, passage_id: str) -> Passage | None:
        """A passage by its id, also of a revision that is kept but no longer answers."""
        rows = self._rows(
            "SELECT c.id, r.document_id, r.title, c.text, c.headings, c.page, c.line, c.position,"
            " r.updated, r.source, r.scope FROM chunks c"
            " JOIN revisions r ON r.revision = c.revision WHERE c.id = ?",
            [passage_id],
        )
        return _passage(rows[0]) if rows else None

    def keyword(self, question: str, *, k: int, scopes: Sequence[str]) -> list[tuple[str, float]]:
        """Ids and BM25 scores (higher is better) of the `k` best live chunks for its words."""
        # Titles and headings name the subject, and count as much as the text.
        best = self._best("chunks_text", question, k=k, scopes=scopes)
        return [(chunk_id, score) for chunk_id, _, _, score in best]

    def keyword_documents(
        self, question: str, *, k: int, scopes: Sequence[str]
    ) -> dict[tuple[str, str], float]:
        """BM25 scores of the `k` best live documents as wholes, by scope and id."""
        best = self._best("documents_text", question, k=k, scopes=scopes)
        return {(scope, name): score for _, scope, name, score in best}

    def _best(
        self, table: str, question: str, *, k: int, scopes: Sequence[str]
    ) -> list[tuple[str, str, str, float]]:
        """Chunk, scope, document and score of the `k` best matches within the scopes.

        Only the best are looked up: a frequent word matches a good part of a large library.
        """
        expression = match_expression(question)
        taken = 4 * k
        while expression:
            rows = self._rows(
                "SELECT c.id, d.scope, d.id, -best.rank"  # noqa: S608 - a constant
                f" FROM (SELECT rowid AS number, rank FROM {table} WHERE {table} MATCH ?"
                "  ORDER BY rank LIMIT ?) best"
                " LEFT JOIN chunks c ON c.number = best.number"
                " LEFT JOIN documents d ON d.revision = c.revision ORDER BY best.rank",
                [expression, taken],
            )
            inside = [row for row in rows if row[1] in scopes][:k]
            if len(inside) == k or len(rows) < taken:
                return [(str(a), str(b), str(c), float(str(score))) for a, b, c, score in inside]
            taken *= 4
        return []

    def words(self) -> dict[str, int]:
        """Every stem of the live documents with the number of documents that use it.

        Of all scopes: what a member is shown of it is only ever a word of their own documents.
        """
        rows = self._rows("SELECT term, doc FROM documents_words")
        return {str(term): int(str(count)) for term, count in rows}

    def uses(self, word: str, *, scopes: Sequence[str]) -> bool:
        """Whether a live passage of these scopes has the word, in any of its forms."""
        rows = self._rows(
            "SELECT 1 FROM chunks_text JOIN chunks c ON c.number = chunks_text.rowid"  # noqa: S608
            " JOIN documents d ON d.revision = c.revision"
            f" WHERE chunks_text MATCH ? AND d.scope IN ({marks(scopes)}) LIMIT 1",
            [f'"{word}"', *scopes],
        )
        return bool(rows)

    def holding(self, stem: str, *, scopes: Sequence[str]) -> str:
        """The text of a live passage of these scopes with a stem of `words`; '' if none has it."""
        rows = self._rows(
            "SELECT c.text FROM chunks_words w JOIN chunks c ON c.number = w.doc"  # noqa: S608
            " JOIN documents d ON d.revision = c.revision"
            f" WHERE w.term = ? AND w.col = 'text' AND d.scope IN ({marks(scopes)}) LIMIT 1",
            [stem, *scopes],
        )
        return str(rows[0][0]) if rows else ""

    def quoting(self, phrase: str, *, scopes: Sequence[str], limit: int) -> tuple[str, ...]:
        """Texts of live passages of these scopes with the words of a phrase one after another."""
        rows = self._rows(
            "SELECT c.text FROM chunks_text JOIN chunks c ON c.number = chunks_text.rowid"  # noqa: S608
            " JOIN documents d ON d.revision = c.revision"
            f" WHERE chunks_text MATCH ? AND d.scope IN ({marks(scopes)}) LIMIT ?",
            [f'text : "{phrase}"', *scopes, limit],
        )
        return tuple(str(row[0]) for row in rows)

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored unit vectors of chunks, shape (dimensions,) each."""
        found: dict[str, Vectors] = {}
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            rows = self._rows(
                f"SELECT id, vector FROM chunks WHERE id IN ({marks(some)})",  # noqa: S608
                some,
            )
            for chunk_id, blob in rows:
                assert isinstance(blob, bytes)
                found[str(chunk_id)] = np.frombuffer(blob, np.float16).astype(np.float32)
        return found

    def live_ids(self, *, scope: str) -> set[str]:
        """Ids of every live chunk of a scope."""
        rows = self._rows(
            "SELECT c.id FROM chunks c JOIN documents d ON d.revision = c.revision"
            " WHERE d.scope = ?",
            [scope],
        )
        return {str(row[0]) for row in rows}

    def scopes(self) -> tuple[str, ...]:
        """Every scope that has documents."""
        return tuple(
            str(row[0]) for row in self._rows("SELECT DISTINCT scope FROM documents ORDER BY scope")
        )

    def has_revision(self, revision: str) -> bool:
        """Whether a revision's chunks are stored, live or not."""
        return bool(self._rows("SELECT 1 FROM revisions WHERE revision = ?", [revision]))

    def chunk_ids(self, revision: str) -> list[str]:
        """Ids of a revision's chunks, in order."""
        rows = self._rows("SELECT id FROM chunks WHERE revision = ? ORDER BY position", [revision])
        return [str(row[0]) for row in rows]


def _passage(row: Sequence[object]) -> Passage:
    chunk_id, document_id, title, text, headings, page, line, position, updated, source, scope = row
    return Passage(
        id=str(chunk_id),
        document_id=str(document_id),
        title=str(title),
        text=str(text),
        location=Location(
            tuple(json.loads(str(headings))),
            page if isinstance(page, int) else None,
            line if isinstance(line, int) else None,
        ),
        position=int(str(position)),
        updated=None if updated is None else str(updated),
        source=None if source is None else str(source),
        scope=str(scope),
    )
