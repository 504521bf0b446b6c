"""Servers that a benchmark starts and stops: ours as ``hotline serve``, and the peer."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx
import psutil

HOST = "127.0.0.1"
STOP_S = 30.0
QUIET_PERCENT = 10.0
"""Of one core: a server that uses less is not computing."""
_NOT_BUSY = ("idle", "iowait", "guest", "guest_nice")  # a guest's time is in the user's


@dataclass(frozen=True)
class Server:
    """A server at a base URL. process: None for one that was running already."""

    url: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def media_url(self) -> str:
        """Where it takes calls."""
        return "ws" + self.url.removeprefix("http") + "/ws/media-stream"

    def wait_until_healthy(self, give_up_s: float = 180.0) -> None:
        """Until ``/healthz`` answers. Raises RuntimeError if the server dies, TimeoutError."""
        deadline = time.monotonic() + give_up_s
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"the server ended with code {self.process.returncode}: {self.process.args!r}")
            try:
                httpx.get(f"{self.url}/healthz", timeout=5.0).raise_for_status()
                return
            except httpx.HTTPError:
                time.sleep(0.2)
        raise TimeoutError(f"{self.url} was not healthy within {give_up_s:g} s")

    def wait_until_quiet(self, give_up_s: float = 90.0) -> None:
        """Until it computes nothing: what one server does after a call must not slow the other's next call down."""
        if self.process is None:
            return
        watched, deadline = psutil.Process(self.process.pid), time.monotonic() + give_up_s
        while watched.cpu_percent(interval=1.0) > QUIET_PERCENT and time.monotonic() < deadline:
            pass

    def memory_mb(self) -> float:
        """Resident memory, in MB."""
        assert self.process is not None
        return float(psutil.Process(self.process.pid).memory_info().rss / 1e6)


class Others:
    """How much of the machine anybody else uses, from now on: a figure taken beside other work is none.

    servers: what is measured, and so is not somebody else.
    """

    def __init__(self, servers: Sequence[Server]) -> None:
        ours = [server.process.pid for server in servers if server.process is not None]
        self._ours = [psutil.Process(pid) for pid in (os.getpid(), *ours)]
        self._since_s, self._others_s = time.monotonic(), self._now_s()

    def _now_s(self) -> float:
        machine = psutil.cpu_times()._asdict()
        ours = [process.cpu_times() for process in self._ours]
        busy_s = sum(seconds for kind, seconds in machine.items() if kind not in _NOT_BUSY)
        return float(busy_s - sum(times.user + times.system for times in ours))

    def share(self) -> float:
        """From 0 to 1, of all cores."""
        wall_s = (time.monotonic() - self._since_s) * (psutil.cpu_count() or 1)
        return max(0.0, self._now_s() - self._others_s) / wall_s


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def hotline(profile: str | None = None, **settings: str) -> Iterator[Server]:
    """Ours, just started, with a data folder of its own. profile: None for the one that is set up. settings: more of
    them, as environment variables without their prefix.
    """
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"HOTLINE_SERVER__PORT": str(port), "HOTLINE_STORAGE__DATA_DIR": folder}
        environment |= {f"HOTLINE_{name}": value for name, value in settings.items()}
        if profile is not None:
            environment["HOTLINE_MODELS__PROFILE"] = profile
        with _running([str(Path(sys.executable).with_name("hotline")), "serve"], environment, port) as server:
            yield server


@contextmanager
def peer(profile: str, metrics: Path) -> Iterator[Server]:
    """Stock pipecat, just started. metrics: the file that it writes its stage times to."""
    port = free_port()
    command = [sys.executable, "-m", "bench.peer_pipecat", "--port", str(port), "--profile", profile]
    with _running([*command, "--metrics", str(metrics)], {}, port) as server:
        yield server


@contextmanager
def _running(command: Sequence[str], environment: Mapping[str, str], port: int) -> Iterator[Server]:
    # Asked to stop, Python would leave at once, and the servers would stay.
    signal.signal(signal.SIGTERM, _leave)
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield Server(f"http://{HOST}:{port}", process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _leave(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
