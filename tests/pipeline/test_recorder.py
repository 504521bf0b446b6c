"""Both sides of the call are on disk in true time, whatever happens to the process or the disk."""

import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from agent.errors import StorageError
from agent.pipeline.recorder import FLUSH_TICKS, Recorder

RATE_HZ = 8000
CALLER, BOT = np.full(160, 100, "<i2").tobytes(), np.full(160, -200, "<i2").tobytes()


def test_a_call_of_60_seconds_records_60_seconds(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "calls" / "a.wav", RATE_HZ)
    for _ in range(3000):
        if recorder.add(CALLER, None):
            recorder.flush()
    recorder.close()
    info = soundfile.info(tmp_path / "calls" / "a.wav")
    assert (info.duration, info.channels, info.samplerate, info.subtype) == (60.0, 2, RATE_HZ, "PCM_16")


def test_the_caller_is_left_and_the_bot_right(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.wav", RATE_HZ)
    recorder.add(CALLER, BOT)
    recorder.add(CALLER, None)
    recorder.close()
    samples, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert (samples[:, 0] == 100).all()
    assert (samples[:160, 1] == -200).all() and (samples[160:, 1] == 0).all()


def test_it_is_time_to_flush_once_a_second(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.wav", RATE_HZ)
    due = [recorder.add(CALLER, None) for _ in range(FLUSH_TICKS)]
    assert due == [False] * (FLUSH_TICKS - 1) + [True]


DIES = """
import os, sys
from pathlib import Path
from agent.pipeline.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]), 8000)
for _ in range(120):
    if recorder.add(bytes(320), None):
        recorder.flush()
os._exit(9)
"""


def test_a_crash_costs_at_most_the_last_second_and_leaves_a_playable_file(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    assert subprocess.run([sys.executable, "-c", DIES, str(file)], check=False).returncode == 9
    with wave.open(str(file)) as recording:
        seconds = recording.getnframes() / recording.getframerate()
        assert len(recording.readframes(10**9)) == recording.getnframes() * 4
    assert 1.4 <= seconds <= 2.4


RUNS_FULL = """
import resource, sys
from pathlib import Path
from agent.errors import StorageError
from agent.pipeline.recorder import Recorder
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
recorder = Recorder(Path(sys.argv[1]), 8000)
try:
    for _ in range(500):
        if recorder.add(bytes(320), None):
            recorder.flush()
except StorageError as error:
    print(error.code, error)
"""


def test_a_full_disk_is_named_and_what_was_recorded_until_then_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    ran = subprocess.run([sys.executable, "-c", RUNS_FULL, str(file)], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith(f"storage_failed cannot record the call to {file}: ")
    with wave.open(str(file)) as recording:
        assert recording.getnframes() / recording.getframerate() >= 3.0
        assert recording.getnframes() * 4 <= os.path.getsize(file)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a disk that is always full")
def test_a_disk_that_is_full_from_the_start_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.wav").symlink_to("/dev/full")
    recorder = Recorder(tmp_path / "a.wav", RATE_HZ)
    for _ in range(FLUSH_TICKS):
        recorder.add(CALLER, None)
    with pytest.raises(StorageError, match="No space left on device") as raised:
        recorder.flush()
    assert raised.value.retryable


def test_a_folder_that_cannot_be_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "calls").write_text("a file where a folder should be")
    with pytest.raises(StorageError, match=r"cannot record the call to .*a\.wav.*storage\.data_dir"):
        Recorder(tmp_path / "calls" / "a.wav", RATE_HZ)
