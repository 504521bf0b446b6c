"""The hotline put together from its settings: what ``serve`` and ``replay`` have in common."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from time import monotonic, perf_counter

import numpy as np
import soxr
from loguru import logger

from agent.attendant import Search
from agent.call_store import StoredCalls
from agent.company.check import seats_outside
from agent.company.company import Companies, Company, load_companies
from agent.config import Settings
from agent.dialling import Trunk, open_trunk
from agent.errors import CompanyError, StorageError
from agent.escalation import Rulebook
from agent.events import Language
from agent.fixed_speech import fixed_speech
from agent.front_desk import FrontDesk
from agent.hotline import Hotline
from agent.knowledge.search import Knowledge
from agent.model_settings import model_settings
from agent.notices import AlertDesk, NoticeOffice, open_books
from agent.pipeline.conversation import messages
from agent.pipeline.engines import Engines, load_engines
from agent.pipeline.writing import load_writing_prompts
from agent.postcall.prompts import PostcallPrompts
from agent.prompts import Prompts
from agent.reception import Desks, Reception, Receptions, live_desks
from agent.routing.lines import parse_number
from agent.storage import Store, TimelineWriter
from agent.switchboard import Outdoors, Switchboard, load_words
from agent.switchboard.voice import speaker
from agent.timeline import Reader
from agent.tracing import make_tracer
from models.asr import SAMPLE_RATE_HZ
from models.catalog import require
from models.encoder import SentenceEncoder
from models.errors import ModelError
from models.llm import Message
from models.tts import Speech

ENCODER = "multilingual-e5-small"
"""What questions are compared by."""
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
    alert_desk: AlertDesk
    receptions: Receptions | None = None
    switchboard: Switchboard | None = None
    front_desk: FrontDesk | None = None
    trunk: Trunk | None = None


def load_prompts(settings: Settings) -> Prompts:
    """The texts with the company's name in them."""
    return Prompts(settings.prompts_dir, {"company": {"zh": settings.company, "en": settings.company_en}})


def build(
    settings: Settings,
    readers: Sequence[Reader] = (),
    *,
    desks: Callable[[Company], Desks] = live_desks,
    seats_now_ms: Callable[[], int] | None = None,
) -> Application:
    """Load the models and open the store. Raises HotlineError or ModelError; nothing is listening yet.

    ``desks``: how the companies' back ends are asked. ``seats_now_ms``: the wall clock that the first company's seats
    and queues go by, in ms since the epoch; None where nobody sits there, as in a replay: calls come
    straight to the bot then.

    A database that cannot be reached is no reason not to answer the telephone: events are spooled until it is back.
    """
    companies = load_companies(settings.companies) if settings.companies else None
    settings = named_after(settings, companies)
    prompts = load_prompts(settings)
    tracer = make_tracer(settings.tracing)
    books = open_books(companies)
    office = NoticeOffice(books)
    store = Store(settings.storage_url, settings.storage.data_dir, office)
    alert_desk = AlertDesk(store, books, office)
    try:
        store.migrate()
    except StorageError as error:
        logger.error("storage is out of order, events are kept in {}: {}", settings.storage.data_dir / "spool", error)
    writer = TimelineWriter(store)
    vocabulary = {word for company in companies or () for word in company.vocabulary} or set(prompts.vocabulary)
    engines = load_engines(settings, prompts, sorted(vocabulary))
    receptions = None if companies is None else open_receptions(companies, settings, desks)
    trunk = None if seats_now_ms is None else open_trunk(settings.dialling, monotonic)
    switchboard = None
    if companies is not None and seats_now_ms is not None:
        switchboard = open_switchboard(companies.all[0], store, seats_now_ms)
        open_outdoors(companies.all[0], switchboard, trunk, settings, engines)
    front_desk = None
    if companies is not None and seats_now_ms is not None:
        front_desk = FrontDesk(companies, store, switchboard, kept=alert_desk.kept)
    hotline = Hotline(
        settings,
        engines,
        prompts,
        PostcallPrompts(settings.prompts_dir),
        Rulebook.load(),
        StoredCalls(store, writer),
        readers,
        [alert_desk.follow, *([] if tracer is None else [lambda info: tracer.follow(info.started_at)])],
        receptions,
        load_writing_prompts(settings.prompts_dir),
        switchboard,
        front_desk,
    )
    if settings.models.engines == "dummy":
        # Stand-ins take no time, which need not be measured.
        hotline.calibrate(0.0)
    return Application(
        settings, prompts, engines, store, writer, hotline, alert_desk, receptions, switchboard, front_desk, trunk
    )


def open_switchboard(company: Company, store: Store, now_ms: Callable[[], int]) -> Switchboard | None:
    """The company's seats and queues; None for one that has none."""
    if company.floor is None or company.queue_words is None:
        return None

    def label(cause: str, language: Language) -> str:
        return company.risk.by_name(cause).label(language)

    return Switchboard(
        company.floor,
        company.queue_words,
        load_words(),
        store.floor_journal(),
        label=label,
        now_ms=now_ms,
        hours=company.profile.hours,
    )


def open_outdoors(
    company: Company, board: Switchboard | None, trunk: Trunk | None, settings: Settings, engines: Engines
) -> None:
    """The switchboard may ring telephones. Raises CompanyError where a seat needs that and nobody can."""
    if trunk is None:
        missing = seats_outside(company)
        if missing:
            raise CompanyError("\n".join(map(str, missing)))
        return
    if board is None:
        return
    profile = company.profile

    def synthesize(text: str) -> Speech:
        voices = profile.voices
        return engines.synthesizer.synthesize(text, language="zh", voice=voices.zh, speed=voices.speed)

    own = {parse_number(number).digits for number in profile.numbers}
    own |= company.numbers.all if company.numbers is not None else set()
    board.outdoors = Outdoors(board, trunk, speaker(synthesize), is_open=profile.hours.is_open, own=frozenset(own))


def named_after(settings: Settings, companies: Companies | None) -> Settings:
    """With the first company's names and language, where one is served."""
    if companies is None:
        return settings
    profile = companies.all[0].profile
    return settings.model_copy(
        update={"company": profile.name.zh, "company_en": profile.name.en, "language": profile.languages[0]}
    )


def open_receptions(companies: Companies, settings: Settings, desks: Callable[[Company], Desks]) -> Receptions:
    """All companies, ready to take calls. Raises CompanyError or ModelError."""
    return Receptions(
        companies,
        {
            company.id: Reception(company, company.playbook(), desks(company), open_search(company, settings))
            for company in companies
        },
    )


def open_search(company: Company, settings: Settings) -> Search | None:
    """The search in what a company has written down; None where that is nothing. Raises CompanyError or ModelError."""
    if company.knowledge_dir is None or settings.models.engines == "dummy":
        return None
    return open_knowledge(company, settings).search


def open_knowledge(company: Company, settings: Settings) -> Knowledge:
    """What a company has written down, indexed anew where it has changed. Raises CompanyError or ModelError."""
    if company.knowledge_dir is None:
        raise CompanyError(f"{company.folder} has no folder knowledge; put zh/faq.yaml or zh/*.md there, and en")
    encoder = SentenceEncoder(require(ENCODER, model_settings(settings)), threads=settings.nlu.threads)
    return Knowledge.open(company.knowledge_dir, settings.models.dir.parent / "knowledge", encoder.encode, ENCODER)


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
    companies = [reception.company for reception in app.receptions or ()]
    for text, language, voice, speed in fixed_speech(app.settings, app.prompts, companies):
        while app.hotline.live_calls:
            if stop.wait(QUIET_CHECK_S):
                return
        if stop.is_set():
            return
        app.engines.synthesizer.synthesize(text, language=language, voice=voice, speed=speed, keep=True)
