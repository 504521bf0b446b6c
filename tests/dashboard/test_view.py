"""A call's page shows what was said, what was heard, why it is a risk and where the time went."""

from hypothesis import given
from hypothesis import strategies as st

from agent.dashboard.view import BotLine, CallerLine, NoteLine, latencies, segments, transcript
from agent.events import AlertRaised, BargeIn, Evidence, LlmReply, TtsEnded, TtsStarted
from tests.storage.seed import Talk, complaint, hostile, order_query


def evidence(words: str, signal: str = "s", turn: int = 1) -> Evidence:
    return Evidence(signal=signal, words=words, turn=turn, weight=0.4)


def test_lines_stand_in_the_order_in_which_they_were_heard() -> None:
    lines = transcript(complaint().events).lines

    assert [line.at_ms for line in lines] == sorted(line.at_ms for line in lines)
    assert [line.kind for line in lines] == [
        "bot", "caller", "bot", "note", "caller", "note", "note", "bot", "caller", "bot", "note",
    ]  # fmt: skip


def test_the_words_that_make_the_risk_are_marked_in_their_turn_only() -> None:
    said = [line for line in transcript(complaint().events).lines if isinstance(line, CallerLine)]

    assert [(piece.text, piece.signal) for piece in said[0].segments] == [
        ("我那台洗衣机又漏水了，这都", None),
        ("第三次", "重复报修"),
        ("了。", None),
    ]
    assert [piece.signal for piece in said[1].segments if piece.signal] == ["监管投诉", "媒体曝光"]
    assert all(piece.signal is None for piece in said[2].segments)


def test_an_answer_that_was_interrupted_shows_what_was_not_heard() -> None:
    cut = next(line for line in transcript(complaint().events).lines if isinstance(line, BotLine) and line.unheard)

    assert cut.heard == "非常抱歉给您带来不便，请问"
    assert cut.unheard == "您的订单号是多少？我马上为您安排。"


def test_an_answer_never_spoken_is_shown_where_it_was_written() -> None:
    talk = Talk("c", "1")
    talk.wait(1000)
    talk.put(LlmReply(turn=0, text="喂", language="zh", source="llm"))

    assert transcript(talk.events).lines == (BotLine(turn=0, at_ms=1000, heard="喂"),)


def test_two_answers_in_one_turn_keep_their_own_sound() -> None:
    talk = Talk("c", "1")
    for text, heard, complete in (("请稍等。", "请稍等。", True), ("您还在吗？", "您还", False)):
        talk.put(LlmReply(turn=0, text=text, language="zh", source="phrase"))
        talk.wait(500)
        talk.put(TtsStarted(turn=0))
        talk.wait(500)
        talk.put(TtsEnded(turn=0, heard=heard, complete=complete))

    said = [
        (line.at_ms, line.heard, line.unheard) for line in transcript(talk.events).lines if isinstance(line, BotLine)
    ]
    assert said == [(500, "请稍等。", ""), (1500, "您还", "在吗？")]


def test_errors_and_alerts_are_notes_between_the_lines() -> None:
    page = transcript(hostile().events)

    assert [line.body.code for line in page.errors if hasattr(line.body, "code")] == ["asr_failed"]
    kinds = [type(line.body) for line in page.lines if isinstance(line, NoteLine)]
    assert AlertRaised in kinds and BargeIn not in kinds


def test_the_parts_of_a_wait_stand_one_after_the_other_and_make_the_whole() -> None:
    talk = Talk("c", "1")
    talk.caller("你好吗", "greeting", "neutral")
    talk.bot("好", compute_ms=1000)
    [wait] = latencies(talk.events)

    # 240 ms until the transcript stood, 360 of silence until the turn was over, then 1000 ms until the first sound.
    assert [(part.name, part.start_ms, part.ms) for part in wait.parts] == [
        ("asr", 0, 240), ("endpoint", 240, 120), ("nlu", 360, 12),
        ("llm", 372, 500), ("tts", 872, 468), ("wire", 1340, 20),
    ]  # fmt: skip
    assert (wait.turn, wait.total_ms) == (1, 1360)


def test_steps_that_took_no_time_are_not_drawn() -> None:
    talk = Talk("c", "1")
    talk.caller("你好吗", "greeting", "neutral")
    talk.bot("好的。", phrase="greeting")
    [wait] = latencies(talk.events)

    assert "llm" not in {part.name for part in wait.parts}
    assert sum(part.ms for part in wait.parts) == wait.total_ms == 440


def test_turns_without_an_answer_have_no_wait() -> None:
    talk = Talk("c", "1")
    talk.caller("你好", "greeting", "neutral")

    assert transcript(talk.events).latency == ()
    assert [wait.turn for wait in transcript(order_query().events).latency] == [1, 2]


def test_nothing_said_makes_an_empty_page() -> None:
    assert transcript([]).lines == ()


_LETTERS = st.text(alphabet="ab投诉İ<", max_size=12)


@given(_LETTERS, st.lists(_LETTERS, max_size=4))
def test_marking_never_changes_the_words(text: str, words: list[str]) -> None:
    pieces = segments(text, [evidence(one) for one in words])

    assert "".join(piece.text for piece in pieces) == text
    for one in words:
        if one and one in text and not any(other for other in words if other != one and other):
            assert any(piece.signal and one in piece.text for piece in pieces)


def test_marking_finds_words_in_any_case_and_every_time() -> None:
    assert [(piece.text, piece.signal) for piece in segments("Sue you, SUE!", [evidence("sue", "legal")])] == [
        ("Sue", "legal"),
        (" you, ", None),
        ("SUE", "legal"),
        ("!", None),
    ]
