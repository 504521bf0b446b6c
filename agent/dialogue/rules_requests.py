"""Rules for what a caller comes with: an errand, a question, a courtesy. Facts come from flows and approved texts
first; the language model is asked after those, and only about passages; then a person.
"""

from agent.dialogue.acts import Write
from agent.dialogue.choosing import errand_by_intent, errand_in_words
from agent.dialogue.cues import asks, gives_number
from agent.dialogue.errand import hand_over, start
from agent.dialogue.moments import Heard
from agent.dialogue.phrases import PhraseName
from agent.dialogue.questions import OF_AN_ERRAND, ask, reopen
from agent.dialogue.rules_talk import SURE
from agent.dialogue.state import Meant
from agent.dialogue.turn import Turn
from agent.dialogue.values import SlotKind, find_all, read_back
from agent.events import Intent, Sentiment
from agent.knowledge.found import SURE as SURE_ANSWER

SURE_OF_ANOTHER = 0.85
"""In the middle of an errand an intent begins another one only from here on: what was meant as an answer to a question
is often taken for some intent or other."""
WORTH_WRITING = 0.15
"""Below this confidence the passages have nothing to do with the question, and the model would be left to invent."""
LIKELY = 0.3
"""From here on a caller is asked whether they meant the question that an approved answer is for."""
MAX_UNANSWERED = 3
UPSET: frozenset[Sentiment] = frozenset({"angry", "negative"})
COURTESIES: dict[Intent, PhraseName] = {"greeting": "greeting_back", "praise": "thanks", "chitchat": "chitchat"}


def errand_asked_for(turn: Turn, heard: Heard) -> Turn | None:
    """In so many words. But what a sure answer answers in general is not looked up for one order, unless one is named:
    取消了以后钱多久能退回来.
    """
    flow = errand_in_words(turn.book, heard)
    if flow is not None and _asks_in_general(turn, flow, heard):
        return None
    return _begin(turn, flow, heard)


def _asks_in_general(turn: Turn, flow: str, heard: Heard) -> bool:
    named = turn.state.identity.tail != ""
    return heard.found.answer is not None and asks(heard.text) and turn.book.flows[flow].identity and not named


def errand_meant(turn: Turn, heard: Heard) -> Turn | None:
    sure = SURE_OF_ANOTHER if _busy(turn) else SURE
    return _begin(turn, errand_by_intent(turn.book, heard, sure), heard)


def _begin(turn: Turn, flow: str | None, heard: Heard) -> Turn | None:
    if flow is None or (_busy(turn) and flow == turn.errand.flow):
        return None
    upset = heard.sentiment in UPSET and heard.sentiment_probability >= SURE
    if upset and not turn.state.apologised:
        turn = turn.set(apologised=True).say("sorry")
    return start(turn, flow, heard)


def knowledge_answer(turn: Turn, heard: Heard) -> Turn | None:
    """An approved answer, word for word. Where it is about an errand, that is offered; where it interrupted one, that
    goes on.
    """
    found = heard.found
    if found.answer is None or found.confidence < SURE_ANSWER:
        return None
    busy = _busy(turn)
    turn = turn.set(unanswered=0).say_text(f"knowledge.{found.entry}", found.answer)
    errand = errand_in_words(turn.book, heard) or errand_by_intent(turn.book, heard, SURE)
    if not busy and errand is not None:
        return ask(turn.set(pending="offer", offered=errand, offered_for=heard, errand=None))
    return _back(turn)


def likely_meant(turn: Turn, heard: Heard) -> Turn | None:
    """Where an answer is likely, but not sure, the caller is asked whether that was their question: no model that is
    left to guess would be surer.
    """
    likely = heard.found.likely
    if likely is None or heard.found.confidence < LIKELY or (_busy(turn) and not asks(heard.text)):
        return None
    meant = Meant(likely.id, likely.text, turn.state.pending)
    turn = turn.set(pending="offer", offered="answer", meant=meant, unanswered=0)
    return turn.say("did_you_mean", question=likely.title.rstrip("？?。."))


def digression(turn: Turn, heard: Heard) -> Turn | None:
    """A question in the middle of an errand that is known for sure is no other errand, whatever it is about."""
    if not _busy(turn):
        return None
    answer = knowledge_answer(turn, heard)
    # Before a yes, a question is about what is to be agreed to.
    doubts = turn.state.pending == "confirmation" and asks(heard.text)
    return likely_meant(turn, heard) if answer is None and doubts else answer


def courtesy(turn: Turn, heard: Heard) -> Turn | None:
    if heard.intent is None or heard.intent_probability < SURE or _busy(turn):
        return None
    phrase = COURTESIES.get(heard.intent)
    return None if phrase is None else _back(turn.say(phrase))


def number_given(turn: Turn, heard: Heard) -> Turn | None:
    """A number that nobody asked for is repeated: it is noted, and will not be asked for."""
    if _busy(turn) or heard.keys or not gives_number(heard.text):
        return None
    given = find_all(heard.text, heard.language, turn.state.today)
    kind: SlotKind | None = next((kind for kind in ("phone", "order_number") if kind in given), None)
    if kind is None:
        return None
    return ask(_back(turn.say("noted", value=read_back(kind, given[kind].value, turn.language))))


def written(turn: Turn, heard: Heard) -> Turn | None:
    """The language model answers a question from the passages that come near it."""
    found = heard.found
    if not found.passages or found.confidence < WORTH_WRITING or (_busy(turn) and not asks(heard.text)):
        return None
    turn, otherwise = turn.say("before"), turn.would_say("unsure")
    turn = turn.do(Write(heard.text, found.passages, turn.state.told, otherwise, turn.language))
    return _back(turn.set(unanswered=0))


def nothing_known(turn: Turn, heard: Heard) -> Turn:
    """Neither understood nor known: it is said, then a person is offered, then one takes over."""
    unanswered = turn.state.unanswered + 1
    if unanswered >= MAX_UNANSWERED:
        return hand_over(turn, "unknown")
    turn = turn.set(unanswered=unanswered, errand=None)
    if unanswered > 1 or asks(heard.text):
        return turn.say("unknown").set(pending="offer", offered="human")
    return _back(turn.say("not_understood"))


def _busy(turn: Turn) -> bool:
    """Whether a question of an errand is open."""
    return turn.state.pending in OF_AN_ERRAND


def _back(turn: Turn) -> Turn:
    """To the open question of the errand; an offer that was not taken up lapses."""
    if _busy(turn):
        return reopen(turn)
    return turn.set(pending="anything_else", offered="", errand=None)
