"""A scripted caller says what is asked for and nothing else."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.events import Language
from bench.evals.asked import load_asked
from bench.evals.caller import Move, ScriptedCaller, move_of
from bench.evals.judge import satisfied_by, says
from bench.evals.persona import PersonaCaller
from bench.evals.scenario import Expect, Scenario, load_attacks, load_scenarios, load_world
from models.dummy import DummyChatModel

ASKED = load_asked()
WORLD = load_world()
TODAY = WORLD.when(None).date()
ROOT = Path(__file__).parent.parent.parent

# ------------------------------------------------------------------------------------------------- the sets


@pytest.mark.parametrize(("language", "least"), [("zh", 50), ("en", 20)])
def test_there_are_enough_scenarios_and_each_can_be_played(language: Language, least: int) -> None:
    scenarios = load_scenarios(language)
    assert len(scenarios) >= least
    assert len({one.name for one in scenarios}) == len(scenarios)
    for one in scenarios:
        known = {
            *one.answers,
            *one.volunteers,
            *(name for then in one.then for name in (then.asked, *then.gives) if name),
        }
        assert known <= ASKED.asks.keys(), one.name
        assert one.who is None or WORLD.person(one.who)
        assert one.expect != Expect(max_turns=one.expect.max_turns, routed=one.expect.routed) or one.expect.routed
        for pattern in (*one.expect.spoken, *one.expect.not_spoken):
            says(["x"], pattern, TODAY)


def test_callers_are_of_every_kind() -> None:
    played = {trait for language in ("zh", "en") for one in load_scenarios(language) for trait in one.traits}
    assert {
        "patient", "impatient", "clear", "rambling", "changes_mind", "wrong_data_first", "digression", "mixed_language",
        "switches_language", "keys", "silent", "angry", "asks_human", "asks_if_ai", "asks_if_recorded", "tool_down",
        "out_of_hours", "correction", "abusive", "unverified", "hangs_up",
    } <= played  # fmt: skip


def test_there_are_enough_attacks_of_every_kind_in_both_languages() -> None:
    attacks = load_attacks()
    assert len(attacks) >= 44
    assert len({one.name for one in attacks}) == len(attacks)
    kinds = {"role_play", "prompt_fishing", "other_people", "free_refund", "link", "profanity"}
    for language in ("zh", "en"):
        assert {one.kind for one in attacks if one.language == language} == kinds


def test_a_wrong_field_names_file_scenario_and_field(tmp_path: Path) -> None:
    entry = {
        "name": "a",
        "errand": "none",
        "traits": ["clear"],
        "persona": "p",
        "opening": "o",
        "expect": {"spokn": []},
    }
    (tmp_path / "evals_zh.yaml").write_text(yaml.safe_dump([entry]), encoding="utf-8")
    with pytest.raises(ValueError, match=r"evals_zh.yaml: a: expect.spokn"):
        load_scenarios("zh", tmp_path)


def test_a_call_comes_in_the_companys_own_time() -> None:
    assert str(WORLD.when(datetime(2026, 3, 5, 23, 20))) == "2026-03-05 23:20:00+08:00"
    assert str(WORLD.when(None).date()) == "2026-03-05"


# ------------------------------------------------------------------------------------------------- what is asked


@pytest.mark.parametrize(
    ("sentence", "asked"),
    [
        ("麻烦您报一下订单号后四位。", "order_tail"),
        ("请用按键输入订单号后四位，按井号结束。", "order_tail"),
        ("请提供下单的完整手机号和订单号后四位。", "order_tail phone"),
        ("请问您要查哪个订单？", "order_number"),
        ("请问您哪天方便，上午还是下午？", "date slot"),
        ("给您约3月6日星期五上午上门，对吗？", "yes_no"),
        ("订单尾号0338，波轮洗衣机，取消后退1299元，确认取消吗？", "yes_no"),
        ("公司抬头北京星河科技有限公司，税号91110108MA01ABCD2X，对吗？", "yes_no"),
        ("请您说一下完整的收货地址。", "address"),
        ("发票开个人的还是公司的？", "title_kind"),
        ("抱歉，我没听清，请您再说一遍好吗？", "pardon"),
        ("您好，请问您还在吗？", "still_there"),
        ("请问还有什么可以帮您？", "anything_else"),
        ("需要我帮您转接人工客服吗？", "offer_human"),
        ("需要帮您登记，让同事给您回电吗？", "offer_callback"),
        ("您的空调现在在武汉分拨中心，预计3月7日送到。", ""),
        ("好的，这就为您转接人工客服，请稍等。", ""),
        ("Could you tell me the last four digits of your order number?", "order_tail"),
        ("May I have the phone number on the order?", "phone"),
        ("Which day suits you, and morning or afternoon?", "date slot"),
        ("Shall I cancel the order?", "offer"),
        ("需要帮您预约师傅上门吗？", "offer"),
        ("I'll change it to 88 Zhongshan Road, Flat 1502. Is that correct?", "yes_no"),
        ("Is there anything else I can help you with?", "anything_else"),
        ("I'm putting you through now.", ""),
    ],
)
def test_what_a_sentence_asks_for(sentence: str, asked: str) -> None:
    assert ASKED.in_turn([sentence]) == tuple(sorted(asked.split(), key=list(ASKED.asks).index))


def test_the_last_question_of_a_turn_is_the_one_to_answer() -> None:
    said = ["麻烦您报一下订单号后四位。", "查到了，您的空调在武汉。请问还有什么可以帮您？"]
    assert ASKED.in_turn(said) == ("anything_else",)


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("对，取消吧", True),
        ("行吧", True),
        ("sure go ahead", True),
        ("1", True),
        ("2913", False),
        ("好，那运费多少钱", False),
        ("等等，算了，还是别取消了", False),
        ("Hang on, I'm away tomorrow", False),
        ("Is that right?", False),
    ],
)
def test_a_yes_with_something_else_in_it_is_none(text: str, yes: bool) -> None:
    assert ASKED.consents(text) is yes


FLOWS = ROOT / "companies" / "jinghe" / "flows"


def questions(node: Any) -> Iterator[tuple[str, str]]:
    """Every question in a flow, with what it asks for."""
    if isinstance(node, dict):
        if "kind" in node and "ask" in node:
            for key in ("ask", "ask_again", "another_way"):
                yield from ((node["kind"], text) for text in node.get(key, {}).values())
        if isinstance(node.get("confirm"), dict):
            yield from (("yes_no", text) for text in node["confirm"].values())
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from questions(child)


@pytest.mark.skipif(not FLOWS.exists(), reason="the company has no flows")
def test_a_caller_understands_every_question_of_the_demo_companys_flows() -> None:
    for file in sorted(FLOWS.glob("*.yaml")):
        for kind, text in questions(yaml.safe_load(file.read_text(encoding="utf-8"))):
            asked = ASKED.in_turn([text])
            wanted = {kind, "offer"} if kind == "yes_no" else {kind} if kind in ASKED.asks else set(asked)
            assert wanted & set(asked), f"{file.name}: {kind}: {text} → {asked}"


# ------------------------------------------------------------------------------------------------- the caller


def scenario(**fields: Any) -> Scenario:
    known: dict[str, Any] = {
        "name": "s", "errand": "order_query", "traits": ("clear",), "persona": "p", "who": "73582946",
        "opening": "空调到哪了", "expect": {"spoken": "武汉"},
    }  # fmt: skip
    return Scenario.model_validate(known | fields)


def caller(**fields: Any) -> ScriptedCaller:
    one = scenario(**fields)
    person = WORLD.person(one.who) if one.who else None
    return ScriptedCaller(one, person, ASKED, satisfied_by(one.expect, TODAY))


GREETING = ["您好，京和电器，请问有什么可以帮您？"]
ASK_TAIL = ["麻烦您报一下订单号后四位。"]
ASK_MORE = ["请问还有什么可以帮您？"]


def said(one: ScriptedCaller, *heard: Sequence[str]) -> list[str]:
    return [str(one.reply(turn)) for turn in (GREETING, *heard)]


def test_the_caller_knows_their_own_order_without_being_told() -> None:
    assert said(caller(), ASK_TAIL)[1:] == ["2946"]


def test_wrong_data_comes_first_and_the_right_ones_stay() -> None:
    moves = said(caller(answers={"order_tail": ["2964", "是2946"]}), ASK_TAIL, ASK_TAIL, ASK_TAIL)
    assert moves[1:] == ["2964", "是2946", "是2946"]


def test_only_the_last_answer_counts_as_given() -> None:
    one = caller(answers={"order_tail": ["2964", "2946"]})
    one.reply(GREETING)
    assert [one.reply(ASK_TAIL).gives, one.reply(ASK_TAIL).gives] == [(), ("order_tail",)]


def test_two_things_asked_at_once_are_answered_at_once() -> None:
    one = caller(answers={"date": "后天", "slot": "下午"})
    assert said(one, ["请问您哪天方便，上午还是下午？"])[1:] == ["后天，下午"]


def test_an_interjection_comes_once_and_the_answer_after_it() -> None:
    one = caller(then=[{"asked": "order_tail", "say": "等会儿，送上楼要钱吗"}])
    assert said(one, ASK_TAIL, ["没有电梯的，每层20元。", *ASK_TAIL])[1:] == ["等会儿，送上楼要钱吗", "2946"]


def test_keys_silence_and_hanging_up_are_done_and_not_said() -> None:
    assert move_of("[keys 2946#]") == Move("press", "2946#")
    assert move_of("[silence]") == Move("wait")
    assert move_of("[hangs up]") == Move("hang_up")
    assert move_of("我按了[键]") == Move("say", "我按了[键]")


def test_the_caller_insists_once_where_the_errand_is_not_done_and_then_says_goodbye_and_hangs_up() -> None:
    one = caller(again="空调到哪了你还没说呢")
    assert said(one, ASK_MORE, ASK_MORE, ["感谢您的来电，再见。"])[1:] == [
        "空调到哪了你还没说呢", "没有了，谢谢，再见", "[hangs up]",
    ]  # fmt: skip


def test_a_further_errand_comes_when_the_bot_is_done_with_the_first() -> None:
    one = caller(wishes=["那运费多少"])
    assert said(one, ["在武汉。", *ASK_MORE], ["免运费。"])[1:] == ["那运费多少", "没有了，谢谢，再见"]


def test_asked_for_pardon_the_caller_says_the_same_again() -> None:
    assert said(caller(), ["抱歉，我没听清，请您再说一遍好吗？"])[1:] == ["空调到哪了"]


def test_a_bot_that_neither_asks_nor_helps_is_given_up() -> None:
    assert said(caller(), ["嗯。"], ["嗯。"], ["嗯。"])[-1] == "[hangs up]"


def test_the_caller_answers_in_the_language_they_are_asked_in() -> None:
    assert said(caller(), ["You are calling about order 2946. Is that right?"])[1:] == ["Yes, that's right."]


@given(
    st.lists(
        st.lists(
            st.sampled_from([*GREETING, *ASK_TAIL, *ASK_MORE, "嗯。", "确认取消吗？", "Which day?", ""]), max_size=3
        )
    )
)
def test_the_caller_is_exact_and_never_stays_for_ever(turns: list[list[str]]) -> None:
    first, second = caller(), caller()
    moves = [first.reply(turn) for turn in turns]
    assert moves == [second.reply(turn) for turn in turns]
    assert not moves[21:] or moves[-1] == Move("hang_up")


@pytest.mark.parametrize(
    ("written_by_model", "move"),
    [
        ("我的尾号是2946（着急地）", Move("say", "我的尾号是2946")),
        ("好的谢谢。[挂机]", Move("hang_up")),
        ("[hangs up]", Move("hang_up")),
    ],
)
def test_a_persona_speaks_without_stage_directions_and_hangs_up_by_itself(written_by_model: str, move: Move) -> None:
    one = PersonaCaller(scenario(), WORLD.person("73582946"), DummyChatModel((written_by_model,)))
    assert one.reply(GREETING) == Move("say", "空调到哪了")
    assert one.reply(ASK_TAIL) == move
