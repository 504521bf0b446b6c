"""One call from the caller's mouth to the caller's ear, as a list."""

import asyncio

from loguru import logger
from pipecat.frames.frames import ErrorFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.workers.runner import WorkerRunner

from agent.errors import HotlineError
from agent.pipeline.busy import Busy
from agent.pipeline.call import Call
from agent.pipeline.door import Door
from agent.pipeline.frames import UnintelligibleFrame
from agent.pipeline.ivr import Ivr
from agent.pipeline.line import LineIn, LineOut
from agent.pipeline.listener import Listener, ListenerWords
from agent.pipeline.nlu import Nlu
from agent.pipeline.reply import Reply
from agent.pipeline.seat_listener import SeatListeners
from agent.pipeline.survey import Survey
from agent.pipeline.talk import Talk
from agent.pipeline.tts import Tts
from agent.pipeline.writing import WritingPrompts
from agent.prompts import Phrase

LAST_WORD_S = 2.0
"""So long what the bot has said last may take to go out. Longer: nobody is there to take it."""


def build_pipeline(
    call: Call, words: ListenerWords, writing: WritingPrompts, *, door: Door | None = None, menu: Ivr | None = None
) -> Pipeline:
    """The stages of one call, in the order in which speech passes them. ``door`` and ``menu``: what the caller comes
    through before the bot, if they do; they need a company's dialogue behind them.
    """
    line_out = LineOut(call)
    SeatListeners(call)
    talk = Reply(call) if call.briefing is None else Talk(call, call.briefing, writing)
    return Pipeline(
        [
            call.leg.transport.input(),
            LineIn(call, line_out, prebuffer_ticks=_prebuffer_ticks(call)),
            Listener(call, words),
            Nlu(call),
            *([door] if door is not None else []),
            *([Survey(call, call.surveyor)] if call.surveyor is not None else []),
            *([menu] if menu is not None else []),
            talk,
            Tts(call),
            line_out,
            call.leg.transport.output(),
        ]
    )


def build_busy_pipeline(call: Call, sentence: Phrase, *, offers: bool) -> Pipeline:
    """The few stages of a call for which there is no line."""
    line_out = LineOut(call)
    return Pipeline(
        [
            call.leg.transport.input(),
            LineIn(call, line_out, prebuffer_ticks=_prebuffer_ticks(call)),
            Busy(call, sentence, offers=offers),
            Tts(call),
            line_out,
            call.leg.transport.output(),
        ]
    )


def _prebuffer_ticks(call: Call) -> int:
    """A replay has no network, and so no jitter."""
    return 0 if call.leg.info.channel == "replay" else 1


async def run_pipeline(call: Call, pipeline: Pipeline) -> None:
    """Run the call until somebody hangs up (`Call.hang_up`)."""
    worker = PipelineWorker(
        pipeline,
        params=PipelineParams(
            audio_in_sample_rate=call.leg.sample_rate_hz, audio_out_sample_rate=call.leg.sample_rate_hz
        ),
        # The hotline has its own silence rules, turn tracking and events.
        idle_timeout_secs=None,
        enable_turn_tracking=False,
        enable_rtvi=False,
    )

    @worker.event_handler("on_pipeline_error")
    async def broke(_worker: PipelineWorker, frame: ErrorFrame) -> None:
        """A stage raised what it should not have: say so to the operator, and not nothing to the caller."""
        call.fail("line", frame.exception or HotlineError("stage_failed", frame.error), spoken="trouble")
        await worker.queue_frame(UnintelligibleFrame(failed=True))

    runner = WorkerRunner(handle_sigint=False, check_dangling_tasks=False)
    await runner.add_workers(worker)
    running = asyncio.ensure_future(runner.run())
    ended = asyncio.ensure_future(call.ended.wait())
    try:
        await asyncio.wait({running, ended}, return_when=asyncio.FIRST_COMPLETED)
        if call.end is not None and call.end.ended_by == "bot":
            # The last word is still on its way out: a goodbye is heard to its end.
            await worker.stop_when_done()
            await asyncio.wait({running}, timeout=LAST_WORD_S)
        if not running.done():
            await worker.cancel(reason="the call is over")
        await running
    except Exception as error:
        logger.exception("the pipeline of call {} broke", call.leg.info.call_id)
        call.fail("line", error)
        call.hang_up("error", "internal error")
    finally:
        ended.cancel()
    call.hang_up("error", "the pipeline stopped by itself")
    call.bridge.close("the call is over")
    if call.hear_last_of_seats is not None:
        await call.hear_last_of_seats()
