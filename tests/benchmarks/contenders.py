"""Who is compared: Footnote, and the two ways in which most would do it with the same parts.

All have the same documents, embedder, language model, length of an answer and greedy decoding.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bot.app import App
from knowledge.library import SHARED
from knowledge.retrieve import reading
from knowledge.types import Answer, AnswerReady, EvidenceFound, Passage, Status, TextWritten
from tests.benchmarks.asked import Said, looks_refused

if TYPE_CHECKING:
    import torch

Message = dict[str, str]

_ASKED_OF_PASSAGES = (
    "Answer the question from these passages alone. If they do not hold the answer, say that you "
    "do not know.\n\n{passages}\n\nQuestion: {question}"
)


class Contender(Protocol):
    """Answers questions from the library of an App."""

    def ask(self, question: str) -> Said:
        """The answer, with what it took."""


class Footnote:
    """This project, as the bot runs it."""

    def __init__(self, app: App) -> None:
        self._app = app
        app.load()

    def ask(self, question: str) -> Said:
        """The answer, with what it took."""
        started = time.perf_counter()
        evidence_s, answer = 0.0, None
        written: list[tuple[float, str]] = []
        for event in self._app.answerer.answer(question):
            now = time.perf_counter() - started
            if isinstance(event, EvidenceFound):
                evidence_s = now
            elif isinstance(event, TextWritten):
                written.append((now, event.text))
            elif isinstance(event, AnswerReady):
                answer = event.answer
        whole_s = time.perf_counter() - started
        assert answer is not None
        return _said(answer, written, evidence_s=evidence_s, whole_s=whole_s)


def _said(
    answer: Answer, written: Sequence[tuple[float, str]], *, evidence_s: float, whole_s: float
) -> Said:
    length = sum(len(text) for _, text in written)
    # Several tokens may come at once: of the first piece's, its length tells how many they were.
    later = 1 - len(written[0][1]) / length if length else 0.0
    return Said(
        text=answer.text,
        refused=answer.status is Status.REFUSED,
        evidence_s=evidence_s,
        first_text_s=written[0][0] if written else None,
        whole_s=whole_s,
        prompt_tokens=answer.tokens.prompt,
        later_tokens=answer.tokens.completion * later,
        writing_s=written[-1][0] - written[0][0] if written else 0.0,
    )


class Stamps:
    """Notes when each token of `generate` came; the first call brings the prompt."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self._prompt = True

    def put(self, _: torch.Tensor) -> None:
        """A token has come."""
        if not self._prompt:
            self.at.append(time.perf_counter())
        self._prompt = False

    def end(self) -> None:
        """That was all."""


class Causal:
    """The language model by transformers' own `generate`, in its chat template."""

    def __init__(self, folder: Path, *, max_tokens: int) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        from knowledge.hardware import fast_dtype, silence_bars

        silence_bars()
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self.model: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=fast_dtype(), local_files_only=True
        ).eval()
        self.max_tokens = max_tokens
        self.context = int(self.model.config.max_position_embeddings)
        self.calls: list[tuple[int, list[float]]] = []

    def generate(self, messages: Sequence[Message]) -> str:
        """The model's reply; `calls` gets the prompt's length and when each token came."""
        import torch

        encoded = self.tokenizer.apply_chat_template(
            list(messages), add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        length, stamps = encoded["input_ids"].shape[1], Stamps()
        with torch.inference_mode():
            ids = self.model.generate(
                **encoded,
                max_new_tokens=self.max_tokens,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                pad_token_id=self.tokenizer.eos_token_id,
                streamer=stamps,
            )
        self.calls.append((length, stamps.at))
        return str(self.tokenizer.decode(ids[0, length:], skip_special_tokens=True))


def generated(causal: Causal, find: Callable[[], object], write: Callable[[], str]) -> Said:
    """What finding and then writing took. Of several calls the last one's text is what is shown."""
    causal.calls.clear()
    started = time.perf_counter()
    find()
    evidence_s = time.perf_counter() - started
    text = write()
    whole_s = time.perf_counter() - started
    at = causal.calls[-1][1] if causal.calls else []
    return Said(
        text=text,
        refused=looks_refused(text),
        evidence_s=evidence_s,
        first_text_s=at[0] - started if at else None,
        whole_s=whole_s,
        prompt_tokens=sum(length for length, _ in causal.calls),
        later_tokens=max(0, len(at) - 1),
        writing_s=at[-1] - at[0] if at else 0.0,
    )


class Plain:
    """The nearest passages into the chat template, and `generate`."""

    def __init__(self, app: App, causal: Causal) -> None:
        self._app = app
        self._causal = causal

    def ask(self, question: str) -> Said:
        """The answer, with what it took."""
        found: list[Passage] = []

        def find() -> None:
            vector = self._app.embedder.embed_query(question)
            count = self._app.settings.evidence_passages
            near = self._app.library.nearest(vector, k=count, scopes=[SHARED])
            found.extend(passage for passage, _ in near)

        def write() -> str:
            passages = "\n\n".join(map(reading, found))
            content = _ASKED_OF_PASSAGES.format(passages=passages, question=question)
            return self._causal.generate([{"role": "user", "content": content}])

        return generated(self._causal, find, write)


def documents(app: App) -> list[tuple[str, str]]:
    """Title and text of every document in the library."""
    return [
        (info.title, "\n\n".join(_headed(app.library.passages(info.id))))
        for info in app.library.documents()
    ]


def _headed(passages: Sequence[Passage]) -> list[str]:
    """Passages' texts, each new heading before the first of its own."""
    texts, above = [], ()
    for passage in passages:
        headings = passage.location.headings
        if headings and headings != above:
            texts.append(headings[-1])
        above = headings
        texts.append(passage.text)
    return texts
