"""However a number is said or written, it is found; and no number is found that was not said."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.postcall.facts import extract_facts
from agent.postcall.trace import is_traceable
from agent.postcall.utterances import utterances
from agent.postcall.written import write
from tests.postcall.calls import STARTED, call

HAN = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
mobiles = st.builds(lambda second, rest: f"1{second}{rest:09d}", st.integers(3, 9), st.integers(0, 10**9 - 1))
orders = st.integers(20_000_000, 99_999_999).map(str)


def grouped(digits: str, sizes: list[int]) -> list[str]:
    groups, start = [], 0
    for size in sizes:
        groups.append(digits[start : start + size])
        start += size
    return [group for group in (*groups, digits[start:]) if group]


@st.composite
def spoken(draw: st.DrawFn, digits: str) -> str:
    """The digits as a caller says them or Whisper writes them: grouped, in figures or words or both."""
    sizes = draw(st.lists(st.integers(1, 5), max_size=5))
    separator = draw(st.sampled_from(["", " ", "，", ", ", "-", "、", "，嗯，", " 。"]))
    one = draw(st.sampled_from("一幺"))
    styles = st.sampled_from(["figures", "han"])
    groups = [
        group if draw(styles) == "figures" else "".join(HAN[d] for d in group).replace("一", one)
        for group in grouped(digits, sizes)
    ]
    return separator.join(groups)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_mobile_number_is_found_however_it_is_said(data: st.DataObject) -> None:
    mobile = data.draw(mobiles)
    text = data.draw(spoken(mobile))
    facts = extract_facts(call(f"我的手机号是{text}"), STARTED)
    assert [(fact.kind, fact.value) for fact in facts] == [("phone", mobile)], text


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_an_order_number_is_found_however_it_is_said(data: st.DataObject) -> None:
    order = data.draw(orders)
    text = data.draw(spoken(order))
    facts = extract_facts(call(f"订单号是{text}"), STARTED)
    assert [(fact.kind, fact.value) for fact in facts] == [("order_number", order)], text


@settings(max_examples=80, deadline=None)
@given(orders | mobiles, st.sampled_from([" ", ", ", "-", " uh "]), st.booleans())
def test_a_number_in_english_words_is_found(number: str, separator: str, doubled: bool) -> None:
    words, i = [], 0
    while i < len(number):
        pair = doubled and number[i : i + 2] == number[i] * 2
        words.append(("double " if pair else "") + ENGLISH[int(number[i])])
        i += 2 if pair else 1
    kind = "phone" if len(number) == 11 else "order_number"
    label = "phone" if kind == "phone" else "order"
    facts = extract_facts(call(f"my {label} number is {separator.join(words)}", language="en"), STARTED)
    assert [(fact.kind, fact.value) for fact in facts] == [(kind, number)]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.text(
            "零一二三四五六七八九十百千万两幺要0123456789，。 点元块月号天是不订单电话明E我王address oh double",
            max_size=30,
        ),
        max_size=4,
    )
)
def test_no_number_is_found_that_was_not_said(turns: list[str]) -> None:
    said = call(*turns)
    written = "".join(write(turn).text for turn in turns)
    digits = "".join(character for character in written if character.isdigit())
    for fact in extract_facts(said, STARTED):
        assert is_traceable(fact, utterances(said)), fact
        if fact.kind in ("order_number", "phone") and " … " not in fact.quote:
            assert "".join(filter(str.isdigit, fact.value)) in digits, fact
