"""The bridge of one call: its legs, who hears whom, and 20 ms of everybody to everybody, tick by tick.

As long as there is nobody but the caller and the bot it does nothing: what the bot says goes to the caller untouched.
"""

from collections.abc import Callable, Mapping

from loguru import logger

from agent.bridge.conceal import Concealer
from agent.bridge.hearing import BOT, BRIEFING, CALLER, MUSIC, BridgeError, Changed, Hearing
from agent.bridge.leg import BridgeLeg
from agent.bridge.mix import Gains, Mixer
from agent.bridge.port import Port
from agent.bridge.sounds import Music, Speech
from agent.clock import TICK_MS, samples_per_tick
from agent.hotline_events import HearingChanged, LegJoined, LegLeft

Told = LegJoined | LegLeft | HearingChanged
GAIN: Mapping[str, float] = {MUSIC: 0.7, BRIEFING: 1.0}
"""How loud each sound is; a voice that is not named is as loud as it came."""
MUSIC_RETURNS_MS = 600
"""The music is left out while the bot speaks over it, and between its clauses."""
_PLAIN: Gains = {CALLER: {BOT: 1.0}, BOT: {CALLER: 1.0}}


class Bridge:
    """One per call.

    Args:
        sample_rate_hz: of the call's line; legs of other rates are resampled.
        tell: takes what happens, for the call's timeline.
        music: what those on hold hear, 16-bit mono at this rate, played round and round; two soft notes by default.
    """

    def __init__(
        self,
        sample_rate_hz: int,
        *,
        tell: Callable[[Told], object] = lambda _: None,
        music: bytes | None = None,
    ) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.hearing = Hearing()
        self.on_person: Callable[[str, bytes], None] | None = None
        """Takes each tick of every person whom the bot hears: the leg's name and its audio at the line's rate."""
        self._tell = tell
        self._silence = bytes(samples_per_tick(sample_rate_hz) * 2)
        self._mixer = Mixer(sample_rate_hz, _PLAIN)
        self._gains: Gains = _PLAIN
        self._under_bot: Gains = _PLAIN
        self._bot_silent_ms = MUSIC_RETURNS_MS
        self._ports: dict[str, Port] = {}
        self._concealers: dict[str, Concealer] = {}
        self._leaving: set[str] = set()
        self._music = Music(music, sample_rate_hz)
        self._briefing = Speech(sample_rate_hz)

    # What is so now

    @property
    def person_on_line(self) -> bool:
        """Whether a person has the call in hand: the bot does not answer."""
        return self.hearing.person_on_line

    @property
    def caller_on_hold(self) -> bool:
        return self.hearing.caller_on_hold

    @property
    def bot_speaks(self) -> bool:
        """Whether what the bot says is heard by the caller."""
        return self.hearing.bot_speaks

    @property
    def legs(self) -> Mapping[str, BridgeLeg]:
        """Those that joined, by name; the caller and the bot are none of them."""
        return {name: port.leg for name, port in self._ports.items()}

    @property
    def briefing_ms(self) -> int:
        """What is still to be said of the briefing."""
        return self._briefing.remaining_ms

    # Changes

    def join(self, leg: BridgeLeg) -> None:
        """Another leg; it hears nobody before it is connected. Raises BridgeError for a name that is taken."""
        changed = self.hearing.join(leg.name, leg.role)
        self._ports[leg.name] = Port(leg, self.sample_rate_hz)
        self._tell(LegJoined(leg=leg.name, role=leg.role))
        self._become(changed)

    def leave(self, name: str, reason: str = "hung up") -> None:
        """A leg is gone, and closed. Raises BridgeError for one that is not there."""
        changed = self.hearing.leave(name)
        port = self._ports.pop(name)
        self._leaving.add(name)
        self._tell(LegLeft(leg=name, reason=reason))
        self._become(changed)
        port.leg.close()

    def apply(self, changed: Changed) -> None:
        """Make a change true from the next tick on: ``bridge.apply(bridge.hearing.connect("seat-7"))``.

        Raises BridgeError for a change of a hearing that is no more: legs have come or gone since.
        """
        if changed.hearing.parts.keys() != self.hearing.parts.keys():
            raise BridgeError(f"{changed.event.cause}: legs have come or gone since; ask the bridge's hearing anew")
        self._become(changed)

    def _become(self, changed: Changed) -> None:
        before, self.hearing = self.hearing.hears, changed.hearing
        if not self.hearing.briefed:
            self._briefing.say(b"")
        if self.hearing.hears == before:
            return
        self._gains = _PLAIN if self.hearing.is_plain else _gains(self.hearing.hears)
        self._under_bot = _without_music_under_bot(self._gains)
        self._tell(changed.event)

    def brief(self, seat: str, pcm: bytes) -> None:
        """Whisper this to one person (16-bit mono at the line's rate). Raises BridgeError where they talk already."""
        self.apply(self.hearing.bot_whispers(seat))
        self._briefing.say(pcm)

    def close(self, reason: str) -> None:
        """The call is over: every leg leaves."""
        for name in tuple(self._ports):
            self.leave(name, reason)

    # Audio

    def exchange(self, caller: bytes | None, bot: bytes | None) -> bytes | None:
        """One tick of the line: the legs are heard, and hear. Never raises for what a leg does: it is taken off.

        Args:
            caller: 20 ms of 16-bit mono at the line's rate; None where they were lost.
            bot: the same; None where it is silent.

        Returns what the caller hears; None where that is nothing at all.
        """
        if self._is_identity:
            return bot
        broken: dict[str, Exception] = {}
        inputs: dict[str, bytes | None] = {CALLER: caller, BOT: bot}
        for name, port in self._ports.items():
            try:
                inputs[name] = port.pull()
            except Exception as error:
                broken[name] = error
        heard = self.tick(inputs)
        for name, port in self._ports.items():
            try:
                port.play(heard.get(name, self._silence))
            except Exception as error:
                broken[name] = error
        for name, cause in broken.items():
            logger.opt(exception=cause).error("leg {} broke", name)
            self.leave(name, f"broke: {cause or type(cause).__name__}")
        return heard.get(CALLER)

    def tick(self, inputs: Mapping[str, bytes | None]) -> Mapping[str, bytes]:
        """20 ms of each leg in, what each hears out, all at the line's rate.

        Args:
            inputs: by leg; None or left out where it was lost, or, for the bot, where it is silent.

        Returns by leg; who hears nothing at all is left out.
        """
        if self._is_identity:
            pairs = ((CALLER, inputs.get(BOT)), (BOT, inputs.get(CALLER)))
            return {name: pcm for name, pcm in pairs if pcm is not None}
        voices = self._voices(inputs)
        self._bot_silent_ms = 0 if BOT in voices else self._bot_silent_ms + TICK_MS
        gains = self._gains if self._bot_silent_ms >= MUSIC_RETURNS_MS else self._under_bot
        heard = self._mixer.mix(voices, gains)
        for name in self._leaving:
            self._concealers.pop(name, None)
        self._leaving.clear()
        self._tell_people(voices)
        return heard

    def _tell_people(self, voices: Mapping[str, bytes]) -> None:
        for name in self._gains.get(BOT, ()):
            if self.on_person is None or name == CALLER:
                continue
            try:
                self.on_person(name, voices[name])
            except Exception:
                # Whoever listens along must not take the conversation with it.
                logger.exception("what {} says is not listened to any more", name)
                self.on_person = None

    def _voices(self, inputs: Mapping[str, bytes | None]) -> dict[str, bytes]:
        """Everybody's sound, what was lost made up."""
        voices = {}
        for name in (CALLER, *self._ports, *self._leaving):
            concealer = self._concealers.get(name)
            if concealer is None:
                concealer = self._concealers[name] = Concealer(self.sample_rate_hz)
            voices[name] = concealer.take(inputs.get(name))
        if (bot := inputs.get(BOT)) is not None:
            voices[BOT] = bot
        if any(MUSIC in heard for heard in self._gains.values()):
            voices[MUSIC] = self._music.tick()
        if self.hearing.briefed and (said := self._briefing.tick()) is not None:
            voices[BRIEFING] = said
        return voices

    @property
    def _is_identity(self) -> bool:
        """Nobody but the caller and the bot, and nothing left to fade."""
        return self._gains is _PLAIN and not self._mixer.is_ramping_to(_PLAIN)


def _gains(hears: Mapping[str, tuple[str, ...]]) -> Gains:
    return {ear: {voice: GAIN.get(voice, 1.0) for voice in heard} for ear, heard in hears.items()}


def _without_music_under_bot(gains: Gains) -> Gains:
    return {
        ear: {voice: gain for voice, gain in heard.items() if voice != MUSIC or BOT not in heard}
        for ear, heard in gains.items()
    }
