"""Every sentence that is the same in all calls, to be spoken into the cache beforehand: nobody waits for its voice."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, get_args

from pydantic import BaseModel

from agent.company.company import Company
from agent.config import Settings
from agent.dialogue.flow import Flow
from agent.events import Language
from agent.knowledge.documents import read_knowledge
from agent.pipeline.clauses import spoken_pieces
from agent.prompts import Phrase, Prompts
from agent.routing.menu import build_menu
from agent.yaml_file import Bilingual

COMMON: tuple[Phrase, ...] = ("trouble", "lines_busy_offer", "lines_busy", "callback_noted")
"""What is said by the house itself, in whoever's name."""


class Sentence(NamedTuple):
    """``voice``: of the synthesizer; None for its own."""

    text: str
    language: Language
    voice: str | None
    speed: float


def fixed_speech(
    settings: Settings, prompts: Prompts, companies: Iterable[Company] = (), *, quick: bool = False
) -> list[Sentence]:
    """Those in the language of the greeting first, and what is said most first.

    Args:
        quick: no more than most calls need: the language of the greeting, and no approved answers.
    """
    served = tuple(companies)
    languages = sorted(get_args(Language), key=lambda one: one != settings.language)
    found: list[Sentence] = []
    for language in languages[:1] if quick else languages:
        for company in served:
            found += _of_company(company, language, answers=not quick)
        found += _common(settings, prompts, language, of_companies=bool(served))
    return list(dict.fromkeys(found))


def _common(settings: Settings, prompts: Prompts, language: Language, *, of_companies: bool) -> Iterator[Sentence]:
    """What belongs to no company: all sentences where none is set up, else those for when nothing else can be done."""
    minutes = str(settings.routing.callback_due_minutes)
    if of_companies:
        texts = [prompts.phrase(name, language, minutes=minutes) for name in COMMON]
    else:
        texts = prompts.fixed_sentences(language, minutes=minutes)
    yield from (Sentence(text, language, None, settings.tts.speed) for text in texts)


def _of_company(company: Company, language: Language, *, answers: bool) -> Iterator[Sentence]:
    if language not in company.profile.languages:
        return
    voices = company.profile.voices
    voice = voices.zh if language == "zh" else voices.en
    for text in (*_texts(company, language), *(_answers(company, language) if answers else ())):
        for piece in spoken_pieces(text, language):
            yield Sentence(piece, language, voice, voices.speed)


def _texts(company: Company, language: Language) -> Iterator[str]:
    book = company.playbook()
    conduct = book.conduct
    yield conduct.greeting.of(language)
    yield from book.phrases[language].fixed(
        company=conduct.company.of(language),
        bot=conduct.bot.of(language),
        minutes=str(conduct.callback_minutes),
        within=conduct.callback_within.of(language),
    )
    texts = [tool.before for tool in book.tools.tools.values()]
    for flow in book.flows.values():
        texts += _of_flow(flow)
    yield from (text.of(language) for text in texts if text is not None and "{" not in text.of(language))
    yield from around_the_talk(company, language)


def around_the_talk(company: Company, language: Language) -> Iterator[str]:
    """What is said before the bot, in the queue, and after all: the menus, the filter, the queues, the survey."""
    if company.menus is not None:
        for name in company.menus.menus:
            yield from build_menu(company.menus, name).sentences(language)
    said: list[Bilingual | None] = []
    if company.spam is not None:
        said += company.spam.sentences.values()
    if company.floor is not None:
        said += [skill.greeting for skill in company.floor.skills.values()]
    if company.queue_words is not None:
        said += _texts_in(company.queue_words)
    if company.survey is not None:
        said += _texts_in(company.survey.sentences)
    for text in said:
        if text is not None:
            spoken = text.of(language).replace("{company}", company.profile.name.of(language))
            if "{" not in spoken:
                yield spoken


def _texts_in(words: BaseModel) -> Iterator[Bilingual]:
    """All sentences of a file, however deep."""
    for name in type(words).model_fields:
        value = getattr(words, name)
        if isinstance(value, Bilingual):
            yield value
        elif isinstance(value, BaseModel):
            yield from _texts_in(value)


def _answers(company: Company, language: Language) -> Iterator[str]:
    if company.knowledge_dir is not None:
        entries = read_knowledge(company.knowledge_dir)
        yield from (entry.text for entry in entries if entry.approved and entry.language == language)


def _of_flow(flow: Flow) -> Sequence[Bilingual | None]:
    slots = [text for slot in flow.slots.values() for text in (slot.ask, slot.ask_again, slot.another_way)]
    outcomes = [outcome.say for step in flow.steps for outcome in step.outcomes]
    return [*slots, *(text for step in flow.steps for text in (step.say, step.confirm)), *outcomes]
