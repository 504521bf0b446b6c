"""The gate: nothing enters a summary that was not said."""

import re
from collections.abc import Sequence

import jieba

from agent.events import Fact, Language
from agent.postcall.facts import BROKEN
from agent.postcall.facts_names import find_products
from agent.postcall.facts_numbers import UNCLEAR_PHONE
from agent.postcall.page import open_page
from agent.postcall.patterns import patterns
from agent.postcall.utterances import Utterance
from agent.postcall.written import write

_DIGIT_KINDS = frozenset(
    {
        "order_number",
        "phone",
        UNCLEAR_PHONE,
        "tracking_number",
        "invoice_number",
        "serial_number",
        "account",
        "number_ending",
    }
)

jieba.setLogLevel("ERROR")


def is_traceable(fact: Fact, said: Sequence[Utterance]) -> bool:
    """Whether the fact's quote stands in what was said, and its digits in the quote."""
    parts = fact.quote.split(BROKEN)
    if not all(part and any(part in utterance.text for utterance in said) for part in parts):
        return False
    if fact.kind not in _DIGIT_KINDS:
        return True
    quoted, value = _digits(write(" ".join(parts)).text), _digits(fact.value)
    # A number that was mended has its right digits in the second half of the quote.
    return value in quoted or (len(parts) > 1 and set(value) <= set(quoted))


def is_faithful(sentence: str, source: str, language: Language) -> bool:
    """Whether a sentence says only what its source says: no other number, product or content word."""
    written_source, written_sentence = write(source).text, write(sentence).text
    source_digits = _digits(written_source)
    if any(number not in source_digits for number in re.findall(r"\d+", written_sentence)):
        return False
    if not _products(sentence, language) <= _products(source, language):
        return False
    known = _content_words(source, language)
    allowed = set(patterns(language).words("summary_words").split())
    return all(_is_known(word, source, known, allowed, language) for word in _content_words(sentence, language))


def keeps_numbers(sentence: str, source: str) -> bool:
    """Whether every number of the source is in the sentence: a promise without its time is none."""
    written = _digits(write(sentence).text)
    return all(number in written for number in re.findall(r"\d+", write(source).text))


def _products(text: str, language: Language) -> set[str]:
    page = open_page(Utterance("caller", ((0, 0),), text, language), None)
    find_products(page)
    return {found.value for found in page.found}


def _content_words(text: str, language: Language) -> set[str]:
    if language == "en":
        return {word for word in re.findall(r"[a-z]+", text.lower()) if len(word) > 1}
    return {word for word in jieba.cut(text, HMM=False) if re.fullmatch(r"[\u4e00-\u9fff]{2,}", word)}


def _is_known(word: str, source: str, known: set[str], allowed: set[str], language: Language) -> bool:
    if word in known or word in allowed:
        return True
    if language == "en":
        stems = {_stem(other) for other in known | allowed}
        return _stem(word) in stems
    # 修理洗衣机 may be cut otherwise than in the source; what counts is that its characters were said.
    allowed_characters = set("".join(allowed))
    return all(character in source for character in word) or (
        word not in source
        and all(character in source or character in allowed_characters for character in word)
        and len(word) > 2
    )


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
