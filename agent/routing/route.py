"""Where one call goes: from the bot to a person, or to a callback where no person can be reached. Pure."""

from dataclasses import dataclass

from agent.events import AlertEscalated, AlertRaised, Destination, Language, PersonWanted, RouteChanged
from agent.routing.reasons import Reasons

# A higher number is served earlier. The gaps leave room for VIP and for waiting that ages.
PRIORITY_NORMAL = 0
PRIORITY_ASKED = 10
PRIORITY_ALERT = 50
PRIORITY_URGENT = 90


@dataclass(frozen=True)
class Reach:
    """Who can be reached now: numbers or SIP addresses; an empty one cannot be."""

    specialist_number: str = ""
    human_number: str = ""

    def number(self, destination: Destination) -> str:
        """Where to transfer to; empty for the bot, for a callback, and where nobody is reachable."""
        return {"complaint_specialist": self.specialist_number, "human": self.human_number}.get(destination, "")


@dataclass(frozen=True)
class Route:
    """Where a call is going. Every call starts at the bot."""

    destination: Destination = "bot"
    priority: int = PRIORITY_NORMAL


def on_alert(
    current: Route,
    alert: AlertRaised | AlertEscalated,
    reach: Reach,
    callback_due_minutes: int,
    *,
    reasons: Reasons,
    language: Language,
) -> RouteChanged | None:
    """The new route of a call whose alert was raised or got worse; None where it is there with that priority or more.

    To the complaint specialist; the service desk where none is reachable; a callback where no person is.
    """
    urgent = not reasons.urgent_causes.isdisjoint(alert.causes)
    destination: Destination = "callback"
    if reach.specialist_number:
        destination = "complaint_specialist"
    elif reach.human_number:
        destination = "human"
    priority = max(current.priority, PRIORITY_URGENT if urgent else PRIORITY_ALERT)
    if current == Route(destination, priority):
        return None
    sentences = reasons.of(language)
    if destination == "complaint_specialist":
        reason = sentences.urgent_specialist if urgent else sentences.alert_specialist
    elif destination == "human":
        reason = sentences.urgent_human if urgent else sentences.alert_human
    else:
        reason = sentences.urgent_callback if urgent else sentences.alert_callback
    return _changed(current, destination, priority, reason, callback_due_minutes, alert.alert_id)


def on_person_wanted(
    current: Route,
    wanted: PersonWanted,
    reach: Reach,
    callback_due_minutes: int,
    *,
    reasons: Reasons,
    language: Language,
) -> RouteChanged | None:
    """The new route of a call that needs a person, as its caller asked for one or the bot can do no more: the service
    desk, or a callback.

    None for a call that goes to a complaint specialist (a person already) or where that answer was given before.
    """
    destination: Destination = "human" if reach.human_number and not wanted.callback else "callback"
    if current.destination in ("complaint_specialist", destination):
        return None
    sentences = reasons.of(language)
    if wanted.reason == "asked":
        reason = sentences.asked_human if destination == "human" else sentences.asked_callback
    else:
        reason = sentences.gave_up_human if destination == "human" else sentences.gave_up_callback
    return _changed(current, destination, max(current.priority, PRIORITY_ASKED), reason, callback_due_minutes, None)


def on_transfer_refused(
    current: Route, callback_due_minutes: int, *, reasons: Reasons, language: Language
) -> RouteChanged | None:
    """The new route of a call whose transfer the line refused: somebody rings back, with the priority it has."""
    if current.destination == "callback":
        return None
    reason = reasons.of(language).refused_callback
    return _changed(current, "callback", current.priority, reason, callback_due_minutes, None)


def on_callback_chosen(
    current: Route, callback_due_minutes: int, *, reasons: Reasons, language: Language
) -> RouteChanged | None:
    """The new route of a caller who found all lines busy and would rather be called back."""
    if current.destination == "callback":
        return None
    reason = reasons.of(language).busy_callback
    return _changed(current, "callback", max(current.priority, PRIORITY_ASKED), reason, callback_due_minutes, None)


def apply(route: Route, changed: RouteChanged) -> Route:
    """The route after the change. Its priority never falls, in whatever order changes arrive."""
    return Route(changed.destination, max(route.priority, changed.priority))


def _changed(
    current: Route, destination: Destination, priority: int, reason: str, minutes: int, alert_id: str | None
) -> RouteChanged:
    return RouteChanged(
        previous=current.destination,
        destination=destination,
        priority=priority,
        reason=reason.replace("{minutes}", str(minutes)),
        alert_id=alert_id,
        callback_due_minutes=minutes if destination == "callback" else None,
    )
