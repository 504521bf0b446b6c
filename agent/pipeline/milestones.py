"""How long the caller has been waiting, step by step: the waterfall of one turn as it comes about."""

import asyncio
from dataclasses import dataclass

from agent.events import Waterfall


def _loop_ms() -> float:
    return asyncio.get_running_loop().time() * 1000


def measured_ms() -> float:
    """The running loop's clock in ms. In virtual time, what the models really took is counted in. A measurement: no
    decision may read it.
    """
    loop = asyncio.get_running_loop()
    return (loop.time() + getattr(loop, "worked_s", 0.0)) * 1000


@dataclass
class Milestones:
    """Of one turn. ``speech_ended_ms``: when the caller's last voiced sample came, on the measured clock."""

    turn: int
    speech_ended_ms: float
    asr_ms: int
    endpoint_ms: int = 0
    nlu_ms: int | None = None
    llm_ms: int | None = None
    tts_ms: int | None = None
    _ready_ms: float = 0.0

    @property
    def since_ms(self) -> int:
        """From the caller's last voiced sample until now."""
        return round(measured_ms() - self.speech_ended_ms)

    def understood(self) -> None:
        self.nlu_ms = self.since_ms

    def first_token(self) -> None:
        """The language model's; it counts only where nothing was spoken before."""
        if self.tts_ms is None and self.llm_ms is None:
            self.llm_ms = self.since_ms

    def first_clip(self) -> None:
        if self.tts_ms is None:
            self.tts_ms = self.since_ms
            self._ready_ms = _loop_ms()

    def on_wire(self) -> Waterfall:
        """The first sample goes out now."""
        nlu_ms = self.nlu_ms if self.nlu_ms is not None else self.endpoint_ms
        tts_ms = self.tts_ms if self.tts_ms is not None else self.since_ms
        # Only audio time from here on: in virtual time the rest of the answer is computed before the line ticks again.
        wire_ms = tts_ms + (round(_loop_ms() - self._ready_ms) if self.tts_ms is not None else 0)
        return Waterfall(
            asr_ms=self.asr_ms,
            endpoint_ms=self.endpoint_ms,
            nlu_ms=nlu_ms,
            llm_ms=self.llm_ms,
            tts_ms=tts_ms,
            wire_ms=wire_ms,
        )
