"""The first rule that matches decides and says why, in Chinese and English; of every other it is told why not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import CompanyError
from agent.routing.lines import locate
from agent.routing.rules import Facts, Load, Rules, decide, explain, load_rules
from agent.routing.rules.rules import Rule
from agent.routing.rules.words import DEFAULT_WORDS, load_words
from agent.routing.schedule import CHINA

JINGHE = load_rules(Path("companies/jinghe/routing/rules.yaml"))
WORDS = load_words()
BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2026, 3, 4, 10, 0, tzinfo=CHINA)
CALL = Facts(WEDNESDAY, locate("13800138000"), "4008001234")


def rules(*whens: dict[str, Any], zone: ZoneInfo = CHINA) -> Rules:
    """Each leads to the queue of its number."""
    made = (Rule.model_validate({"name": f"r{n}", "when": when, "to": f"queue:{n}"}) for n, when in enumerate(whens))
    return Rules(tuple(made), WORDS, zone)


def matches(when: dict[str, Any], facts: Facts, zone: ZoneInfo = CHINA) -> bool:
    return decide(rules(when, zone=zone), facts).rule == "r0"


def ago(days: float) -> datetime:
    return WEDNESDAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("when", "changed", "does"),
    [
        ({}, {}, True),
        ({"province": "北京"}, {}, True),
        ({"province": ["广东", "北京"], "city": "北京"}, {}, True),
        ({"province": {"not": ["北京"]}}, {}, False),
        ({"province": "北京"}, {"caller": locate("anonymous")}, False),
        ({"province": {"not": "北京"}}, {"caller": locate("anonymous")}, True),
        ({"province": "香港", "line": "abroad"}, {"caller": locate("+85221234567")}, True),
        ({"line": ["withheld", "malformed"]}, {"caller": locate("anonymous")}, True),
        ({"called": "400-800-1234"}, {}, True),
        ({"called": "010-56785678"}, {}, False),
        ({"time": {"days": "mon-fri", "hours": "09:00-18:00", "calendar": "workday"}}, {}, True),
        ({"time": {"calendar": "holiday"}}, {"at": datetime(2026, 10, 1, 9, tzinfo=CHINA)}, True),
        ({"time": {"calendar": "makeup"}}, {"at": datetime(2026, 10, 10, 9, tzinfo=CHINA)}, True),
        # A year whose holidays are not known goes by its weekdays.
        ({"time": {"calendar": "workday"}}, {"at": datetime(2040, 10, 1, 9, tzinfo=CHINA)}, True),
        ({"language": "en"}, {}, False),
        ({"intent": "repair"}, {}, False),
        ({"intent": {"not": "repair"}}, {}, True),
        ({"intent": ["repair", "installation"]}, {"intent": "repair"}, True),
        ({"sentiment": "angry"}, {"sentiment": "angry"}, True),
        ({"risk": ["medium", "high"]}, {"risk": "high"}, True),
        ({"spam": "challenge"}, {"spam": "challenge"}, True),
        ({"vip": True}, {}, False),
        ({"vip": False}, {}, True),
        ({"vip": True}, {"record": {"vip": True}}, True),
        ({"vip": False}, {"record": {"vip": True}}, False),
        # 1 is not true.
        ({"vip": True}, {"record": {"vip": 1}}, False),
        ({"record": {"order_count": ">= 5"}}, {"record": {"order_count": 5}}, True),
        ({"record": {"order_count": "> 5"}}, {"record": {"order_count": 5}}, False),
        ({"record": {"order_count": "2..4"}}, {"record": {"order_count": 4}}, True),
        ({"record": {"order_count": 5}}, {"record": {"order_count": 5}}, True),
        ({"record": {"order_count": ">= 5"}}, {"record": {"order_count": "5"}}, False),
        ({"record": {"order_count": "< 5"}}, {}, False),
        ({"record": {"level": ["gold", "platinum"]}}, {"record": {"level": "gold"}}, True),
        ({"device": {"fault_code": {"known": True}}}, {"device": {"fault_code": "F2"}}, True),
        ({"device": {"fault_code": {"known": True}}}, {"device": {"fault_code": None}}, False),
        ({"device": {"fault_code": {"known": False}}}, {}, True),
        ({"order": {"state": "shipped"}}, {"order": {"state": "shipped"}}, True),
        ({"calls": {"days": 3, "count": ">= 2"}}, {"earlier_calls": (ago(1), ago(3))}, True),
        ({"calls": {"days": 3, "count": ">= 2"}}, {"earlier_calls": (ago(1), ago(3.01))}, False),
        # This call itself is none of the earlier ones.
        ({"calls": {"days": 3, "count": 0}}, {"earlier_calls": (WEDNESDAY, ago(5))}, True),
        ({"alert_within_days": 7}, {"alerts": (ago(30), ago(6.9))}, True),
        ({"alert_within_days": 7}, {"alerts": (ago(7),)}, False),
        ({"alert_within_days": 7}, {}, False),
        ({"load": {"waiting": ">= 10"}}, {"load": Load(10)}, True),
        ({"load": {"seats_ready": 0}}, {"load": Load(0, 1, 0)}, False),
        ({"load": {"queue": "repair", "expected_wait_s": "> 60"}}, {"queues": {"repair": Load(3, 1, 61)}}, True),
        ({"load": {"queue": "repair", "expected_wait_s": "> 60"}}, {"load": Load(3, 1, 61)}, False),
        # Nobody can say how long it takes where nobody is there.
        ({"load": {"expected_wait_s": "> 60"}}, {"load": Load(3, 0, None)}, False),
    ],
)
def test_a_condition_holds_or_not(when: dict[str, Any], changed: dict[str, Any], does: bool) -> None:
    assert matches(when, replace(CALL, **changed)) is does


def test_all_conditions_of_a_rule_must_hold() -> None:
    when = {"province": "北京", "intent": "repair"}
    assert not matches(when, CALL)
    assert matches(when, replace(CALL, intent="repair"))


def test_the_first_match_wins_and_a_call_without_one_goes_to_the_bot() -> None:
    two = rules({"intent": "repair"}, {"province": "北京"})
    assert decide(two, CALL).target == "queue:1"
    assert decide(two, replace(CALL, intent="repair")).target == "queue:0"
    nowhere = decide(two, replace(CALL, caller=locate("anonymous")))
    assert (nowhere.rule, nowhere.target) == ("", "bot")
    assert nowhere.why.zh and nowhere.why.en


def test_rules_go_by_the_clock_of_the_company_also_when_clocks_change() -> None:
    when = {"time": {"hours": "09:00-10:00"}}
    in_winter, in_summer = datetime(2026, 3, 28, 8, 30, tzinfo=UTC), datetime(2026, 3, 29, 7, 30, tzinfo=UTC)
    for moment, does in [(in_winter, True), (in_summer, True), (in_winter + timedelta(days=1), False)]:
        assert matches(when, replace(CALL, at=moment), BERLIN) is does


def test_days_between_calls_have_24_hours_when_clocks_go_back() -> None:
    # 25 October 2026, 02:30 in Berlin comes twice; the second is an hour after the first.
    first, second = (datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=BERLIN) for fold in (0, 1))
    assert matches({"calls": {"days": 1, "count": 1}}, replace(CALL, at=second, earlier_calls=(first,)), BERLIN)
    assert not matches({"calls": {"days": 1, "count": 1}}, replace(CALL, at=first, earlier_calls=(second,)), BERLIN)
    day_later = datetime(2026, 10, 26, 2, 0, tzinfo=BERLIN)
    assert not matches({"alert_within_days": 1}, replace(CALL, at=day_later, alerts=(first,)), BERLIN)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        replace(CALL, at=datetime(2026, 3, 4, 10, 0))


def test_the_reason_names_the_conditions_that_held_in_both_languages() -> None:
    when = {
        "province": ["北京"],
        "intent": "repair",
        "time": {"calendar": "workday"},
        "record": {"order_count": ">= 5"},
    }
    why = decide(rules(when), replace(CALL, intent="repair", record={"order_count": 6})).why
    for words in ("r0", "来电省份是北京", "来意是报修", "周三 10:00（工作日）", "“order_count”是6"):
        assert words in why.zh
    for words in ("r0", "the intent is repair", "Wed 10:00 (working day)", "“order_count” is 6"):
        assert words in why.en


@pytest.mark.parametrize(
    ("when", "zh", "en"),
    [
        ({"intent": "repair"}, "来意是未知，要求报修", "the intent is not known, wanted: repair"),
        ({"province": {"not": ["北京", "天津"]}}, "要求不是北京或天津", "wanted: not 北京 or 天津"),
        (
            {"calls": {"days": 3, "count": ">= 2"}},
            "3 天内此前来电次数是0，要求不少于 2",
            "3 days is 0, wanted: at least 2",
        ),
        ({"load": {"queue": "repair", "waiting": "> 5"}}, "“repair”队列排队人数是0", "wanted: more than 5"),
        ({"load": {"waiting": "2..5"}}, "要求2 到 5", "wanted: 2 to 5"),
        ({"alert_within_days": 7}, "没有过预警，要求少于 7", "none ever, wanted: less than 7"),
        ({"time": {"days": "sat, sun", "hours": "09:00-12:00"}}, "要求周六或周日 09:00-12:00", "wanted: Sat or Sun"),
        ({"time": {"days": "mon-fri", "hours": "22:00-06:00"}}, "要求周一至周五 22:00-06:00", "wanted: Mon to Fri"),
        ({"vip": True}, "客户资料“vip”是未知，要求是", "“vip” is not known, wanted: yes"),
        ({"device": {"fault": {"known": True}}}, "要求有值", "wanted: any value"),
    ],
)
def test_of_a_rule_that_does_not_match_the_failing_value_is_told(when: dict[str, Any], zh: str, en: str) -> None:
    (told,) = explain(rules(when), CALL)
    assert not told.matches and len(told.failed) == 1
    assert zh in told.failed[0].text.zh and en in told.failed[0].text.en


def test_a_year_without_holidays_is_told_where_they_are_asked_for() -> None:
    (told,) = explain(rules({"time": {"calendar": "holiday"}}), replace(CALL, at=datetime(2040, 10, 1, tzinfo=CHINA)))
    assert "没有 2040 年的放假安排" in told.failed[0].text.zh and "2040 are not known" in told.failed[0].text.en


def test_what_a_back_end_says_is_shown_and_never_taken_for_a_place_to_fill_in() -> None:
    facts = replace(CALL, record={"level": "{wanted} {0.__class__}"})
    (told,) = explain(rules({"record": {"level": "{gold}"}}), facts)
    assert "{wanted} {0.__class__}" in told.failed[0].text.en and "{gold}" in told.failed[0].text.en


MORNING, NIGHT, HOLIDAY = WEDNESDAY, WEDNESDAY.replace(hour=23), datetime(2026, 10, 1, 10, 30, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("changed", "rule", "target", "priority"),
    [
        ({}, "其余都由智能客服接", "bot", 0),
        ({"spam": "refuse", "risk": "high"}, "骚扰电话", "refuse", 0),
        ({"risk": "high"}, "高风险投诉", "queue:complaint", 90),
        ({"alerts": (ago(3),)}, "近七天有过预警", "queue:complaint", 60),
        ({"alerts": (ago(8),)}, "其余都由智能客服接", "bot", 0),
        ({"intent": "complaint", "sentiment": "angry"}, "要投诉", "queue:complaint", 50),
        ({"earlier_calls": (ago(1), ago(2))}, "三天内来过两次以上", "queue:service", 40),
        ({"record": {"vip": True}}, "VIP 客户", "queue:service", 30),
        ({"record": {"vip": True}, "at": NIGHT}, "其余都由智能客服接", "bot", 0),
        ({"device": {"model": "RQ-16", "fault_code": "E1"}, "intent": "repair"}, "燃气故障", "queue:repair", 70),
        ({"device": {"model": "RQ-16"}, "intent": "repair"}, "其余都由智能客服接", "bot", 0),
        ({"intent": "repair", "at": HOLIDAY}, "国庆春节报修", "queue:repair", 0),
        ({"intent": "human_agent", "language": "en"}, "英语来电要人工", "queue:english", 0),
        ({"intent": "human_agent", "language": "en", "at": HOLIDAY}, "要人工", "queue:service", 10),
        ({"intent": "human_agent", "queues": {"service": Load(30, 2, 900)}}, "要人工但排队太长", "callback", 10),
    ],
)
def test_the_demo_company_s_rules(changed: dict[str, Any], rule: str, target: str, priority: int) -> None:
    decision = decide(JINGHE, replace(CALL, **changed))
    assert (decision.rule, decision.target, decision.priority) == (rule, target, priority)


some_facts = st.builds(
    Facts,
    at=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    caller=st.sampled_from(["13800138000", "0755-12345678", "+85221234567", "anonymous", "x"]).map(locate),
    language=st.sampled_from(["zh", "en"]),
    intent=st.sampled_from([None, "repair", "installation", "complaint", "human_agent", "logistics"]),
    sentiment=st.sampled_from([None, "angry", "neutral"]),
    risk=st.sampled_from(["none", "high"]),
    spam=st.sampled_from(["pass", "refuse"]),
    record=st.fixed_dictionaries({}, optional={"vip": st.booleans(), "order_count": st.integers(0, 9)}),
    device=st.fixed_dictionaries({}, optional={"model": st.just("RQ-16"), "fault_code": st.sampled_from(["E1", None])}),
    queues=st.fixed_dictionaries({}, optional={"service": st.builds(Load, expected_wait_s=st.integers(0, 1200))}),
)


@given(some_facts)
def test_what_is_explained_is_what_is_decided(facts: Facts) -> None:
    decision, told = decide(JINGHE, facts), explain(JINGHE, facts)
    assert [one.rule.name for one in told if one.decides] == [decision.rule]
    assert next(one for one in told if one.matches).decides
    for one in told:
        assert one.matches == (not one.failed)
        assert len(one.checks) == len(list(one.rule.when.conditions(CHINA)))
    assert decide(JINGHE, facts) == decision


GOOD = """
rules:
  - name: 报修
    when: {intent: repair, load: {waiting: ">= 3"}}
    to: queue:repair
  - name: 其余
    to: bot
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("intent: repair", "intnt: repair", 4, "did you mean intent?"),
        ("intent: repair", "intent: repairs", 4, "did you mean repair?"),
        ("intent: repair", "intent: []", 4, "an empty list meets no call"),
        ("intent: repair", "intent: {none: [a]}", 4, "{not: [...]}"),
        ("intent: repair", "called: 4008001234", 4, "put the number in quotes"),
        ("intent: repair", "called: abc", 4, "no number that can be called"),
        ("intent: repair", "calls: {days: 3}", 4, "count is missing"),
        ("intent: repair", "vip: perhaps", 4, "vip"),
        ("intent: repair", "device: {fault: {known: maybe}}", 4, "write true or false"),
        ('">= 3"', '"about 3"', 4, "no number or range"),
        ('">= 3"', '"5..3"', 4, "ends before it begins"),
        ('{waiting: ">= 3"}', "{queue: repair}", 4, "nothing is asked of the load"),
        ("queue:repair", "queue repair", 5, "is no target"),
        ("to: bot", "to: voicemail", 7, "bot, menu:NAME, queue:SKILL, callback, number:DIGITS, refuse"),
        ("to: bot", "to: bot\n    priority: 101", 8, "less than or equal to 100"),
        ("其余", "报修", 2, "two rules are called '报修'"),
        ("    to: bot\n", "    note: nowhere\n", 6, "to is missing"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, right: str, wrong: str, line: int, said: str) -> None:
    file = tmp_path / "rules.yaml"
    assert right in GOOD
    file.write_text(GOOD, encoding="utf-8")
    assert len(load_rules(file).rules) == 2
    file.write_text(GOOD.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(CompanyError) as caught:
        load_rules(file)
    assert f"{file}:{line}: " in str(caught.value) and said in str(caught.value)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("{what}是{value}，要求{wanted}", "{what}是{value}", "{what}, {value}, {wanted}"),
        ("  gap: ", "  gaps: ", "gap"),
        ("  city: {zh: 来电城市", "  town: {zh: 来电城市", "names.town: no such entry"),
    ],
)
def test_a_mistake_in_the_words_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    file, text = tmp_path / "words.yaml", DEFAULT_WORDS.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(CompanyError) as caught:
        load_words(file)
    assert str(file) in str(caught.value) and said in str(caught.value)
