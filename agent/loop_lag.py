"""How late the event loop is: the one figure that says whether calls get their 20 ms."""

import asyncio
from collections.abc import Callable

INTERVAL_S = 0.1
"""Ten looks a second: often enough to meet a stall that a caller hears, too seldom to cost anything."""


async def watch_loop_lag(observe: Callable[[float], object], interval_s: float = INTERVAL_S) -> None:
    """Sleep again and again, and report by how many seconds each sleep was overslept. Runs until it is cancelled.

    Lag and not CPU %: all calls share one event loop, and audio is late when that loop is late. A machine at 100 % may
    serve it in time, as the models compute in other threads; one at 20 % may not, because a single call blocked the
    loop with something slow. Lag sees both, whatever the reason. Above 20 ms, a tick of the lines came late.
    """
    loop = asyncio.get_running_loop()
    while True:
        due_s = loop.time() + interval_s
        await asyncio.sleep(interval_s)
        observe(max(0.0, loop.time() - due_s))
