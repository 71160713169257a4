"""Settings of the library and the models, read once from the environment and `.env`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

APP = "footnote"
DOCUMENTS = Path(__file__).parent / "documents"

# A line of `.env` passes no shell, which would put the home folder in the place of '~'.
Folder = Annotated[Path, AfterValidator(Path.expanduser)]


def _web_address(value: str) -> str:
    """A server's address without a slash at its end; ValueError where it is none."""
    address = urlsplit(value)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError("write an address such as http://127.0.0.1:8000")
    _ = address.port
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseSettings):
    """What every part of Footnote may be told; each field has its line in `.env.example`."""

    model_config = SettingsConfigDict(
        env_prefix="FOOTNOTE_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    home: Annotated[
        Folder, Field(description="Data folder of one library: catalogue, vectors, receipts.")
    ] = Path(platformdirs.user_data_dir(APP))
    models_dir: Annotated[Folder, Field(description="Where verified model files are kept.")] = (
        Path(platformdirs.user_cache_dir(APP)) / "models"
    )
    llm_model: Annotated[
        str, Field(description="Language model: an embedded name, a local folder, or a Hub id.")
    ] = "qwen2.5-coder-1.5b-instruct"
    llm_weights: Annotated[
        Literal["auto", "int8", "full"],
        Field(
            description="Its weights: in eight bits (int8), as published (full), or whichever"
            " this machine is faster with (auto)."
        ),
    ] = "auto"
    chroma_url: Annotated[
        Address | None,
        Field(
            validation_alias=AliasChoices("CHROMA_URL", "FOOTNOTE_CHROMA_URL"),
            description="A Chroma server for the vectors, as http://127.0.0.1:8000; empty: none.",
        ),
    ] = None
    llm_base_url: Annotated[
        Address | None,
        Field(
            validation_alias=AliasChoices("LLM_BASE_URL", "FOOTNOTE_LLM_BASE_URL"),
            description="An OpenAI-compatible server to use instead, as http://127.0.0.1:8080/v1.",
        ),
    ] = None
    llm_api_key: Annotated[
        SecretStr | None,
        Field(
            validation_alias=AliasChoices("LLM_API_KEY", "FOOTNOTE_LLM_API_KEY"),
            description="That server's key, if it wants one.",
        ),
    ] = None
    llm_served_model: Annotated[
        str | None,
        Field(
            validation_alias=AliasChoices("LLM_MODEL", "FOOTNOTE_LLM_SERVED_MODEL"),
            description="That server's name for the model; empty: the first one it offers.",
        ),
    ] = None
    llm_timeout_s: Annotated[
        float,
        Field(
            gt=0,
            validation_alias=AliasChoices("LLM_TIMEOUT_S", "FOOTNOTE_LLM_TIMEOUT_S"),
            description="Seconds to wait for that server's next piece of text.",
        ),
    ] = 60.0
    embedding_model: Annotated[
        str, Field(description="Embedder: an embedded name, a local folder, or a Hub id.")
    ] = "all-minilm-l6-v2"
    reranker_model: Annotated[
        str, Field(description="Reranker: an embedded name, or a local folder with model.onnx.")
    ] = "ms-marco-minilm-l12-v2"
    threads: Annotated[
        int, Field(ge=0, description="Processor threads for the models; 0 takes all cores.")
    ] = 0
    evidence_passages: Annotated[
        int, Field(ge=1, le=20, description="Passages shown as evidence and given to the model.")
    ] = 4
    max_answer_tokens: Annotated[
        int, Field(ge=16, le=2048, description="Longest answer, in tokens.")
    ] = 160
    keep_revisions: Annotated[
        int, Field(ge=1, le=100, description="Revisions of a document kept for roll-back.")
    ] = 5

    @property
    def local_models(self) -> tuple[str, ...]:
        """The models that run here: without the language model where a server has it."""
        here = () if self.llm_base_url else (self.llm_model,)
        return (*here, self.embedding_model, self.reranker_model)
