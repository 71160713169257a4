"""A question and passages to relevance; the only importer of onnxruntime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.hardware import cores
from knowledge.once import Once

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Scores = NDArray[np.float32]

_MAX_TOKENS = 256


class Reranker(Protocol):
    """Scores how well passages answer a question."""

    def score(self, question: str, passages: Sequence[str]) -> Scores:
        """Logits of shape (len(passages),), higher is more relevant."""


class CrossEncoder:
    """A cross-encoder in ONNX form (Nogueira and Cho 2019), loaded at first use.

    Each passage is a run of its own in a thread of its own. Measured on two cores, 16 passages of
    166 tokens: .35 s as batches that share the cores, .29 s so, since only the products of a batch
    are spread over cores. A passage's score then depends on nothing but itself: in a batch, the
    levels of a quantised model are those of the whole batch.
    """

    def __init__(self, resolve: Callable[[], Path], *, threads: int = 0) -> None:
        """Take the number of threads; 0 for one a core."""
        self._resolve = resolve
        self._pool = ThreadPoolExecutor(threads or cores(), thread_name_prefix="rerank")
        self._loaded = Once(lambda: (self._session(), self._tokenizer()))

    def _session(self) -> InferenceSession:
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            str(self._resolve() / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._resolve() / "tokenizer.json"))
        tokenizer.enable_truncation(_MAX_TOKENS, strategy="only_second")
        tokenizer.no_padding()
        return tokenizer

    def load(self) -> None:
        """Load the model now rather than at the first question."""
        self.score("ready", ["ready"])

    def score(self, question: str, passages: Sequence[str]) -> Scores:
        """Logits of shape (len(passages),), higher is more relevant."""
        session, tokenizer = self._loaded()
        encoded = tokenizer.encode_batch([(question[:1000], passage) for passage in passages])
        wanted = {tensor.name for tensor in session.get_inputs()}

        def logit(index: int) -> float:
            each = encoded[index]
            arrays = {
                "input_ids": np.array([each.ids], dtype=np.int64),
                "attention_mask": np.array([each.attention_mask], dtype=np.int64),
                "token_type_ids": np.array([each.type_ids], dtype=np.int64),
            }
            (logits,) = session.run(None, {k: v for k, v in arrays.items() if k in wanted})
            return float(np.asarray(logits).reshape(-1)[0])

        # The longest first, so that no thread is left with one of them at the end.
        order = sorted(range(len(encoded)), key=lambda index: -len(encoded[index].ids))
        scores = np.zeros(len(passages), dtype=np.float32)
        scores[order] = list(self._pool.map(logit, order))
        return scores
