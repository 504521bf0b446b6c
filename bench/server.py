"""A running hotline from outside: how soon it answers after it is started, the first call against the second, and its
memory over many calls.
"""

import argparse
import asyncio
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.phone import Heard, call

CALL = [Path("audio_fixtures/order-query/01.wav")]
# Another question for the second call: the same answer would come from the cache of spoken sentences.
OTHER_CALL = [Path("audio_fixtures/repair-booking/01.wav")]
AT_ONCE = 3


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory_mb(process: subprocess.Popen[bytes]) -> float:
    """Resident memory of the server, in MB."""
    return float(psutil.Process(process.pid).memory_info().rss / 1e6)


async def first_call(url: str, give_up_s: float) -> tuple[Heard, float]:
    """Dial until somebody answers. Returns the call and when it was dialled."""
    deadline = time.perf_counter() + give_up_s
    while True:
        try:
            dialled = time.perf_counter()
            return await call(url, CALL), dialled
        except OSError:
            if time.perf_counter() > deadline:
                raise
            await asyncio.sleep(0.1)


async def many(url: str, count: int) -> list[Heard]:
    """So many calls, a few at a time."""
    lines = asyncio.Semaphore(AT_ONCE)

    async def one() -> Heard:
        async with lines:
            return await call(url, CALL, timeout_s=120)

    return await asyncio.gather(*(one() for _ in range(count)))


async def measure(url: str, process: subprocess.Popen[bytes], started: float, calls: int) -> None:
    first, dialled = await first_call(url, 60)
    assert first.answered_s is not None, "nobody answered"
    print(f"from start to the first answered call: {dialled - started + first.answered_s:.1f} s", flush=True)
    second = await call(url, OTHER_CALL)
    print(f"reply to the first call after {first.reply_s(0):.2f} s, to the second after {second.reply_s(0):.2f} s")
    heard = await many(url, 8)
    at_10 = memory_mb(process)
    print(f"resident memory after 10 calls: {at_10:.0f} MB", flush=True)
    if calls > 10:
        heard += await many(url, calls - 10)
        at_end = memory_mb(process)
        print(f"resident memory after {calls} calls: {at_end:.0f} MB ({at_end - at_10:+.0f} MB)")
    replies = [reply for one in heard if (reply := one.reply_s(0)) is not None]
    print(
        f"{len(heard)} calls, {AT_ONCE} at a time: {len(replies)} answered, "
        f"reply median {statistics.median(replies):.2f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=60)
    arguments, _ = parser.parse_known_args()
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "HOTLINE_SERVER__PORT": str(port), "HOTLINE_STORAGE__DATA_DIR": folder}
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("hotline")), "serve"], env=environment, stderr=subprocess.DEVNULL
        )
        try:
            url = f"ws://127.0.0.1:{port}/ws/media-stream"
            asyncio.run(measure(url, process, started, arguments.calls))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


if __name__ == "__main__":
    main()
