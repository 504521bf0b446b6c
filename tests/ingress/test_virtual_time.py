"""Time that jumps: an hour passes at once, in the right order, and a model's work takes none of it."""

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.ingress.virtual_time import run_in_virtual_time


def test_an_hour_of_sleep_takes_no_time() -> None:
    async def sleep() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    before = time.perf_counter()
    assert run_in_virtual_time(sleep()) == pytest.approx(3600, abs=1e-6)
    assert time.perf_counter() - before < 5


@settings(deadline=None, max_examples=30)
@given(delays_ms=st.lists(st.integers(0, 5000), max_size=20))
def test_timers_fire_in_the_order_of_their_times(delays_ms: list[int]) -> None:
    fired: list[int] = []

    async def main() -> None:
        async def one(delay_ms: int) -> None:
            await asyncio.sleep(delay_ms / 1000)
            fired.append(delay_ms)

        await asyncio.gather(*(one(delay) for delay in delays_ms))

    run_in_virtual_time(main())
    assert fired == sorted(delays_ms)


def test_the_clock_stands_still_while_a_model_computes() -> None:
    async def main() -> tuple[float, float, str]:
        loop = asyncio.get_running_loop()
        before = loop.time()

        def work() -> str:
            time.sleep(0.03)
            return "done"

        result = await loop.run_in_executor(None, work)
        return before, loop.time(), result

    before, after, result = run_in_virtual_time(main())
    assert (after - before, result) == (0.0, "done")


def test_work_is_done_in_place_so_no_thread_can_change_the_course() -> None:
    order: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        first = loop.run_in_executor(None, order.append, "first")
        second = loop.run_in_executor(None, order.append, "second")
        order.append("third")
        await asyncio.gather(first, second)

    run_in_virtual_time(main())
    assert order == ["first", "second", "third"]


@pytest.mark.parametrize(("raised", "met"), [(ValueError("no"), ValueError), (StopIteration(), RuntimeError)])
def test_what_a_model_raises_reaches_who_waits_for_it(raised: Exception, met: type[Exception]) -> None:
    def work() -> None:
        raise raised

    async def main() -> None:
        await asyncio.get_running_loop().run_in_executor(None, work)

    with pytest.raises(met):
        run_in_virtual_time(main())


def test_a_timeout_is_counted_in_virtual_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 20)
        return asyncio.get_running_loop().time()

    assert run_in_virtual_time(main()) == pytest.approx(20)


def test_each_run_begins_at_zero() -> None:
    async def now() -> float:
        return asyncio.get_running_loop().time()

    assert (run_in_virtual_time(now()), run_in_virtual_time(now())) == (0.0, 0.0)
