"""Real timelines to store and show, written with the vocabulary's own bodies on an audio clock."""

import math
import struct
import wave
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.clock import TICK_MS, AudioClock
from agent.events import (
    AlertRaised,
    AsrFinal,
    BargeIn,
    Body,
    CallEnded,
    CallerKnown,
    CallStarted,
    Dtmf,
    ErrorRaised,
    Event,
    Evidence,
    Fact,
    FollowUp,
    Intent,
    Language,
    LlmReply,
    NluResult,
    RiskAssessed,
    RouteChanged,
    Sentiment,
    SentimentPoint,
    Summary,
    SummaryReady,
    ToolReturned,
    TtsEnded,
    TtsStarted,
    VadSpeechEnded,
    VadSpeechStarted,
    Waterfall,
)
from agent.storage import CallInfo, Store
from agent.timeline import Timeline

STARTED = datetime(2025, 11, 21, 6, 30, tzinfo=UTC)
ASR_MS, ENDPOINT_MS, NLU_MS = 240, 360, 12
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


class Talk:
    """Writes one call's timeline, moving its audio clock on as people speak."""

    def __init__(self, call_id: str, caller: str, language: Language = "zh", channel: str = "media-stream") -> None:
        self.info = CallInfo(caller_number=caller, called_number="4008001234", channel=channel, language=language)
        self._clock = AudioClock()
        self.timeline = Timeline(call_id, self._clock)
        self._language = language
        self._turn = 0
        self._last_word_ms: int | None = None
        self.put(CallStarted(**self.info.model_dump()))

    def put(self, body: Body) -> Event:
        return self.timeline.append(body)

    def wait(self, ms: int) -> int:
        for _ in range(ms // TICK_MS):
            self._clock.tick()
        return self._clock.now_ms

    def bot(self, text: str, *, phrase: str | None = None, heard: str | None = None, compute_ms: int = 900) -> None:
        source = "llm" if phrase is None else "phrase"
        first = compute_ms // 2 if phrase is None else None
        self.wait(compute_ms if phrase is None else 80)
        self.put(
            LlmReply(
                turn=self._turn,
                text=text,
                language=self._language,
                source=source,
                phrase=phrase,
                first_token_ms=first,
            )
        )
        synthesis_ms = compute_ms // 2 if phrase is None else 0
        self.put(TtsStarted(turn=self._turn, synthesis_ms=synthesis_ms, waterfall=self._waterfall(first)))
        said = text if heard is None else heard
        self.wait(len(said) * (180 if self._language == "zh" else 60))
        if heard is not None:
            self.put(BargeIn(turn=self._turn, speech_start_ms=self._clock.now_ms - 300))
        self.put(TtsEnded(turn=self._turn, heard=said, complete=heard is None))
        self.wait(600)

    def caller(self, text: str, intent: Intent, sentiment: Sentiment, probability: float = 0.93) -> int:
        self._turn += 1
        start = self._clock.now_ms
        self.put(VadSpeechStarted(start_ms=start))
        end = self.wait(len(text) * (200 if self._language == "zh" else 70))
        self.put(VadSpeechEnded(start_ms=start, end_ms=end))
        self.wait(ENDPOINT_MS)
        self._last_word_ms = end
        self.put(
            AsrFinal(
                turn=self._turn, text=text, language=self._language, start_ms=start, end_ms=end,
                took_ms=ASR_MS, endpoint_ms=ENDPOINT_MS,
                average_log_probability=-0.21, no_speech_probability=0.02,
            )
        )  # fmt: skip
        self.put(
            NluResult(
                turn=self._turn, intent=intent, intent_probability=probability, sentiment=sentiment,
                sentiment_probability=0.88, took_ms=NLU_MS,
            )
        )  # fmt: skip
        return self._turn

    def _waterfall(self, first_token_ms: int | None) -> Waterfall | None:
        """Of the answer that goes out now: as on a live line, its wait is the audio time since the caller's last
        word, and its first clip was made one tick before.
        """
        if self._last_word_ms is None:
            return None
        wire_ms, self._last_word_ms = self._clock.now_ms - self._last_word_ms, None
        nlu_ms = ENDPOINT_MS + NLU_MS
        return Waterfall(
            asr_ms=ASR_MS, endpoint_ms=ENDPOINT_MS, nlu_ms=nlu_ms,
            llm_ms=None if first_token_ms is None else nlu_ms + first_token_ms,
            tts_ms=wire_ms - TICK_MS, wire_ms=wire_ms,
        )  # fmt: skip

    def end(self, ended_by: str = "caller", reason: str = "caller hung up") -> None:
        self.put(CallEnded.model_validate({"ended_by": ended_by, "reason": reason, "duration_ms": self._clock.now_ms}))

    @property
    def duration_ms(self) -> int:
        return self._clock.now_ms

    @property
    def events(self) -> list[Event]:
        return list(self.timeline)


def complaint(call_id: str = "CA-washer", *, live: bool = False) -> Talk:
    """A washing machine that leaks for the third time, and a caller who will go to the regulator."""
    talk = Talk(call_id, "13812345678")
    talk.bot("您好，京和电器，请问有什么可以帮您？", phrase="greeting")
    talk.caller("我那台洗衣机又漏水了，这都第三次了。", "repair", "negative")
    talk.put(
        RiskAssessed(
            turn=1,
            level="low",
            score=0.28,
            evidence=(Evidence(signal="重复报修", words="第三次", turn=1, weight=0.28),),
        )
    )
    talk.bot("非常抱歉给您带来不便，请问您的订单号是多少？我马上为您安排。", heard="非常抱歉给您带来不便，请问")
    talk.caller("订单号是 880231，你们再不解决我就打12315投诉，还要找记者曝光你们！", "complaint", "angry", 0.97)
    evidence = (
        Evidence(signal="重复报修", words="第三次", turn=1, weight=0.28),
        Evidence(signal="监管投诉", words="12315投诉", turn=2, weight=0.45),
        Evidence(signal="媒体曝光", words="找记者曝光", turn=2, weight=0.35),
    )
    talk.put(RiskAssessed(turn=2, level="high", score=0.86, evidence=evidence))
    talk.put(
        AlertRaised(
            alert_id=f"{call_id}-a1", turn=2, level="high",
            causes=("扬言向12315投诉", "扬言媒体曝光", "同一问题第三次报修"),
            evidence=evidence, recommended="由投诉专员立即接手，先道歉，再给出上门时间和补偿方案",
        )
    )  # fmt: skip
    talk.put(
        RouteChanged(
            previous="bot", destination="callback", priority=9, reason="投诉专员暂时不可接通，安排优先回拨",
            alert_id=f"{call_id}-a1", callback_due_minutes=30,
        )
    )  # fmt: skip
    talk.bot("非常抱歉让您遇到这样的情况，投诉专员会在三十分钟内给您回电。", phrase="callback_promised")
    if live:
        return talk
    talk.caller("好，我等你们电话。", "other", "negative", 0.71)
    talk.bot("感谢您的理解，再见。", compute_ms=700)
    talk.end()
    summary = Summary(
        language="zh", intent="complaint",
        wanted="洗衣机第三次漏水，要求尽快彻底解决，否则向12315投诉并找媒体曝光",
        agreed=("投诉专员三十分钟内回电",), unresolved=("洗衣机漏水的原因", "是否补偿"),
        facts=(
            Fact(kind="order_number", value="880231", turn=2, quote="订单号是 880231"),
            Fact(kind="product", value="洗衣机", turn=1, quote="我那台洗衣机又漏水了"),
        ),
        follow_up=FollowUp(
            task="投诉专员回电，安排上门检修并商定补偿", owner="complaint_specialist", due="2025-11-21T15:00+08:00"
        ),
        sentiment_course=(
            SentimentPoint(turn=1, sentiment="negative"),
            SentimentPoint(turn=2, sentiment="angry"),
            SentimentPoint(turn=3, sentiment="negative"),
        ),
        risk="high", risk_reasons=("扬言向12315投诉", "扬言媒体曝光"), method="llm",
    )  # fmt: skip
    talk.put(SummaryReady(summary=summary, took_ms=8200))
    return talk


def order_query(call_id: str = "CA-order") -> Talk:
    """An English caller asks for an order."""
    talk = Talk(call_id, "+447700900123", "en", channel="webrtc")
    talk.put(CallerKnown(fields={"name": "Michael Brown", "order_count": 1}))
    talk.bot("Hello, this is Jinghe Appliances. How can I help you?", phrase="greeting")
    talk.caller("Hi, I'd like to know where my order is. The number is 552019.", "order_status", "neutral")
    talk.put(ToolReturned(turn=1, tool="get_logistics", code="ok", value={"carrier": HOSTILE}))
    talk.bot("Thank you. Order 552019 left our warehouse yesterday and should arrive tomorrow.", compute_ms=1600)
    talk.caller("Great, thanks a lot.", "praise", "positive")
    talk.bot("You are welcome. Goodbye.", compute_ms=800)
    talk.end("bot", "caller said goodbye")
    summary = Summary(
        language="en", intent="order_status", wanted="Where order 552019 is",
        facts=(Fact(kind="order_number", value="552019", turn=1, quote="The number is 552019"),),
        sentiment_course=(
            SentimentPoint(turn=1, sentiment="neutral"), SentimentPoint(turn=2, sentiment="positive"),
        ),
        risk="none", method="extractive", method_note="language model did not answer",
    )  # fmt: skip
    talk.put(SummaryReady(summary=summary))
    return talk


def hostile(call_id: str = "CA-hostile") -> Talk:
    """A caller whose words, and whose number, are HTML."""
    talk = Talk(call_id, f"<b>{HOSTILE}")
    talk.caller(f"我要投诉 {HOSTILE} 你们", "complaint", "angry")
    talk.put(
        RiskAssessed(
            turn=1,
            level="medium",
            score=0.5,
            evidence=(Evidence(signal=HOSTILE, words=HOSTILE, turn=1, weight=0.5),),
        )
    )
    talk.put(AlertRaised(alert_id="a1", turn=1, level="medium", causes=(HOSTILE,), evidence=(), recommended=HOSTILE))
    talk.bot(f"您说的是 {HOSTILE} 吗？")
    talk.put(Dtmf(digit="5"))
    talk.put(ErrorRaised(stage="asr", code="asr_failed", message=HOSTILE, spoken="not_understood"))
    talk.end("error", HOSTILE)
    return talk


def store_call(store: Store, talk: Talk, started_at: datetime = STARTED, events: Iterable[Event] | None = None) -> None:
    """Put a call into the store as the hotline does."""
    store.begin_call(talk.timeline.call_id, talk.info, started_at)
    store.append(list(talk.events if events is None else events))


def write_wav(path: Path, duration_ms: int, rate_hz: int = 8000) -> None:
    """A stereo recording: a low tone left while the caller would speak, a higher one right."""

    def tone(hz: float, on: Callable[[float], bool], t: float) -> int:
        return int(6000 * math.sin(2 * math.pi * hz * t)) if on(t) else 0

    path.parent.mkdir(parents=True, exist_ok=True)
    frames = bytearray()
    for n in range(duration_ms * rate_hz // 1000):
        t = n / rate_hz
        frames += struct.pack("<hh", tone(220, lambda s: s % 6 < 3, t), tone(440, lambda s: s % 6 >= 3, t))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(bytes(frames))


def fill(store: Store, now: datetime) -> None:
    """A morning at the hotline:
    two past calls with a recording, a hostile one, two live ones and an interrupted one.
    """
    for talk, ago in ((complaint(), 40), (order_query(), 95), (hostile(), 130)):
        store_call(store, talk, now - timedelta(minutes=ago))
        write_wav(store.recording_path(talk.timeline.call_id), talk.duration_ms)
    store_call(store, complaint("CA-live-risk", live=True), now - timedelta(seconds=75))
    quiet = Talk("CA-live-quiet", "02166668888")
    quiet.bot("您好，京和电器，请问有什么可以帮您？", phrase="greeting")
    quiet.caller("你好，我想预约安装空调。", "installation", "neutral")
    store_call(store, quiet, now - timedelta(seconds=22))
    for number in range(4):
        past = Talk(f"CA-past-{number}", f"1390000{number:04d}")
        past.caller("请问保修期是多久？", "product_inquiry", "neutral")
        past.bot("整机保修三年，您可以放心。")
        past.end()
        store_call(store, past, now - timedelta(hours=4 + number))
