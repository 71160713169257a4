"""A question's vector by BERT's forward pass in numpy (Devlin et al. 2019, arXiv:1810.04805).

One question is a few milliseconds of arithmetic wherever it is done. Importing the libraries that
embed documents takes four to five seconds, and nobody who asks should wait for them.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Floats = NDArray[np.float32]

_POOLING = "pooling_mode_"
_PLAIN = {"model_type": "bert", "hidden_act": "gelu"}
_LIMITS = (
    ("sentence_bert_config.json", "max_seq_length"),
    ("tokenizer_config.json", "model_max_length"),
)
# Polynomial of the error function, right to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26).
_ERF = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)


def understands(folder: Path) -> bool:
    """Whether a sentence-transformers folder holds what this module computes, and nothing else."""
    try:
        config = _read(folder / "config.json")
        modules = [each["type"].rsplit(".", 1)[-1] for each in _read(folder / "modules.json")]
        pooling = _read(folder / "1_Pooling" / "config.json")
    except (OSError, ValueError, KeyError, TypeError):
        return False
    plain = all(config.get(name) == value for name, value in _PLAIN.items())
    positions = config.get("position_embedding_type", "absolute") == "absolute"
    pooled = pooling.get("pooling_mode") or [
        name.removeprefix(_POOLING)
        for name, on in pooling.items()
        if on is True and _POOLING in name
    ]
    return (
        plain
        and positions
        and modules[:2] == ["Transformer", "Pooling"]
        and modules[2:] in ([], ["Normalize"])
        and pooled in ("mean", ["mean_tokens"])
        and not _prompted(folder)
        and all((folder / name).exists() for name in ("model.safetensors", "tokenizer.json"))
    )


class QuestionEncoder:
    """The model of a folder that `understands` accepts, in float32."""

    def __init__(self, folder: Path) -> None:
        config = _read(folder / "config.json")
        self._heads = int(config["num_attention_heads"])
        self._layers = int(config["num_hidden_layers"])
        self._epsilon = float(config["layer_norm_eps"])
        self._tokenizer = _tokenizer(folder, longest=int(config["max_position_embeddings"]))
        self._weights = _weights(folder / "model.safetensors")

    def encode(self, text: str) -> Floats:
        """The vector of a text, of length 1, shape (dimensions,)."""
        ids = self._tokenizer.encode(text).ids
        words = self._weights["embeddings.word_embeddings.weight"][ids]
        places = self._weights["embeddings.position_embeddings.weight"][: len(ids)]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        hidden = self._normed("embeddings.LayerNorm", words + places + kind)
        for number in range(self._layers):
            hidden = self._layer(f"encoder.layer.{number}", hidden)
        mean = hidden.mean(axis=0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)

    def knows(self, word: str) -> bool:
        """Whether a lower-case word is in the vocabulary as a whole."""
        return self._tokenizer.token_to_id(word) is not None

    def _layer(self, name: str, hidden: Floats) -> Floats:
        attended = self._linear(f"{name}.attention.output.dense", self._attended(name, hidden))
        hidden = self._normed(f"{name}.attention.output.LayerNorm", hidden + attended)
        inner = gelu(self._linear(f"{name}.intermediate.dense", hidden))
        outer = self._linear(f"{name}.output.dense", inner)
        return self._normed(f"{name}.output.LayerNorm", hidden + outer)

    def _attended(self, name: str, hidden: Floats) -> Floats:
        query, key, value = (
            self._linear(f"{name}.attention.self.{part}", hidden)
            .reshape(len(hidden), self._heads, -1)
            .swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(1, 2) / np.float32(math.sqrt(query.shape[-1]))
        chances = np.exp(scores - scores.max(axis=-1, keepdims=True))
        chances /= chances.sum(axis=-1, keepdims=True)
        return np.asarray((chances @ value).swapaxes(0, 1).reshape(len(hidden), -1))

    def _linear(self, name: str, values: Floats) -> Floats:
        return values @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normed(self, name: str, values: Floats) -> Floats:
        centred = values - values.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(self._epsilon))
        scaled: Floats = centred / spread * self._weights[f"{name}.weight"]
        return scaled + self._weights[f"{name}.bias"]


def gelu(values: Floats) -> Floats:
    """Each value times the chance that a normal variable is below it."""
    size = np.abs(values) / np.float32(math.sqrt(2))
    step = 1 / (1 + np.float32(0.3275911) * size)
    series = np.zeros_like(values)
    for factor in _ERF:
        series = np.asarray((series + np.float32(factor)) * step, dtype=np.float32)
    erf = np.sign(values) * (1 - series * np.exp(-(size**2)))
    return np.asarray(0.5 * values * (1 + erf), dtype=np.float32)


def _tokenizer(folder: Path, *, longest: int) -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    limits = [longest]
    for file, name in _LIMITS:
        if (folder / file).exists():
            limits.append(int(_read(folder / file).get(name) or longest))
    tokenizer.enable_truncation(min(limits))
    tokenizer.no_padding()
    return tokenizer


def _weights(file: Path) -> dict[str, Floats]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors = load_file(file)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"The embedder's weights in {file} cannot be read ({error}). "
            "'footnote models verify' tells whether its files are whole."
        ) from error
    return {
        name.removeprefix("bert."): np.asarray(tensor, dtype=np.float32)
        for name, tensor in tensors.items()
    }


def _prompted(folder: Path) -> bool:
    """Whether the model wants words of its own before a text."""
    file = folder / "config_sentence_transformers.json"
    return file.exists() and bool(_read(file).get("default_prompt_name"))


def _read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))
