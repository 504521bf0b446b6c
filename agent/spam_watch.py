"""The spam filter on a live call: a reader of its timeline that writes its verdicts there, and says what to do.

The decisions are pure and live in ``agent.routing.spam``. What must be spoken or hung up is handed to whoever holds the
line, by ``do``.
"""

from collections.abc import Callable, Iterable

from agent.events import (
    AsrFinal,
    CallEnded,
    Dtmf,
    Event,
    Language,
    SpamJudged,
    TtsEnded,
    TtsStarted,
    VadSpeechEnded,
    VadSpeechStarted,
)
from agent.routing.spam import (
    Act,
    BotEnded,
    BotStarted,
    Heard,
    Judgement,
    KeyPressed,
    Moment,
    Overruled,
    SpamPolicy,
    SpamState,
    SpeechEnded,
    SpeechStarted,
    Tick,
    begin,
    step,
)
from agent.timeline import Timeline

Do = Callable[[Act], None]
"""Takes a Challenge, Refuse, HangUp or Pass; must not block. SpamJudged is written here already."""


class SpamWatch:
    """One call's. Subscribe it before what answers the caller, then `begin`, and `tick` it with the line, every 200 ms
    or so: silence makes no event.
    """

    def __init__(
        self,
        timeline: Timeline,
        policy: SpamPolicy,
        do: Do,
        *,
        language: Language = "zh",
        openings: tuple[str, ...] = (),
    ) -> None:
        self._timeline = timeline
        self._policy = policy
        self._do = do
        self._language = language
        self._openings = openings
        self._state = SpamState(phase="settled")

    @property
    def holds_the_call(self) -> bool:
        """Whether an answer to our question, or an appeal, is waited for: nobody else should answer what is said."""
        return self._state.phase in ("asked", "refused")

    @property
    def settled(self) -> bool:
        """Whether the filter is done with this call; it needs no more ticks then."""
        return self._state.phase == "settled"

    @property
    def state(self) -> SpamState:
        return self._state

    def begin(self, judged: Judgement) -> None:
        """The call was answered, after this judgement of `before_answer`. Before the greeting: it may refuse."""
        if judged.signs or judged.verdict != "pass":
            self._timeline.append(SpamJudged(turn=0, verdict=judged.verdict, score=judged.score, signs=judged.signs))
        self._state, acts = begin(self._policy, judged, language=self._language, openings=self._openings)
        # The judgement is on the timeline; a refusal by the list is the same verdict once more.
        self._act(act for act in acts if not isinstance(act, SpamJudged))

    def tick(self) -> None:
        """Time went by."""
        self._step(Tick(self._timeline.clock.now_ms))

    @property
    def is_in_doubt(self) -> bool:
        """Whether this caller is, or is about to be, asked or refused: what a supervisor can still change."""
        return not self.settled and self._state.verdict != "pass"

    def allow(self, by: str) -> bool:
        """A supervisor lets this call in. False where there was nothing to overrule."""
        if not self.is_in_doubt:
            return False
        self._step(Overruled(self._timeline.clock.now_ms, by))
        return True

    def __call__(self, event: Event) -> None:
        moment = moment_of(event)
        if isinstance(event.body, CallEnded):
            self._state = SpamState(phase="settled", verdict=self._state.verdict, signs=self._state.signs)
        elif moment is not None:
            self._step(moment)

    def _step(self, moment: Moment) -> None:
        if self.settled:
            return
        self._state, acts = step(self._policy, self._state, moment)
        self._act(acts)

    def _act(self, acts: Iterable[Act]) -> None:
        several = tuple(acts)
        # First the verdict, so that whoever acts on it finds it on the timeline.
        for act in several:
            if isinstance(act, SpamJudged):
                self._timeline.append(act)
        for act in several:
            if not isinstance(act, SpamJudged):
                self._do(act)


def moment_of(event: Event) -> Moment | None:
    """What an event of the timeline is to the filter; None for what does not concern it."""
    at_ms = event.audio_ms
    match event.body:
        case VadSpeechStarted(start_ms=start_ms):
            return SpeechStarted(start_ms)
        case VadSpeechEnded(end_ms=end_ms):
            return SpeechEnded(end_ms)
        case AsrFinal() as said:
            return Heard(at_ms, said.turn, said.text, said.language, said.start_ms, said.end_ms)
        case Dtmf(digit=digit):
            return KeyPressed(at_ms, digit)
        case TtsStarted():
            return BotStarted(at_ms)
        case TtsEnded():
            return BotEnded(at_ms)
        case _:
            return None
