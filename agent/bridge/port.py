"""Where one leg is plugged in: its audio at the line's rate, whatever its own is."""

from agent.bridge.hearing import BridgeError
from agent.bridge.leg import BridgeLeg
from agent.bridge.resample import Resampler


class Port:
    """Raises BridgeError where the leg's rate is none."""

    def __init__(self, leg: BridgeLeg, line_hz: int) -> None:
        self.leg = leg
        try:
            self._to_line = Resampler(leg.sample_rate_hz, line_hz)
            self._to_leg = Resampler(line_hz, leg.sample_rate_hz)
        except ValueError as error:
            raise BridgeError(f"leg {leg.name!r} cannot join: {error}") from error

    def pull(self) -> bytes | None:
        """The next 20 ms; None where they have not come."""
        pcm = self.leg.pull()
        return None if pcm is None else self._to_line.resample(pcm)

    def play(self, pcm: bytes) -> None:
        self.leg.play(self._to_leg.resample(pcm))
