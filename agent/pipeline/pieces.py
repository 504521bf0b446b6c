"""A blocking iterator, used from the event loop."""

import asyncio
from collections.abc import AsyncIterator, Iterator


async def iterate_in_executor(iterator: Iterator[str]) -> AsyncIterator[str]:
    """A blocking iterator, one step at a time in the loop's executor.

    If the caller loses interest in the middle of a step, the iterator is closed as soon as that step is done: closing a
    generator while it runs in another thread is an error.
    """
    loop = asyncio.get_running_loop()
    close = getattr(iterator, "close", lambda: None)
    while True:
        step = loop.run_in_executor(None, lambda: next(iterator, None))
        try:
            piece = await asyncio.shield(step)
        except (asyncio.CancelledError, GeneratorExit):
            step.add_done_callback(
                lambda done: done.cancelled() or done.exception() or loop.run_in_executor(None, close)
            )
            raise
        if piece is None:
            return
        yield piece
