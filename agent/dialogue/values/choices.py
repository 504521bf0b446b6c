"""One of several: by its words, by its place (第二个, the first one), by its key, or by its sound if misheard."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from agent.dialogue.values.figures import Figures, figures
from agent.dialogue.values.picking import Candidate, pick
from agent.dialogue.values.reading import Reading
from agent.dialogue.values.words import pattern, table
from agent.events import Language
from models.vocabulary import SHORTEST, Vocabulary

Named = tuple[tuple[str, tuple[str, ...]], ...]


def read_choice(written: Figures, choices: Mapping[str, Sequence[str]]) -> Reading | None:
    """The name of the choice. Doubtful: by its sound, either of two, and "whichever", which is the first."""
    named: Named = tuple((name, (name, *words)) for name, words in choices.items())
    refused = pattern("answers", "not_this")
    by_words = find_named(written, named)
    reading = pick(written, by_words, refused) or pick(written, _by_position(written, tuple(choices)), refused)
    if reading is not None or by_words:
        return reading
    reading = pick(written, _by_sound(written, named), refused)
    whatever = pattern("answers", "whatever").search(written.text)
    if reading is None and whatever is not None and choices:
        return Reading(next(iter(choices)), written.said(*whatever.span()), doubtful=True)
    return reading


def read_keyed_choice(keys: str, choices: Mapping[str, Sequence[str]]) -> Reading | None:
    """The first by 1, the second by 2."""
    if not re.fullmatch(r"\d{1,2}", keys) or not 1 <= int(keys) <= len(choices):
        return None
    return Reading(list(choices)[int(keys) - 1], keys)


def read_product(written: Figures, language: Language, choices: Mapping[str, Sequence[str]]) -> Reading | None:
    """One of the company's products, or without ``choices`` what kind of appliance, in the language's own word."""
    if choices:
        return read_choice(written, choices)
    named: Named = tuple(
        (words[language][0], (*words["zh"], *words["en"])) for words in table("places", "products").values()
    )
    return pick(written, find_named(written, named)) or pick(written, _by_sound(written, named))


def find_named(written: Figures, named: Named) -> list[Candidate]:
    """Every place where one of the words stands; of two at the same place the longer."""
    expression, names = _expression(named)
    found = []
    for match in expression.finditer(written.text):
        word = match[0].lower()
        name = names.get(word) or names.get(word.removesuffix("s"))
        if name is not None:
            found.append(Candidate(match.start(), match.end(), name))
    return found


@lru_cache(maxsize=64)
def _expression(named: Named) -> tuple[re.Pattern[str], dict[str, str]]:
    """All words in one expression, and whose each is. In figures, as the text is; plural or not."""
    names: dict[str, str] = {}
    for name, words in named:
        for word in words:
            names.setdefault(figures(word.strip().lower()).text.removesuffix("s"), name)
    names.pop("", None)
    expression = "|".join(
        rf"(?<![a-z]){re.escape(word)}s?(?![a-z])" if word.isascii() else re.escape(word)
        for word in sorted(names, key=len, reverse=True)
    )
    return re.compile(expression or r"(?!)", re.IGNORECASE), names


def _by_position(written: Figures, names: tuple[str, ...]) -> list[Candidate]:
    found = []
    for place in table("answers", "positions"):
        i = int(place) - 1 if int(place) > 0 else len(names) - 1
        for match in pattern("answers", "positions", place).finditer(written.text):
            if 0 <= i < len(names):
                found.append(Candidate(match.start(), match.end(), names[i]))
    return found


def _by_sound(written: Figures, named: Named) -> list[Candidate]:
    vocabulary, names = _vocabulary(named)
    return [Candidate(one.start, one.end, names[one.word], True) for one in vocabulary.mendings(written.text)]


@lru_cache(maxsize=64)
def _vocabulary(named: Named) -> tuple[Vocabulary, dict[str, str]]:
    names = {
        word: name
        for name, words in named
        for word in words
        if len(word) >= SHORTEST and all("\u4e00" <= character <= "\u9fff" for character in word)
    }
    return Vocabulary(names), names
