"""What is written of a call once it is over."""

import asyncio
from functools import partial

from agent.events import SummaryReady
from agent.pipeline.call import Call
from agent.postcall.prompts import PostcallPrompts
from agent.postcall.summarize import summarize
from models.llm import ChatModel

SUMMARIES_AT_ONCE = 1
"""Nobody waits for a summary; several at a time would take the processor from callers who are still talking."""


class Summaries:
    """One per process. ``chat``: the language model, for what nobody waits for."""

    def __init__(self, chat: ChatModel, prompts: PostcallPrompts) -> None:
        self._chat = chat
        self._prompts = prompts
        self._turns = asyncio.Semaphore(SUMMARIES_AT_ONCE)

    async def write(self, call: Call) -> None:
        """Whatever the language model does, a summary is written: the second try goes without it."""
        async with self._turns:
            events, started_at = tuple(call.timeline), call.leg.info.started_at
            for llm in (self._chat, None):
                try:
                    summary, took_ms = await call.compute(partial(summarize, events, started_at, llm, self._prompts))
                except Exception as error:
                    call.fail("postcall", error)
                else:
                    call.timeline.append(SummaryReady(summary=summary, took_ms=took_ms))
                    return
