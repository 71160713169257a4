"""A folder with a causal language model to what writes with it: tokenizer and decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from knowledge.decoder import Turn
from knowledge.errors import GenerationError
from knowledge.smooth import SAMPLE
from knowledge.together import Together
from knowledge.weights import decoder_from, like_llama, stored_decoder
from knowledge.weights_file import file_name

if TYPE_CHECKING:
    import torch

# As the settings name them: as measured, in eight bits, as published.
Weights = Literal["auto", "int8", "full"]
_QUANTISE: dict[Weights, bool | None] = {"auto": None, "int8": True, "full": False}

# Stand for the evidence and what is asked after it, where the chat template puts them.
_MARKS = ("\ue000", "\ue001")


class Cache(Protocol):
    """What a decoder has kept of one text's tokens."""

    @property
    def length(self) -> int:
        """Tokens held."""

    def take(self, other: Any) -> None:
        """Begin with what another cache of the same decoder holds."""

    def keep(self, length: int) -> None:
        """Forget all after the first `length` tokens."""


class Decoder(Protocol):
    """A model's forward pass."""

    def cache(self) -> Cache:
        """An empty cache for one text."""

    def forward(self, turns: Sequence[Turn]) -> list[torch.Tensor]:
        """Read each turn's tokens into its cache; logits of shape (keep, vocabulary) each."""

    def felt(self, turn: Turn, *, layers: int) -> torch.Tensor:
        """What the first `layers` layers make of a turn's last token: (hidden,), float32.

        The turn leaves no trace: it is not in its cache afterwards.
        """


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded model; `ends` are the tokens with which it ends its turn."""

    tokenizer: Any
    decoder: Decoder
    ends: frozenset[int]

    def encode(self, text: str) -> list[int]:
        """Token ids of a piece of prompt."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        """Text of token ids."""
        return str(self.tokenizer.decode(ids, skip_special_tokens=True))

    def frame(self, system: str) -> tuple[str, str]:
        """The chat template's text before and after what a person says."""
        messages = [
            {"role": "system", "content": system},
            {"role": "user", "content": "".join(_MARKS)},
        ]
        text = self.tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
        before, rest = str(text).split(_MARKS[0])
        return before, rest.split(_MARKS[1])[1]


def load_model(folder: Path, *, packed: Path | None, weights: Weights = "auto") -> Model:
    """Load the model in `folder`; quantised weights are kept in the folder `packed`.

    Raises GenerationError where the folder holds no whole model.
    """
    from safetensors import SafetensorError

    from knowledge.hardware import on_processor, silence_bars

    silence_bars()
    path = None if packed is None else packed / file_name(_identity(folder))
    try:
        tokenizer = _tokenizer(folder)
        stored = stored_decoder(path) if weights != "full" and on_processor() else None
        decoder = stored or _decoder(folder, tokenizer, path=path, weights=weights)
        return Model(tokenizer, Together(decoder), _ends(folder, tokenizer))
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise GenerationError(
            f"The language model in {folder} cannot be loaded ({error}). "
            "'footnote models verify' tells whether its files are whole."
        ) from error


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def _decoder(folder: Path, tokenizer: Any, *, path: Path | None, weights: Weights) -> Decoder:
    from transformers import AutoModelForCausalLM

    from knowledge.hardware import fast_dtype, on_processor

    model: Any = AutoModelForCausalLM.from_pretrained(
        folder, dtype=fast_dtype(), local_files_only=True, trust_remote_code=False
    )
    if not on_processor():
        model = model.to("cuda")
    model.eval()
    if not like_llama(model):
        return TransformersDecoder(model)
    sample = list(tokenizer(SAMPLE, add_special_tokens=False)["input_ids"])
    return decoder_from(model, path=path, sample=sample, quantise=_QUANTISE[weights])


def _ends(folder: Path, tokenizer: Any) -> frozenset[int]:
    """The tokens with which the model ends its turn."""
    from transformers import AutoConfig, GenerationConfig

    try:
        ends = GenerationConfig.from_pretrained(folder, local_files_only=True).eos_token_id
    except OSError:  # a folder without a file of its own for it
        ends = AutoConfig.from_pretrained(folder, local_files_only=True).eos_token_id
    listed = ends if isinstance(ends, list) else [ends]
    return frozenset(each for each in [*listed, tokenizer.eos_token_id] if each is not None)


def _identity(folder: Path) -> str:
    """What tells a folder's weights from all others, without reading them."""
    files = [(path.name, path.stat()) for path in sorted(folder.glob("*.safetensors"))]
    sizes = [f"{name}:{found.st_size}:{found.st_mtime_ns}" for name, found in files]
    return "|".join([str(folder.resolve()), *sizes])


class TransformersCache:
    """A cache of transformers."""

    def __init__(self) -> None:
        from transformers import DynamicCache

        self.kept = DynamicCache()

    @property
    def length(self) -> int:
        """Tokens held."""
        return int(self.kept.get_seq_length())

    def take(self, other: TransformersCache) -> None:
        """Begin with what another cache holds."""
        import copy

        self.kept = copy.deepcopy(other.kept)

    def keep(self, length: int) -> None:
        """Forget all after the first `length` tokens."""
        extra = self.length - length
        if extra > 0:
            self.kept.crop(-extra)


class TransformersDecoder:
    """Any causal model of transformers, by its own modules; a turn at a time."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def cache(self) -> TransformersCache:
        """An empty cache for one text."""
        return TransformersCache()

    def forward(self, turns: Sequence[Turn]) -> list[torch.Tensor]:
        """Read each turn's tokens into its cache; logits of shape (keep, vocabulary) each."""
        import torch

        with torch.inference_mode():
            return [
                self._model(
                    input_ids=torch.tensor([list(turn.ids)], device=self._model.device),
                    past_key_values=turn.cache.kept,
                    use_cache=True,
                    # None would be all of them.
                    logits_to_keep=max(1, turn.keep),
                ).logits[0]
                for turn in turns
            ]

    def felt(self, turn: Turn, *, layers: int) -> torch.Tensor:
        """What the first `layers` layers make of a turn's last token: (hidden,), float32."""
        import torch

        length = turn.cache.length
        with torch.inference_mode():
            found = self._model(
                input_ids=torch.tensor([list(turn.ids)], device=self._model.device),
                past_key_values=turn.cache.kept,
                use_cache=True,
                output_hidden_states=True,
                logits_to_keep=1,
            )
        turn.cache.keep(length)
        state: torch.Tensor = found.hidden_states[layers][0, -1].float()
        return state
