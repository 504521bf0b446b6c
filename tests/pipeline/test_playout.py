"""What the caller hears is known to the tick: whole answers whole, interrupted ones as far as they went."""

from dataclasses import dataclass

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agent.pipeline.playout import Clip, Heard, Playout

TICK_BYTES = 320


def clip(text: str, ticks: float) -> Clip:
    return Clip(b"\1\0" * int(ticks * TICK_BYTES / 2), text)


def play(playout: Playout, ticks: int) -> list[Heard]:
    return [ended for _ in range(ticks) if (ended := playout.tick().ended) is not None]


def test_an_answer_is_heard_whole() -> None:
    playout = Playout(TICK_BYTES)
    playout.begin(1)
    playout.add(clip("好的，", 2))
    playout.add(clip("记下了。", 1.5))
    playout.finish()
    ticks = [playout.tick() for _ in range(6)]
    assert [tick.started.turn for tick in ticks if tick.started] == [1]
    assert [tick.pcm is not None for tick in ticks] == [True] * 4 + [False] * 2
    assert ticks[3].ended == Heard(1, "好的，记下了。", complete=True)


def test_an_interrupted_answer_was_heard_as_far_as_it_went() -> None:
    playout = Playout(TICK_BYTES)
    playout.begin(1)
    playout.add(clip("一二三四", 4))
    playout.finish()
    play(playout, 3)
    assert playout.interrupt() == Heard(1, "一二三", complete=False)
    assert not playout.busy
    assert playout.tick().pcm is None


def test_an_answer_that_was_interrupted_before_its_first_sound_was_not_heard() -> None:
    playout = Playout(TICK_BYTES)
    playout.begin(1)
    play(playout, 2)
    assert playout.interrupt() is None
    playout.add(clip("太晚了", 2))
    assert playout.tick().pcm is None


def test_the_line_stays_open_between_two_clips() -> None:
    """While the second clause is being made the bot is silent and still speaking: it has not finished."""
    playout = Playout(TICK_BYTES)
    playout.begin(1)
    playout.add(clip("好的，", 1))
    assert playout.tick().pcm is not None
    gap = playout.tick()
    assert gap.pcm is None and gap.ended is None and playout.speaking
    playout.add(clip("记下了。", 1))
    playout.finish()
    assert playout.tick().ended == Heard(1, "好的，记下了。", complete=True, longest_gap_ms=20)


def test_an_answer_without_a_sound_neither_begins_nor_blocks_the_next() -> None:
    playout = Playout(TICK_BYTES)
    playout.begin(1)
    playout.finish()
    playout.begin(2)
    playout.add(clip("第二", 1))
    playout.finish()
    assert play(playout, 3) == [Heard(2, "第二", complete=True)]


@dataclass
class Said:
    """What went into an answer."""

    turn: int
    text: str = ""
    finished: bool = False
    bytes: int = 0


class AnyCourse(RuleBasedStateMachine):
    """Answers begun, filled, finished, played and interrupted in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.playout = Playout(TICK_BYTES)
        self.waiting: list[Said] = []
        self.turn = 0
        self.started: set[int] = set()
        self.ended: set[int] = set()

    @precondition(lambda self: not self.waiting or self.waiting[-1].finished)
    @rule()
    def begin(self) -> None:
        self.turn += 1
        self.playout.begin(self.turn)
        self.waiting.append(Said(self.turn))

    @rule(text=st.text("一二三四五", min_size=1, max_size=5), ticks=st.floats(0.01, 4))
    def add(self, text: str, ticks: float) -> None:
        made = clip(text, ticks)
        self.playout.add(made)
        if self.waiting and not self.waiting[-1].finished and made.pcm:
            self.waiting[-1].text += text
            self.waiting[-1].bytes += len(made.pcm)

    @rule()
    def finish(self) -> None:
        self.playout.finish()
        if self.waiting:
            self.waiting[-1].finished = True

    @rule()
    def interrupt(self) -> None:
        heard = self.playout.interrupt()
        if heard is not None:
            while not self.waiting[0].bytes:
                self.waiting.pop(0)
            assert heard.turn in self.started and heard.turn == self.waiting[0].turn
            assert self.waiting[0].text.startswith(heard.text)
            assert not heard.complete
        self.waiting.clear()

    @rule(count=st.integers(1, 4))
    def hold(self, count: int) -> None:
        """However often and however long the bot holds its breath, what it says afterwards is whole."""
        self.playout.hold()
        for _ in range(count * self.playout.held):
            tick = self.playout.tick()
            assert tick.pcm is None and tick.ended is None and tick.started is None
        self.playout.resume()

    @rule(count=st.integers(1, 8))
    def tick(self, count: int) -> None:
        for _ in range(count):
            tick = self.playout.tick()
            assert tick.pcm is None or len(tick.pcm) == TICK_BYTES
            if tick.started is not None:
                assert tick.started.turn not in self.started and tick.pcm is not None
                self.started.add(tick.started.turn)
            if tick.ended is not None:
                # Answers without a sound pass unnoticed.
                while not self.waiting[0].bytes:
                    self.waiting.pop(0)
                said = self.waiting.pop(0)
                ended = (tick.ended.turn, tick.ended.text, tick.ended.complete)
                assert said.finished and ended == (said.turn, said.text, True)
                assert tick.ended.turn in self.started

    @invariant()
    def no_answer_speaks_without_being_there(self) -> None:
        assert self.playout.busy or not self.playout.speaking


AnyCourse.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestAnyCourse = AnyCourse.TestCase


def test_a_held_breath_costs_no_word() -> None:
    playout = Playout(TICK_BYTES)
    playout.begin(1)
    loud = np.full(TICK_BYTES // 2, 9000, np.int16).tobytes()
    quiet = np.full(TICK_BYTES // 2, 3, np.int16).tobytes()
    clip = Clip(loud * 10 + quiet + loud * 9, "好的，您的订单已经发货")
    playout.add(clip)
    playout.finish()
    heard = [playout.tick().pcm for _ in range(15)]
    playout.hold()
    assert playout.held and playout.busy
    assert [playout.tick().pcm for _ in range(50)] == [None] * 50, "silent while it holds"
    playout.resume()
    rest = []
    while (tick := playout.tick()).pcm is not None:
        rest.append(tick.pcm)
        ended = tick.ended
    assert b"".join(heard[:10]) + b"".join(rest) == clip.pcm, "it goes on from the last quiet moment"
    assert ended is not None and ended.complete and ended.text == clip.text


def test_what_was_given_up_while_held_is_known_as_far_as_it_was_heard() -> None:
    playout = Playout(TICK_BYTES)
    playout.begin(1)
    playout.add(Clip(bytes(TICK_BYTES * 10), "一二三四五六七八九十"))
    for _ in range(5):
        playout.tick()
    playout.hold()
    heard = playout.interrupt()
    assert heard is not None and heard.text == "一二三四五" and not heard.complete
    assert not playout.held and not playout.busy


def test_there_is_nothing_to_hold_where_nothing_is_said() -> None:
    playout = Playout(TICK_BYTES)
    playout.hold()
    assert not playout.held
    playout.begin(1)
    playout.hold()
    playout.add(Clip(bytes(TICK_BYTES), "好"))
    assert playout.tick().started is None, "an answer that is being prepared waits too"
    playout.resume()
    assert playout.tick().started is not None
