"""The filter on a live call reads its timeline, writes its verdicts there, and says what to do."""

from agent.clock import TICK_MS, AudioClock
from agent.events import (
    AsrFinal,
    CallEnded,
    Dtmf,
    SpamJudged,
    TtsEnded,
    TtsStarted,
    VadSpeechEnded,
    VadSpeechStarted,
)
from agent.routing.spam import Act, Caller, Challenge, HangUp, History, Judgement, Mark, Pass, Refuse, before_answer
from agent.spam_watch import SpamWatch
from agent.timeline import Timeline
from tests.routing.spam_talk import policy


class Call:
    """A call whose line ticks."""

    def __init__(self, judged: Judgement | None = None) -> None:
        self.clock = AudioClock()
        self.timeline = Timeline("call-1", self.clock)
        self.done: list[Act] = []
        self.watch = SpamWatch(self.timeline, policy(), self.done.append)
        self.timeline.subscribe(self.watch)
        self.watch.begin(judged or Judgement())

    def wait(self, s: float) -> None:
        for _ in range(round(s * 1000) // TICK_MS):
            self.clock.tick()
            self.watch.tick()

    def bot(self, s: float) -> None:
        self.timeline.append(TtsStarted(turn=0))
        self.wait(s)
        self.timeline.append(TtsEnded(turn=0, heard="…", complete=True))

    def says(self, text: str, s: float = 3) -> None:
        start_ms = self.clock.now_ms
        self.timeline.append(VadSpeechStarted(start_ms=start_ms))
        self.wait(s)
        self.timeline.append(VadSpeechEnded(start_ms=start_ms, end_ms=self.clock.now_ms))
        end_ms = self.clock.now_ms
        self.wait(0.6)
        turn = len(self.timeline.bodies(AsrFinal)) + 1
        self.timeline.append(
            AsrFinal(
                turn=turn, text=text, language="zh", start_ms=start_ms, end_ms=end_ms, average_log_probability=-0.2,
                no_speech_probability=0.0, endpoint_ms=400,
            )
        )  # fmt: skip

    @property
    def verdicts(self) -> list[tuple[int, str]]:
        return [(body.turn, body.verdict) for body in self.timeline.bodies(SpamJudged)]


def test_a_seller_is_asked_and_refused_on_the_timeline() -> None:
    call = Call()
    call.bot(5)
    call.says("老板您好，我们可以代开发票，点数很低，需要的话加我微信")
    assert call.done == [Challenge("pitch", 1, "challenge_pitch")] and call.watch.holds_the_call
    call.bot(3)
    call.says("代开发票，点数低的")
    assert call.done[-1] == Refuse("refuse_appeal", "1")
    call.bot(3)
    call.wait(10)
    assert call.done[-1] == HangUp() and call.watch.settled
    assert call.verdicts == [(1, "challenge"), (2, "refuse")]


def test_a_customer_is_let_alone() -> None:
    call = Call()
    call.bot(5)
    call.says("你好，我要报修，洗衣机不转了")
    call.wait(100)
    assert call.done == [] and call.verdicts == [] and call.watch.settled


def test_what_was_known_before_the_answer_stands_first() -> None:
    judged = before_answer(policy(), Caller("13812345678"), History(), (Mark("诈骗", "list", 300),), 0)
    call = Call(judged)
    call.bot(5)
    call.says("我的退款怎么还没到")
    assert call.verdicts == [(0, "challenge"), (1, "pass")], "nobody need be asked who has answered"
    assert [sign.sign for sign in call.timeline.bodies(SpamJudged)[0].signs] == ["mark"]
    assert call.done == []


def test_a_denied_number_is_refused_at_once_and_told_once() -> None:
    call = Call(before_answer(policy(), Caller("0571-88990011"), History(), (), 0))
    assert call.done == [Refuse("refuse_appeal", "1")] and call.verdicts == [(0, "refuse")]
    call.bot(3)
    call.timeline.append(Dtmf(digit="1"))
    assert isinstance(call.done[-1], Pass) and call.verdicts[-1] == (0, "pass")


def test_a_supervisor_lets_a_call_in() -> None:
    call = Call(before_answer(policy(), Caller("0571-88990011"), History(), (), 0))
    assert call.watch.is_in_doubt and call.watch.allow("王主管")
    assert isinstance(call.done[-1], Pass)
    assert call.timeline.bodies(SpamJudged)[-1].signs[-1].words == "王主管 放行"
    assert not call.watch.allow("王主管"), "once is enough"


def test_nobody_is_let_in_whom_the_filter_does_not_doubt() -> None:
    call = Call()
    call.bot(5)
    assert not call.watch.allow("王主管") and call.done == []


def test_a_suspect_who_names_a_need_is_in_doubt_no_more() -> None:
    call = Call(Judgement("challenge", 0.6, ()))
    call.bot(5)
    assert call.watch.is_in_doubt
    call.says("我家洗衣机坏了，我要报修")
    assert not call.watch.is_in_doubt and call.verdicts[-1][1] == "pass"
    assert call.timeline.bodies(SpamJudged)[-1].signs[-1].sign == "need"


def test_once_the_call_is_over_nothing_more_is_done() -> None:
    call = Call()
    call.bot(5)
    call.timeline.append(CallEnded(ended_by="caller", reason="hung up", duration_ms=5000))
    call.wait(60)
    assert call.done == [] and call.watch.settled
