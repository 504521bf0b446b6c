"""Rules for the answer to what was asked. Each has one kind of question, and leaves alone what is no answer to it."""

from collections.abc import Callable, Mapping

from agent.dialogue.choosing import errand_in_words
from agent.dialogue.cues import asks, only_thanks
from agent.dialogue.errand import (
    advance,
    agree,
    finish,
    flow_of,
    for_another_order,
    hand_over,
    refuse_value,
    set_value,
    start,
)
from agent.dialogue.identity import noticed, with_order
from agent.dialogue.moments import Heard
from agent.dialogue.questions import OF_AN_ERRAND, ask, ask_better, reopen
from agent.dialogue.render import spoken_slot
from agent.dialogue.rules_talk import SURE, say_goodbye
from agent.dialogue.slots import FREE, SPELLED, choices_in, is_offered, open_items, step_of, value_in, volunteered_for
from agent.dialogue.state import Meant
from agent.dialogue.turn import Turn
from agent.dialogue.values import (
    Reading,
    SlotKind,
    apply,
    as_on_record,
    corrects,
    find_all,
    read,
    says_no,
    says_yes,
    wants_stop,
)

MAX_FAILURES = 3
"""After one failure a question is put in other words, after two by another way, after three a person takes over."""


def another_order_named(turn: Turn, heard: Heard) -> Turn | None:
    """In the middle of an errand about an order the caller means another one."""
    if turn.state.pending not in OF_AN_ERRAND or not turn.errand.order:
        return None
    named = find_all(heard.text, heard.language, turn.state.today).get("order_number")
    if named is None or named.value == turn.errand.order or is_spelling(turn):
        return None
    return advance(for_another_order(turn, named.value))


def is_spelling(turn: Turn) -> bool:
    """Whether what was asked for is letters and digits, which mean nothing else."""
    state = turn.state
    return state.pending == "slot" and flow_of(turn).slots[turn.errand.asked].kind in SPELLED


def confirmation_answered(turn: Turn, heard: Heard) -> Turn | None:
    """Yes to what was read back does it, no asks what to change, and another value is read back again."""
    if turn.state.pending != "confirmation":
        return None
    changed = _changed(turn, heard)
    if changed is not None:
        return changed
    yes_or_no = read("yes_no", heard.text, heard.language, today=turn.state.today, keys=heard.keys)
    if yes_or_no is None:
        return _still_agreed(turn) if _named_again(turn, heard) else None
    if yes_or_no.value == "yes":
        # Nobody agrees to what they did not hear.
        return ask(turn) if turn.state.unheard else agree(turn)
    if not turn.errand.slots or turn.errand.failures:
        return finish(turn.say("stopped"))
    return turn.set_errand(failures=1).say("what_to_change")


def _changed(turn: Turn, heard: Heard) -> Turn | None:
    """With other values for the slots; None where nothing is other than it was."""
    flow = flow_of(turn)
    readings = find_all(heard.text, heard.language, turn.state.today)
    volunteered = {kind: reading.value for kind, reading in readings.items()}
    values = {name: reading.value for name, reading in choices_in(flow, heard, turn.state).items()}
    values |= {
        name: value for name, slot in flow.slots.items() if (value := volunteered_for(slot, volunteered)) is not None
    }
    values |= _corrected(turn, heard)
    changed = turn
    for name, value in values.items():
        if turn.errand.slots.get(name, value) == value:
            continue
        if not is_offered(flow, changed.errand, name, value):
            return _ask_anew(changed, name, value)
        changed = set_value(changed, name, value)
    return None if changed is turn else advance(changed)


def _still_agreed(turn: Turn) -> Turn:
    return turn.say("still_agreed", title=flow_of(turn).title.of(turn.language))


def _named_again(turn: Turn, heard: Heard) -> bool:
    """Whether what was read back is said once more, instead of a yes."""
    readings = find_all(heard.text, heard.language, turn.state.today)
    return any(reading.value in turn.errand.slots.values() for reading in readings.values())


def _ask_anew(turn: Turn, name: str, value: str) -> Turn:
    """They would like something else that cannot be had: what they had is no longer wanted."""
    slots = {slot: kept for slot, kept in turn.errand.slots.items() if slot != name}
    step = step_of(flow_of(turn), name)
    turn = turn.set(pending="slot").set_errand(slots=slots, step=step, asked=name, agreed=None)
    return refuse_value(turn, name, value)


def correction(turn: Turn, heard: Heard) -> Turn | None:
    """不是三，是四: a value that was taken is mended, and the talk goes on from there."""
    if turn.state.pending not in OF_AN_ERRAND:
        return None
    for name, value in _corrected(turn, heard).items():
        spoken = spoken_slot(flow_of(turn).slots[name], value, turn.language)
        return advance(set_value(turn, name, value).say("corrected", value=spoken))
    return None


def _corrected(turn: Turn, heard: Heard) -> dict[str, str]:
    """The slot that a correction fits, with its value mended: the one taken last, if it fits that."""
    mend = corrects(heard.text, heard.language)
    if mend is None:
        return {}
    errand = turn.errand
    latest_first = sorted(errand.slots, key=lambda name: name != errand.last_taken)
    for name in latest_first:
        value = apply(mend, errand.slots[name])
        if value is not None and value != errand.slots[name]:
            return {name: value}
    return {}


def identity_answered(turn: Turn, heard: Heard) -> Turn | None:
    if turn.state.pending != "identity":
        return None
    identity = before = turn.state.identity
    given = _proofs(turn, heard)
    mend = corrects(heard.text, heard.language)
    mended = apply(mend, identity.tried) if mend is not None and identity.tried else None
    if mended is not None:
        identity = with_order(identity, mended)
    elif given:
        identity = noticed(identity, given)
    if identity == before:
        # What was known already brings nobody further.
        return None
    return advance(turn.set(identity=identity).set_errand(failures=0))


def _proofs(turn: Turn, heard: Heard) -> dict[SlotKind, Reading]:
    """What of phone and order is in an answer; bare digits are what they can be by their number."""
    kinds: tuple[SlotKind, ...] = ("phone", "order_number", "order_tail")
    if not heard.keys:
        found = find_all(heard.text, heard.language, turn.state.today)
        if given := {kind: found[kind] for kind in kinds if kind in found}:
            return {**_beside(turn, heard, given), **given}
        if turn.state.caller_number and as_on_record(heard.text):
            own: dict[SlotKind, Reading] = {"phone": Reading(turn.state.caller_number, heard.text)}
            return {**_beside(turn, heard, own), **own}
    for kind in kinds:
        reading = read(kind, heard.text, heard.language, today=turn.state.today, keys=heard.keys)
        if reading is not None:
            return {kind: reading}
    return {}


def _beside(turn: Turn, heard: Heard, given: Mapping[SlotKind, Reading]) -> dict[SlotKind, Reading]:
    """7249, 手机是13912345678: the bare digits beside a phone are the order's, where both were asked for."""
    if set(given) != {"phone"}:
        return {}
    rest = heard.text.replace(given["phone"].said, " ") if given["phone"].said != heard.text else heard.text
    tail = read("order_tail", rest, heard.language, today=turn.state.today)
    return {"order_tail": tail} if tail is not None and tail.value not in given["phone"].value else {}


def slot_answered(turn: Turn, heard: Heard) -> Turn | None:
    if turn.state.pending != "slot":
        return None
    flow, name = flow_of(turn), turn.errand.asked
    slot = flow.slots[name]
    if slot.kind in FREE and _is_something_else(turn, heard):
        return None
    reading = value_in(slot, heard, turn.state) or _only_choice(turn, heard, name)
    if reading is None:
        return _chosen_anew(turn, heard, name) if slot.among else None
    turn = _chosen_beside(turn, heard, name)
    if not is_offered(flow, turn.errand, name, reading.value):
        return _failed(turn, lambda again: refuse_value(again, name, reading.value))
    turn = set_value(turn, name, reading.value)
    for other, more in choices_in(flow, heard, turn.state).items():
        if other not in turn.errand.slots and more.said != reading.said:
            turn = set_value(turn, other, more.value)
    if reading.doubtful and not any(step.confirm for step in flow.steps):
        turn = turn.say("noted", value=spoken_slot(slot, reading.value, turn.language))
    return advance(turn)


def _only_choice(turn: Turn, heard: Heard, asked: str) -> Reading | None:
    """A yes to the one thing that can be had."""
    among = flow_of(turn).slots[asked].among
    if not among or not says_yes(heard.text):
        return None
    left = {str(item.get(among)) for item in open_items(flow_of(turn), turn.errand, apart_from=asked)}
    return Reading(left.pop(), heard.text) if len(left) == 1 else None


def _chosen_beside(turn: Turn, heard: Heard, asked: str) -> Turn:
    """后天，上午: with the day that is named beside the time of day that was asked for, where both can be had."""
    flow = flow_of(turn)
    if not flow.slots[asked].among:
        return turn
    names = list(flow.slots)
    for name in names[: names.index(asked)]:
        slot = flow.slots[name]
        reading = value_in(slot, heard, turn.state) if slot.among else None
        if reading is not None and is_offered(flow, turn.errand, name, reading.value):
            turn = set_value(turn, name, reading.value)
    return turn


def _chosen_anew(turn: Turn, heard: Heard, asked: str) -> Turn | None:
    """那后天吧, where the time of day was asked for: another day, if there is one, and then its times."""
    changed = _chosen_beside(turn, heard, asked)
    return None if changed.errand.slots == turn.errand.slots else advance(changed)


def _is_something_else(turn: Turn, heard: Heard) -> bool:
    """Whether words that could be any text are rather a question, or another errand."""
    other = errand_in_words(turn.book, heard)
    return (asks(heard.text) and heard.found.answer is not None) or other not in (None, turn.errand.flow)


def offer_answered(turn: Turn, heard: Heard) -> Turn | None:
    if turn.state.pending != "offer":
        return None
    offered, meant = turn.state.offered, turn.state.meant
    if offered == "answer" and meant is not None:
        return _meant_answered(turn, heard, meant)
    if says_no(heard.text) or wants_stop(heard.text):
        return finish(turn)
    if offered != "human" and _fills(turn, offered, heard):
        # Who says when somebody is to come has said that somebody is to.
        return start(turn, offered, heard, carry=turn.state.errand)
    if not says_yes(heard.text):
        return None
    if offered == "human":
        return hand_over(turn, "asked")
    return start(turn, offered, turn.state.offered_for, carry=turn.state.errand)


def _meant_answered(turn: Turn, heard: Heard, meant: Meant) -> Turn | None:
    """Yes: that was the question. No, or something else: it is forgotten, and what was asked before is open again."""
    before = turn.set(pending=meant.pending, offered="", meant=None)
    if says_yes(heard.text):
        answered = before.say_text(f"knowledge.{meant.entry}", meant.answer)
        return reopen(answered) if meant.pending in OF_AN_ERRAND else ask(answered.set(pending="anything_else"))
    if says_no(heard.text):
        return (
            reopen(before)
            if meant.pending in OF_AN_ERRAND
            else before.say("unknown").set(pending="offer", offered="human")
        )
    return None


def _fills(turn: Turn, offered: str, heard: Heard) -> bool:
    """Whether a day or a time is named that the offered errand asks for."""
    kinds = {slot.kind for slot in turn.book.flows[offered].slots.values()}
    readings = find_all(heard.text, heard.language, turn.state.today)
    return not kinds.isdisjoint({"date", "slot"} & set(readings))


def anything_else_answered(turn: Turn, heard: Heard) -> Turn | None:
    if turn.state.pending != "anything_else":
        return None
    thanks = only_thanks(heard.text) or (heard.intent == "praise" and heard.intent_probability >= SURE)
    if says_no(heard.text) or wants_stop(heard.text) or thanks:
        return say_goodbye(turn)
    return turn.say("go_on") if says_yes(heard.text) else None


def question_failed(turn: Turn, heard: Heard) -> Turn | None:
    """The last resort for an open question: whatever was said, it was no answer."""
    return _failed(turn) if turn.state.pending in OF_AN_ERRAND else None


def _failed(turn: Turn, otherwise: Callable[[Turn], Turn] | None = None) -> Turn:
    failures = turn.errand.failures + 1
    if failures >= MAX_FAILURES:
        return hand_over(turn, "not_understood")
    turn = turn.set_errand(failures=failures)
    return ask_better(turn, failures) if otherwise is None else otherwise(turn)


def not_heard(turn: Turn) -> Turn:
    """The same for words that could not be made out."""
    return _failed(turn)
