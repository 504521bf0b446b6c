"""What a simulated day came to, in figures: JSON both ways, so that two days can be held side by side."""

from datetime import date
from pathlib import Path

from pydantic import ValidationError

from agent.errors import HotlineError
from agent.event_base import Frozen

WITHIN_S = 20
"""A person within so many seconds is the service level."""
PROMISE_S = 3
"""The bot within so many seconds is what the line promises."""


class Waits(Frozen):
    """Of callers who came into a queue, however it ended. ``connected_20s``: of those, with a person within 20 s.

    ``to_callback``: left to be rung back, by their wish or because nobody could come. Waits are theirs until then,
    in s; None where nobody waited.
    """

    queued: int
    connected: int
    connected_20s: int
    abandoned: int
    to_callback: int
    mean_s: float | None
    p50_s: float | None
    p95_s: float | None
    longest_s: float | None

    @property
    def service_level(self) -> float | None:
        """Of all who were queued."""
        return self.connected_20s / self.queued if self.queued else None

    @property
    def abandon_rate(self) -> float | None:
        return self.abandoned / self.queued if self.queued else None


NO_WAITS = Waits(
    queued=0, connected=0, connected_20s=0, abandoned=0, to_callback=0, mean_s=None, p50_s=None, p95_s=None,
    longest_s=None,
)  # fmt: skip


class HalfHour(Frozen):
    """Calls by when they came, waits by when they were queued, seats and queue by the clock.

    seats: people signed in and not on break, on average. occupancy: what of their time was taken by calls.
    alert_wait_s: mean time from an alert in this half hour to a person, of calls that were not with one.
    """

    begins: str
    arrivals: int
    answered: int
    answered_3s: int
    solved: int
    waits: Waits
    callbacks: int
    alerts: int
    alert_wait_s: float | None
    seats: float
    occupancy: float | None
    mean_waiting: float
    most_waiting: int


class OfSkill(Frozen):
    """By the skill that the call had when it left the queue. ``overflowed``: that others were let take it too."""

    skill: str
    waits: Waits
    overflowed: int


class Alerts(Frozen):
    """``at_bot``, ``in_queue``, ``with_person``: where the call was. ``to_person_s``: from the alert to a person, of
    calls that were not with one. ``waits``, ``others``: in the queue, of calls with an alert and of all the others.
    """

    raised: int
    at_bot: int
    in_queue: int
    with_person: int
    rung_back: int
    to_person_mean_s: float | None
    to_person_p95_s: float | None
    waits: Waits
    others: Waits


class Callbacks(Frozen):
    """``kept``: reached and with a person by the time that was promised. ``late``: after it. ``failed``: rung as often
    as is right, in vain. ``open``: neither by the end of the next day. ``while_closed``: of those promised, when nobody
    could be reached. after: from the promise to the person, of the others.
    """

    promised: int
    while_closed: int
    kept: int
    late: int
    failed: int
    open: int
    after_mean_s: float | None
    after_p95_s: float | None

    @property
    def kept_rate(self) -> float | None:
        return self.kept / self.promised if self.promised else None


class Totals(Frozen):
    """``again``: of the calls, those of callers who had hung up in a queue. ``lost``: calls without an end, which there
    are none of, or with more than one. ``misfits``: what the floor was told and could not use.
    """

    calls: int
    again: int
    answered: int
    answered_3s: int
    unanswered: int
    refused: int
    solved: int
    outside: int
    no_number: int
    waits: Waits
    overflowed: int
    seats: int
    occupancy: float | None
    most_waiting: int
    lost: int
    two_calls_at_a_seat: int
    misfits: int

    @property
    def answered_in_time(self) -> float | None:
        """Of all calls but those that were refused."""
        wanted = self.calls - self.refused
        return self.answered_3s / wanted if wanted else None


class Result(Frozen):
    """``rules``: how many calls each rule sent to where they went in the end. ``notes``: what the figures leave out."""

    company: str
    day: date
    seed: int
    asked_for: int
    totals: Totals
    half_hours: tuple[HalfHour, ...]
    skills: tuple[OfSkill, ...]
    alerts: Alerts
    callbacks: Callbacks
    rules: dict[str, int]
    notes: tuple[str, ...] = ()


def load_result(file: Path) -> Result:
    """What ``--json`` wrote. Raises HotlineError ``simulation``."""
    try:
        return Result.model_validate_json(file.read_bytes())
    except OSError as error:
        raise HotlineError("simulation", f"{file} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "the file"
        raise HotlineError(
            "simulation", f"{file} is no result of `hotline simulate --json`: {where}: {problem['msg']}"
        ) from error
