"""Rules about the talk itself: what a caller may say at any point, whatever was asked. They come before all others.

A rule gives the answer to what was heard, or None where it is not its matter.
"""

from agent.dialogue.acts import HangUp
from agent.dialogue.choosing import errand_in_words
from agent.dialogue.cues import asks, asks_to_wait
from agent.dialogue.errand import finish, hand_over, start
from agent.dialogue.moments import Heard
from agent.dialogue.questions import OF_AN_ERRAND, ask, ask_afresh
from agent.dialogue.turn import Turn
from agent.dialogue.values import (
    asks_for_human,
    asks_if_ai,
    asks_if_recorded,
    asks_repeat,
    is_abusive,
    says_no,
    says_yes,
    wants_language,
    wants_stop,
)

SURE = 0.5
"""Below this probability an intent does not end a call, move it or begin anything."""
HUMAN_KEY = "0"


def human_asked_for(turn: Turn, heard: Heard) -> Turn | None:
    """Who asks for a person in so many words gets one at once; who seems to, at the second time."""
    if asks_for_human(heard.text) or (heard.keys and heard.text == HUMAN_KEY):
        return hand_over(turn, "asked")
    if heard.intent != "human_agent" or heard.intent_probability < SURE:
        return None
    if heard.found.answer is not None and asks(heard.text):
        # 人工客服几点到几点 asks about people, not for one.
        return None
    if turn.state.human_hinted:
        return hand_over(turn, "asked")
    return ask(turn.set(human_hinted=True, pending="offer", offered="human"))


def language_asked_for(turn: Turn, heard: Heard) -> Turn | None:
    wanted = wants_language(heard.text)
    if wanted is None or wanted == turn.state.language:
        return None
    return ask_afresh(turn.set(language=wanted).say("language_switched"))


def abuse(turn: Turn, heard: Heard) -> Turn | None:
    """One calm warning; then the call ends or goes to a person, as the company has it."""
    if not is_abusive(heard.text):
        return None
    if not turn.state.warned:
        return ask_afresh(turn.set(warned=True).say("warning"))
    if turn.book.conduct.after_warning == "transfer":
        return hand_over(turn, "abuse")
    return turn.say("abuse_goodbye").set(over="goodbye").do(HangUp("abuse"))


def bot_asked_about(turn: Turn, heard: Heard) -> Turn | None:
    """That it is an AI and that the call is recorded is said whenever somebody asks."""
    if asks_if_ai(heard.text):
        return ask_afresh(turn.say("is_ai"))
    if asks_if_recorded(heard.text):
        return ask_afresh(turn.say("is_recorded"))
    return None


def repeat_asked_for(turn: Turn, heard: Heard) -> Turn | None:
    if not asks_repeat(heard.text):
        return None
    space = "" if turn.language == "zh" else " "
    sentence = space.join(spoken.plain for spoken in turn.state.said)
    return turn.say("repeat", sentence=sentence) if sentence else turn.say("go_on")


def tool_is_running(turn: Turn, heard: Heard) -> Turn | None:
    """While the back end is asked the caller is kept company; what is being changed can no longer be stopped."""
    return None if turn.state.waiting is None else turn.say("one_moment")


def patience_asked_for(turn: Turn, heard: Heard) -> Turn | None:
    """Nobody is hurried who is looking for their order number."""
    if turn.state.pending not in OF_AN_ERRAND or heard.keys or not asks_to_wait(heard.text):
        return None
    return None if says_yes(heard.text) or says_no(heard.text) else turn.say("take_your_time")


def errand_dropped(turn: Turn, heard: Heard) -> Turn | None:
    """The caller would rather not: nothing is done. Where they want something else instead, that is begun."""
    if turn.state.errand is None or turn.state.pending not in OF_AN_ERRAND or not wants_stop(heard.text):
        return None
    instead = errand_in_words(turn.book, heard)
    if instead is not None and instead != turn.errand.flow:
        return start(turn.set(errand=None), instead, heard)
    return finish(turn.say("stopped"))


def goodbye(turn: Turn, heard: Heard) -> Turn | None:
    if heard.intent != "goodbye" or heard.intent_probability < SURE:
        return None
    return say_goodbye(turn)


def say_goodbye(turn: Turn) -> Turn:
    return turn.say("goodbye").set(over="goodbye").do(HangUp("said goodbye"))
