"""The language model's words as they come, cut where a voice may begin to speak, and kept to what is known. Pure."""

import re
from itertools import pairwise

from agent.events import Language
from agent.sentences import SENTENCE_END

_CLAUSE_END = re.compile(r"[，,]")
FIRST_CLAUSE_CHARACTERS = 6
"""The first clause may end at a comma, so that the voice begins early, but not after a mere 您好."""
MIN_AGREEMENT = 0.25
"""On the 1.5B model's answers to the recorded calls, paraphrases lie above it (师傅会尽快联系您 for
师傅会打电话跟您约上门时间), what it makes up below (我们会尽快为您处理, which nobody has decided)."""
_NOT_SPOKEN = re.compile(r"[*#`_~|<>\[\]{}]+|https?://[!-~]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class ClauseSplitter:
    """Feed pieces of text, take whole clauses."""

    def __init__(self) -> None:
        self._text = ""
        self._first = True

    def feed(self, piece: str) -> list[str]:
        """The clauses that this piece completes."""
        self._text += piece
        clauses = []
        while (end := self._next_end()) is not None:
            clause, self._text = self._text[:end], self._text[end:]
            if clause.strip():
                clauses.append(clause.strip())
                self._first = False
        return clauses

    def rest(self) -> list[str]:
        """What is left when the model has finished."""
        rest, self._text = self._text.strip(), ""
        return [rest] if rest else []

    def _next_end(self) -> int | None:
        sentence = SENTENCE_END.search(self._text)
        if self._first:
            for clause in _CLAUSE_END.finditer(self._text):
                if clause.end() > FIRST_CLAUSE_CHARACTERS and (sentence is None or clause.end() < sentence.end()):
                    return clause.end()
        # A full stop at the very end may be the point of a number that goes on.
        if sentence is None or (sentence.end() == len(self._text) and sentence[0] == "."):
            return None
        return sentence.end()


LONG_SENTENCE_CHARACTERS = {"zh": 26, "en": 80}
"""A sentence of which the voice needs more than a second and a half before it can begin."""


def spoken_pieces(text: str, language: Language) -> list[str]:
    """A text that is ready, cut where the voice may begin anew: at the ends of sentences, and where the first is long,
    at its first comma. The same text is always cut alike, so its pieces can be spoken beforehand.
    """
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    first = ends[0] if ends else len(text)
    if first > LONG_SENTENCE_CHARACTERS[language]:
        comma = next((m.end() for m in _CLAUSE_END.finditer(text, 0, first) if m.end() > FIRST_CLAUSE_CHARACTERS), None)
        ends = [comma, *ends] if comma is not None else ends
    pieces = (text[start:end].strip() for start, end in pairwise([0, *ends, len(text)]))
    return [piece for piece in pieces if piece]


def speakable(clause: str) -> str:
    """Without markup, links and the like, which a voice cannot say."""
    return _NOT_SPOKEN.sub("", clause).strip()


def agrees(clause: str, reference: str, language: Language) -> bool:
    """Whether the clause says something of what is to be answered: enough of its pairs of characters (in English, of
    its longer words) stand in the reference. A model that strays is not spoken.
    """
    parts = _parts(clause, language)
    return bool(parts) and len(parts & _parts(reference, language)) >= MIN_AGREEMENT * len(parts)


def _parts(text: str, language: Language) -> set[str]:
    bare = re.sub(r"[\W_]+", " ", text.lower())
    if language == "en":
        return {word[:5] for word in bare.split() if len(word) > 3}
    joined = bare.replace(" ", "")
    return {joined[at : at + 2] for at in range(len(joined) - 1)}


def is_grounded(clause: str, known: str) -> bool:
    """Whether every number of two digits or more in the clause stands in what is known: a model may phrase, not make up
    facts.
    """
    known_digits = re.sub(r"\D", "", known)
    return all(
        re.sub(r"\D", "", number) in known_digits
        for number in _NUMBER.findall(clause)
        if len(re.sub(r"\D", "", number)) > 1
    )
