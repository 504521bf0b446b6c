"""What a caller wants of the talk itself: a person, the truth about who speaks, a repetition, another language, an end.

Word lists rather than the classifier, because these are promised: who asks for a person gets one, whatever the model
thinks of the sentence. The lists are ``words/wishes.yaml``.
"""

import re

from agent.dialogue.values.words import pattern, plain, table
from agent.events import Language


def asks_for_human(text: str) -> bool:
    """转人工, a real person please. Not 人工费多少, nor whether this is one."""
    return _wants("human", text)


def asks_if_ai(text: str) -> bool:
    """你是真人还是机器人, am I talking to a machine."""
    return _wants("ai", text)


def asks_if_recorded(text: str) -> bool:
    """你们录音吗, is this call recorded."""
    return _wants("recorded", text)


def asks_repeat(text: str) -> bool:
    """再说一遍, sorry, I didn't catch that."""
    return _wants("repeat", text)


def wants_stop(text: str) -> bool:
    """算了, 不弄了, never mind: the errand is given up, the call perhaps not."""
    return _wants("stop", text)


def is_abusive(text: str) -> bool:
    """Insults and threats to whoever listens. A curse at a leaking machine is none."""
    return _wants("abuse", text)


def wants_language(text: str) -> Language | None:
    """The language a caller asks to go on in, or says they have no other. Where both are named, the one named last."""
    said = plain(text)
    if pattern("wishes", "not_language").search(said):
        return None
    asked = {language: _last(pattern("wishes", name), said) for name, language in _LANGUAGES.items()}
    best = max(asked, key=lambda language: asked[language])
    return best if asked[best] > (0, 0) else None


_LANGUAGES: dict[str, Language] = {"chinese": "zh", "english": "en"}


def _last(words: re.Pattern[str], text: str) -> tuple[int, int]:
    """Where the last ask for a language ends, and how long it is: not speaking Chinese is longer than speaking it."""
    return max(((match.end(), len(match[0])) for match in words.finditer(text)), default=(0, 0))


def _wants(wish: str, text: str) -> bool:
    """Whether the words stand anywhere but inside, or beside, those that mean something else."""
    said = plain(text)
    others = (
        [match.span() for match in pattern("wishes", wish, "but_not").finditer(said)]
        if "but_not" in table("wishes", wish)
        else []
    )
    return any(
        not any(match.start() <= end and start <= match.end() for start, end in others)
        for match in pattern("wishes", wish, "words").finditer(said)
    )
