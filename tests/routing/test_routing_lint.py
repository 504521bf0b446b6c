"""What is wrong with rules is found before a caller meets it: never reached, covered by none, naming what is not."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.routing.lines import locate
from agent.routing.rules import Facts, Finding, KnownTargets, Load, decide, lint, load_rules, reach
from agent.routing.rules.reach import Undecided, covering, outside
from agent.routing.rules.words import load_words

TODAY = date(2026, 3, 4)
UNREAD = KnownTargets()
WORDS = load_words()


def found(folder: Path, *rules: str, known: KnownTargets = UNREAD, today: date = TODAY) -> list[Finding]:
    """``rules``: the rest of a rule after its name, which is r0, r1 … in line 2, 3 …"""
    file = folder / "rules.yaml"
    lines = "".join(f"  - {{name: r{index}, {rest}}}\n" for index, rest in enumerate(rules))
    file.write_text(f"rules:\n{lines}", encoding="utf-8")
    return list(lint(load_rules(file, words=WORDS), known, today))


def kinds(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.kind, one.rule) for one in findings]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("intent: [repair, installation]", "intent: repair"),
        ("intent: {not: [repair]}", "intent: complaint"),
        ("intent: {not: [repair]}", "intent: {not: [complaint, repair]}"),
        ("province: [广东, 广西]", "province: 广东, language: en"),
        # A city lies in its province.
        ("province: 广东", "city: [深圳, 广州]"),
        ("line: abroad", "province: 香港"),
        ("time: {hours: '09:00-18:00'}", "time: {hours: '10:00-12:00', days: mon-fri}"),
        ("time: {hours: '22:00-06:00'}", "time: {hours: '23:00-24:00, 00:00-05:00'}"),
        ("time: {days: mon-fri}", "time: {calendar: workday}"),
        ("time: {days: sat-sun}", "time: {calendar: [makeup, weekend], hours: '08:00-09:00'}"),
        ("load: {waiting: '>= 3'}", "load: {waiting: '> 5'}"),
        ("record: {amount: '> 3'}", "record: {amount: '3.5..4'}"),
        ("record: {level: {known: true}}", "record: {level: [gold]}"),
        ("vip: false", "record: {vip: {known: false}}"),
        # Who called thrice in three days did in seven.
        ("calls: {days: 7, count: '>= 3'}", "calls: {days: 3, count: '>= 3'}"),
        ("alert_within_days: 7", "alert_within_days: 3"),
    ],
)
def test_a_rule_that_an_earlier_one_covers_is_never_reached(tmp_path: Path, earlier: str, later: str) -> None:
    one, other = f"when: {{{earlier}}}, to: bot", f"when: {{{later}}}, to: callback"
    findings = found(tmp_path, one, other, "to: bot")
    assert kinds(findings) == [("unreachable", "r1")]
    assert findings[0].line == 3 and "“r0”" in findings[0].text.zh and "“r0”" in findings[0].text.en
    # The other way about both are reached.
    assert found(tmp_path, other, one, "to: bot") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Between whole numbers there is nothing.
        ("load: {waiting: '>= 4'}", "load: {waiting: '> 3'}"),
        ("record: {vip: true}", "vip: true"),
        ("called: '400-800-1234'", "called: '+864008001234'"),
        ("time: {days: mon-fri, calendar: [workday, weekend, makeup]}", "time: {calendar: workday}"),
    ],
)
def test_of_two_rules_that_say_the_same_the_later_is_never_reached(tmp_path: Path, one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        rules = (f"when: {{{first}}}, to: bot", f"when: {{{second}}}, to: callback", "to: bot")
        assert kinds(found(tmp_path, *rules)) == [("unreachable", "r1")]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("intent: repair", "intent: {not: [complaint]}"),
        ("province: 广东", "city: [深圳, 上海]"),
        ("time: {days: mon-fri}", "time: {calendar: [workday, makeup]}"),
        ("time: {hours: '22:00-06:00', days: fri}", "time: {hours: '22:00-06:00', days: [fri, sat]}"),
        ("record: {amount: '>= 4'}", "record: {amount: '> 3'}"),
        ("record: {level: gold}", "record: {level: {known: true}}"),
        ("calls: {days: 3, count: '>= 3'}", "calls: {days: 7, count: '>= 3'}"),
        ("record: {order_count: '> 3'}", "device: {order_count: '> 3'}"),
        ("load: {queue: repair, waiting: '> 3'}", "load: {waiting: '> 3'}"),
    ],
)
def test_a_rule_that_some_call_reaches_is_left_alone(tmp_path: Path, earlier: str, later: str) -> None:
    rules = (f"when: {{{earlier}}}, to: bot", f"when: {{{later}}}, to: callback", "to: bot")
    assert found(tmp_path, *rules) == []


def test_several_rules_together_can_cover_one_and_only_those_are_named(tmp_path: Path) -> None:
    findings = found(
        tmp_path,
        "when: {intent: complaint}, to: callback",
        "when: {language: zh}, to: bot",
        "when: {language: en, time: {hours: '08:00-20:00'}}, to: bot",
        "when: {language: en, time: {hours: '20:00-08:00'}}, to: callback",
        "when: {province: 北京}, to: refuse",
    )
    assert kinds(findings) == [("unreachable", "r4")]
    assert "“r1”, “r2”, “r3”" in str(findings[0]) and "r0" not in str(findings[0])


def test_conditions_that_contradict_one_another_match_no_call(tmp_path: Path) -> None:
    findings = found(tmp_path, "when: {province: 广东, city: 杭州}, to: callback", "to: bot")
    assert kinds(findings) == [("never", "r0")]


def test_what_no_rule_covers_is_shown_by_an_example(tmp_path: Path) -> None:
    findings = found(
        tmp_path,
        "when: {intent: {not: [repair]}}, to: bot",
        "when: {time: {hours: '09:00-18:00', calendar: [workday, makeup]}}, to: bot",
        "when: {load: {waiting: '< 10'}}, to: bot",
    )
    assert kinds(findings) == [("gap", "")]
    assert "来意是报修" in findings[0].text.zh and "the intent is repair" in findings[0].text.en
    assert "the number waiting is 1" in findings[0].text.en


def test_rules_that_cover_every_call_without_saying_so_leave_no_gap(tmp_path: Path) -> None:
    assert found(tmp_path, "when: {language: zh}, to: bot", "when: {language: en}, to: bot") == []
    # Who is not known is neither.
    gap = found(tmp_path, "when: {record: {vip: true}}, to: bot", "when: {record: {vip: false}}, to: bot")
    assert kinds(gap) == [("gap", "")]
    assert found(tmp_path, "when: {vip: true}, to: bot", "when: {vip: false}, to: bot") == []


KNOWN = KnownTargets(
    queues={"service": (), "repair": ("queue:service",)},
    menus={"main": ("bot", "queue:repair", "flow:repair")},
    skills=frozenset({"service"}),
    numbers=frozenset({"4008001234"}),
)


@pytest.mark.parametrize(
    ("rule", "kind", "said"),
    [
        ("to: queue:sevice", "unknown", "queue “sevice”; did you mean “service”?"),
        ("to: queue:service, overflow: menu:mian", "unknown", "menu “mian”; did you mean “main”?"),
        ("to: queue:repair", "nobody", "no seat has the skill “repair”"),
        ("when: {province: 广东省}, to: bot", "unknown", "province “广东省”; did you mean “广东”?"),
        ("when: {city: [深圳, 深川]}, to: bot", "unknown", "city “深川”"),
        ("when: {called: '4008009999'}, to: bot", "unknown", "number of this company “4008009999”"),
        ("when: {load: {queue: repiar, waiting: 0}}, to: bot", "unknown", "queue “repiar”; did you mean “repair”?"),
    ],
)
def test_a_name_that_does_not_exist_is_found(tmp_path: Path, rule: str, kind: str, said: str) -> None:
    findings = found(tmp_path, rule, "to: bot", known=KNOWN)
    named = [one for one in findings if one.kind == kind]
    assert len(named) == 1 and said in str(named[0]) and f"{tmp_path / 'rules.yaml'}:2: " in str(named[0])


def test_countries_are_names_that_exist_and_what_was_not_read_is_not_missed(tmp_path: Path) -> None:
    assert found(tmp_path, "when: {province: [香港, 美国]}, to: bot", "to: queue:anything") == []


@pytest.mark.parametrize(
    ("rules", "known", "circle"),
    [
        (
            ["to: menu:main"],
            KnownTargets(queues={"repair": ("menu:main",)}, menus={"main": ("queue:repair",)}),
            "menu:main → queue:repair → menu:main",
        ),
        (["to: queue:repair"], KnownTargets(queues={"repair": ("queue:repair",)}), "queue:repair → queue:repair"),
        (["to: queue:repair, overflow: queue:repair"], KnownTargets(), "queue:repair → queue:repair"),
        (
            ["to: queue:repair, overflow: menu:main"],
            KnownTargets(menus={"main": ("menu:more",), "more": ("queue:repair",)}, queues={"repair": ()}),
            "queue:repair → menu:main → menu:more → queue:repair",
        ),
        (
            ["to: number:4008001234"],
            KnownTargets(numbers=frozenset({"4008001234"})),
            "number:4008001234 → number:4008001234",
        ),
    ],
)
def test_targets_that_lead_back_are_found(tmp_path: Path, rules: list[str], known: KnownTargets, circle: str) -> None:
    findings = [one for one in found(tmp_path, *rules, known=known) if one.kind == "cycle"]
    assert len(findings) == 1 and circle in str(findings[0]) and findings[0].line == 2


def test_the_overflow_of_one_rule_is_not_another_s(tmp_path: Path) -> None:
    there, back = "to: queue:a, overflow: queue:b", "to: queue:b, overflow: queue:a"
    findings = found(tmp_path, f"when: {{language: zh}}, {there}", back)
    assert [one for one in findings if one.kind == "cycle"] == []


def test_a_circle_that_no_rule_leads_to_is_not_the_rules_fault(tmp_path: Path) -> None:
    assert found(tmp_path, "to: bot", known=KnownTargets(menus={"a": ("menu:b",), "b": ("menu:a",)})) == []


@pytest.mark.parametrize(
    ("today", "years"), [(date(2026, 3, 4), []), (date(2026, 12, 20), ["2027"]), (date(2030, 12, 20), ["2030", "2031"])]
)
def test_a_year_whose_holidays_are_not_known_is_told(tmp_path: Path, today: date, years: list[str]) -> None:
    findings = found(tmp_path, "when: {time: {calendar: holiday}}, to: callback", "to: bot", today=today)
    assert [one.kind for one in findings] == ["calendar"] * len(years)
    assert all(year in one.text.zh and year in one.text.en for year, one in zip(years, findings, strict=True))
    assert found(tmp_path, "when: {time: {days: sun}}, to: callback", "to: bot", today=today) == []


def test_the_demo_company_s_rules_have_nothing_wrong() -> None:
    assert lint(load_rules(Path("companies/jinghe/routing/rules.yaml")), KnownTargets(), TODAY) == ()


SIZES = {"a": 2, "b": 3, "c": 4}
FULL = {axis: (1 << size) - 1 for axis, size in SIZES.items()}
boxes = st.fixed_dictionaries({}, optional={axis: st.integers(0, full) for axis, full in FULL.items()})


def cells(box: Mapping[str, int]) -> set[tuple[int, ...]]:
    inside = ([bit for bit in range(size) if box.get(axis, FULL[axis]) >> bit & 1] for axis, size in SIZES.items())
    return set(product(*inside))


@settings(max_examples=150, deadline=None)
@given(boxes, st.lists(boxes, max_size=7))
def test_what_is_outside_of_others_is_what_counting_finds(box: dict[str, int], others: list[dict[str, int]]) -> None:
    left = cells(box).difference(*(cells(other) for other in others))
    part = outside(box, others, FULL)
    assert (part is None) == (not left)
    if part is not None:
        assert cells(part) <= left and cells(part)
    elif cells(box):
        needed = covering(box, others, FULL)
        assert cells(box) <= set().union(*(cells(others[index]) for index in needed))
        for index in needed:
            fewer = [cells(others[one]) for one in needed if one != index]
            assert not cells(box) <= set().union(*fewer)


def test_too_many_ways_are_left_undecided_and_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "BUDGET", 3)
    rules = [f"when: {{province: {name}, intent: repair}}, to: bot" for name in ("广东", "广西", "北京", "上海")]
    findings = found(tmp_path, *rules, "to: bot")
    assert ("undecided", "r4") in kinds(findings)
    with pytest.raises(Undecided):
        outside({}, [{"a": 1, "b": bit} for bit in (1, 2, 4)] + [{"a": 2}], FULL)


whens = st.lists(
    st.sampled_from(
        [
            "intent: [repair, complaint]", "intent: {not: [repair]}", "language: en", "province: [广东, 北京]",
            "city: 深圳", "line: {not: [mobile]}", "time: {hours: '22:00-06:00', days: mon-fri}",
            "time: {calendar: [workday, makeup]}", "record: {n: '> 3'}", "record: {n: '2..5'}", "vip: true",
            "calls: {days: 1, count: '>= 2'}", "calls: {days: 7, count: '< 3'}", "alert_within_days: 3",
            "load: {waiting: '>= 4'}", "load: {expected_wait_s: '< 30'}",
        ]
    ),
    max_size=2,
    unique_by=lambda condition: condition.split(":")[0],
)  # fmt: skip
moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
facts = st.builds(
    lambda at, days, alert, **values: Facts(
        at,
        earlier_calls=tuple(at - timedelta(days=one) for one in days),
        alerts=() if alert is None else (at - timedelta(days=alert),),
        **values,
    ),
    at=moments,
    days=st.lists(st.floats(0.01, 9), max_size=4),
    alert=st.none() | st.floats(0, 5),
    caller=st.sampled_from(["13800138000", "0755-12345678", "0771-5512345", "+85221234567", ""]).map(locate),
    language=st.sampled_from(["zh", "en"]),
    intent=st.sampled_from([None, "repair", "complaint", "praise"]),
    record=st.fixed_dictionaries({}, optional={"vip": st.booleans(), "n": st.integers(0, 9) | st.floats(1, 6)}),
    load=st.builds(Load, st.integers(0, 6), st.just(1), st.none() | st.integers(0, 60)),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(whens, min_size=2, max_size=7), st.lists(facts, min_size=10, max_size=30))
def test_no_call_is_ever_decided_by_a_rule_that_is_said_to_be_unreachable(
    tmp_path_factory: pytest.TempPathFactory, given_whens: list[list[str]], calls: list[Facts]
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    rules = [f"when: {{{', '.join(when)}}}, to: queue:s" for when in given_whens]
    findings = found(folder, *rules)
    unreachable = {one.rule for one in findings if one.kind in ("unreachable", "never")}
    loaded = load_rules(folder / "rules.yaml", words=WORDS)
    decided = {decide(loaded, call).rule for call in calls}
    assert not decided & unreachable
    assert ("" in decided) <= any(one.kind == "gap" for one in findings)
