"""Documents taken out, taken back, or brought in step with a folder."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from bot.pipeline import Model, absent
from bot.turn import Moved, Steps, unseen
from bot.works import Works
from indexer import intake
from indexer.discover import Source, together
from indexer.pending import Upload
from indexer.plan import plan
from indexer.receipt import Progress, Receipt
from indexer.sync import run_together
from knowledge.errors import UsageError
from knowledge.history import document_back, documents_back, library_back
from knowledge.said import said
from knowledge.switching import REMOVED, ROLLED_BACK, Switch
from knowledge.types import DocumentInfo

_AGAIN = said("asking golden questions again")


class Undoing(Works):
    """The jobs that change what is there; each raises GoldenError as approving does."""

    def remove(
        self,
        document_id: str,
        *,
        scope: str,
        by: str,
        moved: Moved = unseen,
        anyway: bool = False,
        model: Model = absent,
    ) -> Receipt:
        """Let a document answer no more, or every document of a file of records."""
        what = said(f"removing {document_id}")
        with self._turn.job(by, REMOVED, document_id, scope=scope, what=what, moved=moved) as step:
            switches = [
                Switch(each.id, scope, None, action=REMOVED)
                for each in self._meant(document_id, scope)
            ]
            return self._switched(switches, scope, step=step, anyway=anyway, model=model)

    def roll_back(
        self,
        document_id: str,
        *,
        scope: str,
        by: str,
        version: int | None = None,
        moved: Moved = unseen,
        anyway: bool = False,
        model: Model = absent,
    ) -> Receipt:
        """Let a document answer as it did after a version, or before its newest change.

        A file of records stands for every document that came in it.
        """
        what = said(f"rolling back {document_id}")
        with self._turn.job(
            by, ROLLED_BACK, document_id, scope=scope, what=what, moved=moved
        ) as step:
            back = self._back(document_id, version, scope)
            return self._switched(back, scope, step=step, anyway=anyway, model=model)

    def roll_back_all(
        self,
        version: int,
        *,
        scope: str,
        by: str,
        moved: Moved = unseen,
        anyway: bool = False,
        model: Model = absent,
    ) -> Receipt:
        """Bring the whole scope back to a version."""
        document = said(f"everything, to version {version}")
        what = said(f"rolling back to version {version}")
        with self._turn.job(by, ROLLED_BACK, document, scope=scope, what=what, moved=moved) as step:
            back = library_back(self._library, version, scope=scope)
            return self._switched(back, scope, step=step, anyway=anyway, model=model)

    def sync(
        self,
        folder: Path,
        *,
        scope: str,
        by: str,
        moved: Moved = unseen,
        anyway: bool = False,
        model: Model = absent,
        quarantine: bool = True,
    ) -> Receipt:
        """Bring a scope in step with a folder, in one commit.

        With `quarantine`, a file that holds orders to a language model waits for an approval.
        """
        with self._turn.job(
            by, said("synchronised"), folder.name, scope=scope, what=said("a sync"), moved=moved
        ) as step:
            planned = plan([folder], library=self._library, scope=scope)

            def progress(each: Progress) -> None:
                step(each.documents, each.of)

            def check(switches: Sequence[Switch]) -> None:
                if not anyway:
                    self._refuse_worse(switches, scope=scope, model=model, step=step.of(_AGAIN))

            done = run_together(
                planned,
                library=self._library,
                embedder=self._parts.embedder,
                check=check,
                scope=scope,
                progress=progress,
                quarantine=quarantine,
            )
            kept_out = [each for each in planned.sources if each.id in done.quarantined]
            for source in kept_out:
                self._let_wait(source, scope=scope, by=by)
            return done

    def _let_wait(self, source: Source, *, scope: str, by: str) -> None:
        """Put a file among the documents that wait, unless it is there already."""
        waiting = {(each.document_id, each.digest) for each in self.waiting(scope=scope)}
        if (source.id, source.digest) in waiting:
            return
        name, data = source.path.name, source.path.read_bytes()
        intake.take_in(
            Upload(name, data, source.id, scope, by, origin=source.origin),
            pending=self._parts.pending,
            library=self._library,
            embedder=self._parts.embedder,
            limits=self._parts.limits,
        )

    def _meant(self, name: str, scope: str) -> Sequence[DocumentInfo]:
        """The document of that name, or the documents of the file."""
        catalog = self._library.catalog
        found = catalog.documents(scopes=[scope], document_id=name)
        found = found or catalog.documents(scopes=[scope], origin=together(name))
        if not found:
            raise UsageError(f"There is no document {name} here. Check the list.")
        return found

    def _back(self, name: str, version: int | None, scope: str) -> Sequence[Switch]:
        catalog = self._library.catalog
        ids = catalog.came_from(together(name), scope=scope)
        # What was one document before it was taken for a file of records comes back with them.
        past = catalog.history(scopes=[scope], document_id=name, limit=1)
        if ids:
            every = {*ids, *(each.document_id for each in past)}
            return documents_back(self._library, every, scope=scope, version=version)
        return document_back(self._library, name, scope=scope, version=version)

    def _switched(
        self, switches: Sequence[Switch], scope: str, *, step: Steps, anyway: bool, model: Model
    ) -> Receipt:
        started = time.perf_counter()
        before = self._library.version
        live = {each.id for each in self.documents(scope=scope)}
        self._library.require_kept(switches)
        if not anyway:
            self._refuse_worse(switches, scope=scope, model=model, step=step.of(_AGAIN))
        if switches:
            with self._library.writing():
                self._library.change(switches)
        back = [each for each in switches if each.revision is not None]
        return Receipt(
            added=tuple(each.document_id for each in back if each.document_id not in live),
            changed=tuple(each.document_id for each in back if each.document_id in live),
            removed=tuple(each.document_id for each in switches if each.revision is None),
            unchanged=(),
            failed=(),
            passages=0,
            embedded=0,
            version_before=before,
            version_after=self._library.version,
            seconds=time.perf_counter() - started,
        )
