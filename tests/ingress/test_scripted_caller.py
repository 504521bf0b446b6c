"""A recorded caller waits for the bot as people do, and does what the fixture says."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from agent.events import Body, Event, TtsEnded, TtsStarted
from agent.ingress.fixture import Caller, Fixture
from agent.ingress.scripted_caller import PATIENCE_MS, CallerTick, ScriptedCaller

RATE_HZ = 8000
AUDIO = {
    "a.wav": np.full(1600, 1000, np.int16),
    "b.wav": np.full(800, 2000, np.int16),
    "street.wav": np.array([1, 2, 3], np.int16),
}


def fixture(*turns: dict[str, Any], **more: Any) -> Fixture:
    return Fixture.model_validate(
        {
            "name": "x", "description": "x", "caller": Caller(number="13812345678"), "callee": "4008001234",
            "started_at": datetime(2026, 3, 16, tzinfo=UTC), "language": "zh", "turns": turns, **more,
        }
    )  # fmt: skip


class Scene:
    """The caller, and a bot that speaks when it is told to."""

    def __init__(self, *turns: dict[str, Any], **more: Any) -> None:
        self.caller = ScriptedCaller(fixture(*turns, **more), AUDIO, RATE_HZ)
        self.ticks: list[CallerTick] = []

    def wait(self, ms: int) -> list[CallerTick]:
        new = [self.caller.tick() for _ in range(ms // 20)]
        self.ticks += new
        return new

    def tell(self, body: Body) -> None:
        self.caller.observe(Event(call_id="c", seq=0, audio_ms=0, body=body))

    def bot_speaks(self, ms: int) -> None:
        self.tell(TtsStarted(turn=0))
        self.wait(ms)
        self.tell(TtsEnded(turn=0, heard="您好", complete=True))

    @property
    def loud_ms(self) -> list[int]:
        """When the caller spoke."""
        return [n * 20 for n, tick in enumerate(self.ticks) if np.frombuffer(tick.pcm, "<i2").any()]

    @property
    def keys(self) -> list[tuple[int, str]]:
        return [(n * 20, tick.key) for n, tick in enumerate(self.ticks) if tick.key]

    @property
    def hung_up_ms(self) -> int | None:
        return next((n * 20 for n, tick in enumerate(self.ticks) if tick.hang_up), None)


def test_a_caller_speaks_a_moment_after_the_bot_has_finished() -> None:
    scene = Scene({"audio": "a.wav", "delay_ms": 600})
    scene.wait(100)
    scene.bot_speaks(1000)
    scene.wait(2000)
    assert scene.loud_ms == list(range(1700, 1900, 20))
    assert scene.caller.spans == [(1700, 1900)]


def test_a_caller_waits_for_the_answer_to_what_was_said() -> None:
    scene = Scene({"audio": "a.wav", "delay_ms": 0}, {"audio": "b.wav", "delay_ms": 100})
    scene.bot_speaks(100)
    scene.wait(2000)
    assert len(scene.caller.spans) == 1, "the greeting is no answer to the first turn"
    scene.bot_speaks(500)
    scene.wait(1000)
    assert scene.caller.spans == [(100, 300), (2700, 2800)]


def test_a_caller_interrupts_the_bot_where_the_fixture_says_so() -> None:
    scene = Scene({"audio": "a.wav", "when": "during_bot", "delay_ms": 400})
    scene.wait(200)
    scene.tell(TtsStarted(turn=0))
    scene.wait(1000)
    assert scene.loud_ms[0] == 600


def test_a_caller_whom_nobody_answers_loses_patience() -> None:
    scene = Scene({"audio": "a.wav"})
    scene.wait(PATIENCE_MS + 500)
    assert scene.loud_ms[0] == PATIENCE_MS


def test_a_caller_does_not_lose_patience_while_the_bot_speaks() -> None:
    scene = Scene({"audio": "a.wav", "delay_ms": 600})
    scene.bot_speaks(PATIENCE_MS + 4000)
    scene.wait(1000)
    assert scene.loud_ms[0] == PATIENCE_MS + 4600


def test_keys_are_pressed_one_by_one() -> None:
    scene = Scene({"dtmf": "12#", "when": "at", "at_ms": 100})
    scene.wait(1000)
    assert scene.keys == [(100, "1"), (300, "2"), (500, "#")]


def test_a_caller_hangs_up_in_mid_word() -> None:
    scene = Scene({"audio": "a.wav", "when": "at", "at_ms": 0, "hang_up_after_ms": 100})
    scene.wait(400)
    assert scene.hung_up_ms is not None and 80 <= scene.hung_up_ms <= 100
    assert scene.loud_ms[-1] >= scene.hung_up_ms, "still speaking"


def test_after_the_last_answer_the_caller_hangs_up() -> None:
    scene = Scene({"audio": "a.wav", "delay_ms": 0}, end={"delay_ms": 800})
    scene.bot_speaks(100)
    scene.wait(1000)
    assert scene.hung_up_ms is None
    scene.bot_speaks(200)
    scene.wait(2000)
    assert scene.hung_up_ms == pytest.approx(2100, abs=20)


def test_the_surroundings_are_heard_all_the_time_and_under_the_voice() -> None:
    scene = Scene({"audio": "a.wav", "when": "at", "at_ms": 40}, background={"audio": "street.wav"})
    scene.wait(80)
    heard = np.concatenate([np.frombuffer(tick.pcm, "<i2") for tick in scene.ticks])
    surroundings = np.resize(AUDIO["street.wav"], len(heard))
    assert (heard[:320] == surroundings[:320]).all()
    assert (heard[320:640] == surroundings[320:640] + 1000).all()


def test_a_loud_voice_over_loud_surroundings_is_limited_and_does_not_wrap() -> None:
    loud = {"a.wav": np.full(800, 30000, np.int16), "street.wav": np.full(9, 30000, np.int16)}
    caller = ScriptedCaller(
        fixture({"audio": "a.wav", "when": "at", "at_ms": 0}, background={"audio": "street.wav"}), loud, RATE_HZ
    )
    assert (np.frombuffer(caller.tick().pcm, "<i2") == 32767).all()


@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_a_tick_is_20_ms_at_any_rate(rate_hz: int) -> None:
    caller = ScriptedCaller(fixture(), {}, rate_hz)
    assert len(caller.tick().pcm) == rate_hz // 50 * 2
