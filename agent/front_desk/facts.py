"""What is known of a call at this moment, as the rules see it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from agent.company.company import Company
from agent.dialogue.cues import plainly_in
from agent.events import (
    AsrFinal,
    CallerKnown,
    Event,
    Language,
    NluResult,
    RiskAssessed,
    Scalar,
    SpamJudged,
    ToolCalled,
    ToolReturned,
)
from agent.front_desk.enquiry import ORDER
from agent.front_desk.memory import Remembered
from agent.ingress.leg import CallInfo
from agent.routing.floor import Floor, FloorPolicy, inputs, place_of, step
from agent.routing.lines import locate, parse_number
from agent.routing.rules import Facts, Load
from agent.tools.spec import ToolSet

_PROBE = "?"
"""A call that is not there: how long would it wait?"""


@dataclass(frozen=True)
class Standing:
    """How it stands in each queue, and in all together."""

    all: Load = field(default_factory=Load)
    queues: Mapping[str, Load] = field(default_factory=dict)


def facts_of(
    company: Company,
    info: CallInfo,
    remembered: Remembered,
    events: Iterable[Event],
    *,
    after_ms: int,
    language: Language,
    standing: Standing,
) -> Facts:
    """``after_ms``: since the answer. ``language``: of the call so far. ``standing``: of the queues now."""
    binding = None if company.numbers is None else company.numbers.of(info.called_number)
    read = _Read(events, company.tools)
    return Facts(
        at=info.started_at + timedelta(milliseconds=after_ms),
        caller=locate(info.caller_number),
        called=binding.number if binding is not None else parse_number(info.called_number).digits,
        language=read.language or language,
        intent=read.nlu.intent if read.nlu is not None else None,
        sentiment=read.nlu.sentiment if read.nlu is not None else None,
        risk=read.risk.level if read.risk is not None else "none",
        spam=read.spam.verdict if read.spam is not None else "pass",
        record=dict(read.known.fields) if read.known is not None else {},
        device=read.about["device"],
        order=read.about["order"],
        earlier_calls=remembered.calls,
        alerts=remembered.alerts,
        load=standing.all,
        queues=standing.queues,
    )


def standing_of(floor: Floor, policy: FloorPolicy, now_ms: int) -> Standing:
    """The wait is that of a call which came now; of all queues together the shortest."""
    queues = {
        skill: Load(
            waiting=sum(call.skill == skill for call in floor.waiting.values()),
            seats_ready=sum(seat.state == "ready" and skill in seat.skills for seat in floor.seats.values()),
            expected_wait_s=_wait_s(floor, policy, skill, now_ms),
        )
        for skill in policy.skills
    }
    waits = [load.expected_wait_s for load in queues.values() if load.expected_wait_s is not None]
    ready = sum(seat.state == "ready" and bool(seat.skills) for seat in floor.seats.values())
    return Standing(Load(len(floor.waiting), ready, min(waits, default=None)), queues)


def _wait_s(floor: Floor, policy: FloorPolicy, skill: str, now_ms: int) -> int | None:
    after, _ = step(floor, policy, inputs.CallQueued(call=_PROBE, caller_number="", skill=skill), now_ms)
    place = place_of(after, policy, _PROBE)
    return None if place is None else place.expected_wait_s


class _Read:
    """The newest of each kind; of appliance and order what all tools together have told."""

    def __init__(self, events: Iterable[Event], tools: ToolSet) -> None:
        self.language: Language | None = None
        self.nlu: NluResult | None = None
        self.risk: RiskAssessed | None = None
        self.spam: SpamJudged | None = None
        self.known: CallerKnown | None = None
        self.about: dict[str, dict[str, Scalar]] = {"device": {}, "order": {}}
        self._tools = tools
        self._arguments: dict[str, Mapping[str, Scalar]] = {}
        for event in events:
            match event.body:
                case AsrFinal(text=text, language=language):
                    # As the dialogue takes it: words that are plainly in one language are, whatever was recognised.
                    self.language = plainly_in(text) or language
                case NluResult() as nlu:
                    self.nlu = nlu
                case RiskAssessed() as risk:
                    self.risk = risk
                case SpamJudged() as spam:
                    self.spam = spam
                case CallerKnown() as known:
                    self.known = known
                case ToolCalled(tool=tool, arguments=arguments):
                    self._arguments[tool] = arguments
                case ToolReturned(code="ok") as returned:
                    self._told(returned)
                case _:
                    pass

    def _told(self, returned: ToolReturned) -> None:
        tool = self._tools.tools.get(returned.tool)
        if tool is None or tool.about is None or tool.many:
            return
        told = {name: value for name, value in returned.value.items() if not isinstance(value, list)}
        before = self.about[tool.about]
        # Which one it is, its number says; an appliance has none, so that the newest answer is all of it.
        number = told.get(ORDER, self._arguments.get(returned.tool, {}).get(ORDER))
        same = tool.about == "order" and number == before.get(ORDER)
        known: dict[str, Scalar] = {} if number is None else {ORDER: number}
        self.about[tool.about] = {**(before if same else {}), **known, **told}
