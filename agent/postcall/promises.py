"""What the bot promised and the caller heard."""

from collections.abc import Sequence
from dataclasses import replace

from agent.events import Language
from agent.postcall.patterns import patterns
from agent.postcall.utterances import Utterance


def sentences(utterance: Utterance) -> list[str]:
    """The sentences of an utterance, without the marks that end them."""
    pieces = patterns(utterance.language).one("sentence_end").split(utterance.text)
    return [piece.strip() for piece in pieces if piece and piece.strip()]


def promises(said: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """The sentences in which the bot promises something, as utterances of their own, in order and each once."""
    found: dict[str, Utterance] = {}
    for utterance in said:
        if utterance.speaker != "bot":
            continue
        for sentence in whole_sentences(utterance):
            if is_promise(sentence, utterance.language):
                found.setdefault(sentence.rstrip("。.！!"), replace(utterance, text=sentence))
    return tuple(found.values())


def is_promise(sentence: str, language: Language) -> bool:
    """Whether the bot promises something in it."""
    words = patterns(language)
    return words.one("promise").search(sentence) is not None and words.one("not_promise").search(sentence) is None


def whole_sentences(utterance: Utterance) -> list[str]:
    """Sentences with their end marks, because a question mark tells a question from a promise."""
    text, pieces, position = utterance.text, [], 0
    for match in patterns(utterance.language).one("sentence_end").finditer(text):
        pieces.append(text[position : match.end()].strip())
        position = match.end()
    return [piece for piece in (*pieces, text[position:].strip()) if piece]
