"""What the bot does next: a pure function from the state of the dialogue and what happened to acts and the next state.

    state, acts = decide(playbook, state, moment)

The policy is the list `RULES`. A rule is a function with a name; it looks at what was heard and gives an answer, or
None where that is not its matter. The first that answers is the policy's decision. To know what the bot does with some
words, read the list from the top.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal

from agent.dialogue.acts import Act, HandOverReason, HangUp, Transfer
from agent.dialogue.choosing import errand_in_words
from agent.dialogue.cues import plainly_in
from agent.dialogue.errand import hand_over, note_callback, start
from agent.dialogue.identity import noticed, with_phone
from agent.dialogue.moments import (
    Began,
    Chosen,
    Garbled,
    Heard,
    Interrupted,
    Known,
    Moment,
    Returned,
    Routed,
    Silence,
    Tone,
    Wrote,
)
from agent.dialogue.outcomes import on_returned
from agent.dialogue.phrases import PhraseName
from agent.dialogue.playbook import Playbook
from agent.dialogue.questions import OF_AN_ERRAND
from agent.dialogue.rules_answers import (
    another_order_named,
    anything_else_answered,
    confirmation_answered,
    correction,
    identity_answered,
    is_spelling,
    not_heard,
    offer_answered,
    question_failed,
    slot_answered,
)
from agent.dialogue.rules_requests import (
    courtesy,
    digression,
    errand_asked_for,
    errand_meant,
    knowledge_answer,
    likely_meant,
    nothing_known,
    number_given,
    written,
)
from agent.dialogue.rules_talk import (
    abuse,
    bot_asked_about,
    errand_dropped,
    goodbye,
    human_asked_for,
    language_asked_for,
    patience_asked_for,
    repeat_asked_for,
    tool_is_running,
)
from agent.dialogue.state import Spoken, State
from agent.dialogue.turn import Turn, begin
from agent.dialogue.values import find_all

Rule = Callable[[Turn, Heard], Turn | None]

RULES: tuple[Rule, ...] = (
    # The talk itself, at any point. An emergency comes even before these: it is given as `Routed`.
    human_asked_for,
    language_asked_for,
    abuse,
    bot_asked_about,
    repeat_asked_for,
    tool_is_running,
    # The answer to an open question.
    errand_dropped,
    another_order_named,
    confirmation_answered,
    identity_answered,
    correction,
    slot_answered,
    offer_answered,
    goodbye,
    anything_else_answered,
    # Something new: an errand, or a question. In the middle of an errand it is a digression.
    digression,
    errand_asked_for,
    knowledge_answer,
    errand_meant,
    patience_asked_for,
    number_given,
    courtesy,
    likely_meant,
    written,
    # Nothing of all that.
    question_failed,
    nothing_known,
)

MAX_PARDONS = 2
"""Asking a third time for words that cannot be made out helps nobody: from then on the rules of silence apply."""
MAX_TROUBLES = 2
"""So often the bot may fail by its own fault before a person takes over."""

ANNOUNCED: dict[Tone, tuple[PhraseName, PhraseName]] = {
    "asked": ("human_transfer", "human_callback"),
    "alert": ("alert_transfer", "alert_callback"),
    "danger": ("danger_transfer", "danger_callback"),
    "care": ("care_transfer", "care_callback"),
}
"""What is said where a person is reachable, and where somebody will call back."""


def decide(book: Playbook, state: State, moment: Moment) -> tuple[State, tuple[Act, ...]]:
    """What is done about a moment. Never raises, whatever the order of moments."""
    if _is_ignored(state, moment):
        return state, ()
    match moment:
        case Began():
            turn = _on_began(book, moment)
        case Chosen():
            turn = _on_chosen(begin(book, state), moment)
        case Known():
            turn = Turn(book, _recognised(state, moment))
        case Heard():
            turn = _on_heard(book, state, moment)
        case Returned():
            turn = on_returned(begin(book, state, goes_on=True), moment)
        case Silence():
            turn = _on_silence(begin(book, state), moment)
        case Garbled():
            turn = _on_garbled(begin(book, state), moment)
        case Routed():
            turn = _on_routed(begin(book, state), moment)
        case Wrote():
            turn = Turn(book, replace(state, saying=(Spoken(moment.text, moment.text), *state.saying)))
        case Interrupted():
            # A goodbye that is spoken over is none: the caller goes on, and so does the call.
            over = "" if state.over == "goodbye" else state.over
            turn = Turn(book, replace(state, unheard=_is_cut(state, moment), over=over))
    return turn.state, turn.acts


def replay(book: Playbook, moments: Iterable[Moment]) -> tuple[State, tuple[Act, ...]]:
    """The acts of a whole call, in order, and how it stands at the end."""
    state, acts = State(), list[Act]()
    for moment in moments:
        state, more = decide(book, state, moment)
        acts += more
    return state, tuple(acts)


def _on_began(book: Playbook, began: Began) -> Turn:
    conduct = book.conduct
    state = State(
        call_id=began.call_id,
        today=began.today,
        language=began.language,
        caller_number=began.caller_number,
        people=began.people,
    )
    turn = Turn(book, _recognised(state, Known(began.customer)))
    if began.greeted:
        return turn.say("says_ai") if conduct.says_ai_at_start else turn
    names = {"{company}": conduct.company.of(began.language), "{bot}": conduct.bot.of(began.language)}
    greeting = conduct.greeting.of(began.language)
    for placeholder, name in names.items():
        greeting = greeting.replace(placeholder, name)
    turn = turn.say_text("greeting", greeting)
    if conduct.says_recorded_at_start:
        turn = turn.say("says_recorded")
    if conduct.says_ai_at_start:
        turn = turn.say("says_ai")
    return turn.say("how_can_i_help")


def _on_chosen(turn: Turn, chosen: Chosen) -> Turn:
    """Words may name an errand closer than the menu can."""
    heard, flow = chosen.heard, chosen.flow
    if chosen.person:
        return hand_over(turn, "asked")
    if heard is not None:
        turn = _notice(_follow_language(turn, heard), heard)
        flow = errand_in_words(turn.book, heard) or flow
    return start(turn, flow, heard) if flow in turn.book.flows else turn.say("how_can_i_help")


def _recognised(state: State, known: Known) -> State:
    """A caller whose number the back end knows need not give it."""
    if not known.customer or state.identity.phone:
        return replace(state, customer=known.customer or state.customer)
    return replace(state, customer=known.customer, identity=with_phone(state.identity, state.caller_number))


def _on_heard(book: Playbook, state: State, heard: Heard) -> Turn:
    if not heard.text.strip():
        return _on_garbled(begin(book, state), Garbled(1))
    turn = _notice(_follow_language(begin(book, state), heard), heard)
    answers = (rule(turn, heard) for rule in RULES)
    return next(answer for answer in answers if answer is not None)


def _follow_language(turn: Turn, heard: Heard) -> Turn:
    """The caller's first words decide the language; later, only words that are plainly in the other one."""
    turns = turn.state.turns + 1
    if heard.keys or is_spelling(turn):
        return turn
    spoken = plainly_in(heard.text) or (heard.language if turns == 1 else turn.language)
    return turn.set(turns=turns, language=spoken)


def _notice(turn: Turn, heard: Heard) -> Turn:
    """What is volunteered is remembered, so that it is never asked for. An order or a phone that is named while neither
    is asked for is the one that the next errand is about.
    """
    if heard.keys:
        return turn
    readings = find_all(heard.text, heard.language, turn.state.today)
    volunteered = {**turn.state.volunteered, **{kind: reading.value for kind, reading in readings.items()}}
    turn = turn.set(volunteered=volunteered)
    if turn.state.pending in OF_AN_ERRAND:
        return turn
    if turn.state.identity.proven:
        readings = {kind: reading for kind, reading in readings.items() if kind != "phone"}
    return turn.set(identity=noticed(turn.state.identity, readings))


def _on_silence(turn: Turn, silence: Silence) -> Turn:
    if turn.state.waiting is not None:
        return turn.say("one_moment")
    if silence.count <= turn.book.conduct.silence_prompts:
        return turn.say("still_there")
    return turn.say("silence_goodbye").set(over="goodbye").do(HangUp("silence"))


def _on_garbled(turn: Turn, garbled: Garbled) -> Turn:
    if garbled.failed:
        troubles = turn.state.troubles + 1
        turn = turn.set(troubles=troubles)
        return turn.say("trouble") if troubles < MAX_TROUBLES else hand_over(turn, "trouble")
    if turn.state.pending in OF_AN_ERRAND and garbled.count > 1:
        return not_heard(turn)
    return turn.say("pardon") if garbled.count <= MAX_PARDONS else turn


def _on_routed(turn: Turn, routed: Routed) -> Turn:
    """The route is no matter of the dialogue; it says what is going to happen, in the tone that it calls for."""
    if routed.heard is not None:
        turn = _notice(_follow_language(turn, routed.heard), routed.heard)
    transfer, callback = ANNOUNCED[routed.tone]
    if routed.destination in ("human", "complaint_specialist"):
        destination: Literal["human", "complaint_specialist"] = (
            "complaint_specialist" if routed.destination == "complaint_specialist" else "human"
        )
        reason: HandOverReason = "asked" if routed.tone == "asked" else "alert"
        return turn.say(transfer).set(over="transfer").do(Transfer(destination, reason))
    refused = turn.state.over == "transfer"
    turn = turn.set(people=False, over="")
    if refused or routed.tone == "asked":
        return note_callback(turn, "transfer_failed" if refused else callback, None)
    within = turn.book.conduct.callback_within.of(turn.language)
    return turn.set(rung_back=True).say(callback, within=within)


def _is_ignored(state: State, moment: Moment) -> bool:
    """A call begins once; and once it is over nothing is done, but where it could not be put through after all."""
    if isinstance(moment, Began):
        return state.call_id != ""
    refused = state.over == "transfer" and isinstance(moment, Routed) and moment.destination in ("callback", "bot")
    interrupted = state.over == "goodbye" and isinstance(moment, Interrupted)
    return state.over != "" and not refused and not interrupted


def _is_cut(state: State, interrupted: Interrupted) -> bool:
    """Whether less than half of the last sentence, which holds the question, was heard."""
    if not state.saying:
        return state.unheard
    *before, last = (len(spoken.text) for spoken in state.saying)
    return len(interrupted.heard) < sum(before) + last / 2
