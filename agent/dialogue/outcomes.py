"""What follows from a tool's answer."""

from collections.abc import Mapping
from typing import Any

from agent.dialogue.arguments import reference
from agent.dialogue.condition import holds
from agent.dialogue.errand import advance, finish, flow_of, hand_over, note_callback, start
from agent.dialogue.flow import Outcome, Step
from agent.dialogue.identity import checked
from agent.dialogue.moments import Returned
from agent.dialogue.turn import Turn


def on_returned(turn: Turn, returned: Returned) -> Turn:
    """Go on with the errand that waited for it; nothing where no errand waits for it any more."""
    waiting = turn.state.waiting
    if waiting is None or waiting.number != returned.number or turn.state.errand is None:
        return turn
    turn = turn.set(waiting=None)
    if waiting.purpose == "identity":
        return _verified(turn, returned)
    return _answered(turn, returned)


def _verified(turn: Turn, returned: Returned) -> Turn:
    """Who calls is proved, or not; which of the two things they gave was wrong is not told."""
    if returned.code in ("down", "bad_result"):
        return _failed(turn, returned)
    identity = turn.state.identity
    value = returned.value if returned.code == "ok" else {}
    turn = turn.set(identity=checked(identity, value))
    if turn.state.identity.order or turn.state.identity.failures >= turn.book.conduct.identity_failures:
        return advance(turn)
    return turn.set(pending="identity").say("identity_mismatch", value=identity.number or identity.tail)


def _answered(turn: Turn, returned: Returned) -> Turn:
    step = flow_of(turn).steps[turn.errand.step]
    value = dict(returned.value)
    if isinstance(items := value.get("items"), list):
        value["count"] = len(items)
    turn = turn.set_errand(results={**turn.errand.results, **value})
    outcome = _outcome(step, returned, turn.facts)
    if outcome is not None:
        return _follow(turn, outcome)
    if returned.code == "ok":
        return _step_done(turn)
    if returned.code == "not_found":
        return finish(turn.say("not_found"))
    if returned.code == "rejected":
        return note_callback(turn, "rejected", "tool")
    return _failed(turn, returned)


def _outcome(step: Step, returned: Returned, facts: Mapping[str, Any]) -> Outcome | None:
    """The first that fits."""
    fitting = (
        outcome
        for outcome in step.outcomes
        if outcome.code == returned.code and outcome.reason in ("", returned.reason) and holds(outcome.when, facts)
    )
    return next(fitting, None)


def _follow(turn: Turn, outcome: Outcome) -> Turn:
    turn = turn.set_errand(slots={**turn.errand.slots, **_filled(outcome, turn.facts)})
    errand = turn.errand
    if outcome.say is not None:
        turn = turn.say_from(f"{errand.flow}.{errand.step}.{outcome.code}", outcome.say, told=True)
    if errand.flow == turn.book.conduct.callback_flow and outcome.code == "ok":
        turn = turn.set(rung_back=True)
    match outcome.then.split()[0]:
        case "done":
            return finish(turn)
        case "again":
            return advance(_choosing_anew(turn))
        case "human":
            return hand_over(turn, "flow")
        case "ticket":
            about = flow_of(turn).title.of(turn.language)
            return start(turn.set(about=about), turn.book.conduct.callback_flow, carry=errand)
        case "goto":
            return start(turn, outcome.target, carry=turn.errand)
        case "offer":
            through = len(flow_of(turn).steps)
            return turn.set(pending="offer", offered=outcome.target).set_errand(step=through)
        case _:
            return _step_done(turn)


def _filled(outcome: Outcome, facts: Mapping[str, Any]) -> dict[str, str]:
    values = {
        name: facts.get(referred) if (referred := reference(value)) else value for name, value in outcome.fill.items()
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def _choosing_anew(turn: Turn) -> Turn:
    """From the first step, without the slots that chose among what the back end had; what else was said stands."""
    flow = flow_of(turn)
    kept = {name: value for name, value in turn.errand.slots.items() if not flow.slots[name].among}
    chosen = {slot.kind for slot in flow.slots.values() if slot.among}
    volunteered = {kind: value for kind, value in turn.state.volunteered.items() if kind not in chosen}
    return turn.set(volunteered=volunteered).set_errand(slots=kept, step=0, agreed=None)


def _step_done(turn: Turn) -> Turn:
    return advance(turn.set_errand(step=turn.errand.step + 1, agreed=None))


def _failed(turn: Turn, returned: Returned) -> Turn:
    """The back end is of no use now. Where something was to be changed, nobody knows whether it was."""
    if turn.errand.flow == turn.book.conduct.callback_flow:
        return hand_over(turn, "tool")
    changes = turn.book.tools.tools[returned.tool].changes
    return note_callback(turn, "change_uncertain" if changes else "tool_down", "tool")
