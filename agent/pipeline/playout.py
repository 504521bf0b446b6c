"""What the bot is saying: clips of speech that wait for the line, and how much of them was heard. Pure."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from agent.clock import TICK_MS

REWIND_TICKS = 30
"""How far back the bot may go when it takes up its answer again: 600 ms, two or three syllables."""


@dataclass(frozen=True)
class Clip:
    """A clause of speech: 16-bit mono PCM at the line's rate, the words it says, and how long it took to make
    (measured).
    """

    pcm: bytes
    text: str
    took_ms: int = 0


@dataclass
class _Answer:
    turn: int
    number: int = 0
    clips: deque[Clip] = field(default_factory=deque)
    finished: bool = False
    started: bool = False
    offset: int = 0
    heard: str = ""
    added: int = 0
    starved_ticks: int = 0
    longest_gap_ticks: int = 0


@dataclass(frozen=True)
class PlayoutTick:
    """20 ms of the bot. ``pcm`` is None when it is silent; ``started``/``ended``: an answer began or ended here."""

    pcm: bytes | None
    started: "Started | None" = None
    ended: "Heard | None" = None


@dataclass(frozen=True)
class Started:
    """The first sound of an answer. ``took_ms``: what its first clip took to make."""

    turn: int
    took_ms: int


@dataclass(frozen=True)
class Heard:
    """What the caller heard of an answer. ``longest_gap_ms``: the longest silence inside it, because its next words
    were not ready.
    """

    turn: int
    text: str
    complete: bool
    longest_gap_ms: int = 0


class Playout:
    """The queue of answers. One answer is begun, filled clip by clip while it already plays, and finished.

    Args:
        tick_bytes: bytes of one tick of 16-bit mono audio on this line.
    """

    def __init__(self, tick_bytes: int) -> None:
        self._tick_bytes = tick_bytes
        self._answers: deque[_Answer] = deque()
        self._held = False
        self.done = 0
        """The number of the last answer that is over: spoken, cut short, or without a sound."""

    @property
    def busy(self) -> bool:
        """Whether an answer is being spoken or prepared."""
        return bool(self._answers)

    @property
    def speaking(self) -> bool:
        """Whether the caller can hear an answer now (also in a gap between its clips)."""
        return bool(self._answers) and self._answers[0].started

    @property
    def clips_added(self) -> int:
        """How many clips the answer that is being spoken has been given so far."""
        return self._answers[0].added if self._answers else 0

    @property
    def remaining_ms(self) -> int:
        """Speech that is ready and not yet heard."""
        ready = sum(len(clip.pcm) for answer in self._answers for clip in answer.clips)
        return (ready - (self._answers[0].offset if self._answers else 0)) // self._tick_bytes * TICK_MS

    @property
    def held(self) -> bool:
        """Whether the bot holds its breath."""
        return self._held

    def hold(self) -> None:
        """Fall silent at once, but keep the answer: whether it goes on is not yet known."""
        self._held = bool(self._answers)

    def resume(self) -> None:
        """Go on with the answer, from the last quiet moment, so that no half word is heard."""
        if self._held and self._answers and self._answers[0].clips:
            answer = self._answers[0]
            answer.offset = last_quiet(answer.clips[0].pcm, answer.offset, self._tick_bytes)
        self._held = False

    def begin(self, turn: int, number: int = 0) -> None:
        self._answers.append(_Answer(turn, number))

    def add(self, clip: Clip) -> None:
        """The next clause of the newest answer. Ignored if that answer was interrupted meanwhile."""
        if self._answers and not self._answers[-1].finished and clip.pcm:
            self._answers[-1].clips.append(clip)
            self._answers[-1].added += 1

    def finish(self) -> None:
        """The newest answer has all its clips."""
        if self._answers:
            self._answers[-1].finished = True

    def interrupt(self) -> Heard | None:
        """Fall silent at once. Returns what was heard of the answer that was being spoken, if one was."""
        self._held = False
        if not self._answers:
            return None
        answer = self._answers[0]
        self.done = self._answers[-1].number
        self._answers.clear()
        if not answer.started:
            return None
        heard = answer.heard
        if answer.clips:
            clip = answer.clips[0]
            heard += clip.text[: len(clip.text) * answer.offset // max(1, len(clip.pcm))]
        return Heard(answer.turn, heard, False, answer.longest_gap_ticks * TICK_MS)

    def tick(self) -> PlayoutTick:
        """The next 20 ms."""
        if self._held or not self._answers:
            return PlayoutTick(None)
        answer = self._answers[0]
        started = None
        if answer.clips and not answer.started:
            answer.started = True
            started = Started(answer.turn, answer.clips[0].took_ms)
        pcm = self._take(answer)
        if answer.started:
            answer.starved_ticks = 0 if pcm is not None or answer.finished else answer.starved_ticks + 1
            answer.longest_gap_ticks = max(answer.longest_gap_ticks, answer.starved_ticks)
        ended = None
        if answer.finished and not answer.clips:
            self._answers.popleft()
            self.done = answer.number
            # An answer without a sound (all its clips failed) was never begun, so it does not end either.
            gap_ms = answer.longest_gap_ticks * TICK_MS
            ended = Heard(answer.turn, answer.heard, True, gap_ms) if answer.started else None
        return PlayoutTick(pcm, started, ended)

    def _take(self, answer: _Answer) -> bytes | None:
        """One tick of audio across clip borders, padded with silence where the speech ends within it."""
        taken = bytearray()
        while answer.clips and len(taken) < self._tick_bytes:
            clip = answer.clips[0]
            piece = clip.pcm[answer.offset : answer.offset + self._tick_bytes - len(taken)]
            taken += piece
            answer.offset += len(piece)
            if answer.offset >= len(clip.pcm):
                answer.heard += clip.text
                answer.clips.popleft()
                answer.offset = 0
        if not taken:
            return None
        return bytes(taken) + bytes(self._tick_bytes - len(taken))


def last_quiet(pcm: bytes, offset: int, tick_bytes: int) -> int:
    """Where the quietest tick of the last 600 ms before ``offset`` begins; offsets in bytes of 16-bit audio."""
    start = max(0, offset - REWIND_TICKS * tick_bytes)
    ticks = (offset - start) // tick_bytes
    if not ticks:
        return start
    window = np.frombuffer(pcm[start : start + ticks * tick_bytes], np.int16).reshape(ticks, -1).astype(np.float32)
    return start + int(np.argmin(np.square(window).mean(axis=1))) * tick_bytes
