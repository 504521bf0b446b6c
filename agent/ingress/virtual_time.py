"""An asyncio loop whose clock is the audio's: it jumps to the next timer, and stands still while a model computes.

A call that is replayed on it runs as fast as the models allow and takes the same course every time: timers fire in
order, and work given to an executor is done at once, in place, so nothing depends on which thread was faster.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from time import perf_counter
from typing import Any, TypeVar

T = TypeVar("T")


class _JumpingSelector(selectors.DefaultSelector):
    """Where asyncio would sleep until the next timer, time moves on instead."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            # No timer at all: only input from outside can go on with it.
            return super().select(None)
        ready = super().select(0)
        if not ready and timeout > 0:
            self.now_s += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """See the module. ``time()`` starts at 0."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        self.worked_s = 0.0
        """Real time that executor work has taken, during which this clock stood still. A measurement."""

    def time(self) -> float:
        return self._jumping.now_s

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        future: asyncio.Future[T] = self.create_future()
        begun_s = perf_counter()
        try:
            result = func(*args)
        except StopIteration as error:
            # A future cannot carry it; asyncio's own executors refuse it likewise.
            self.call_soon(_finish, future, None, RuntimeError(f"StopIteration from {func!r}: {error}"))
        except Exception as error:
            self.call_soon(_finish, future, None, error)
        else:
            # Told in the loop's next round, as a thread would: whoever else has something to do comes in between.
            self.call_soon(_finish, future, result, None)
        self.worked_s += perf_counter() - begun_s
        return future


def _finish(future: "asyncio.Future[Any]", result: object, error: Exception | None) -> None:
    if future.cancelled():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)


def run_in_virtual_time(main: Coroutine[Any, Any, T]) -> T:
    """Like ``asyncio.run``, on a fresh virtual-time loop."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
