"""A library whose documents are put in and taken out one by one between questions."""

from __future__ import annotations

import hashlib

from bot.app import App
from indexer.chunk import chunk
from indexer.document import Document
from indexer.prepare import passages_of
from indexer.suspicion import flag
from knowledge.retrieve import reading
from knowledge.switching import ADDED
from knowledge.types import Answer, AnswerReady, DocumentInfo


class Shelf:
    """One library, one model, many states of it."""

    def __init__(self, app: App) -> None:
        self._app = app

    def put(self, name: str, document: Document) -> bool:
        """Let a document answer, in the place of the one of that name; whether it is flagged."""
        chunks = chunk(document)
        text = "\n".join(each.text for each in chunks)
        revision = hashlib.sha256(f"{name}\0{text}".encode()).hexdigest()[:20]
        info = DocumentInfo(name, document.title, "shared", len(chunks), revision)
        passages = passages_of(chunks, info)
        vectors = self._app.embedder.embed_documents([reading(each) for each in passages])
        with self._app.library.writing():
            self._app.library.publish(info, passages, vectors, action=ADDED)
        return flag(name, passages) is not None

    def take(self, name: str) -> None:
        """Take a document out."""
        with self._app.library.writing():
            self._app.library.remove(name)

    def ask(self, question: str) -> Answer:
        """The answer of all that is there now."""
        for event in self._app.answerer.answer(question):
            if isinstance(event, AnswerReady):
                return event.answer
        raise AssertionError(question)
