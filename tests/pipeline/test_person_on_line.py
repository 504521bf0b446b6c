"""Whole calls in which a person comes onto the line: both hear each other, the bot is silent and still listens, both
sides are written down, and once the person is gone the bot goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from agent.bridge import CALLER, BufferedLeg
from agent.bridge.resample import Resampler
from agent.bridge.sounds import two_notes
from agent.config import Settings, TurnSettings
from agent.events import (
    AlertRaised,
    AsrFinal,
    CallEnded,
    ErrorRaised,
    HearingChanged,
    LegLeft,
    LlmReply,
    NluResult,
    RiskAssessed,
    SeatSaid,
    TtsEnded,
    TtsStarted,
)
from agent.ingress.fixture import Fixture
from agent.ingress.replay import ReplayLeg
from agent.ingress.virtual_time import run_in_virtual_time
from agent.pipeline.call import Call
from agent.timeline import Timeline
from models.asr import Language, Transcript
from models.dummy import DummyRecognizer
from models.errors import ModelError
from tests.dummy_calls import RATE_HZ, MemoryCalls, engines, jinghe, make_hotline, script
from tests.synthetic_speech import syllables

SEAT_HZ = 16000
SPEAKS = {"speech_s": 1.2}


class Seat(BufferedLeg):
    """A person who says 1.5 s, is quiet for 2 s, and so on, in a wide-band voice."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        super().__init__("seat-7", "seat", SEAT_HZ, self.heard.append, prebuffer_ticks=0)
        voice = np.concatenate([syllables(1.5, SEAT_HZ), np.zeros(2 * SEAT_HZ, np.int16)])
        self._said: Iterator[bytes] = cycle(
            voice[at : at + SEAT_HZ // 50].astype("<i2").tobytes() for at in range(0, len(voice), SEAT_HZ // 50)
        )

    def pull(self) -> bytes | None:
        return next(self._said)


@dataclass
class Done:
    """A call that is over, and what the person heard of it."""

    timeline: Timeline
    seat: Seat
    recording: NDArray[np.int16]

    def at(self, cause: str) -> int:
        """When who hears whom changed like that, in ms."""
        (at_ms,) = [
            event.audio_ms
            for event in self.timeline
            if isinstance(event.body, HearingChanged) and event.body.cause == cause
        ]
        return at_ms

    def between(self, begin_ms: int, end_ms: int, *kinds: type) -> list[Any]:
        return [
            event.body
            for event in self.timeline
            if begin_ms < event.audio_ms <= end_ms and isinstance(event.body, kinds)
        ]

    def right(self, begin_ms: int, end_ms: int) -> NDArray[np.int16]:
        """What the caller heard."""
        return self.recording[begin_ms * RATE_HZ // 1000 : end_ms * RATE_HZ // 1000, 1]

    def left(self, begin_ms: int, end_ms: int) -> NDArray[np.int16]:
        """What the caller said."""
        return self.recording[begin_ms * RATE_HZ // 1000 : end_ms * RATE_HZ // 1000, 0]

    def to_seat(self, begin_ms: int, end_ms: int) -> NDArray[np.int16]:
        """What the person heard, at 8 kHz."""
        joined_ms = self.at("seat-7 joins")
        down = Resampler(SEAT_HZ, RATE_HZ)
        audio = np.frombuffer(b"".join(down.resample(tick) for tick in self.seat.heard), "<i2")
        return audio[(begin_ms - joined_ms) * RATE_HZ // 1000 : (end_ms - joined_ms) * RATE_HZ // 1000]


def run(
    folder: Path,
    fixture: Fixture,
    course: Callable[[Call, Seat], Awaitable[None]],
    heard: list[str] | None = None,
    company: bool = True,
    **more: Any,
) -> Done:
    """One call, and beside it what people do."""
    leg, seat = ReplayLeg(fixture), Seat()
    settings = Settings(turn=TurnSettings(silence_prompt_s=4))
    receptions = jinghe() if company else None
    using = engines(heard=heard) if heard is not None else engines(**more)
    hotline = make_hotline(folder, using, settings, MemoryCalls(folder), receptions)

    async def beside() -> None:
        while not hotline.live_calls:
            await asyncio.sleep(0.02)
        (call,) = hotline._live.values()
        await course(call, seat)

    async def both() -> Timeline:
        aside = asyncio.ensure_future(beside())
        timeline = await hotline.run_call(leg)
        await aside
        return timeline

    timeline = run_in_virtual_time(both())
    recording, rate_hz = soundfile.read(folder / f"{leg.info.call_id}.wav", dtype="int16")
    assert rate_hz == RATE_HZ
    return Done(timeline, seat, recording)


async def comes_and_goes(call: Call, seat: Seat) -> None:
    """On the line from second 10 to second 27; the caller is on hold from second 18 to 26."""
    await asyncio.sleep(9)
    call.bridge.join(seat)
    await asyncio.sleep(1)
    call.bridge.apply(call.bridge.hearing.connect(seat.name))
    await asyncio.sleep(8.2)
    call.bridge.apply(call.bridge.hearing.hold(CALLER))
    await asyncio.sleep(7.8)
    call.bridge.apply(call.bridge.hearing.resume(CALLER))
    await asyncio.sleep(1)
    call.bridge.leave(seat.name)


CALLER_SPEAKS = (
    SPEAKS,
    {**SPEAKS, "when": "at", "at_ms": 12_000},
    {**SPEAKS, "when": "at", "at_ms": 16_300},
    {**SPEAKS, "when": "at", "at_ms": 29_000},
)
HEARD = [
    "我想查一下订单", "您好，我是小李。", "我要去12315投诉你们", "非常抱歉。", "你们太不负责任了", "我查一下。",
    "稍等。", "我想查一下订单",
]  # fmt: skip
"""In the order in which they are transcribed: the caller and the person take turns."""


@pytest.fixture(scope="module", params=["a company's dialogue", "no company"])
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("call")
    fixture = script(folder / "f", *CALLER_SPEAKS, end={"delay_ms": 3000})
    return run(folder, fixture, comes_and_goes, HEARD, company=request.param == "a company's dialogue")


def loudness(samples: NDArray[np.int16]) -> float:
    return float(np.sqrt(np.square(samples.astype(np.float64)).mean()))


def likeness(heard: NDArray[np.int16], said: NDArray[np.int16]) -> float:
    """Their correlation, 0 to 1, at the delay of up to 40 ms that fits best."""
    one = heard.astype(np.float64)
    best = 0.0
    for delay in range(RATE_HZ * 40 // 1000):
        a, b = one[delay:], said[: len(one) - delay].astype(np.float64)
        best = max(best, float(a @ b / np.sqrt((a @ a) * (b @ b) + 1)))
    return best


def test_the_person_hears_the_caller(done: Done) -> None:
    assert loudness(done.left(12_200, 13_000)) > 500
    assert likeness(done.to_seat(12_200, 13_000), done.left(12_200, 13_000)) > 0.98


def test_the_caller_hears_the_person_and_the_recording_has_both_sides(done: Done) -> None:
    connected = done.at("connect seat-7")
    voice = syllables(1.5, RATE_HZ)
    said_at = next(at for at in range(connected, connected + 4000, 20) if loudness(done.right(at, at + 20)) > 300)
    # The first thing the caller heard was the end of a word of theirs; the next is whole.
    whole = next(
        at
        for at in range(said_at + 1500, said_at + 6000, 20)
        if loudness(done.right(at, at + 20)) > 300 and not done.right(at - 500, at).any()
    )
    assert likeness(done.right(whole, whole + 1000), voice) > 0.95


def test_who_was_not_yet_connected_heard_nothing_and_was_not_heard(done: Done) -> None:
    joined, connected = done.at("seat-7 joins"), done.at("connect seat-7")
    assert not done.to_seat(joined, connected).any()
    assert not done.between(joined, connected, SeatSaid)


def test_the_change_is_heard_within_40_ms(done: Done) -> None:
    """On hold the person falls silent, and the music begins; the caller is gone from the person's ear."""
    held = done.at("hold caller")
    assert not done.to_seat(held + 40, held + 500).any()
    music = np.frombuffer(two_notes(RATE_HZ), "<i2")
    assert likeness(done.right(held, held + 600), music) > 0.98


def test_the_bot_is_silent_while_a_person_has_the_call_and_does_not_ask_into_a_hold(done: Done) -> None:
    connected, left = done.at("connect seat-7"), done.at("seat-7 leaves")
    assert left - connected > 16_000, "longer than the silences after which it would ask, and say goodbye"
    assert not done.between(connected, left, LlmReply, TtsStarted)


def test_what_the_bot_was_saying_when_the_person_came_ends_there(done: Done) -> None:
    connected = done.at("connect seat-7")
    cut = [ended for ended in done.timeline.bodies(TtsEnded) if not ended.complete]
    spoken = [e.audio_ms for e in done.timeline if isinstance(e.body, TtsEnded) and not e.body.complete]
    assert len(cut) <= 1
    assert all(abs(at_ms - connected) <= 40 for at_ms in spoken)


def test_both_sides_are_written_down_and_the_call_is_still_watched(done: Done) -> None:
    connected, left = done.at("connect seat-7"), done.at("seat-7 leaves")
    said = done.between(connected, left + 100, AsrFinal, SeatSaid, NluResult, RiskAssessed)
    words = [(body.type, body.text) for body in said if isinstance(body, AsrFinal | SeatSaid)]
    assert words == [
        ("seat-said", "您好，我是小李。"),
        ("asr-final", "我要去12315投诉你们"),
        ("seat-said", "非常抱歉。"),
        ("asr-final", "你们太不负责任了"),
        ("seat-said", "我查一下。"),
        ("seat-said", "稍等。"),
    ]
    assert next(body.level for body in said if isinstance(body, RiskAssessed)) == "high"
    assert done.between(connected, left, AlertRaised), "an alert on a person's call"


def test_a_person_s_words_are_where_they_were_said(done: Done) -> None:
    for said in done.timeline.bodies(SeatSaid):
        assert said.seat == "seat-7" and 0 < said.end_ms - said.start_ms < 2000
        middle = (said.start_ms + said.end_ms) // 2
        assert loudness(done.right(middle - 100, middle + 100)) > 300


def test_once_the_person_is_gone_the_bot_answers_again(done: Done) -> None:
    left = done.at("seat-7 leaves")
    assert [left.reason for left in done.timeline.bodies(LegLeft)] == ["hung up"]
    (asked,) = [body for body in done.between(left, left + 10_000, AsrFinal)]
    answers = done.between(left, left + 60_000, LlmReply)
    assert asked.turn in [answer.turn for answer in answers]
    assert loudness(done.right(left + 5_500, left + 6_500)) > 100


def test_the_same_call_twice_is_the_same(tmp_path: Path) -> None:
    def once(folder: Path) -> tuple[list[dict[str, Any]], bytes]:
        fixture = script(folder / "f", *CALLER_SPEAKS, end={"delay_ms": 3000})
        call = run(folder, fixture, comes_and_goes, HEARD)
        return [event.to_json(timings=False) for event in call.timeline], call.recording.tobytes()

    assert once(tmp_path / "one") == once(tmp_path / "two")


def test_a_recogniser_that_fails_on_a_person_costs_their_words_only(tmp_path: Path) -> None:
    class Fails(DummyRecognizer):
        """Fails at the second sound, which is the person's."""

        heard = 0

        def transcribe(self, audio: NDArray[np.float32], *, language: Language | None = None) -> Transcript:
            self.heard += 1
            if self.heard == 2:
                raise ModelError("asr_broke", "the recogniser broke")
            return super().transcribe(audio, language=language)

    fixture = script(tmp_path / "f", *CALLER_SPEAKS, end={"delay_ms": 3000})
    call = run(tmp_path, fixture, comes_and_goes, recognizer=Fails(["你好"]))
    (error,) = call.timeline.bodies(ErrorRaised)
    assert (error.stage, error.code) == ("seats", "asr_broke")
    assert len(call.timeline.bodies(SeatSaid)) == 3
    assert call.timeline.last(CallEnded) is not None


def test_a_caller_who_hangs_up_on_a_person_ends_every_leg_and_loses_no_word(tmp_path: Path) -> None:
    async def stays(call: Call, seat: Seat) -> None:
        await asyncio.sleep(5)
        call.bridge.join(seat)
        call.bridge.apply(call.bridge.hearing.connect(seat.name))

    fixture = script(tmp_path / "f", {**SPEAKS, "when": "at", "at_ms": 6000, "hang_up_after_ms": 1300})
    call = run(tmp_path, fixture, stays, ["您好", "我的订单呢"])
    assert call.seat.closed
    (left,) = call.timeline.bodies(LegLeft)
    assert left.reason == "the call is over"
    types = [event.body.type for event in call.timeline]
    assert types.index("seat-said") < types.index("call-ended")
    assert len(call.timeline.bodies(SeatSaid)) + len(call.timeline.bodies(AsrFinal)) == 2


def test_callers_go_first_at_the_recogniser() -> None:
    """While a caller is being transcribed, a person's words wait in their own thread."""
    gate, order = engines().callers_first, list[str]()
    with ThreadPoolExecutor(1) as pool:
        with gate.live():
            waiting = pool.submit(lambda: (gate.wait(5.0), order.append("person")))
            order.append("caller")
        waiting.result(5.0)
    assert order == ["caller", "person"]
