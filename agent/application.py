"""The hotline put together from its settings: what ``serve`` and ``replay`` have in common."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from time import perf_counter
from typing import get_args

import numpy as np
import soxr
from loguru import logger

from agent.call_store import StoredCalls
from agent.config import Settings
from agent.errors import StorageError
from agent.escalation import Rulebook
from agent.events import Language
from agent.hotline import Hotline
from agent.pipeline.conversation import messages
from agent.pipeline.engines import Engines, load_engines
from agent.postcall.prompts import PostcallPrompts
from agent.prompts import Prompts
from agent.storage import Store, TimelineWriter
from agent.timeline import Reader
from agent.tracing import make_tracer
from models.asr import SAMPLE_RATE_HZ
from models.errors import ModelError
from models.llm import Message

QUIET_CHECK_S = 1.0
"""How often it is looked whether callers have gone."""
TURN_TOKENS = 12
"""Of an answer: one short clause."""


@dataclass(frozen=True)
class Application:
    """Everything that lives as long as the process."""

    settings: Settings
    prompts: Prompts
    engines: Engines
    store: Store
    writer: TimelineWriter
    hotline: Hotline


def load_prompts(settings: Settings) -> Prompts:
    """The texts with the company's name in them."""
    return Prompts(settings.prompts_dir, {"company": {"zh": settings.company, "en": settings.company_en}})


def build(settings: Settings, readers: Sequence[Reader] = ()) -> Application:
    """Load the models and open the store. Raises HotlineError or ModelError; nothing is listening yet.

    A database that cannot be reached is no reason not to answer the telephone: events are spooled until it is back.
    """
    prompts = load_prompts(settings)
    tracer = make_tracer(settings.tracing)
    store = Store(settings.storage_url, settings.storage.data_dir)
    try:
        store.migrate()
    except StorageError as error:
        logger.error("storage is out of order, events are kept in {}: {}", settings.storage.data_dir / "spool", error)
    writer = TimelineWriter(store)
    engines = load_engines(settings, prompts)
    hotline = Hotline(
        settings,
        engines,
        prompts,
        PostcallPrompts(settings.prompts_dir),
        Rulebook.load(),
        StoredCalls(store, writer),
        readers,
        [] if tracer is None else [lambda info: tracer.follow(info.started_at)],
    )
    if settings.models.engines == "dummy":
        # Stand-ins take no time, which need not be measured.
        hotline.calibrate(0.0)
    return Application(settings, prompts, engines, store, writer, hotline)


def warm_up(app: Application) -> None:
    """Use every model once, so that the first caller does not wait for what the second would not; then measure what the
    machine carries.
    """
    engines, prompts, settings = app.engines, app.prompts, app.settings
    silence = np.zeros(SAMPLE_RATE_HZ, np.float32)
    language, greeting = settings.language, prompts.phrase("greeting", settings.language)
    uses: list[Callable[[], object]] = [
        lambda: _warm_chat(app, messages(prompts.system(language), (), "")),
        lambda: _speak_before(app, [greeting, *_busy(app)]),
        lambda: engines.recognizer.transcribe(silence),
        lambda: engines.end_of_turn.probability(silence),
        lambda: engines.classifier.understand(greeting),
    ]
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="warm") as pool:
        for use in [pool.submit(use) for use in uses]:
            try:
                use.result()
            except ModelError as error:
                # A language model elsewhere may come up after us; whoever calls before hears an apology, not nothing.
                logger.warning("not all models are warm: {}", error)
    measure_capacity(app)


def measure_capacity(app: Application) -> None:
    """Time one turn, while nobody is calling: what the machine carries follows from it."""
    try:
        app.hotline.calibrate(_turn_ms(app, app.prompts.phrase("greeting", app.settings.language)))
    except ModelError as error:
        logger.warning("the capacity is not measured: {}", error)


def _turn_ms(app: Application, sentence: str) -> float:
    """What one turn of a call takes with the machine to itself: our own voice is heard, understood and answered."""
    engines, prompts, settings = app.engines, app.prompts, app.settings
    language, speed = settings.language, settings.tts.speed
    speech = engines.synthesizer.synthesize(sentence, language=language, speed=speed)
    audio = soxr.resample(speech.samples, speech.sample_rate_hz, SAMPLE_RATE_HZ)
    begun_s = perf_counter()
    engines.end_of_turn.probability(audio)
    heard = engines.recognizer.transcribe(audio).text
    intent = engines.classifier.understand(heard).intent
    reference = prompts.reference(intent, language, number_known=False)
    asked: list[Message] = [{"role": "user", "content": f"{heard}\n{prompts.reminder(reference, language)}"}]
    with engines.chats.lease() as chat:
        written = "".join(chat.stream([*messages(prompts.system(language), (), ""), *asked], max_tokens=TURN_TOKENS))
    engines.synthesizer.synthesize(written, language=language, speed=speed)
    return (perf_counter() - begun_s) * 1000


def _warm_chat(app: Application, instructions: list[Message]) -> None:
    """The first call's slot; each other reads its instructions while its first caller is greeted."""
    with app.engines.chats.lease() as chat:
        chat.warm(instructions)


def _busy(app: Application) -> list[str]:
    """What is said when nothing may be computed."""
    return [app.prompts.phrase(phrase, app.settings.language) for phrase in ("lines_busy_offer", "lines_busy")]


def _speak_before(app: Application, sentences: Iterable[str]) -> None:
    for sentence in sentences:
        app.engines.synthesizer.synthesize(
            sentence, language=app.settings.language, speed=app.settings.tts.speed, keep=True
        )


def prepare_speech(app: Application, stop: Event) -> None:
    """Speak all fixed sentences into the cache, one by one, while nobody is calling. What was spoken before is on
    disk.
    """
    settings = app.settings
    for language, text in fixed_speech(settings, app.prompts):
        while app.hotline.live_calls:
            if stop.wait(QUIET_CHECK_S):
                return
        if stop.is_set():
            return
        app.engines.synthesizer.synthesize(text, language=language, speed=settings.tts.speed, keep=True)


def fixed_speech(settings: Settings, prompts: Prompts) -> list[tuple[Language, str]]:
    """Every sentence that is the same in all calls, those in the language of the greeting first."""
    minutes = str(settings.routing.callback_due_minutes)
    languages = sorted(get_args(Language), key=lambda one: one != settings.language)
    return [(language, text) for language in languages for text in prompts.fixed_sentences(language, minutes=minutes)]
