"""What callers in the queue hear is true, in both languages, and nothing is left to fill in."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import CompanyError
from agent.event_base import Language
from agent.routing.floor.decisions import Announce, GiveUpReason
from agent.routing.floor.words import (
    announcement,
    callback_promise,
    farewell,
    load_queue_words,
    wait_words,
)

FILE = Path("companies/jinghe/routing/queue_words.yaml")
WORDS = load_queue_words(FILE)
NOW = datetime(2026, 11, 30, 22, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
LANGUAGES: tuple[Language, ...] = get_args(Language)


@pytest.mark.parametrize(
    ("wait_s", "zh", "en"),
    [
        (0, "不到1分钟", "less than a minute"),
        (59, "不到1分钟", "less than a minute"),
        (60, "约1分钟", "about one minute"),
        (61, "约2分钟", "about 2 minutes"),
        (180, "约3分钟", "about 3 minutes"),
        (900, "约15分钟", "about 15 minutes"),
        (901, None, None),
    ],
)
def test_a_wait_is_rounded_up_and_not_counted_when_it_is_long(wait_s: int, zh: str | None, en: str | None) -> None:
    assert (wait_words(WORDS, "zh", wait_s), wait_words(WORDS, "en", wait_s)) == (zh, en)


@pytest.mark.parametrize(
    ("position", "wait_s", "offer", "zh"),
    [
        (1, 30, False, "您是下一位，预计等候不到1分钟。"),
        (2, 60, False, "您前面还有1位，预计等候约1分钟。"),
        (4, 170, False, "您前面还有3位，预计等候约3分钟。"),
        (
            9,
            4000,
            True,
            "您前面还有8位，等候时间较长。不想等的话，请按1后挂机，我们给您回电，您的排队位置保留。",
        ),
    ],
)
def test_the_position_is_how_many_are_before(position: int, wait_s: int, offer: bool, zh: str) -> None:
    told = Announce(call="c0", position=position, expected_wait_s=wait_s, offer_callback=offer)

    assert announcement(WORDS, "zh", told) == zh


@given(
    language=st.sampled_from(LANGUAGES),
    position=st.integers(1, 200),
    wait_s=st.none() | st.integers(0, 100_000),
    offer=st.booleans(),
)
def test_every_announcement_is_a_whole_sentence(
    language: Language, position: int, wait_s: int | None, offer: bool
) -> None:
    told = Announce(call="c0", position=position, expected_wait_s=wait_s, offer_callback=offer)
    text = announcement(WORDS, language, told)

    assert text.endswith(("。", ".")) and "{" not in text and "None" not in text
    assert (("1后挂机" if language == "zh" else "press 1") in text) == offer
    if wait_s is None:
        assert str(position) not in text.replace("按1", "").replace("press 1", "")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", get_args(GiveUpReason))
def test_nobody_is_sent_away_without_a_reason_and_what_comes_next(language: Language, reason: GiveUpReason) -> None:
    due = NOW + timedelta(minutes=30)
    rung_back = farewell(WORDS, language, reason, due, NOW)
    assert "30" in rung_back and rung_back.endswith(callback_promise(WORDS, language, due, NOW))
    assert farewell(WORDS, language, reason, None, NOW).endswith(WORDS.no_number.of(language))


def test_a_callback_after_the_night_is_promised_by_the_clock() -> None:
    due = NOW + timedelta(hours=12, minutes=10)
    assert callback_promise(WORDS, "zh", due, NOW) == "我们会在明天上午10点半前给您回电，您现在可以挂机了。"
    assert callback_promise(WORDS, "en", due, NOW) == (
        "We'll call you back by 10:30 a.m. tomorrow. You can hang up now."
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("约{minutes}分钟", "约几分钟", "wait.minutes.zh: {minutes} is missing"),
        ("还有{ahead}位，预计", "还有{many}位，预计", "position.ahead.zh: nothing fills in {many}"),
        ("这里是{company}", "这里是", "callback_greeting.zh: {company} is missing"),
        ("requeued:", "requeud:", "requeud: no such entry; did you mean requeued?"),
        ("about {minutes} minutes", "about {minutes minutes", "wait.minutes.en: expected '}'"),
    ],
)
def test_a_wrong_sentence_is_named_with_its_line(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "queue_words.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1

    with pytest.raises(CompanyError) as caught:
        load_queue_words(file)
    assert any(one.startswith(f"{file}:{line}: {problem}") for one in str(caught.value).splitlines())
