"""A called number leads to one of its targets, in turn or by share, as their schedules have it; the same each time."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import CompanyError
from agent.routing.lines import Binding, Bound, check_numbers, choose_target, draw_of, in_turn, load_numbers
from agent.routing.lines.bindings import MAX_TARGETS
from agent.routing.targets import KnownTargets

JINGHE = Path("companies/jinghe/routing/numbers.yaml")
DAY, NIGHT = datetime(2026, 3, 4, 2, 0, tzinfo=UTC), datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
"""10:00 and 24:00 in China, on a Wednesday."""


def binding(*targets: dict[str, object], by: str = "order", zone: str = "Asia/Shanghai") -> Binding:
    bounds = tuple(Bound.model_validate(one) for one in targets)
    return Binding("4008001234", "热线", bounds, "weight" if by == "weight" else "order", zone=ZoneInfo(zone))


def names(bounds: tuple[Bound, ...]) -> list[str]:
    return [one.to for one in bounds]


def test_a_landing_number_is_the_number_that_was_dialled() -> None:
    numbers = load_numbers(JINGHE)
    dialled = numbers.of("4008001234")
    assert dialled is not None and dialled.number == "4008001234"
    for written in ("01056781234", "+86 10 5678 1234", "sip:+861056781235@trunk", "0086-400-800-1234"):
        assert numbers.of(written) is dialled
    assert numbers.of("4008009999") is None and numbers.of("anonymous") is None


def test_targets_are_tried_in_their_order_and_only_while_on_duty() -> None:
    by_day = {"hours": "09:00-18:00"}
    one = binding({"to": "queue:service", "schedule": by_day}, {"to": "number:01056785678"}, {"to": "bot"})
    assert names(in_turn(one, DAY, 0.9)) == ["queue:service", "number:01056785678", "bot"]
    assert names(in_turn(one, NIGHT, 0.1)) == ["number:01056785678", "bot"]


def test_where_nobody_is_on_duty_there_is_no_target() -> None:
    assert choose_target(binding({"to": "bot", "schedule": {"days": "sun"}}), DAY, 0.5) is None


def test_schedules_go_by_the_clock_of_the_company() -> None:
    by_day = {"hours": "09:00-18:00"}
    abroad = binding({"to": "bot", "schedule": by_day}, zone="Europe/Berlin")
    # 28 March 2026: 08:30 UTC is 09:30 in Berlin. A day later, in summer time, 07:30 UTC is.
    assert choose_target(abroad, datetime(2026, 3, 28, 7, 30, tzinfo=UTC), 0) is None
    assert choose_target(abroad, datetime(2026, 3, 29, 7, 30, tzinfo=UTC), 0) is not None


def test_weights_share_calls_out() -> None:
    one = binding({"to": "bot", "weight": 1}, {"to": "queue:repair", "weight": 3}, by="weight")
    chosen = [choose_target(one, DAY, draw_of(f"call-{index}")) for index in range(4000)]
    share = sum(bound is not None and bound.to == "queue:repair" for bound in chosen) / len(chosen)
    assert share == pytest.approx(0.75, abs=0.03)


def test_a_weight_of_nothing_gets_only_what_the_others_do_not_take() -> None:
    one = binding(
        {"to": "callback", "weight": 0}, {"to": "bot", "weight": 2}, {"to": "refuse", "weight": 2}, by="weight"
    )
    assert names(in_turn(one, DAY, 0.0)) == ["bot", "refuse", "callback"]
    assert names(in_turn(one, DAY, 0.99)) == ["refuse", "bot", "callback"]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8), st.floats(0, 1, exclude_max=True))
def test_every_target_on_duty_is_tried_once_and_the_same_way_each_time(weights: list[int], draw: float) -> None:
    one = binding(*({"to": f"queue:s{index}", "weight": weight} for index, weight in enumerate(weights)), by="weight")
    turn = in_turn(one, DAY, draw)
    assert sorted(names(turn)) == sorted(names(one.targets))
    assert in_turn(one, DAY, draw) == turn
    weighted = [bound.weight > 0 for bound in turn]
    assert weighted == sorted(weighted, reverse=True)


def test_a_draw_is_a_call_s_own() -> None:
    draws = [draw_of(f"call-{index}") for index in range(100)] + [draw_of(""), draw_of("来电")]
    assert all(0 <= draw < 1 for draw in draws) and len(set(draws)) == len(draws)
    assert draw_of("call-7") == draws[7]


@pytest.mark.parametrize("draw", [-0.1, 1.0, float("nan")])
def test_another_draw_is_refused(draw: float) -> None:
    with pytest.raises(ValueError, match="at least 0 and below 1"):
        in_turn(binding({"to": "bot"}), DAY, draw)


TWO = """
numbers:
  - name: 主线
    number: "4008001234"
    landing: ["010-56781234"]
    targets:
      - to: bot
  - name: 维修
    number: "010-56785678"
    by: weight
    targets:
      - {to: bot, weight: 1}
      - {to: "queue:repair", weight: 2, schedule: {days: mon-fri}}
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ('"010-56785678"', '"+86 10 5678 1234"', 9, "01056781234 is bound by '主线' already"),
        ('"010-56781234"]', '"010-56781234", "4008001234"]', 5, "4008001234 is bound by '主线' already"),
        ("weight: 1}", "weight: 0}", 8, None),
        ("schedule: {days: mon-fri}", "schedule: {}", 13, "the schedule is empty"),
        ("schedule: {days: mon-fri}", 'schedule: {hours: ""}', 13, "write hours such as"),
        ("      - to: bot\n  - name", "      - {to: bot, weight: 3}\n  - name", 3, "only with by: weight"),
        ("to: bot\n", "to: boat\n", 7, "'boat' is no target"),
        ('number: "4008001234"', "number: 4008001234", 4, "put the number in quotes"),
        ('number: "4008001234"', 'number: "40080"', 4, "no number that can be called"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, right: str, wrong: str, line: int, said: str | None) -> None:
    file = tmp_path / "numbers.yaml"
    assert right in TWO
    file.write_text(TWO.replace(right, wrong, 1), encoding="utf-8")
    if said is None:
        # One weight of two may be 0.
        load_numbers(file)
        file.write_text(TWO.replace(right, wrong, 1).replace("weight: 2", "weight: 0"), encoding="utf-8")
        said = "all weights are 0"
    with pytest.raises(CompanyError) as caught:
        load_numbers(file)
    assert f"{file}:{line}: " in str(caught.value) and said in str(caught.value)


def test_more_targets_than_a_carrier_binds_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "numbers.yaml"
    start, target = TWO.split("  - name: 维修")[0].rstrip() + "\n", "      - to: bot\n"
    file.write_text(start + target * (MAX_TARGETS - 1), encoding="utf-8")
    assert len(load_numbers(file).bindings[0].targets) == MAX_TARGETS
    file.write_text(start + target * MAX_TARGETS, encoding="utf-8")
    with pytest.raises(CompanyError, match=r"numbers\.yaml:3: .*51 targets; at most 50"):
        load_numbers(file)


def test_what_other_files_do_not_have_is_found(tmp_path: Path) -> None:
    file = tmp_path / "numbers.yaml"
    text = TWO.replace("to: bot\n", 'to: "number:01056785678"\n').replace("mon-fri", "mon-fri, calendar: workday")
    file.write_text(text, encoding="utf-8")
    known = KnownTargets(queues={"service": (), "repairs": ()})
    said = list(check_numbers(load_numbers(file), ["4008001234", "4008009999"], known, datetime(2040, 1, 5).date()))
    assert len(said) == 4
    assert "4008009999 of company.yaml leads nowhere" in said[0]
    assert f"{file}:7: numbers.0.targets.0: 01056785678 is our own number" in said[1]
    assert f"{file}:13: numbers.1.targets.1: no queue 'repair'; did you mean repairs?" in said[2]
    assert "the holidays of 2040 are not known" in said[3]


def test_the_demo_company_s_numbers_fit() -> None:
    assert list(check_numbers(load_numbers(JINGHE), ["4008001234"], KnownTargets(), DAY.date())) == []
