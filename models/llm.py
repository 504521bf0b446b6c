"""The language model: one OpenAI-compatible client, and for ``local`` a llama.cpp server started inside this process.

Where the model runs is a URL. The client neither knows nor cares whether the other end is llama.cpp on loopback or vLLM
in a data centre.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypedDict

import httpx
import openai
import xllamacpp

from models.errors import ModelError

PROMPT_BATCH_TOKENS = 128


_FAILURES = (openai.OpenAIError, httpx.HTTPError, ValueError)
"""What the client raises: its own errors, the connection's in mid-answer, ValueError for a stream that is not JSON."""


class Message(TypedDict):
    """One turn of a chat: role is system, user or assistant."""

    role: str
    content: str


class ChatModel(Protocol):
    """Writes the next message of a chat. All calls block; run them in a thread."""

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[str]:
        """Pieces of the answer as they are written; with a JSON schema, decoding is constrained to it.

        If the last message is the assistant's, the answer goes on from its words (llama.cpp and vLLM do so exactly;
        others begin a sentence of their own). Raises ModelError. Closing the iterator stops the writing.
        """
        ...

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
    ) -> str:
        """The whole answer; with a JSON schema, decoding is constrained to it. Raises ModelError."""
        ...

    def warm(self, messages: Sequence[Message], *, fresh: bool = False) -> None:
        """Process a prefix ahead of its use, so that the first answer comes as fast as the second.

        fresh: from nothing, rather than from what earlier calls have left: what is computed from here on is then the
        same on every replay.
        """
        ...


class OpenAiChatModel:
    """A chat model behind an OpenAI-compatible URL.

    Args:
        url: base URL, such as ``http://127.0.0.1:8000/v1``.
        model: name at that server; many local servers take any.
        timeout_s: longest wait for the next piece of an answer.
        continues: the server understands vLLM's ``continue_final_message``.
    """

    def __init__(
        self, url: str, *, model: str, api_key: str = "", timeout_s: float = 15.0, continues: bool = False
    ) -> None:
        self.url = url
        self._continues = continues
        self._model = model or "default"
        # max_retries=0: a caller is waiting; a spoken apology beats a silent second try.
        self._client = openai.OpenAI(base_url=url, api_key=api_key or "none", timeout=timeout_s, max_retries=0)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[str]:
        try:
            with self._create(messages, max_tokens, temperature, stop, stream=True, **_constrained(schema)) as chunks:
                for chunk in chunks:
                    if chunk.choices and chunk.choices[0].delta.content:
                        yield chunk.choices[0].delta.content
        except _FAILURES as error:
            raise self._explain(error) from error

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
    ) -> str:
        try:
            answer = self._create(messages, max_tokens, temperature, stop, **_constrained(schema))
        except _FAILURES as error:
            raise self._explain(error) from error
        if not getattr(answer, "choices", None):
            raise ModelError("llm_bad_answer", f"the language model at {self.url} sent an answer without choices")
        return answer.choices[0].message.content or ""

    def warm(self, messages: Sequence[Message], *, fresh: bool = False) -> None:
        try:
            self._create(messages, 1, 0.0, (), fresh=fresh)
        except _FAILURES as error:
            raise self._explain(error) from error

    def _create(
        self,
        messages: Sequence[Message],
        max_tokens: int,
        temperature: float,
        stop: Sequence[str],
        *,
        fresh: bool = False,
        **options: Any,
    ) -> Any:
        return self._client.chat.completions.create(
            model=self._model,
            messages=list(messages),  # type: ignore[arg-type]
            max_tokens=max_tokens,
            temperature=temperature,
            stop=list(stop) or None,
            seed=1,
            extra_body=self._extra(messages, fresh=fresh),
            **options,
        )

    def _extra(self, messages: Sequence[Message], *, fresh: bool = False) -> dict[str, Any]:
        """What this kind of server takes beyond the OpenAI interface. Others refuse unknown fields, so next to nothing
        here.
        """
        if self._continues and messages[-1]["role"] == "assistant":
            return {"continue_final_message": True, "add_generation_prompt": False}
        return {}

    def _explain(self, error: Exception) -> ModelError:
        if isinstance(error, openai.APITimeoutError):
            return ModelError("llm_timeout", f"the language model at {self.url} did not answer in time", retryable=True)
        if isinstance(error, openai.APIConnectionError):
            return ModelError(
                "llm_unreachable",
                f"no language model answers at {self.url}; start it or set llm.url",
                retryable=True,
            )
        if isinstance(error, openai.APIStatusError):
            return ModelError(
                "llm_refused",
                f"the language model at {self.url} answered HTTP {error.status_code}: {error.message}",
                retryable=error.status_code >= 500,
            )
        return ModelError("llm_failed", f"the language model at {self.url} failed: {error}", retryable=True)


def _constrained(schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """Decoding held to a JSON schema."""
    if schema is None:
        return {}
    named = {"name": "answer", "schema": schema, "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


class LlamaServer:
    """llama.cpp inside this process, listening on a free loopback port. Freed with the object.

    Args:
        model_file: a GGUF file.
        threads: CPU threads for prompt and answer.
        context_tokens: context window of each slot.
        slots: answers written at once.
    """

    def __init__(
        self, model_file: Path, *, threads: int, context_tokens: int, slots: int = 1, gpu_layers: int = 0
    ) -> None:
        if not model_file.is_file():
            raise ModelError("model_missing", f"{model_file} does not exist; run `hotline models pull`")
        params = xllamacpp.CommonParams()
        params.model.path = str(model_file)
        params.n_ctx = context_tokens * slots
        params.n_parallel = slots
        # Prompts are read in pieces: a larger one is no faster on a few cores and takes 600 kB of memory a token.
        params.n_batch = params.n_ubatch = PROMPT_BATCH_TOKENS
        params.n_gpu_layers = gpu_layers
        # Read into memory rather than mapped: llama.cpp repacks the weights for the processor, and a mapped file
        # would stay in memory beside the copy.
        params.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        # Threads that wait for each other go to sleep: spinning, they would burn the cores that ASR and TTS need.
        params.cpuparams.poll = params.cpuparams_batch.poll = 0
        # No second cache of old prompts: it costs memory that grows from call to call and changes what a replay
        # computes.
        params.cache_ram_mib = 0
        params.warmup = False
        params.verbosity = 0
        try:
            self._server = xllamacpp.Server(params)
        except RuntimeError as error:
            raise ModelError(
                "model_damaged", f"llama.cpp cannot load {model_file}: {error}; run `hotline models verify`"
            ) from error
        self.url = f"{self._server.listening_address}/v1"


class LocalChatModel(OpenAiChatModel):
    """The client of a llama.cpp server in this process.

    Args:
        slot: which of the server's slots it uses; what one slot has computed of a chat is not overwritten by another's.
    """

    def __init__(self, server: LlamaServer, *, slot: int = 0, timeout_s: float = 15.0) -> None:
        super().__init__(server.url, model="local", timeout_s=timeout_s)
        self._server = server
        self._slot = slot

    def _extra(self, messages: Sequence[Message], *, fresh: bool = False) -> dict[str, Any]:
        # That the last message is unfinished, llama.cpp sees by itself.
        return {"id_slot": self._slot, "cache_prompt": not fresh}
