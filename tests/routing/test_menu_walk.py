"""Where a caller comes to in the menu, by key, by words and by saying nothing."""

import math
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.events import Intent, Language
from agent.hotline_events import MenuChosen, MenuEntered
from agent.routing.menu import Entered, Go, Key, Menu, Moment, Said, Silence, Speak, State, build_menu, load_menus, step
from agent.routing.menu.menu import voice_of

FILE = Path(__file__).parents[2] / "companies" / "jinghe" / "routing" / "menu.yaml"
ERRANDS: dict[Intent, str] = {"repair": "repair", "logistics": "logistics", "complaint": "complaint"}
MENU = build_menu(load_menus(FILE), "main", ERRANDS)
NIGHT = build_menu(load_menus(FILE), "night", ERRANDS)


def walk(*moments: Moment, menu: Menu = MENU, language: Language = "zh") -> tuple[State, list[Any]]:
    state, acts = step(menu, State(), Entered(language))
    for moment in moments:
        state, acts = step(menu, state, moment)
    return state, list(acts)


def where(state: State) -> str:
    return state.gone or state.trail[-1]


def keys(pressed: str) -> list[Moment]:
    return [Key(key) for key in pressed]


@pytest.mark.parametrize(
    ("pressed", "place"),
    [
        ("", "main"),
        ("1", "repair"),
        ("11", "flow:repair"),
        ("24", "change"),
        ("242", "flow:cancel_order"),
        ("4", "bot"),
        # Back, all the way up; at the top there is nothing above.
        ("24*", "orders"),
        ("24**", "main"),
        ("24***", "main"),
        ("2#", "orders"),
        # 0 is a person everywhere.
        ("0", "queue:service"),
        ("240", "queue:service"),
        # Keys that do nothing leave the caller where they are, twice.
        ("7", "main"),
        ("77", "main"),
        ("777", "queue:service"),
        ("A", "main"),
        # A key that works makes up for those that did not.
        ("7717711", "flow:repair"),
    ],
)
def test_keys_lead_through_the_tree(pressed: str, place: str) -> None:
    state, _ = walk(*keys(pressed))
    assert where(state) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("报修和安装", "repair"),
        ("我要订单和物流。", "orders"),
        ("一", "repair"),
        ("第二个", "orders"),
        ("第三个吧", "returns"),
        ("按2", "orders"),
        ("选择五", "flow:complaint"),
        ("number two", "orders"),
        ("the second one, please", "orders"),
        ("Orders and deliveries, please", "orders"),
        ("零", "queue:service"),
        ("我的快递呢", "orders"),
        ("转人工", "queue:service"),
        ("I want to speak to a real person", "queue:service"),
        ("嗯嗯啊啊", "main"),
        ("", "main"),
    ],
)
def test_words_choose_what_keys_choose(text: str, place: str) -> None:
    state, _ = walk(Said(text))
    assert where(state) == place


@pytest.mark.parametrize("start", ["", "1", "24", "3"])
@pytest.mark.parametrize(
    ("intent", "place"),
    [
        ("repair", "flow:repair"),
        ("cancel_service", "flow:cancel_order"),
        ("product_inquiry", "bot"),
        ("complaint", "flow:complaint"),
        ("human_agent", "queue:service"),
    ],
)
def test_what_is_understood_beats_the_tree_from_any_level(start: str, intent: Intent, place: str) -> None:
    state, _ = walk(*keys(start), Said("这里说的是一件事情", intent, 0.9))
    assert where(state) == place


@pytest.mark.parametrize(("probability", "place"), [(0.7, "flow:repair"), (0.69, "main"), (math.nan, "main")])
def test_what_is_hardly_understood_leads_nowhere(probability: float, place: str) -> None:
    state, _ = walk(Said("这里说的是一件事情", "repair", probability))
    assert where(state) == place


def test_an_intent_that_no_choice_has_leads_to_the_errand_of_the_company() -> None:
    state, acts = walk(Said("我的快递到哪了", "logistics", 0.9), menu=NIGHT)
    assert where(state) == "flow:logistics"
    assert acts[-1] == Go("flow:logistics", said=True)


def test_who_wants_no_errand_is_not_taken_anywhere() -> None:
    state, acts = walk(Said("哈喽", "greeting", 0.99))
    assert where(state) == "main"
    assert "没听明白" in acts[-1].sentences[0]


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("返回上一级", "orders", "查订单"),
        ("back", "orders", "查订单"),
        ("再说一遍", "change", "修改收货地址"),
        ("Could you repeat that?", "change", "To change the delivery address"),
        ("回主菜单", "main", "您可以直接说出"),
    ],
)
def test_back_and_repeat_always_go_whatever_the_classifier_thinks(text: str, place: str, says: str) -> None:
    state, acts = walk(*keys("24"), Said(text, "logistics", 0.99))
    assert where(state) == place
    assert acts[-1].sentences[0].startswith(says)


def test_back_leads_where_the_caller_came_from_after_a_jump_too() -> None:
    # The node stands two levels down; who jumped there goes back through the tree.
    config = load_menus(FILE)
    main = config.menus["main"]
    orders = main.nodes["orders"]
    jumping = orders.choices[3].model_copy(update={"intents": ("account_service",)})
    changed = orders.model_copy(update={"choices": (*orders.choices[:3], jumping)})
    top = main.nodes["main"]
    plain = top.model_copy(update={"choices": tuple(one.model_copy(update={"intents": ()}) for one in top.choices)})
    nodes = {**main.nodes, "orders": changed, "main": plain}
    menus = config.model_copy(update={"menus": {"main": main.model_copy(update={"nodes": nodes})}})
    menu = build_menu(menus, "main")
    state, _ = walk(Key("1"), Said("我要改一下", "account_service", 0.9), menu=menu)
    assert state.trail == ("main", "orders", "change")
    state, _ = step(menu, state, Key("*"))
    assert where(state) == "orders"


def test_the_greeting_is_said_once_in_each_language() -> None:
    first, again = MENU.said.greeting.zh[0], MENU.said.greeting.en[0]
    state, acts = step(MENU, State(), Entered("zh"))
    heard = [acts[-1].sentences]
    for key in ("1", "*", "9", "1", "*", "8"):
        state, acts = step(MENU, state, Key(key))
        heard.append(acts[-1].sentences)
    assert [first in sentences for sentences in heard] == [True] + [False] * 6
    assert [again in sentences for sentences in heard] == [False] * 3 + [True] + [False] * 3


@pytest.mark.parametrize(
    "asked", [Key("9"), Said("说英文"), Said("Can you speak English?"), Said("I would like some help")]
)
def test_the_menu_goes_on_in_the_language_that_is_asked_for_or_spoken(asked: Moment) -> None:
    state, acts = walk(asked)
    assert state.language == "en"
    assert acts[-1].language == "en" and "repairs" in " ".join(acts[-1].sentences)


def test_a_language_that_the_menu_does_not_speak_is_answered_in_its_own() -> None:
    only = load_menus(FILE).menus["main"].model_copy(update={"languages": ("zh",)})
    menu = build_menu(load_menus(FILE).model_copy(update={"menus": {"main": only}}), "main")
    state, _ = walk(Said("I need some help please"), menu=menu, language="en")
    assert state.language == "zh"


@pytest.mark.parametrize(("start", "target"), [("", "bot"), ("1", "bot"), ("3", "queue:service")])
def test_silence_repeats_and_then_goes_on(start: str, target: str) -> None:
    state, acts = walk(*keys(start), Silence())
    assert not state.gone and isinstance(acts[-1], Speak)
    assert MenuEntered(node=where(state), level=1 + len(start), times=2) in acts
    state, acts = step(MENU, state, Silence())
    assert [type(act) for act in acts] == [MenuChosen, Speak, Go] and state.gone == target


def test_every_choice_is_told_with_where_it_leads() -> None:
    state, acts = walk(Key("2"))
    assert acts[0] == MenuChosen(node="main", by="key", choice="2", target="orders")
    assert acts[1] == MenuEntered(node="orders", level=2, times=1)
    _, acts = step(MENU, state, Key("8"))
    assert acts[0] == MenuChosen(node="orders", by="key", choice="8", target="")
    _, acts = step(MENU, state, Said("物流", "logistics", 0.95))
    assert acts[0].by == "speech" and acts[0].target == "flow:logistics"


def test_moments_before_the_caller_entered_and_after_they_left_do_no_harm() -> None:
    state, acts = step(MENU, State(), Key("1"))
    assert where(state) == "main" and isinstance(acts[-1], Speak)
    gone, _ = walk(Key("0"))
    assert step(MENU, gone, Key("1")) == (gone, ())


TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        "返回",
        "第二个",
        "转人工",
        "再说一遍",
        "报修",
        "说英文",
        "中文",
        "back",
        "main menu",
        "I want a refund",
        "嗯",
        "0" * 3000,
    ]
)
MOMENTS = st.one_of(
    st.builds(Entered, st.sampled_from(["zh", "en"])),
    st.builds(Key, st.sampled_from("0123456789*#ABCD") | st.text(max_size=2)),
    st.builds(
        Said,
        TEXTS,
        st.none() | st.sampled_from(get_args(Intent)),
        st.floats(allow_nan=True),
        st.sampled_from(["zh", "en"]),
    ),
    st.just(Silence()),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(MOMENTS, max_size=45), st.sampled_from([MENU, NIGHT]))
def test_whatever_happens_it_speaks_or_goes_on_and_comes_to_an_end(moments: list[Moment], menu: Menu) -> None:
    state, said = State(), set[str]()
    for moment in moments:
        before = state
        state, acts = step(menu, state, moment)
        if before.gone:
            assert acts == () and state == before
            continue
        goes = [act for act in acts if isinstance(act, Go)]
        speaks = [act for act in acts if isinstance(act, Speak)]
        assert goes or speaks
        assert (state.gone != "") == (len(goes) == 1) and len(speaks) <= 1
        assert all(act is acts[-1] for act in goes), "nothing comes after the call has gone"
        assert state.language in menu.languages
        said |= {f"{voice_of(one, act.language)}:{one}" for act in speaks for one in act.sentences}
    held = {f"{language}:{one}" for language in menu.languages for one in menu.sentences(language)}
    assert said <= held, "every sentence is one that the phrase cache was given"
    for _ in range(menu.most_steps + 1):
        state, _ = step(menu, state, Key("#"))
    assert state.gone, "nobody stays in the menu for ever"


@settings(max_examples=30, deadline=None)
@given(st.lists(MOMENTS, max_size=30))
def test_whoever_says_nothing_more_is_helped_within_the_repeats(moments: list[Moment]) -> None:
    state = State()
    for moment in moments:
        state, _ = step(MENU, state, moment)
    for _ in range(4):
        state, _ = step(MENU, state, Silence())
    assert state.gone
