"""What a language model writes from passages is spoken only as far as it stands in them."""

from collections.abc import Sequence

import pytest

from agent.config import Settings
from agent.dialogue.acts import Say, Write
from agent.errors import ConfigError
from agent.events import Language
from agent.knowledge.found import Passage
from agent.pipeline.clauses import spoken_pieces
from agent.pipeline.writing import Proofreader, chat_for, load_writing_prompts

PROMPTS = load_writing_prompts(Settings().prompts_dir)
DELIVERY = Passage("delivery", "送货上楼", "没有电梯的，大件电器从3楼起每层收20元。")
LIFT = Passage("lift", "Stairs", "Without a lift, big appliances cost 20 yuan a floor from the third floor.")


def write(*passages: Passage, language: Language = "zh", told: Sequence[str] = ()) -> Write:
    return Write("送上楼要钱吗", passages, tuple(told), Say("这个我拿不准。", "unsure", language), language)


def spoken(of: Write, *pieces: str) -> list[str]:
    reader = Proofreader(of, PROMPTS)
    return [clause for piece in pieces for clause in reader.feed(piece)] + reader.rest()


def test_what_stands_in_a_passage_is_spoken_clause_by_clause() -> None:
    assert spoken(write(DELIVERY), "没有电梯的，", "大件电器从3楼起", "每层收20元。") == [
        "没有电梯的，大件电器从3楼起每层收20元。"
    ]


@pytest.mark.parametrize(
    "made_up",
    [
        "大件电器从3楼起每层收30元。",
        "大件电器每层收20美元。",
        "大件电器送货要3天。",
        "我们会尽快为您处理。",
        "请上www.example.com看。",
    ],
)
def test_what_stands_in_no_passage_is_not(made_up: str) -> None:
    assert spoken(write(DELIVERY), made_up) == []


def test_once_the_model_says_that_it_does_not_know_nothing_more_is_spoken() -> None:
    assert spoken(write(DELIVERY), "不知道。", "大件电器从3楼起每层收20元。") == []
    assert spoken(write(LIFT, language="en"), "I don't know. Big appliances cost 20 yuan a floor.") == []


def test_what_the_caller_was_told_of_their_order_may_be_said_again() -> None:
    answer = "大件电器3月7日送到。"
    assert spoken(write(DELIVERY), answer) == []
    assert spoken(write(DELIVERY, told=["您的大件电器3月7日星期六送到。"]), answer) == [answer]


def test_the_model_is_shown_few_passages_and_the_question() -> None:
    chat = chat_for(write(DELIVERY, LIFT, Passage("x", "x", "第三段")), PROMPTS)
    assert [message["role"] for message in chat] == ["system", "user"]
    assert (
        DELIVERY.text in chat[1]["content"]
        and "送上楼要钱吗" in chat[1]["content"]
        and "第三段" not in chat[1]["content"]
    )


def test_a_prompt_file_that_is_not_there_is_named(tmp_path: object) -> None:
    with pytest.raises(ConfigError, match=r"writing.zh\.yaml"):
        load_writing_prompts(Settings().prompts_dir / "asr")


@pytest.mark.parametrize(
    ("text", "language", "pieces"),
    [
        ("您好，这里是京和电器。请问有什么可以帮您？", "zh", ["您好，这里是京和电器。", "请问有什么可以帮您？"]),
        ("好的，感谢您的来电，再见。", "zh", ["好的，感谢您的来电，再见。"]),
        (
            "您的扫地机器人由京和物流配送，现在到了济南中转站，预计3月17日送到。",
            "zh",
            ["您的扫地机器人由京和物流配送，", "现在到了济南中转站，预计3月17日送到。"],
        ),
        ("It's booked. The number is WX2001.", "en", ["It's booked.", "The number is WX2001."]),
        ("It costs 3.5 yuan.", "en", ["It costs 3.5 yuan."]),
        ("", "zh", []),
    ],
)
def test_a_sentence_is_cut_where_the_voice_may_begin_anew(text: str, language: Language, pieces: list[str]) -> None:
    assert spoken_pieces(text, language) == pieces
