"""The calls that are going on, as supervisors see them: those that the filter stops, then those at risk. Pure."""

from collections.abc import Callable, Iterable

from agent.events import CallerKnown, NluResult, RiskAssessed, SpamJudged
from agent.routing.floor import Floor
from agent.seats.to_page import LiveCall as Shown
from agent.seats.to_page import SpamShown
from agent.switchboard.live import LiveCall
from agent.switchboard.pages import at
from agent.switchboard.pop import alert_shown

_GRAVEST_FIRST = ("high", "medium", "low", "none")


def live_calls(calls: Iterable[LiveCall], floor: Floor, name_of: Callable[[str], str]) -> list[Shown]:
    shown = [_shown(call, floor, name_of) for call in calls if not call.is_over]
    # A refused call is gone within seconds: who would let it in must see it first.
    return sorted(shown, key=lambda one: (one.spam is None, _GRAVEST_FIRST.index(one.risk), one.since))


def _shown(call: LiveCall, floor: Floor, name_of: Callable[[str], str]) -> Shown:
    timeline = call.call.timeline
    talking, waiting = floor.talking.get(call.id), floor.waiting.get(call.id)
    known, nlu, risk = timeline.last(CallerKnown), timeline.last(NluResult), timeline.last(RiskAssessed)
    alert = alert_shown(timeline)
    where = "bot"
    if talking is not None:
        where = f"seat:{talking.seat_id}"
    elif waiting is not None:
        where = f"queue:{waiting.skill}"
    return Shown(
        call_id=call.id,
        number=call.number,
        name="" if known is None else str(known.fields.get("name") or ""),
        since=at(call.began_ms),
        where=where,
        seat_name="" if talking is None else name_of(talking.seat_id),
        intent=None if nlu is None else nlu.intent,
        sentiment=None if nlu is None else nlu.sentiment,
        risk="none" if risk is None else risk.level,
        alert="" if alert is None or alert.withdrawn else alert.causes[0],
        spam=_doubted(timeline.last(SpamJudged)) if where == "bot" else None,
    )


def _doubted(judged: SpamJudged | None) -> SpamShown | None:
    """Why the filter asks or refuses them; None where it does not, or no more."""
    if judged is None or judged.verdict == "pass":
        return None
    return SpamShown(verdict=judged.verdict, reasons=tuple(sign.words for sign in judged.signs if sign.weight > 0))
