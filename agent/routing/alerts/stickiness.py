"""Who had an alert of late need not explain it all again: the next call goes to a specialist at once. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.hotline_events import KeptWithSpecialist
from agent.routing.alerts.life import AlertState
from agent.routing.alerts.policy import DAY_MS, AlertPolicy


@dataclass(frozen=True)
class PastAlert:
    """An alert on an earlier call of the same number."""

    id: str
    raised_ms: int
    state: AlertState
    call_id: str = ""


def keeps(
    policy: AlertPolicy,
    alerts_of_caller: Iterable[PastAlert],
    now_ms: int,
    last_seat: Callable[[str], str] = lambda _: "",
) -> KeptWithSpecialist | None:
    """The newest alert of the last days that the caller did not take back, and where it leads; None where there is
    none. A resolved one counts: who rings again after that is not content. ``last_seat``: who talked last with the
    caller in this call, or after it.
    """
    since_ms = now_ms - policy.keep_with_specialist_days * DAY_MS
    counted = [one for one in alerts_of_caller if one.state != "withdrawn" and since_ms < one.raised_ms <= now_ms]
    if not counted:
        return None
    newest = max(counted, key=lambda one: (one.raised_ms, one.id))
    days_ago = (now_ms - newest.raised_ms) // DAY_MS
    seat = last_seat(newest.call_id)
    return KeptWithSpecialist(alert_id=newest.id, days_ago=days_ago, destination="complaint_specialist", seat=seat)
