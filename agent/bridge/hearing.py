"""Who hears whom. Pure: hand-over, listening, whispering and barging in are changes to one small matrix.

Each leg has a place, and the places make the matrix:

- ``line``: the conversation. Who is in it hears all others in it.
- ``hold``: waits. Hears music, and the bot where the bot still speaks to the caller.
- ``aside``: two people talk without the caller, as before a warm transfer.
- ``apart``: joined, not yet connected: hears nobody but who speaks to this leg alone.
- ``listening``: hears the conversation, and is heard by nobody. The bot's place while a person talks.
- ``whispering``: the same, but one person hears it.

Two sounds are nobody's leg and yet are heard: the music of those on hold, and the briefing that the bot whispers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from agent.errors import HotlineError
from agent.hotline_events import HearingChanged, LegRole

CALLER, BOT = "caller", "bot"
MUSIC, BRIEFING = "music", "briefing"

Place = Literal["line", "hold", "aside", "apart", "listening", "whispering"]

PEOPLE: frozenset[LegRole] = frozenset({"seat", "outside"})
"""Who talks to callers on our side. A supervisor counts once they have barged in."""
WITH_CALLER: frozenset[Place] = frozenset({"line", "hold", "aside"})
"""Where a person is who has the call in hand."""


class BridgeError(HotlineError):
    """What was asked for does not fit the legs as they stand; the message names the leg and what would be right."""

    def __init__(self, message: str) -> None:
        super().__init__("bridge_refused", message)


@dataclass(frozen=True)
class Part:
    """One leg's part in the call. ``to``: whom a supervisor whispers to, else empty."""

    role: LegRole
    place: Place
    to: str = ""


class Changed(NamedTuple):
    """The new state, and the event that tells of it."""

    hearing: "Hearing"
    event: HearingChanged


def _caller_and_bot() -> Mapping[str, Part]:
    return {CALLER: Part("caller", "line"), BOT: Part("bot", "line")}


@dataclass(frozen=True)
class Hearing:
    """The legs of a call and their places. A call begins with its caller and the bot.

    Every change raises BridgeError where a leg is unknown, or is not one that this can happen to.
    """

    parts: Mapping[str, Part] = field(default_factory=_caller_and_bot)
    briefed: str = ""
    """The leg that the bot whispers its briefing to; empty where it does not."""

    # What follows from the places

    @property
    def is_plain(self) -> bool:
        """Only the caller and the bot, and they talk."""
        return len(self.parts) == 2 and all(part.place == "line" for part in self.parts.values())

    @property
    def person_on_line(self) -> bool:
        """Whether a person has the call in hand: the bot does not answer."""
        return any(_has_call(part) for part in self.parts.values())

    @property
    def caller_on_hold(self) -> bool:
        return self.parts[CALLER].place == "hold"

    @property
    def bot_speaks(self) -> bool:
        """Whether what the bot says is heard by the caller."""
        return self.parts[BOT].place == "line"

    @property
    def hears(self) -> dict[str, tuple[str, ...]]:
        """For each leg those that it hears, in the order in which they joined."""
        return {name: tuple(self._heard_by(name)) for name in self.parts}

    def _heard_by(self, name: str) -> list[str]:
        me = self.parts[name]
        heard = [other for other, part in self.parts.items() if other != name and self._hears(name, me, part)]
        if me.place == "hold":
            heard.append(MUSIC)
        if self.briefed == name:
            heard.append(BRIEFING)
        return heard

    def _hears(self, name: str, me: Part, other: Part) -> bool:
        if other.place == "whispering":
            return other.to == name
        if me.role == "bot":
            # What it hears is written down: what callers say, on hold too, and of people what the caller hears.
            return other.role == "caller" or (other.place == "line" and not self.caller_on_hold)
        if me.place == "hold":
            return other.role == "bot" and other.place == "line" and me.role == "caller"
        if me.place in ("listening", "whispering"):
            return other.place in WITH_CALLER
        return me.place in ("line", "aside") and other.place == me.place

    # Who joins and leaves

    def join(self, leg: str, role: LegRole) -> Changed:
        """Another leg. It hears nobody, and nobody hears it, before it is connected."""
        if leg in self.parts or leg in (MUSIC, BRIEFING) or not leg:
            raise BridgeError(f"leg {leg!r} is on the bridge already; a name of its own is right")
        if role in ("caller", "bot"):
            raise BridgeError(f"leg {leg!r} cannot be a second {role}; seat, outside or supervisor is right")
        return self._becomes(self._with(leg, Part(role, "apart")), f"{leg} joins")

    def leave(self, leg: str) -> Changed:
        """A leg is gone. Nobody is left waiting for it: who talked to it aside goes back to the caller, and once no
        person is left the bot takes the caller up again.
        """
        self._of(leg, {"seat", "outside", "supervisor"}, "leave")
        parts = {name: part for name, part in self.parts.items() if name != leg}
        for name, part in parts.items():
            if part.to == leg:
                parts[name] = Part(part.role, "listening")
        rest = replace(self, parts=parts, briefed="" if self.briefed == leg else self.briefed)
        if not any(_has_call(rest.parts[name]) for name in rest._at("line", "aside")):
            # Who had put themselves on hold is the only one left to talk with the caller.
            rest = rest._placed("line", *(name for name in rest._at("hold") if rest.parts[name].role in PEOPLE))
        return self._becomes(rest, f"{leg} leaves")

    # What people do

    def connect(self, seat: str) -> Changed:
        """The person talks with the caller, and with whoever else does; the bot goes on as a silent listener."""
        self._of(seat, PEOPLE, "be connected")
        return self._becomes(self._placed("line", seat, CALLER, *self._at("aside")), f"connect {seat}")

    def hold(self, leg: str) -> Changed:
        """The leg waits: it hears music, and only the bot hears it."""
        part = self._of(leg, {"caller", "seat", "outside"}, "be put on hold")
        if part.place not in ("line", "hold"):
            raise BridgeError(f"leg {leg!r} is not in the conversation but {part.place}; connect it before it is held")
        return self._becomes(self._placed("hold", leg), f"hold {leg}")

    def resume(self, leg: str) -> Changed:
        """The leg waits no more. Whoever talked aside meanwhile is with the caller again where it is the caller."""
        part = self._of(leg, {"caller", "seat", "outside"}, "be taken off hold")
        if part.place != "hold":
            return self._becomes(self, f"resume {leg}")
        back = self._merged() if part.role == "caller" else self._placed("line", leg)
        return self._becomes(back, f"resume {leg}")

    def consult(self, seat: str, other: str) -> Changed:
        """Two people talk aside while the caller waits, as before a warm transfer."""
        self._in_hand(seat, "consult")
        self._of(other, PEOPLE, "be consulted")
        if seat == other:
            raise BridgeError(f"leg {seat!r} cannot consult itself; another seat or an outside number is right")
        aside = self._placed("aside", seat, other)._placed("hold", CALLER)
        return self._becomes(aside, f"{seat} consults {other}")

    def merge(self) -> Changed:
        """All who wait or talk aside come together with the caller."""
        return self._becomes(self._merged(), "merge")

    # What supervisors do

    def listen(self, supervisor: str) -> Changed:
        """Hears the caller and the seats; is heard by nobody."""
        self._of(supervisor, {"supervisor"}, "listen")
        return self._becomes(self._with(supervisor, Part("supervisor", "listening")), f"{supervisor} listens")

    def whisper(self, supervisor: str, seat: str) -> Changed:
        """Goes on listening, and this seat alone hears them."""
        self._of(supervisor, {"supervisor"}, "whisper")
        self._of(seat, PEOPLE, "be whispered to")
        whispers = self._with(supervisor, Part("supervisor", "whispering", seat))
        return self._becomes(whispers, f"{supervisor} whispers to {seat}")

    def barge_in(self, supervisor: str) -> Changed:
        """Joins the conversation: all who have the call in hand, the caller and the supervisor hear each other."""
        self._of(supervisor, {"supervisor"}, "barge in")
        return self._becomes(self._merged()._placed("line", supervisor), f"{supervisor} barges in")

    # What the bot does

    def bot_listens(self) -> Changed:
        """The bot is silent, and hears the caller and whoever talks with them."""
        return self._becomes(replace(self._placed("listening", BOT), briefed=""), "bot listens")

    def bot_talks(self) -> Changed:
        """The bot takes the caller up again. Refused while a person has the call in hand."""
        if self.person_on_line:
            raise BridgeError("the bot cannot talk while a person is on the line; let them leave first")
        return self._becomes(self._placed("line", BOT), "bot talks")

    def bot_whispers(self, seat: str) -> Changed:
        """The bot tells one person what they are to know; the caller does not hear it."""
        if self._of(seat, PEOPLE, "be briefed").place != "apart":
            raise BridgeError(f"leg {seat!r} talks already; a briefing comes before the connect")
        return self._becomes(replace(self, briefed=seat), f"bot briefs {seat}")

    # How

    def _of(self, leg: str, roles: frozenset[LegRole] | set[LegRole], what: str) -> Part:
        part = self.parts.get(leg)
        if part is None:
            raise BridgeError(f"leg {leg!r} is not on the bridge; one of {', '.join(self.parts)} is right")
        if part.role not in roles:
            raise BridgeError(f"leg {leg!r} is the {part.role} and cannot {what}; a {' or '.join(sorted(roles))} can")
        return part

    def _in_hand(self, leg: str, what: str) -> None:
        if self._of(leg, PEOPLE, what).place not in WITH_CALLER:
            raise BridgeError(f"leg {leg!r} is not connected and cannot {what}; connect it first")

    def _with(self, leg: str, part: Part) -> "Hearing":
        return replace(self, parts={**self.parts, leg: part})

    def _placed(self, place: Place, *legs: str) -> "Hearing":
        moved = {leg: Part(self.parts[leg].role, place) for leg in legs}
        return replace(self, parts={**self.parts, **moved})

    def _at(self, *places: Place) -> list[str]:
        return [name for name, part in self.parts.items() if part.place in places]

    def _merged(self) -> "Hearing":
        return self._placed("line", *self._at("hold", "aside"))

    def _becomes(self, new: "Hearing", cause: str) -> Changed:
        """What was asked for, and what follows from it whatever it was."""
        alone = new._at("aside")
        if len(alone) == 1:
            new = new._placed("line", *alone, CALLER)
        if new.person_on_line:
            new = new._placed("listening", BOT)
        elif self.person_on_line:
            new = new._placed("line", CALLER, BOT)
        if new.briefed and new.parts[new.briefed].place != "apart":
            # Whoever has the call in hand knows by now what it is about.
            new = replace(new, briefed="")
        return Changed(new, HearingChanged(cause=cause, hears=new.hears))


def _has_call(part: Part) -> bool:
    return (part.role in PEOPLE and part.place in WITH_CALLER) or (part.role == "supervisor" and part.place == "line")
