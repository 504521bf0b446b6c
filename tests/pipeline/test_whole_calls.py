"""Whole calls in virtual time, on stand-in engines: what the caller hears, and what the timeline says of it."""

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.config import RoutingSettings, Settings, TurnSettings
from agent.errors import StorageError
from agent.events import (
    AlertRaised,
    AsrFinal,
    BargeIn,
    CallEnded,
    CallerHistory,
    CallStarted,
    Dtmf,
    ErrorRaised,
    LlmReply,
    NluResult,
    RiskAssessed,
    RouteChanged,
    SummaryReady,
    Transfer,
    TtsEnded,
    TtsStarted,
    VadSpeechStarted,
)
from agent.ingress.fixture import Fixture
from agent.ingress.leg import CallInfo
from agent.ingress.replay import ReplayLeg
from agent.ingress.virtual_time import run_in_virtual_time
from models.dummy import DummyRecognizer
from tests.dummy_calls import RATE_HZ, DoneCall, MemoryCalls, engines, make_hotline, run_call, script

SPEAKS = {"speech_s": 1.2}
ANSWER = "好的，我来帮您看一下，麻烦您报一下订单号。"


def types(call: DoneCall) -> list[str]:
    return [event.body.type for event in call.timeline]


def test_a_call_is_greeted_answered_and_ended(tmp_path: Path) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS, SPEAKS), engines(heard=["我想查一下订单", "好的再见"]))
    assert types(call) == [
        "call-started", "llm-reply", "tts-started", "tts-ended",
        "vad-speech-started", "vad-speech-ended", "asr-final", "nlu-result", "risk-assessed",
        "llm-reply", "tts-started", "tts-ended",
        "vad-speech-started", "vad-speech-ended", "asr-final", "nlu-result", "risk-assessed",
        "llm-reply", "tts-started", "tts-ended", "call-ended", "summary-ready",
    ]  # fmt: skip
    assert call.said == ["greeting", ANSWER, "goodbye"]
    assert [said.text for said in call.bodies(AsrFinal)] == ["我想查一下订单", "好的再见"]
    assert [nlu.intent for nlu in call.bodies(NluResult)] == ["order_status", "goodbye"]
    assert all(ended.complete for ended in call.bodies(TtsEnded))
    assert call.one(CallEnded).ended_by == "bot"


def test_the_timeline_tells_where_speech_was_and_how_long_the_caller_waited(tmp_path: Path) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS))
    (span,) = call.leg.spans
    said = call.one(AsrFinal)
    assert abs(said.start_ms - (span[0] + 100)) <= 60
    assert abs(said.end_ms - (span[1] - 100)) <= 100
    assert said.endpoint_ms == Settings().turn.complete_silence_ms
    answered_ms = next(
        event.audio_ms for event in call.timeline if isinstance(event.body, TtsStarted) and event.body.turn == 1
    )
    assert answered_ms - said.end_ms <= said.endpoint_ms + 40, "engines that take no time are not waited for"


def test_three_replays_of_one_call_are_identical(tmp_path: Path) -> None:
    fixture = script(
        tmp_path / "f", SPEAKS, {"speech_s": 1.0, "when": "during_bot", "delay_ms": 400}, {"dtmf": "88472913#"}
    )
    runs = [run_call(tmp_path, fixture, engines(heard=["我想查一下订单", "等一下"])).lines for _ in range(3)]
    assert runs[0] == runs[1] == runs[2]
    assert len(runs[0]) > 20


class FarAwayLeg(ReplayLeg):
    """A telephone that takes the bot's audio slowly, as behind a network that stalls."""

    def __init__(self, fixture: Fixture) -> None:
        super().__init__(fixture)
        self.heard = b""

    async def _hear(self, pcm: bytes) -> None:
        await asyncio.sleep(0.025)
        self.heard += pcm


def test_the_goodbye_is_heard_to_its_last_word_also_over_a_slow_network(tmp_path: Path) -> None:
    leg = FarAwayLeg(script(tmp_path / "f", SPEAKS, end={"when": "at", "at_ms": 60000}))
    run_in_virtual_time(make_hotline(tmp_path, engines(heard=["再见"])).run_call(leg))
    samples, _ = soundfile.read(tmp_path / f"{leg.info.call_id}.wav", dtype="int16")
    spoken = samples[:, 1]
    assert len(leg.heard) // 2 >= np.count_nonzero(spoken) > RATE_HZ
    assert leg.heard.rstrip(b"\0").endswith(np.trim_zeros(spoken).astype("<i2").tobytes()[-1000:])


def test_speaking_over_the_bot_silences_it_at_once_and_is_answered(tmp_path: Path) -> None:
    fixture = script(tmp_path / "f", {"speech_s": 1.2, "when": "during_bot", "delay_ms": 900})
    call = run_call(tmp_path, fixture)
    interrupted = call.one(BargeIn)
    assert interrupted.turn == 0
    greeting, answer = call.bodies(TtsEnded)
    sentence = call.bodies(LlmReply)[0].text
    assert not greeting.complete and sentence.startswith(greeting.heard) and 0 < len(greeting.heard) < len(sentence)
    assert answer.complete and answer.turn == 1
    stopped_ms = next(event.audio_ms for event in call.timeline if event.body == greeting)
    assert stopped_ms - call.leg.spans[0][0] <= 100 + Settings().turn.barge_in_ms + 60
    answered_ms = [event.audio_ms for event in call.timeline if isinstance(event.body, TtsStarted)][1]
    bot = call.audio()[:, 1]
    assert not bot[(stopped_ms + 20) * 8 : answered_ms * 8].any(), "not a sound until the next answer"


def test_a_cough_does_not_interrupt_the_bot(tmp_path: Path) -> None:
    fixture = script(tmp_path / "f", {"speech_s": 0.2, "when": "during_bot", "delay_ms": 600})
    call = run_call(tmp_path, fixture)
    assert call.bodies(VadSpeechStarted), "it was heard"
    assert not call.bodies(BargeIn) and not call.bodies(AsrFinal)
    assert call.bodies(TtsEnded)[0].complete


@pytest.mark.parametrize("heard", ["嗯嗯", "对对，好的。", ""])
def test_a_caller_who_only_shows_that_they_listen_is_told_the_rest(tmp_path: Path, heard: str) -> None:
    fixture = script(tmp_path / "f", {"speech_s": 0.6, "when": "during_bot", "delay_ms": 600})
    call = run_call(tmp_path, fixture, engines(heard=[heard]))
    assert not call.bodies(BargeIn) and not call.bodies(AsrFinal)
    assert call.bodies(TtsEnded)[0].complete and call.bodies(TtsEnded)[0].heard == call.bodies(LlmReply)[0].text
    bot, spoken_ms = call.audio()[:, 1], call.leg.spans[0][0]
    held = bot[(spoken_ms + 100 + 300) * 8 : (spoken_ms + 100 + 600) * 8]
    assert not held.any(), "the bot holds its breath within 300 ms"


def test_a_caller_who_goes_on_for_a_second_need_not_be_understood_to_be_let_speak(tmp_path: Path) -> None:
    fixture = script(tmp_path / "f", {"speech_s": 2.5, "when": "during_bot", "delay_ms": 600})
    call = run_call(tmp_path, fixture, engines(heard=["嗯嗯"]))
    interrupted = next(event.audio_ms for event in call.timeline if isinstance(event.body, BargeIn))
    assert interrupted - call.leg.spans[0][0] <= 100 + Settings().turn.barge_in_ms + 100


def test_no_answer_opens_with_the_words_of_the_last_one(tmp_path: Path) -> None:
    fixture = script(tmp_path / "f", *[SPEAKS] * 4)
    call = run_call(tmp_path, fixture, engines(heard=["我想查一下订单"]))
    openers = [reply.opener for reply in call.bodies(LlmReply)[1:]]
    assert len(openers) == 4 and None not in openers
    assert all(one != other for one, other in pairwise(openers))


def test_a_promise_is_not_made_twice_running(tmp_path: Path) -> None:
    heard = ["我想查一下订单", "订单号65387249", "我想查一下订单"]
    call = run_call(tmp_path, script(tmp_path / "f", *[SPEAKS] * 3), engines(heard=heard))
    answers = [reply.text.partition("，")[2].partition("，")[2] or reply.text for reply in call.bodies(LlmReply)[1:]]
    assert answers == ["麻烦您报一下订单号。", "查到以后马上给您回电。", "请问还有别的需要吗？"]


def test_a_turn_tells_how_the_wait_for_its_answer_was_spent(tmp_path: Path) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS))
    greeting, answer = call.bodies(TtsStarted)
    assert greeting.waterfall is None and answer.waterfall is not None
    assert sum(answer.waterfall.steps().values()) == answer.waterfall.wire_ms
    assert 0 <= answer.waterfall.wire_ms - call.one(AsrFinal).endpoint_ms <= 100, "stand-ins take no time"
    assert answer.waterfall.llm_ms is None, "nobody waited for the model"


def test_a_silent_caller_is_asked_twice_and_told_goodbye(tmp_path: Path) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", end={"when": "at", "at_ms": 60000}))
    assert call.said == ["greeting", "still_there", "still_there", "silence_goodbye"]
    assert call.one(CallEnded).ended_by == "bot"
    asked_ms = [event.audio_ms for event in call.timeline if isinstance(event.body, TtsStarted | TtsEnded)]
    assert abs(asked_ms[2] - asked_ms[1] - Settings().turn.silence_prompt_s * 1000) <= 40


def test_a_caller_who_speaks_again_is_asked_afresh(tmp_path: Path) -> None:
    settings = Settings(turn=TurnSettings(silence_prompt_s=2, silence_prompts=1))
    fixture = script(tmp_path / "f", {**SPEAKS, "when": "at", "at_ms": 6500}, end={"when": "at", "at_ms": 60000})
    call = run_call(tmp_path, fixture, engines(), settings)
    assert call.said == [
        "greeting",
        "still_there",
        ANSWER,
        "still_there",
        "silence_goodbye",
    ]


def test_a_number_that_is_keyed_in_is_read_back(tmp_path: Path) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", {"dtmf": "88472913#"}))
    assert "".join(key.digit for key in call.bodies(Dtmf)) == "88472913#"
    assert call.said == ["greeting", "keys_received"]
    assert "88472913" in call.bodies(LlmReply)[1].text
    assert not call.bodies(AsrFinal)


def test_keys_without_a_hash_are_taken_after_a_pause(tmp_path: Path) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", {"dtmf": "13812345678"}))
    assert call.said == ["greeting", "keys_received"]
    last_ms = [event.audio_ms for event in call.timeline if isinstance(event.body, Dtmf)][-1]
    answered_ms = [event.audio_ms for event in call.timeline if isinstance(event.body, TtsStarted)][-1]
    assert 2500 <= answered_ms - last_ms <= 2560


def test_a_key_silences_the_bot(tmp_path: Path) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", {"dtmf": "5#", "when": "during_bot", "delay_ms": 500}))
    greeting = call.bodies(TtsEnded)[0]
    assert not greeting.complete and call.bodies(BargeIn)
    assert call.said == ["greeting", "keys_unknown"]


def test_zero_asks_for_a_person_as_the_bot_says_it_does(tmp_path: Path) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", {"dtmf": "0"}))
    assert call.one(RouteChanged).destination == "callback"
    assert call.said == ["greeting", "human_callback"]


def test_a_caller_who_hangs_up_in_mid_sentence_is_on_the_recording(tmp_path: Path) -> None:
    fixture = script(tmp_path / "f", {"speech_s": 3.0, "hang_up_after_ms": 1500})
    call = run_call(tmp_path, fixture)
    end = call.one(CallEnded)
    assert (end.ended_by, end.reason) == ("caller", "hung up")
    assert types(call)[-1] == "summary-ready"
    caller = call.audio()[:, 0]
    assert abs(len(caller) / RATE_HZ - end.duration_ms / 1000) <= 0.1
    assert caller[-RATE_HZ // 2 :].any(), "up to the last moment"


def test_a_caller_who_is_gone_before_the_greeting_ends_is_no_error(tmp_path: Path) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", end={"when": "at", "at_ms": 300}))
    assert call.one(CallEnded).ended_by == "caller" and not call.bodies(ErrorRaised)


def test_a_call_is_recorded_in_true_time_with_the_bot_on_the_right(tmp_path: Path) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS, SPEAKS), engines(heard=["我想查一下订单", "好的再见"]))
    audio = call.audio()
    assert abs(len(audio) / RATE_HZ - call.one(CallEnded).duration_ms / 1000) <= 0.1
    speaking = np.zeros(len(audio) + RATE_HZ, bool)
    bounds = [event.audio_ms for event in call.timeline if isinstance(event.body, TtsStarted | TtsEnded)]
    for start_ms, end_ms in zip(bounds[::2], bounds[1::2], strict=True):
        speaking[start_ms * 8 : end_ms * 8] = True
        assert audio[start_ms * 8 : (start_ms + 40) * 8, 1].any() and audio[(end_ms - 60) * 8 : end_ms * 8, 1].any()
    assert not audio[:, 1][~speaking[: len(audio)]].any(), "silent wherever the timeline says it is"
    for start_ms, end_ms in call.leg.spans:
        assert audio[start_ms * 8 : end_ms * 8, 0].any()
    heard = np.flatnonzero(audio[:, 0]) / 8
    assert heard.min() >= call.leg.spans[0][0] and heard.max() <= call.leg.spans[-1][1] + 40


def test_a_threat_raises_an_alert_and_the_caller_is_told_what_happens(tmp_path: Path) -> None:
    call = run_call(
        tmp_path,
        script(tmp_path / "f", SPEAKS, SPEAKS),
        engines(heard=["今天不解决我就打12315投诉你们", "好的，我等你们的电话"]),
    )
    alert = call.one(AlertRaised)
    assert alert.level == "high" and "regulator" in alert.causes
    assert any("12315" in evidence.words for evidence in alert.evidence)
    route = call.one(RouteChanged)
    assert (route.destination, route.alert_id) == ("callback", alert.alert_id)
    assert call.said[:2] == ["greeting", "alert_callback"]
    assert str(route.callback_due_minutes) in call.bodies(LlmReply)[1].text
    assert "alert_callback" not in call.said[2:], "told once"
    order = types(call)
    assert (
        order.index("nlu-result")
        < order.index("alert-raised")
        < order.index("route-changed")
        < order.index("tts-started", order.index("route-changed"))
    )


def test_where_a_specialist_is_reachable_the_caller_is_transferred(tmp_path: Path) -> None:
    settings = Settings(routing=RoutingSettings(specialist_number="8001", human_number="8000"))
    call = run_call(
        tmp_path, script(tmp_path / "f", SPEAKS), engines(heard=["今天不解决我就打12315投诉你们"]), settings
    )
    assert call.said == ["greeting", "alert_transfer"]
    assert call.one(Transfer).destination == "8001" and call.one(Transfer).accepted
    assert call.one(CallEnded).ended_by == "transfer"


def test_a_caller_who_asks_for_a_person_gets_one(tmp_path: Path) -> None:
    settings = Settings(routing=RoutingSettings(human_number="8000"))
    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS), engines(heard=["转人工"]), settings)
    assert call.said == ["greeting", "human_transfer"]
    assert call.one(Transfer).destination == "8000"


def test_an_english_caller_is_answered_in_english(tmp_path: Path) -> None:
    call = run_call(
        tmp_path,
        script(tmp_path / "f", SPEAKS),
        engines(recognizer=DummyRecognizer(["Goodbye, thank you."], "en")),
    )
    assert call.one(AsrFinal).language == "en"
    assert [reply.language for reply in call.bodies(LlmReply)] == ["zh", "en"]


def test_what_is_not_understood_is_asked_again_twice_and_then_left_alone(tmp_path: Path) -> None:
    settings = Settings(turn=TurnSettings(silence_prompt_s=30))
    call = run_call(tmp_path, script(tmp_path / "f", *[{"speech_s": 1.4}] * 4), engines(heard=["谢谢观看"]), settings)
    assert call.said == ["greeting", "pardon", "pardon"]
    assert not call.bodies(AsrFinal)


def test_a_caller_who_pauses_inside_a_number_is_not_interrupted(tmp_path: Path) -> None:
    fixture = script(tmp_path / "f", {"speech_s": 1.2}, {"speech_s": 1.2, "when": "at", "at_ms": 5800}, language="zh")
    call = run_call(tmp_path, fixture, engines(heard=["我的订单号是8847", "我的订单号是88472913"]))
    pause_ms = call.leg.spans[1][0] - call.leg.spans[0][1]
    assert 700 < pause_ms < 1900, "the pause this test is about"
    assert [said.text for said in call.bodies(AsrFinal)] == ["我的订单号是88472913"]
    assert call.one(AsrFinal).end_ms - call.one(AsrFinal).start_ms > 2400, "one turn, pause and all"


def test_whoever_calls_and_how_is_on_the_timeline_first(tmp_path: Path) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", end={"when": "at", "at_ms": 100}))
    first = next(iter(call.timeline))
    assert first.audio_ms == 0
    assert first.body == CallStarted(
        caller_number="13812345678", called_number="4008001234", channel="replay", language="zh"
    )


STEP = st.one_of(
    st.fixed_dictionaries({"speech_s": st.sampled_from([0.2, 0.8, 1.6])}),
    st.fixed_dictionaries(
        {"speech_s": st.sampled_from([0.2, 1.2]), "when": st.just("during_bot"), "delay_ms": st.integers(0, 2000)}
    ),
    st.fixed_dictionaries({"dtmf": st.sampled_from(["1", "0", "88472913#", "#"]), "delay_ms": st.integers(0, 500)}),
    st.fixed_dictionaries({"speech_s": st.just(1.0), "hang_up_after_ms": st.integers(100, 900)}),
)
HEARD = st.lists(
    st.sampled_from(["我想查一下订单", "好的再见", "谢谢观看", "转人工", "我要打12315投诉你们", "我的订单号是", ""]),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(
    max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=False
)
@given(steps=st.lists(STEP, min_size=1, max_size=3), heard=HEARD)
def test_whatever_a_caller_does_the_timeline_holds_together(
    tmp_path_factory: pytest.TempPathFactory, steps: list[dict[str, object]], heard: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("call")
    call = run_call(folder, script(folder / "f", *steps), engines(heard=heard))
    events = list(call.timeline)
    assert [event.seq for event in events] == list(range(len(events)))
    assert [event.audio_ms for event in events] == sorted(event.audio_ms for event in events)
    assert types(call)[-2:] == ["call-ended", "summary-ready"]
    assert len(call.bodies(CallEnded)) == len(call.bodies(CallStarted)) == len(call.bodies(SummaryReady)) == 1
    assert not call.bodies(ErrorRaised)
    assert abs(len(call.audio()) / RATE_HZ - call.one(CallEnded).duration_ms / 1000) <= 0.1
    # The bot begins and ends in turns, and never says what it did not mean to.
    speaking = [body for body in (event.body for event in events) if isinstance(body, TtsStarted | TtsEnded)]
    assert all(isinstance(body, TtsStarted if n % 2 == 0 else TtsEnded) for n, body in enumerate(speaking))
    for ended in call.bodies(TtsEnded):
        meant = [reply.text for reply in call.bodies(LlmReply) if reply.turn == ended.turn]
        # An answer that is cut short by a hang-up or an interruption may not be on the timeline whole.
        assert not meant or any(text.startswith(ended.heard) for text in meant)


def test_what_was_being_said_when_the_caller_hung_up_is_heard_and_judged(tmp_path: Path) -> None:
    fixture = script(tmp_path / "f", {"speech_s": 3.0, "hang_up_after_ms": 2000})
    call = run_call(tmp_path, fixture, engines(heard=["你们再不解决我就打12315投诉"]))
    assert call.one(AsrFinal).text == "你们再不解决我就打12315投诉"
    assert [alert.level for alert in call.bodies(AlertRaised)] == ["high"]
    assert [type(event.body) for event in call.timeline][-2:] == [CallEnded, SummaryReady]


@pytest.mark.parametrize(
    ("channel", "number", "levels"),
    [
        ("media-stream", "13812345678", ["low"]),
        ("media-stream", "266696687", []),
        ("replay", "13812345678", []),
    ],
)
def test_a_number_that_calls_again_and_again_is_known_unless_it_is_nobodys(
    tmp_path: Path, channel: Literal["replay", "media-stream"], number: str, levels: list[str]
) -> None:
    fixture = script(tmp_path / "f", SPEAKS, caller={"number": number})
    call = run_call(tmp_path, fixture, store=MemoryCalls(tmp_path, earlier=3), channel=channel)
    assert [history.earlier_calls for history in call.bodies(CallerHistory)] == [3] * len(levels)
    assert [assessed.level for assessed in call.bodies(RiskAssessed) if assessed.turn == 0] == levels


def test_a_store_that_cannot_look_a_number_up_costs_the_call_nothing(tmp_path: Path) -> None:
    class Forgetful(MemoryCalls):
        def earlier_calls(self, info: CallInfo, days: int) -> int:
            raise StorageError("the database is away")

    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS), store=Forgetful(tmp_path), channel="media-stream")
    assert call.bodies(AsrFinal) and not call.bodies(CallerHistory) and not call.bodies(ErrorRaised)
