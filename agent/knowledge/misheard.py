"""A question as it may have been meant where a recogniser wrote other words: 鸡分有期限不 is 积分有期限不 to somebody
whose texts speak of 积分. Pure.
"""

import re
from collections.abc import Iterable

import jieba

from models.mending import replaced
from models.vocabulary import SHORTEST, Mending, Vocabulary

_CHINESE = re.compile(r"[\u4e00-\u9fff]+")


class Misheard:
    """Knows the words of some texts by their sound."""

    def __init__(self, texts: Iterable[str]) -> None:
        parts = (part for text in texts for part in _CHINESE.findall(text))
        self._vocabulary = Vocabulary({word for part in parts for word in jieba.cut(part) if len(word) >= SHORTEST})

    def meant(self, question: str) -> str:
        """The question with every piece that only sounds like a word of the texts made that word, longer ones first.

        A guess: it also breaks what was right, so it is asked beside the question, not instead of it.
        """
        taken: list[Mending] = []
        for one in sorted(self._vocabulary.mendings(question), key=lambda one: one.start - one.end):
            if not any(one.start < other.end and other.start < one.end for other in taken):
                taken.append(one)
        for one in sorted(taken, key=lambda one: -one.start):
            question = replaced(question, one)
        return question
