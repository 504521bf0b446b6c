"""An errand under way: from its start through slots, proof of identity, confirmations and tools to its end.

`advance` is the engine: it goes on with the flow until the caller has to say something or a tool has to answer. It
keeps no place but the number of the step, so a value that changes takes the errand back to where that value matters,
and everything after it happens again.
"""

from collections.abc import Mapping
from dataclasses import replace

from agent.dialogue.acts import CallBack, CallTool, HandOverReason, Say, Scalar, Transfer
from agent.dialogue.arguments import arguments_of, reference
from agent.dialogue.condition import holds
from agent.dialogue.cues import is_story
from agent.dialogue.flow import Flow, Slot, Step
from agent.dialogue.identity import allows, lacks, with_order
from agent.dialogue.moments import Heard
from agent.dialogue.phrases import PhraseName
from agent.dialogue.questions import ask, reopen
from agent.dialogue.render import spoken_slot
from agent.dialogue.slots import (
    LASTING,
    choices_in,
    filled,
    is_offered,
    missing,
    step_of,
    volunteered_for,
)
from agent.dialogue.state import Errand, Purpose, Waiting
from agent.dialogue.turn import Turn
from agent.dialogue.values import find_all, read

MAX_PARKED = 2


def flow_of(turn: Turn) -> Flow:
    return turn.book.flows[turn.errand.flow]


# Its beginning and its end


def start(turn: Turn, name: str, heard: Heard | None = None, *, carry: Errand | None = None) -> Turn:
    """Begin a flow. What was under way is kept for afterwards; ``heard``: the words that asked for it."""
    state, flow = turn.state, turn.book.flows[name]
    parked = state.parked
    if state.errand is not None and carry is None and not _is_through(turn) and state.errand.flow != name:
        parked = (state.errand, *parked)[:MAX_PARKED]
    lasting = {kind: value for kind, value in state.volunteered.items() if kind in LASTING}
    errand = Errand(name)
    if heard is not None:
        now = find_all(heard.text, heard.language, state.today)
        lasting |= {kind: reading.value for kind, reading in now.items()}
        errand = replace(errand, slots=_opening(flow, heard, turn))
    if carry is not None:
        known = {slot: value for slot, value in carry.slots.items() if slot in flow.slots}
        errand = replace(errand, slots=known, results=carry.results, order=carry.order)
    turn = turn.set(errand=errand, parked=parked, volunteered=lasting, offered="", unanswered=0)
    return advance(turn)


def _opening(flow: Flow, heard: Heard, turn: Turn) -> dict[str, str]:
    """The slots that the words which asked for the errand fill already."""
    told = {name: heard.text for name, slot in flow.slots.items() if slot.opening and is_story(heard.text)}
    return {**told, **{name: reading.value for name, reading in choices_in(flow, heard, turn.state).items()}}


def finish(turn: Turn) -> Turn:
    """The errand is done. What it interrupted goes on; else the caller is asked what else there is."""
    turn = turn.set(errand=None, pending="anything_else", offered="", waiting=None)
    if turn.state.parked:
        first, *rest = turn.state.parked
        return advance(turn.set(errand=first, parked=tuple(rest)), resumed=True)
    return ask(turn)


def _is_through(turn: Turn) -> bool:
    return turn.errand.step >= len(flow_of(turn).steps)


# Its course


def advance(turn: Turn, *, resumed: bool = False) -> Turn:
    """Go on until somebody else has to act."""
    flow = flow_of(turn)
    if flow.identity and _is_anothers_line(turn, flow):
        return hand_over(turn.say("own_phone_only"), "identity")
    if flow.identity and not turn.errand.order:
        if not turn.state.identity.order:
            return _prove(turn, resumed=resumed)
        turn = turn.set_errand(order=turn.state.identity.order)
    while not _is_through(turn):
        step = flow.steps[turn.errand.step]
        if not holds(step.when, turn.facts):
            turn = _next(turn)
        elif step.need:
            turn = _take_volunteered(turn, step)
            still = [
                name for name in missing(flow, step.need, turn.errand, turn.facts) if not flow.slots[name].optional
            ]
            if still:
                return _ask_slot(turn, still[0], resumed=resumed)
            turn = _next(turn)
        elif step.say is not None:
            turn = _next(turn.say_from(f"{turn.errand.flow}.{turn.errand.step}", step.say))
        else:
            return _call_step(turn, step, resumed=resumed)
    return finish(turn)


def _is_anothers_line(turn: Turn, flow: Flow) -> bool:
    """Whether the errand changes what is a customer's, and the phone that calls is not theirs."""
    state, tools = turn.state, turn.book.tools.tools
    changes = any(step.call and tools[step.call].personal and tools[step.call].changes for step in flow.steps)
    known = state.identity.phone
    return changes and turn.book.conduct.changes_from_own_phone_only and known not in ("", state.caller_number)


def _next(turn: Turn) -> Turn:
    return turn.set_errand(step=turn.errand.step + 1, agreed=None, failures=0, asked="")


def set_value(turn: Turn, name: str, value: str) -> Turn:
    """Fill a slot, for the first time or anew; the errand goes on from where that value matters."""
    flow, errand = flow_of(turn), turn.errand
    step = min(errand.step, step_of(flow, name)) if name in errand.slots else errand.step
    return turn.set_errand(slots=filled(flow, errand, name, value), step=step, agreed=None, last_taken=name, failures=0)


def _take_volunteered(turn: Turn, step: Step) -> Turn:
    """Fill what has been said already, or goes without saying."""
    flow = flow_of(turn)
    for name in missing(flow, step.need, turn.errand, turn.facts):
        slot = flow.slots[name]
        value = volunteered_for(slot, turn.state.volunteered) or _default(turn, slot)
        if value and is_offered(flow, turn.errand, name, value):
            turn = set_value(turn, name, value)
    return turn


def _default(turn: Turn, slot: Slot) -> str:
    name = reference(slot.default)
    value = slot.default if name is None else str(turn.facts.get(name, ""))
    if not slot.choices or value in slot.choices:
        return value
    reading = read(slot.kind, value, "zh", today=turn.state.today, choices=slot.wordings())
    return "" if reading is None or reading.doubtful else reading.value


def _ask_slot(turn: Turn, name: str, *, resumed: bool) -> Turn:
    failures = turn.errand.failures if turn.errand.asked == name else 0
    turn = turn.set(pending="slot").set_errand(asked=name, failures=failures)
    slot = flow_of(turn).slots[name]
    volunteered = volunteered_for(slot, turn.state.volunteered)
    if volunteered is not None and slot.among:
        others = {kind: value for kind, value in turn.state.volunteered.items() if kind != slot.kind}
        return refuse_value(turn.set(volunteered=others), name, volunteered)
    return reopen(turn) if resumed else ask(turn)


def refuse_value(turn: Turn, name: str, value: str) -> Turn:
    """What the caller would like is not on offer; they hear what is."""
    slot = flow_of(turn).slots[name]
    spoken = spoken_slot(slot, value, turn.language)
    return turn.say("not_offered", value=spoken, offered=str(turn.facts.get("offered", "")))


def _prove(turn: Turn, *, resumed: bool = False) -> Turn:
    """Ask for what proves who calls, or have it checked."""
    identity = turn.state.identity
    if identity.failures >= turn.book.conduct.identity_failures:
        return hand_over(turn, "identity")
    if lacks(identity) is None:
        arguments = {"phone": identity.phone, "order_tail": identity.tail}
        return _call(turn, turn.book.conduct.verify_tool, arguments, "identity")
    turn = turn.set(pending="identity")
    return reopen(turn) if resumed else ask(turn)


def _call_step(turn: Turn, step: Step, *, resumed: bool) -> Turn:
    """Call the step's tool, once it is proved that it may be called and agreed that it shall be."""
    tool = turn.book.tools.tools[step.call]
    arguments = arguments_of(step, tool, turn.facts)
    if tool.personal and not allows(turn.state.identity, arguments):
        return _prove(for_another_order(turn, ""), resumed=resumed)
    if step.confirm is not None and turn.errand.agreed != arguments:
        turn = turn.set(pending="confirmation")
        return reopen(turn) if resumed else ask(turn)
    return _call(turn, step.call, arguments, "step")


def for_another_order(turn: Turn, digits: str) -> Turn:
    """The errand from its top, for the order with these digits; what was found out about the other one is forgotten."""
    turn = turn.set(identity=with_order(turn.state.identity, digits))
    return turn.set_errand(order="", results={}, step=0, agreed=None, failures=0)


def agree(turn: Turn) -> Turn:
    """The caller has said yes to what was read back, and to nothing else."""
    step = flow_of(turn).steps[turn.errand.step]
    arguments = arguments_of(step, turn.book.tools.tools[step.call], turn.facts)
    return advance(turn.set_errand(agreed=arguments, failures=0))


def _call(turn: Turn, name: str, arguments: Mapping[str, Scalar], purpose: Purpose) -> Turn:
    tool = turn.book.tools.tools[name]
    number = turn.state.calls + 1
    key = f"{turn.state.call_id}-{number}" if tool.changes else None
    waiting = Waiting(number, name, purpose)
    turn = turn.set(calls=number, waiting=waiting, pending="nothing")
    turn, before = _before(turn, name)
    return turn.do(CallTool(number, name, arguments, key, before))


def _before(turn: Turn, name: str) -> tuple[Turn, Say | None]:
    """What is said while the tool runs; nothing to a caller who has just been told something."""
    if turn.acts or turn.goes_on:
        return turn, None
    tool = turn.book.tools.tools[name]
    spoken = turn.say("before_change" if tool.changes else "before", first=tool.before)
    said = spoken.acts[-1] if spoken.acts else None
    return replace(spoken, acts=()), said if isinstance(said, Say) else None


# To a person


def hand_over(turn: Turn, reason: HandOverReason) -> Turn:
    """To a person now, or to one who rings back where none can be reached."""
    if turn.state.people:
        turn = _given_up(turn).say("human_transfer" if reason == "asked" else "give_up_transfer")
        return turn.set(over="transfer").do(Transfer("human", reason))
    return note_callback(turn, "human_callback" if reason == "asked" else "give_up_callback", reason)


def note_callback(turn: Turn, why: PhraseName, reason: HandOverReason | None) -> Turn:
    """Somebody rings back: a note of it is made, once, and the number is asked for where it is not known. ``reason``:
    None where whoever routes the call knows already.
    """
    if reason is not None and not turn.state.rung_back:
        turn = turn.do(CallBack(reason))
    conduct = turn.book.conduct
    failed = turn.state.errand is not None and turn.state.errand.flow == conduct.callback_flow
    minutes = str(conduct.callback_minutes)
    turn = _given_up(turn)
    if turn.state.rung_back:
        return turn.say("callback_stands", within=conduct.callback_within.of(turn.language))
    if failed or conduct.callback_flow not in turn.book.flows:
        return turn.say("ticket_failed", minutes=minutes)
    return start(turn.say(why), conduct.callback_flow)


def _given_up(turn: Turn) -> Turn:
    """Nothing is under way any more; what it was about is kept for whoever takes over."""
    about = turn.state.about
    if turn.state.errand is not None and turn.state.errand.flow != turn.book.conduct.callback_flow:
        about = flow_of(turn).title.of(turn.language)
    return turn.set(
        errand=None, parked=(), waiting=None, pending="anything_else", offered="", about=about, unanswered=0
    )
