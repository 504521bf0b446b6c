"""What people on a call, and supervisors of it, are told as it goes on. Pure."""

from collections.abc import Iterator

from agent.events import AlertEscalated, AlertRaised, AlertWithdrawn, AsrFinal, Event, NluResult, RiskAssessed
from agent.seats.to_page import AlertNow, MoodNow, SaidNow, Suggested, ToPage
from agent.switchboard.pop import alert_shown, line_of, mood, with_mood
from agent.switchboard.words import Words

Alerting = AlertRaised | AlertEscalated | AlertWithdrawn


def told(event: Event, so_far: tuple[Event, ...], words: Words) -> Iterator[ToPage]:
    """``so_far``: the call's events up to and with this one."""
    body, call_id = event.body, event.call_id
    said = line_of(event, words)
    if said is not None:
        yield SaidNow(call_id=call_id, **said.model_dump())
    if isinstance(body, NluResult):
        spoken = next((e for e in reversed(so_far) if isinstance(e.body, AsrFinal) and e.body.turn == body.turn), None)
        line = None if spoken is None else line_of(spoken, words)
        if line is not None:
            yield SaidNow(call_id=call_id, **with_mood(line, body).model_dump())
    if isinstance(body, NluResult | RiskAssessed):
        yield MoodNow(call_id=call_id, **mood(so_far).model_dump())
    if isinstance(body, Alerting):
        alert = alert_shown(so_far)
        if alert is not None:
            yield AlertNow(call_id=call_id, **alert.model_dump())
            yield Suggested(call_id=call_id, text="" if alert.withdrawn else alert.recommended)
