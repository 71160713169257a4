"""Documents on their way in: read, reviewed with sample answers, approved or rejected."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from bot.permissions import reach_of
from bot.pipeline import Model, absent
from bot.samples import sample_questions
from bot.trial import Tried, tried
from bot.turn import Moved, unseen
from bot.works import Works
from indexer import intake
from indexer.pending import Staged, Upload
from indexer.receipt import Receipt
from indexer.reviewing import Review
from knowledge.said import said
from knowledge.tentative import Tentative

# Seconds for all sample questions, and for one.
_SAMPLES_S, _SAMPLE_S = 30.0, 15.0


class Admitting(Works):
    """The jobs of which a document's way in consists."""

    def add(self, upload: Upload, *, moved: Moved = unseen) -> Review:
        """Read an upload and let it wait for a decision."""
        with self._turn.job(
            upload.by,
            said("staged"),
            upload.document_id,
            scope=upload.scope,
            what=said(f"reading {upload.name}"),
            moved=moved,
        ) as step:
            parts = self._parts
            return intake.take_in(
                upload,
                pending=parts.pending,
                library=parts.library,
                embedder=parts.embedder,
                limits=parts.limits,
                step=step,
            )

    def review(self, name: str, *, scope: str) -> Review:
        """Look again at what waits."""
        parts = self._parts
        staged = parts.pending.get(name, scope=scope)
        return intake.review(
            staged, pending=parts.pending, library=parts.library, embedder=parts.embedder
        )

    def samples(
        self, name: str, *, scope: str, asked: Sequence[str] = (), model: Model = absent
    ) -> Iterator[Tried]:
        """Sample questions for what waits, with the answers that it would give, one by one.

        `asked` are questions of members that nothing answers yet, the likeliest first.
        """
        parts, until = self._parts, time.monotonic() + _SAMPLES_S
        staged = parts.pending.get(name, scope=scope)
        made = intake.ahead(
            staged, pending=parts.pending, library=parts.library, embedder=parts.embedder
        )
        found, reach = made.parts, reach_of(scope)
        with Tentative(parts.library, found.switches, drafts=made.drafts) as tentative:
            pipeline = parts.build(tentative)
            documents = [(each.info, each.passages) for each in found.new or found.all]
            questions = sample_questions(
                documents, asked=asked, retriever=pipeline.retriever, scopes=reach
            )
            for question in questions:
                left = min(_SAMPLE_S, max(0.0, until - time.monotonic()))
                using = model if left else absent
                yield tried(question, pipeline, scopes=reach, model=using, seconds=left)

    def approve(
        self,
        name: str,
        *,
        scope: str,
        by: str,
        moved: Moved = unseen,
        anyway: bool = False,
        model: Model = absent,
    ) -> Receipt:
        """Let a document that waits answer.

        Raises GoldenError where golden answers would become worse, unless `anyway`.
        """
        parts = self._parts
        staged = parts.pending.get(name, scope=scope)
        what = said(f"adding {staged.name}")
        with self._turn.job(
            by, said("approved"), staged.document_id, scope=scope, what=what, moved=moved
        ) as step:
            # Again, behind the lock: somebody else may have decided while this one waited.
            staged = parts.pending.get(name, scope=scope)
            made = intake.ahead(
                staged,
                pending=parts.pending,
                library=parts.library,
                embedder=parts.embedder,
                step=step,
            )
            if not anyway:
                again = step.of(said("asking golden questions again"))
                self._refuse_worse(
                    made.parts.switches, scope=scope, model=model, step=again, drafts=made.drafts
                )
            return intake.publish(
                staged,
                made,
                pending=parts.pending,
                originals=parts.originals,
                library=parts.library,
            )

    def reject(self, name: str, *, scope: str, by: str) -> Staged:
        """Forget a document that waits."""
        pending = self._parts.pending
        staged = pending.get(name, scope=scope)
        what = said(f"rejecting {staged.name}")
        with self._turn.job(by, said("rejected"), staged.document_id, scope=scope, what=what):
            staged = pending.get(name, scope=scope)
            pending.drop([name])
        return staged
