"""The measuring instrument itself: what counts as voiced, when it is heard, and what that says of a turn."""

import asyncio
import audioop
import base64
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import websockets

from bench.conversations import Conversation, conversations, repeats
from bench.phone import Heard, call
from bench.playout import RATE_HZ, Playout, Samples, Sound, last_voiced_sample, voiced_spans
from bench.side import Made
from bench.stages import Account, between, steps
from bench.turns import TurnFigures, judge, longest_silence, summarise

FIXTURES = Path(__file__).parents[2] / "audio_fixtures"


def tone(seconds: float, amplitude: int = 8000) -> Samples:
    count = round(seconds * RATE_HZ)
    # A square wave: its first and its last sample are as loud as all others.
    return np.where(np.arange(count) // 8 % 2, amplitude, -amplitude).astype(np.int16)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), np.int16)


def test_a_voiced_span_is_exact_to_the_sample() -> None:
    clip = np.concatenate([silence(0.1), silence(0.005), tone(0.2), silence(0.3)])
    assert voiced_spans(clip, 200.0) == [(840, 2439)]


def test_a_click_is_no_sound() -> None:
    clip = silence(0.1)
    clip[400] = 1500
    assert voiced_spans(clip, 200.0) == []


def test_the_last_voiced_sample_is_not_in_the_noise_behind_the_words() -> None:
    generator = np.random.default_rng(1)
    clip = np.concatenate([tone(0.5), silence(0.2), tone(0.5), silence(0.4)])
    noisy = (clip + generator.normal(0, 100, len(clip))).astype(np.int16)
    assert last_voiced_sample(noisy) == pytest.approx(round(1.2 * RATE_HZ) - 1, abs=2)


def test_a_clip_of_silence_has_no_last_voiced_sample() -> None:
    with pytest.raises(ValueError):
        last_voiced_sample(silence(0.5))


def test_frames_that_come_in_a_burst_are_heard_one_after_the_other() -> None:
    playout = Playout()
    for _ in range(3):
        playout.add(tone(0.02), arrived_s=1.0)
    assert playout.sounds() == [Sound(1.0, pytest.approx(1.06))]


def test_a_frame_that_comes_late_is_heard_when_it_comes() -> None:
    playout = Playout()
    playout.add(tone(0.02), arrived_s=1.0)
    playout.add(tone(0.02), arrived_s=1.5)
    assert [sound.start_s for sound in playout.sounds()] == [1.0, 1.5]


def test_sound_begins_where_it_is_in_the_frame() -> None:
    playout = Playout()
    playout.add(np.concatenate([silence(0.013), tone(0.007)]), arrived_s=2.0)
    assert playout.sounds()[0].start_s == pytest.approx(2.013)


def test_clear_takes_back_what_was_not_heard_yet() -> None:
    playout = Playout()
    playout.add(tone(2.0), arrived_s=1.0)
    playout.clear(1.5)
    assert playout.sounds() == [Sound(1.0, 1.5)]
    playout.add(tone(0.1), arrived_s=1.6)
    assert playout.sounds()[0] == Sound(1.0, pytest.approx(1.7))  # 0.1 s apart: no pause


def test_an_answer_is_timed_from_the_last_voiced_sample() -> None:
    turn = judge(10.0, 12.0, 20.0, [Sound(1.0, 3.0), Sound(12.75, 14.0), Sound(14.5, 15.0), Sound(20.5, 21.0)])
    assert turn == TurnFigures(response_s=0.75, missed=False, cut_off=False, silence_s=0.5)


@pytest.mark.parametrize("sounds", [[], [Sound(27.5, 28.0)]], ids=["none", "too late"])
def test_no_answer_in_time_is_a_miss(sounds: list[Sound]) -> None:
    turn = judge(10.0, 12.0, float("inf"), sounds)
    assert turn.missed and turn.response_s is None and not turn.cut_off


def test_a_bot_that_speaks_while_the_caller_does_has_cut_them_off() -> None:
    turn = judge(10.0, 12.0, 20.0, [Sound(1.0, 3.0), Sound(11.0, 13.0), Sound(14.0, 15.0)])
    assert turn.cut_off and turn.response_s is None and not turn.missed


@pytest.mark.parametrize(
    "sounds",
    [
        [Sound(8.0, 10.0), Sound(10.6, 11.0), Sound(13.0, 14.0)],
        [Sound(10.2, 10.6), Sound(13.0, 14.0)],
        [Sound(12.1, 14.0)],
    ],
    ids=["the rest of the answer before", "both began at once", "at once after the last word"],
)
def test_what_is_no_cut_off(sounds: list[Sound]) -> None:
    turn = judge(10.0, 12.0, 20.0, sounds)
    assert not turn.cut_off and turn.response_s is not None


def test_the_longest_silence_is_between_the_parts_of_an_answer() -> None:
    assert longest_silence([Sound(0.0, 1.0), Sound(1.3, 2.0), Sound(4.0, 5.0)]) == 2.0
    assert longest_silence([Sound(0.0, 1.0)]) == 0.0


def test_the_summary_is_of_the_turns_that_were_answered() -> None:
    turns = [TurnFigures(second / 10, False, False, 0.1) for second in range(1, 22)]
    summary = summarise([*turns, TurnFigures(None, True, False, 0.0), TurnFigures(None, False, True, 0.9)])
    assert (summary.turns, summary.misses, summary.cut_offs, summary.silence_s) == (23, 1, 1, 0.9)
    assert (summary.median_s, summary.p95_s, summary.worst_s) == pytest.approx((1.1, 2.0, 2.1))


def test_a_summary_without_an_answer_has_no_times() -> None:
    assert summarise([TurnFigures(None, True, False, 0.0)]).median_s is None


def test_milestones_become_stages_that_add_up() -> None:
    milestones = {"asr_ms": 300, "endpoint_ms": 500, "nlu_ms": 520, "llm_ms": None, "tts_ms": 520, "wire_ms": 560}
    assert steps(milestones) == (("asr", 300), ("endpoint", 200), ("nlu", 20), ("wire", 40))


def test_an_account_belongs_to_the_turn_before_it() -> None:
    accounts = [Account(5.0, ()), Account(9.0, ())]
    assert between(accounts, 6.0, 12.0) == accounts[1]
    assert between(accounts, 9.5, 12.0) is None


def test_only_turns_that_can_be_answered_are_played() -> None:
    calls = {one.name: one for one in conversations(FIXTURES)}
    assert sum(len(one.clips) for one in calls.values()) >= 40
    assert not calls.keys() & {"silent", "noise-only", "hang-up-mid-sentence"}
    assert len(calls["barge-in"].clips) == 2  # not the one that talks over the bot
    assert len(calls["dtmf"].clips) == 2  # not the keys


def test_repeats_are_counted_by_their_words() -> None:
    assert repeats([Conversation("a", (), ("你好", "再见")), Conversation("b", (), ("再见", "再见"))]) == 2


async def test_the_telephone_measures_a_bot_on_the_wire(tmp_path: Path) -> None:
    """A bot that greets, and answers 200 ms after the last frame with sound in it; then it hangs up."""
    clip = tmp_path / "clip.wav"
    soundfile.write(clip, np.concatenate([tone(0.3), silence(0.1)]), RATE_HZ)

    async def bot(socket: websockets.ServerConnection) -> None:
        async def speak() -> None:
            payload = base64.b64encode(audioop.lin2ulaw(tone(0.1).tobytes(), 2)).decode()
            await socket.send(json.dumps({"event": "media", "media": {"payload": payload}}))

        heard, quiet = False, 0
        async for text in socket:
            message = json.loads(text)
            if message["event"] == "start":
                await speak()
            elif message["event"] == "media":
                loud = audioop.rms(audioop.ulaw2lin(base64.b64decode(message["media"]["payload"]), 2), 2) > 1000
                heard, quiet = heard or loud, 0 if loud else quiet + 1
                if heard and quiet == 10:
                    await speak()
                    await asyncio.sleep(0.15)
                    return

    async with websockets.serve(bot, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        heard = await call(f"ws://127.0.0.1:{port}", [clip], patience_s=0.2, give_up_s=2.0)
    assert heard.answered_s is not None and heard.answered_s < 0.2
    assert heard.reply_s(0) == pytest.approx(0.2, abs=0.05)
    assert heard.hung_up_s is not None and heard.close_code == 1000


def test_a_caller_who_is_hung_up_on_before_a_word_missed_every_answer() -> None:
    conversation = Conversation("busy", (FIXTURES / "refund" / "01.wav", FIXTURES / "refund" / "02.wav"), ("", ""))
    heard = Heard("13800000000", 0.0)
    heard.hung_up_s, heard.close_code = 9.0, 1000
    made = Made(conversation, heard)
    assert made.spans() == [] and made.broken
    assert [turn.missed for turn in made.figures()] == [True, True]
