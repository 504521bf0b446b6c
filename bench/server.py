"""A running hotline from outside: how soon it answers after it is started, the first call against the second, and its
memory over many calls.
"""

import argparse
import asyncio
import statistics
import time
from pathlib import Path

from bench.phone import Heard, call
from bench.serving import Server, hotline

CALL = [Path("audio_fixtures/order-query/01.wav")]
# Another question for the second call: the same answer would come from the cache of spoken sentences.
OTHER_CALL = [Path("audio_fixtures/repair-booking/01.wav")]
AT_ONCE = 3


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
            return await call(url, CALL)

    return await asyncio.gather(*(one() for _ in range(count)))


async def measure(server: Server, started: float, calls: int) -> None:
    url = server.media_url
    first, dialled = await first_call(url, 60)
    assert first.answered_s is not None, "nobody answered"
    print(f"from start to the first answered call: {dialled - started + first.answered_s:.1f} s", flush=True)
    second = await call(url, OTHER_CALL)
    replies = [_reply(one) for one in (first, second)]
    print(f"reply to the first call after {replies[0]}, to the second after {replies[1]}")
    heard = await many(url, 8)
    at_10 = server.memory_mb()
    print(f"resident memory after 10 calls: {at_10:.0f} MB", flush=True)
    if calls > 10:
        heard += await many(url, calls - 10)
        at_end = server.memory_mb()
        print(f"resident memory after {calls} calls: {at_end:.0f} MB ({at_end - at_10:+.0f} MB)")
    times = [reply for one in heard if (reply := one.reply_s(0)) is not None]
    print(
        f"{len(heard)} calls, {AT_ONCE} at a time: {len(times)} answered, reply median {statistics.median(times):.2f} s"
    )


def _reply(heard: Heard) -> str:
    reply_s = heard.reply_s(0)
    return "nothing" if reply_s is None else f"{reply_s:.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=60)
    arguments, _ = parser.parse_known_args()
    started = time.perf_counter()
    with hotline() as server:
        asyncio.run(measure(server, started, arguments.calls))


if __name__ == "__main__":
    main()
