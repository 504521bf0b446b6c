"""A stalled network costs the caller no word: late audio is kept in order, and only quiet is left out to catch up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.bridge.jitter import QUIET_PEAK, JitterBuffer

SAMPLES = 160
TICK_BYTES = SAMPLES * 2


def spoken(number: int) -> bytes:
    """A loud tick that can be told from all others."""
    return np.full(SAMPLES, 1000 + number, "<i2").tobytes()


def quiet(number: int) -> bytes:
    return np.full(SAMPLES, number % QUIET_PEAK, "<i2").tobytes()


SILENCE = bytes(TICK_BYTES)


def test_audio_in_any_pieces_comes_out_a_tick_at_a_time() -> None:
    buffer = JitterBuffer(TICK_BYTES)
    audio = b"".join(spoken(n) for n in range(4))
    for start in range(0, len(audio), 99):
        buffer.push(audio[start : start + 99])
    assert [buffer.pop() for _ in range(4)] == [spoken(n) for n in range(4)]


def test_silence_fills_what_has_not_come() -> None:
    buffer = JitterBuffer(TICK_BYTES)
    assert buffer.pop() == SILENCE
    buffer.push(spoken(1))
    assert buffer.pop() == spoken(1)
    assert buffer.pop() == SILENCE
    assert buffer.missing_ticks == 2


def test_the_first_tick_waits_for_the_prebuffer() -> None:
    buffer = JitterBuffer(TICK_BYTES, prebuffer_ticks=3)
    buffer.push(spoken(1) + spoken(2))
    assert buffer.pop() == SILENCE
    buffer.push(spoken(3))
    assert [buffer.pop() for _ in range(3)] == [spoken(1), spoken(2), spoken(3)]


def test_a_backlog_is_made_up_in_the_pauses() -> None:
    buffer = JitterBuffer(TICK_BYTES, max_delay_ticks=5)
    for n in range(10):
        buffer.push(spoken(n))
    for n in range(20):
        buffer.push(quiet(n))
    buffer.push(spoken(99))
    out = [buffer.pop() for _ in range(16)]
    assert out[:10] == [spoken(n) for n in range(10)]
    assert spoken(99) in out
    assert buffer.skipped_ticks == 16


@given(
    course=st.lists(st.one_of(st.just("pop"), st.tuples(st.booleans(), st.integers(1, 12))), max_size=60),
    prebuffer=st.integers(0, 4),
    max_delay=st.integers(1, 8),
)
def test_nothing_spoken_is_lost_or_changes_its_place(course: list, prebuffer: int, max_delay: int) -> None:
    buffer = JitterBuffer(TICK_BYTES, prebuffer_ticks=prebuffer, max_delay_ticks=max_delay)
    pushed: list[bytes] = []
    popped: list[bytes] = []
    for step in course:
        if step == "pop":
            popped.append(buffer.pop())
            continue
        loud, count = step
        ticks = [(spoken if loud else quiet)(1 + len(pushed) + n) for n in range(count)]
        pushed += ticks
        buffer.push(b"".join(ticks))
    # The rest of the call; the last ticks may still wait for a prebuffer that never fills.
    popped += [buffer.pop() for _ in range(len(pushed) + 1)]
    assert all(len(tick) == TICK_BYTES for tick in popped)
    heard = [tick for tick in popped if tick != SILENCE]
    if len(pushed) >= max(prebuffer, 1):
        assert [tick for tick in heard if tick in pushed] == heard
        loud_in = [tick for tick in pushed if max(np.frombuffer(tick, "<i2")) >= QUIET_PEAK]
        loud_out = [tick for tick in heard if max(np.frombuffer(tick, "<i2")) >= QUIET_PEAK]
        assert loud_out == loud_in
        assert len(heard) + buffer.skipped_ticks == len(pushed)
    else:
        assert not heard
