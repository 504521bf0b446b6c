"""A recorded caller: does what the fixture says, in answer to what the bot does. Pure: ticks and events in, audio and
keys out.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.clock import TICK_MS
from agent.events import Event, TtsEnded, TtsStarted
from agent.ingress.fixture import CallerTurn, Cue, Fixture

PATIENCE_MS = 8000
"""A caller whom the bot leaves without an answer goes on after so long."""
KEY_MS = 200
"""From one key to the next."""


@dataclass(frozen=True)
class CallerTick:
    """20 ms of the caller."""

    pcm: bytes
    key: str | None = None
    hang_up: bool = False


class ScriptedCaller:
    """Plays a fixture.

    Args:
        audio: 16-bit samples by file name, at ``sample_rate_hz``.
    """

    def __init__(self, fixture: Fixture, audio: Mapping[str, NDArray[np.int16]], sample_rate_hz: int) -> None:
        self.spans: list[tuple[int, int]] = []
        """Where each spoken turn stands in the call so far: start and end in ms."""
        self._turns = deque(fixture.turns)
        self._end = fixture.end
        self._audio = audio
        self._tick_samples = sample_rate_hz * TICK_MS // 1000
        background = audio[fixture.background.audio] if fixture.background else None
        self._background = background
        self._background_at = 0
        self._now_ms = 0
        self._acted_ms = 0
        self._bot_started_ms: int | None = None
        self._bot_ended_ms: int | None = None
        self._bot_speaking = False
        self._playing: NDArray[np.int16] | None = None
        self._played = 0
        self._hang_up_at_ms: int | None = None
        self._keys: deque[str] = deque()
        self._next_key_ms = 0

    def observe(self, event: Event) -> None:
        """What the caller hears of the bot."""
        if isinstance(event.body, TtsStarted):
            self._bot_speaking = True
            self._bot_started_ms = self._now_ms
        elif isinstance(event.body, TtsEnded):
            self._bot_speaking = False
            self._bot_ended_ms = self._now_ms

    def tick(self) -> CallerTick:
        """The next 20 ms."""
        self._begin_what_is_due()
        samples = self._speech() + self._surroundings()
        key = self._key()
        self._now_ms += TICK_MS
        return CallerTick(np.clip(samples, -32768, 32767).astype("<i2").tobytes(), key, self._wants_to_hang_up())

    def _begin_what_is_due(self) -> None:
        if self._playing is not None or self._keys or not self._turns or not self._is_due(self._turns[0]):
            return
        self._act(self._turns.popleft())

    def _act(self, turn: CallerTurn) -> None:
        if turn.audio is not None:
            self._playing, self._played = self._audio[turn.audio], 0
            self.spans.append((self._now_ms, self._now_ms + len(self._playing) * TICK_MS // self._tick_samples))
        if turn.dtmf is not None:
            self._keys.extend(turn.dtmf)
            self._next_key_ms = self._now_ms
        if turn.hang_up_after_ms is not None:
            self._hang_up_at_ms = self._now_ms + turn.hang_up_after_ms
        # Until this turn is over it is not answered.
        self._acted_ms = self._now_ms

    def _is_due(self, cue: Cue) -> bool:
        now = self._now_ms
        if cue.when == "at":
            return now >= (cue.at_ms or 0)
        if cue.when == "during_bot":
            heard = self._bot_started_ms if self._bot_speaking else None
        else:
            heard = self._bot_ended_ms if not self._bot_speaking else None
        if heard is not None and heard >= self._acted_ms:
            return now >= heard + cue.delay_ms
        return not self._bot_speaking and now >= max(self._acted_ms, self._bot_ended_ms or 0) + PATIENCE_MS

    def _speech(self) -> NDArray[np.int32]:
        samples = np.zeros(self._tick_samples, np.int32)
        if self._playing is not None:
            piece = self._playing[self._played : self._played + self._tick_samples]
            samples[: len(piece)] = piece
            self._played += len(piece)
            if self._played >= len(self._playing):
                self._playing = None
                self._acted_ms = self._now_ms
        return samples

    def _surroundings(self) -> NDArray[np.int32]:
        if self._background is None or not len(self._background):
            return np.zeros(self._tick_samples, np.int32)
        at = (self._background_at + np.arange(self._tick_samples)) % len(self._background)
        self._background_at = int(at[-1]) + 1
        return self._background[at].astype(np.int32)

    def _key(self) -> str | None:
        if not self._keys or self._now_ms < self._next_key_ms:
            return None
        self._next_key_ms = self._now_ms + KEY_MS
        self._acted_ms = self._now_ms
        return self._keys.popleft()

    def _wants_to_hang_up(self) -> bool:
        if self._hang_up_at_ms is not None and self._now_ms >= self._hang_up_at_ms:
            return True
        return not self._turns and self._playing is None and not self._keys and self._is_due(self._end)
