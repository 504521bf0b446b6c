"""What people on our side are told by the bot, spoken: for a briefing in a call, or to a telephone outside."""

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import soxr

from agent.dialling.outside_line import SAMPLE_RATE_HZ
from models.tts import Speech

Speak = Callable[[str], Awaitable[bytes]]
"""16-bit mono at 8 kHz of a Chinese sentence. May raise ModelError."""


def pcm_of(speech: Speech, sample_rate_hz: int) -> bytes:
    """16-bit mono at this rate."""
    samples = soxr.resample(speech.samples, speech.sample_rate_hz, sample_rate_hz, quality="HQ")
    return bytes((np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes())


def speaker(synthesize: Callable[[str], Speech]) -> Speak:
    """``synthesize`` blocks: it is called in a thread."""

    async def speak(text: str) -> bytes:
        speech = await asyncio.get_running_loop().run_in_executor(None, synthesize, text)
        return pcm_of(speech, SAMPLE_RATE_HZ)

    return speak
