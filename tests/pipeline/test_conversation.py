"""The language model is shown what was really said: the caller as heard, the bot as far as it was heard."""

from agent.clock import AudioClock
from agent.events import AsrFinal, Body, CallStarted, Dtmf, LlmReply, TtsEnded, VadSpeechStarted
from agent.pipeline.conversation import MAX_MESSAGES, caller_words, messages
from agent.timeline import Timeline


def caller(turn: int, text: str) -> AsrFinal:
    return AsrFinal(
        turn=turn, text=text, language="zh", start_ms=0, end_ms=1, average_log_probability=-0.2,
        no_speech_probability=0.0, endpoint_ms=300,
    )  # fmt: skip


def bot(turn: int, heard: str, complete: bool = True) -> TtsEnded:
    return TtsEnded(turn=turn, heard=heard, complete=complete)


def timeline(*bodies: Body) -> Timeline:
    line = Timeline("c", AudioClock())
    for body in bodies:
        line.append(body)
    return line


def test_the_chat_is_what_both_sides_heard() -> None:
    line = timeline(
        CallStarted(caller_number="1", called_number="2", channel="replay", language="zh"),
        bot(0, "您好"),
        VadSpeechStarted(start_ms=0),
        caller(1, "我想查订单"),
        LlmReply(turn=1, text="好的，请说订单号。", language="zh", source="llm"),
        bot(1, "好的，", complete=False),
        caller(2, "等一下"),
    )
    assert messages("你是客服", line, "提示") == [
        {"role": "system", "content": "你是客服"},
        {"role": "assistant", "content": "您好"},
        {"role": "user", "content": "我想查订单"},
        {"role": "assistant", "content": "好的，"},
        {"role": "user", "content": "等一下\n提示"},
    ]


def test_two_turns_in_a_row_of_one_side_are_one_message() -> None:
    line = timeline(caller(1, "我的订单号是"), Dtmf(digit="8"), Dtmf(digit="8"), bot(1, ""), caller(2, "好了"))
    assert messages("s", line, "h")[1:] == [{"role": "user", "content": "我的订单号是 8 8 好了\nh"}]


def test_a_long_call_keeps_its_newest_turns() -> None:
    line = timeline(*(body for n in range(40) for body in (caller(n, f"问{n}"), bot(n, f"答{n}"))), caller(40, "问40"))
    chat = messages("s", line, "h")
    assert len(chat) == MAX_MESSAGES + 1
    assert chat[-1]["content"] == "问40\nh"
    assert chat[0] == {"role": "system", "content": "s"}


def test_before_anybody_spoke_there_are_only_instructions() -> None:
    assert messages("s", timeline(), "h") == [{"role": "system", "content": "s"}]


def test_the_callers_words_are_all_they_said_or_keyed_and_nothing_of_the_bot() -> None:
    line = timeline(bot(0, "您好123"), caller(1, "订单8847"), Dtmf(digit="5"))
    assert caller_words(line) == "订单8847 5"
