"""What happens around the talk: where the caller rings from, the filter, rules and menu before the bot, the queue and
the seats behind it, who hears whom, and the survey. Part of the vocabulary in `agent.events`.
"""

from typing import Literal

from pydantic import Field

from agent.event_base import Destination, Frozen, Language

SpamVerdict = Literal["pass", "challenge", "refuse"]
LegRole = Literal["caller", "bot", "seat", "supervisor", "outside"]


class CallerRegion(Frozen):
    """Where the caller's number is from, as far as it tells. ``line``: what kind of number it is."""

    type: Literal["caller-region"] = "caller-region"
    province: str
    city: str
    carrier: str
    line: Literal["mobile", "landline", "service", "abroad", "withheld", "malformed"]


class SpamSign(Frozen):
    """One reason to take a call for spam: what it is, in words for supervisors, and what it weighs (0..1)."""

    sign: str
    words: str
    weight: float


class SpamJudged(Frozen):
    """What the filter makes of the call so far, where the verdict changes. ``turn`` 0: before it was answered."""

    type: Literal["spam-judged"] = "spam-judged"
    turn: int
    verdict: SpamVerdict
    score: float
    signs: tuple[SpamSign, ...] = ()


class RuleMatched(Frozen):
    """The routing rule that decided where the call goes, by its name in the company's file, and why it matched."""

    type: Literal["rule-matched"] = "rule-matched"
    rule: str
    target: str
    why: str


class MenuEntered(Frozen):
    """The caller hears this node of the menu. ``level``: 1 is the top."""

    type: Literal["menu-entered"] = "menu-entered"
    node: str
    level: int = Field(ge=1, le=9)
    times: int = Field(default=1, ge=1, description="how often running it was spoken")


class MenuChosen(Frozen):
    """The caller chose, or did not. ``choice``: the key, the intent understood; empty for silence."""

    type: Literal["menu-chosen"] = "menu-chosen"
    node: str
    by: Literal["key", "speech", "silence"]
    choice: str
    target: str = Field(description="where it leads: a node, a queue, the bot; empty where it leads nowhere")


class Queued(Frozen):
    """The call waits for a person, or got another place: higher priority, other skill."""

    type: Literal["queued"] = "queued"
    skill: str
    priority: int
    position: int = Field(ge=1)
    expected_wait_s: int | None = Field(description="None where nobody is there to say it by")


class QueueAnnounced(Frozen):
    """The caller was told how it stands."""

    type: Literal["queue-announced"] = "queue-announced"
    position: int = Field(ge=1)
    expected_wait_s: int | None


class QueueLeft(Frozen):
    """The call waits no more."""

    type: Literal["queue-left"] = "queue-left"
    reason: Literal["connected", "abandoned", "callback", "overflow", "returned"]
    waited_ms: int


class SeatOffered(Frozen):
    """A person's telephone rings for this call."""

    type: Literal["seat-offered"] = "seat-offered"
    seat: str


class SeatMissed(Frozen):
    """The person did not take it: it rang too long, was declined, or the seat was gone."""

    type: Literal["seat-missed"] = "seat-missed"
    seat: str
    reason: Literal["no_answer", "declined", "vanished", "answered_elsewhere", "withdrawn"]


class SeatConnected(Frozen):
    """A person is on the line. ``briefing``: what was whispered to them before."""

    type: Literal["seat-connected"] = "seat-connected"
    seat: str
    name: str
    mode: Literal["cold", "warm"] = "cold"
    briefing: str = ""


class SeatSaid(Frozen):
    """What a person on our side said. The caller's words are `AsrFinal`."""

    type: Literal["seat-said"] = "seat-said"
    seat: str
    text: str
    language: Language
    start_ms: int
    end_ms: int


class SeatDisconnected(Frozen):
    """The person is off the line."""

    type: Literal["seat-disconnected"] = "seat-disconnected"
    seat: str
    reason: Literal["hung_up", "transferred", "vanished", "caller_gone"]


class SeatTransferred(Frozen):
    """The person at a seat passes the call on."""

    type: Literal["seat-transferred"] = "seat-transferred"
    seat: str
    target: str
    mode: Literal["cold", "warm"]


class LegJoined(Frozen):
    """A line joined the call's bridge."""

    type: Literal["leg-joined"] = "leg-joined"
    leg: str
    role: LegRole


class LegLeft(Frozen):
    """A line left the call's bridge."""

    type: Literal["leg-left"] = "leg-left"
    leg: str
    reason: str


class HearingChanged(Frozen):
    """Who hears whom from now on: for each leg, those that it hears. ``cause``: what was asked for."""

    type: Literal["hearing-changed"] = "hearing-changed"
    cause: str
    hears: dict[str, tuple[str, ...]]


class SurveyAsked(Frozen):
    """The caller was asked how it was."""

    type: Literal["survey-asked"] = "survey-asked"
    times: int = Field(default=1, ge=1)


class SurveyAnswered(Frozen):
    """What they said: 1 (very bad) to 5 (very good)."""

    type: Literal["survey-answered"] = "survey-answered"
    score: int = Field(ge=1, le=5)
    by: Literal["key", "speech"]
    words: str


class CallbackPlaced(Frozen):
    """This call was rung by us, for the callback of an earlier one."""

    type: Literal["callback-placed"] = "callback-placed"
    callback_id: str
    earlier_call_id: str
    attempt: int = Field(ge=1)


class KeptWithSpecialist(Frozen):
    """The caller had an alert of late, and goes to the person who knows of it. ``seat``: who talked with them last
    since then; empty where nobody did.
    """

    type: Literal["kept-with-specialist"] = "kept-with-specialist"
    alert_id: str
    days_ago: int
    destination: Destination
    seat: str = ""
