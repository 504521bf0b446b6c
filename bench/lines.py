"""What many lines cost when no model works: dummy engines, one call against fifty at once in one process.

The bot's frames should come every 20 ms. By how much a frame is late is what the server adds to the echo of a frame:
sockets, ticks, VAD, resampling, pipecat's queues. Both rows are of the same server; the outside callers share its
cores.
"""

import argparse
import asyncio
import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench import serving
from bench.phone import FRAME_S, Heard, call

CLIPS = [Path("audio_fixtures/order-query/01.wav")] * 2
RING_EVERY_S = 0.1
PAUSE_S = 0.2
"""A longer gap between two frames is a pause in what the bot says."""


def lateness_ms(heard: Sequence[Heard]) -> np.ndarray:
    """By how much each frame came later than 20 ms after the one before, in ms; shape (frames,)."""
    gaps = [
        after - before
        for one in heard
        for before, after in itertools.pairwise(one.arrivals_s)
        if after - before < PAUSE_S
    ]
    return np.maximum(0.0, np.asarray(gaps) - FRAME_S) * 1000


async def ring(url: str, calls: int) -> list[Heard]:
    async def one(number: int) -> Heard:
        await asyncio.sleep(number * RING_EVERY_S)
        return await call(url, CLIPS, caller=f"138{number:08}")

    return await asyncio.gather(*(one(number) for number in range(calls)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=50)
    arguments, _ = parser.parse_known_args()
    with serving.hotline(MODELS__ENGINES="dummy", SERVER__MAX_CALLS=str(arguments.calls)) as server:
        server.wait_until_healthy()
        print(f"{'calls':>5} {'frames':>7} {'median':>8} {'p95':>8} {'p99':>8} {'worst':>8}   late by, ms")
        for calls in (1, arguments.calls):
            others = serving.Others([server])
            late = lateness_ms(asyncio.run(ring(server.media_url, calls)))
            median, p95, p99 = np.percentile(late, [50, 95, 99])
            print(
                f"{calls:5} {len(late):7} {median:8.1f} {p95:8.1f} {p99:8.1f} {late.max():8.1f}   "
                f"anything else used {others.share():.0%} of the machine",
                flush=True,
            )


if __name__ == "__main__":
    main()
