"""The models that all calls share, loaded once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from agent.config import Settings
from agent.model_settings import classifier_dir, model_settings
from agent.pipeline.smart_turn import DummySmartTurn, EndOfTurnModel, SmartTurn
from agent.prompts import Prompts
from models.asr import SpeechRecognizer, WhisperRecognizer
from models.catalog import require
from models.chat_slots import ChatSlots
from models.dummy import DummyChatModel, DummyRecognizer
from models.errors import ModelError
from models.llm import ChatModel, LlamaServer, LocalChatModel, OpenAiChatModel
from models.llm_priority import BackgroundChatModel, Gate, LiveChatModel
from models.nlu import Classifier, DummyClassifier
from models.nlu_transformer import TransformerClassifier
from models.speech_cache import CachingSynthesizer
from models.tts import DummySynthesizer, KokoroSynthesizer, Synthesizer
from models.vocabulary import Vocabulary

BACKGROUND_TIMEOUT_S = 9.0
"""A summary's question that takes longer is given up: the summary must stand 20 s after the call."""


@dataclass(frozen=True)
class Engines:
    """One of each. All block and are called through the loop's executor; all are safe to share among calls. Of the
    language model each call leases a slot.
    """

    recognizer: SpeechRecognizer
    end_of_turn: EndOfTurnModel
    classifier: Classifier
    chats: ChatSlots
    background_chat: ChatModel
    synthesizer: Synthesizer
    callers_first: Gate = field(default_factory=Gate)
    """Whether a caller is being transcribed now: what people on our side said waits as long."""


def dummy_engines() -> Engines:
    """Stand-ins for all of them: no weights, no time."""
    chat = DummyChatModel()
    return Engines(DummyRecognizer(), DummySmartTurn(), DummyClassifier(), ChatSlots([chat]), chat, DummySynthesizer())


def load_synthesizer(settings: Settings) -> Synthesizer:
    """The voice alone. Raises ModelError."""
    tts = settings.tts
    name = "kokoro-82m-float32" if settings.models.profile == "gpu" else "kokoro-82m"
    kokoro = KokoroSynthesizer(
        require(name, model_settings(settings)),
        threads=tts.threads,
        device=tts.device,
        voices={"zh": tts.voice_zh, "en": tts.voice_en},
        kept=settings.models.dir.parent / "speech",
    )
    return CachingSynthesizer(kokoro)


def load_recognizer(settings: Settings, prompts: Prompts, vocabulary: Sequence[str]) -> WhisperRecognizer:
    """The ear alone. ``vocabulary``: the companies' own Chinese words. Raises ModelError."""
    asr = settings.asr
    name = "whisper-large-v3-turbo" if settings.models.profile == "gpu" else "whisper-base"
    return WhisperRecognizer(
        require(name, model_settings(settings)),
        device=asr.device,
        precision=asr.precision,
        threads=asr.threads,
        workers=asr.workers,
        padding_s=asr.padding_s,
        beam_size=asr.beam_size,
        prompts={"zh": prompts.asr_context("zh"), "en": prompts.asr_context("en")},
        vocabulary=Vocabulary(vocabulary),
    )


def load_engines(settings: Settings, prompts: Prompts, vocabulary: Sequence[str]) -> Engines:
    """All models of the settings' profile, loaded side by side. Raises ModelError naming what is missing and how to get
    it. ``vocabulary``: the companies' own Chinese words.
    """
    if settings.models.engines == "dummy":
        return dummy_engines()
    where = model_settings(settings)
    llm_name = {"cpu": "qwen2.5-coder-1.5b-instruct", "cpu-small": "qwen2.5-coder-0.5b-instruct"}.get(
        settings.models.profile
    )

    def chat() -> tuple[ChatSlots, ChatModel]:
        llm = settings.llm
        if llm.url != "local":
            remote = OpenAiChatModel(
                llm.url, model=llm.model, api_key=llm.api_key, timeout_s=llm.timeout_s, continues=llm.continues
            )
            return ChatSlots([remote]), remote
        if llm_name is None:
            raise ModelError(
                "llm_not_set", "profile gpu serves its language model elsewhere: set llm.url and llm.model"
            )
        server = LlamaServer(
            require(llm_name, where) / "model.gguf",
            threads=llm.threads,
            context_tokens=llm.context_tokens,
            slots=llm.slots + 1,
            gpu_layers=0,
        )
        gate = Gate()
        live = [
            LiveChatModel(LocalChatModel(server, timeout_s=llm.timeout_s, slot=slot), gate) for slot in range(llm.slots)
        ]
        background = LocalChatModel(server, timeout_s=min(llm.timeout_s, BACKGROUND_TIMEOUT_S), slot=llm.slots)
        return ChatSlots(live), BackgroundChatModel(background, gate)

    def classifier() -> Classifier:
        nlu = settings.nlu
        return TransformerClassifier(classifier_dir(settings), threads=nlu.threads, device=nlu.device)

    with ThreadPoolExecutor(max_workers=4, thread_name_prefix="load") as pool:
        tasks = (
            pool.submit(lambda: load_recognizer(settings, prompts, vocabulary)),
            pool.submit(lambda: SmartTurn()),
            pool.submit(classifier),
            pool.submit(chat),
            pool.submit(lambda: load_synthesizer(settings)),
        )
        chats, background_chat = tasks[3].result()
        return Engines(
            recognizer=tasks[0].result(),
            end_of_turn=tasks[1].result(),
            classifier=tasks[2].result(),
            chats=chats,
            background_chat=background_chat,
            synthesizer=tasks[4].result(),
        )
