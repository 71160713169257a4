"""A question's vector in numpy is the one that sentence-transformers makes."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules as parts
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from knowledge.embed import SentenceEmbedder
from knowledge.encoder import QuestionEncoder, gelu, understands
from knowledge.errors import ModelError
from tests.picture import REPOSITORY

LONGEST = 16
TEXTS = ["what is a gan?", "", "a", "GAN gan GÂN 中文 🤖", "gan " * 50]


def write_embedder(folder: Path, *, pooling: str = "mean", normalize: bool = True) -> Path:
    """A random BERT of two layers in sentence-transformers' form."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "what", "is", "a", "gan", "?", "##n", "g", "##a"]
    bare = Tokenizer(WordPiece({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    bare.normalizer = normalizers.BertNormalizer(lowercase=True)
    bare.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    bare.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=48,
        max_position_embeddings=32,
        initializer_range=0.5,
    )
    bert = folder / "bert"
    BertModel(config).save_pretrained(bert)
    special = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep")}
    PreTrainedTokenizerFast(
        tokenizer_object=bare, model_max_length=LONGEST, **special
    ).save_pretrained(bert)
    modules = [parts.Transformer(str(bert)), parts.Pooling(24, pooling_mode=pooling)]
    modules += [parts.Normalize()] if normalize else []
    SentenceTransformer(modules=modules).save(str(folder / "embedder"))
    return folder / "embedder"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_embedder(tmp_path_factory.mktemp("embedder"))


@pytest.mark.parametrize("text", TEXTS)
def test_the_vector_is_that_of_sentence_transformers(folder: Path, text: str) -> None:
    assert understands(folder)
    reference = SentenceTransformer(str(folder), local_files_only=True)
    expected = reference.encode([text], normalize_embeddings=True)[0]
    found = QuestionEncoder(folder).encode(text)
    assert found.dtype == np.float32
    assert found == pytest.approx(expected, abs=1e-5)
    assert float(np.linalg.norm(found)) == pytest.approx(1.0, abs=1e-5)


def test_questions_and_documents_are_embedded_alike(folder: Path) -> None:
    embedder = SentenceEmbedder(lambda: folder, name="tiny")
    few = embedder.embed_documents(TEXTS)
    many = embedder.embed_documents(TEXTS * 20)[: len(TEXTS)]
    for text, one, vector in zip(TEXTS, few, many, strict=True):
        # Many documents are embedded in bfloat16 where the processor is fast at it.
        assert float(embedder.embed_query(text) @ vector) > 0.99
        assert float(one @ vector) > 0.99
        assert not np.array_equal(one, vector), "both were embedded the same way"


def test_progress_is_told_of_few_documents_as_of_many(folder: Path) -> None:
    for texts in (TEXTS, TEXTS * 20):
        done: list[int] = []
        SentenceEmbedder(lambda: folder, name="tiny").embed_documents(texts, progress=done.append)
        assert sum(done) == len(texts)
    assert SentenceEmbedder(lambda: folder, name="tiny").embed_documents([]).shape[0] == 0


@pytest.mark.parametrize("embedded", ["embed_query('a gan')", "embed_documents(['a gan'] * 11)"])
def test_a_question_or_a_few_passages_are_embedded_without_the_heavy_libraries(
    folder: Path, embedded: str
) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from knowledge.embed import SentenceEmbedder\n"
        f"SentenceEmbedder(lambda: Path({str(folder)!r}), name='tiny').{embedded}\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "tokenizers" in loaded
    assert not loaded & {"torch", "transformers", "sentence_transformers", "sklearn"}


def changed(file: str, **values: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        stored = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps(stored | values))

    return change


@pytest.mark.parametrize(
    "change",
    [
        changed("config.json", model_type="mpnet"),
        changed("config.json", hidden_act="relu"),
        changed("config.json", position_embedding_type="relative_key"),
        changed("1_Pooling/config.json", pooling_mode="cls"),
        changed("config_sentence_transformers.json", default_prompt_name="query"),
        lambda folder: (folder / "modules.json").unlink(),
        lambda folder: (folder / "modules.json").write_text("{not json"),
        lambda folder: (folder / "tokenizer.json").unlink(),
    ],
)
def test_other_models_are_left_to_sentence_transformers(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    folder = write_embedder(tmp_path)
    assert understands(folder)
    change(folder)
    assert not understands(folder)


def test_a_model_it_does_not_understand_still_embeds_questions(tmp_path: Path) -> None:
    folder = write_embedder(tmp_path, pooling="cls", normalize=False)
    assert not understands(folder)
    embedder = SentenceEmbedder(lambda: folder, name="cls")
    found = embedder.embed_query("what is a gan?")
    assert found @ embedder.embed_documents(["what is a gan?"])[0] > 0.99


def test_the_shipped_models_form_is_understood(tmp_path: Path) -> None:
    folder = write_embedder(tmp_path)
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps(
            {
                "word_embedding_dimension": 24,
                "pooling_mode_cls_token": False,
                "pooling_mode_mean_tokens": True,
                "pooling_mode_max_tokens": False,
            }
        )
    )
    assert understands(folder)


def test_damaged_weights_are_told(tmp_path: Path) -> None:
    folder = write_embedder(tmp_path)
    (folder / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelError, match="models verify"):
        SentenceEmbedder(lambda: folder, name="broken").embed_query("a gan")


@given(st.floats(-30, 30))
def test_gelu_is_the_exact_one(value: float) -> None:
    exact = 0.5 * value * (1 + math.erf(value / math.sqrt(2)))
    assert float(gelu(np.float32([value]))[0]) == pytest.approx(exact, abs=2e-6)


@pytest.mark.parametrize("normalize", [True, False])
def test_words_of_the_vocabulary_are_known_and_broken_ones_are_not(
    tmp_path: Path, normalize: bool
) -> None:
    folder = write_embedder(tmp_path, normalize=normalize)
    embedder = SentenceEmbedder(lambda: folder, name="tiny")
    assert embedder.knows("what")
    assert embedder.knows("gan")
    assert not embedder.knows("gna")


def test_a_model_that_numpy_does_not_compute_knows_its_words_too(tmp_path: Path) -> None:
    folder = write_embedder(tmp_path, pooling="cls")
    assert not understands(folder)
    embedder = SentenceEmbedder(lambda: folder, name="tiny")
    assert embedder.knows("gan")
    assert not embedder.knows("gann")
