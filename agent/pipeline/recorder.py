"""Both sides of the call on two channels in true time: left the caller, right all that the caller hears (the bot, a
person at a seat, the music on hold), one tick of each for every tick of the line.
"""

import wave
from contextlib import suppress
from pathlib import Path

import numpy as np

from agent.errors import StorageError

FLUSH_TICKS = 50
"""Written once a second: what was recorded until a crash is a playable file that lacks at most its last second."""


class Recorder:
    """Writes a 16-bit stereo WAV as the call goes on. Blocking writes: call ``flush`` in a thread."""

    def __init__(self, path: Path, sample_rate_hz: int) -> None:
        self.path = path
        self._ticks: list[tuple[bytes, bytes]] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._wave = wave.open(str(path), "wb")  # noqa: SIM115 — open as long as the call
            self._wave.setnchannels(2)
            self._wave.setsampwidth(2)
            self._wave.setframerate(sample_rate_hz)
        except OSError as error:
            raise StorageError(
                f"cannot record the call to {path}: {error.strerror}; free space or set storage.data_dir"
            ) from error

    def add(self, caller: bytes, heard: bytes | None) -> bool:
        """One tick of 16-bit mono audio of each side. Returns whether it is time to flush."""
        self._ticks.append((caller, heard if heard is not None else bytes(len(caller))))
        return len(self._ticks) >= FLUSH_TICKS

    def flush(self) -> None:
        """Write what was added. Raises StorageError, after which what was written so far is still a valid file."""
        ticks, self._ticks = self._ticks, []
        if not ticks:
            return
        caller = np.frombuffer(b"".join(tick[0] for tick in ticks), np.int16)
        heard = np.frombuffer(b"".join(tick[1] for tick in ticks), np.int16)
        try:
            # writeframes keeps the header's length true after every write.
            self._wave.writeframes(np.column_stack([caller, heard]).tobytes())
        except OSError as error:
            # Let go of the file here: left to the garbage collector, it would try to write again and complain.
            with suppress(OSError):
                self._wave.close()
            raise StorageError(
                f"cannot record the call to {self.path}: {error.strerror}; what came before is kept"
            ) from error

    def close(self) -> None:
        """Flush and finish the file. Raises StorageError."""
        self.flush()
        try:
            self._wave.close()
        except OSError as error:
            raise StorageError(f"cannot finish {self.path}: {error.strerror}") from error
