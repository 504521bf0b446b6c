"""Which of the caller's sentences say why they rang."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.events import Event, Intent, Language, NluResult
from agent.postcall.facts_names import find_products
from agent.postcall.page import open_page
from agent.postcall.patterns import patterns
from agent.postcall.promises import sentences
from agent.postcall.utterances import Utterance
from agent.postcall.written import write

_PLEASANTRIES = frozenset({"greeting", "goodbye", "chitchat"})
_SOURCE_CHARACTERS = {"zh": 150, "en": 400}
"""How much the model gets to read: reading costs time too."""
_NUMBER_DIGITS = 6
"""A sentence with so many digits gives a number; it does not say what for."""
_LETTERS = 4


@dataclass(frozen=True)
class Need:
    """Why the caller rang.

    telling: the sentence that says most, as it was said. material: all such sentences, in order, for the language
    model: misheard products under their right names, and nothing that sounds like an order to a model.
    """

    telling: str
    material: str


@dataclass(frozen=True)
class _Candidate:
    weight: float
    order: int
    turn: int
    text: str


def find_need(events: Sequence[Event], said: Sequence[Utterance], intent: Intent, language: Language) -> Need:
    """The need of a call; both fields are empty where the caller said nothing of substance."""
    candidates = _candidates(events, said, intent)
    if not candidates:
        return Need("", "")
    ranked = sorted(candidates, key=lambda c: (-c.weight, c.turn, -len(c.text)))
    chosen: list[_Candidate] = []
    room = _SOURCE_CHARACTERS[language]
    for candidate in ranked:
        if len(candidate.text) <= room and not _commands_a_model(candidate.text):
            chosen.append(candidate)
            room -= len(candidate.text)
    chosen.sort(key=lambda c: c.order)
    mark = "。" if language == "zh" else ". "
    return Need(ranked[0].text, mark.join(_mend_products(c.text, language) for c in chosen))


def says_something(sentence: str, language: Language) -> bool:
    """Whether a sentence is more than a greeting, a thank-you or a noise."""
    letters = sum(character.isalpha() for character in sentence)
    return letters >= _LETTERS and patterns(language).one("filler_sentence").search(sentence) is None


def _candidates(events: Sequence[Event], said: Sequence[Utterance], intent: Intent) -> list[_Candidate]:
    results = {event.body.turn: event.body for event in events if isinstance(event.body, NluResult)}
    found: list[_Candidate] = []
    for utterance in said:
        result = results.get(utterance.turn)
        if utterance.speaker != "caller" or (result and result.intent in _PLEASANTRIES and intent != "other"):
            continue
        weight = result.intent_probability + (result.intent == intent) if result else 0.0
        for sentence in sentences(utterance):
            told = patterns(utterance.language).one("lead_in").sub("", sentence).strip()
            if says_something(told, utterance.language):
                found.append(_Candidate(weight, len(found), utterance.turn, told))
    return [c for c in found if not _gives_a_number(c.text)] or found


def _gives_a_number(sentence: str) -> bool:
    return sum(character.isdigit() for character in write(sentence).text) >= _NUMBER_DIGITS


def _commands_a_model(sentence: str) -> bool:
    return any(patterns(language).one("instructions").search(sentence) for language in ("zh", "en"))


def _mend_products(sentence: str, language: Language) -> str:
    """空潮 becomes 空调: what was misheard would otherwise be copied."""
    page = open_page(Utterance("caller", ((0, 0),), sentence, language), None)
    find_products(page)
    known = {alias for aliases in patterns("zh").words("products").values() for alias in aliases}
    known -= set(patterns("zh").words("products_misheard"))
    for found in sorted(page.found, key=lambda found: -found.start):
        start, end = page.written.origin(found.start, found.end)
        if language == "zh" and sentence[start:end] not in known and not sentence[start:end].isascii():
            sentence = sentence[:start] + found.value + sentence[end:]
    return sentence
