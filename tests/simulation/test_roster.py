"""Who is at work when; what is wrong with a roster is said with its line."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agent.errors import CompanyError
from agent.routing.floor import FloorPolicy
from agent.simulation.staffing import Staffing, at_work, load_staffing, talk_of, with_people
from tests.simulation.small_hotline import MONDAY, POLICY, STAFFING

POLICY_READ = FloorPolicy.model_validate(POLICY)
SATURDAY, MAKEUP_SATURDAY = date(2026, 11, 28), date(2026, 10, 10)


def roster(**changed: Any) -> Staffing:
    return Staffing.model_validate({**STAFFING, **changed})


def seats(staffing: Staffing, day: date = MONDAY) -> list[str]:
    return [one.seat.id for one in at_work(staffing, POLICY_READ, day)]


def test_several_people_like_one_have_seats_of_their_own() -> None:
    people = [{"seat": "wang", "shift": "day", "count": 2}, {"seat": "wang", "shift": "day"}]
    assert seats(roster(people=people)) == ["wang", "wang-2", "wang-3"]


def test_a_seat_that_is_made_takes_nobodys_name() -> None:
    policy = FloorPolicy.model_validate(
        {**POLICY, "seats": [*POLICY["seats"], {"id": "wang-2", "name": "王丽二", "skills": {"service": 1}}]}
    )
    staffing = roster(people=[{"seat": "wang", "shift": "day", "count": 2}])
    assert [one.seat.id for one in at_work(staffing, policy, MONDAY)] == ["wang", "wang-3"]


def test_the_floor_has_a_seat_for_everybody() -> None:
    people = at_work(roster(), POLICY_READ, MONDAY)
    policy = with_people(POLICY_READ, people)
    assert set(policy.by_id) == {"wang", "wang-2", "wang-3", "wang-4", "li"}
    assert policy.by_id["wang-4"].skills == {"service": 5}
    assert set(POLICY_READ.by_id) == {"wang", "li"}


def test_people_come_on_their_days() -> None:
    people = [
        {"seat": "wang", "shift": "day", "when": {"calendar": ["workday", "makeup"]}},
        {"seat": "li", "shift": "day", "when": {"days": "sat, sun"}},
    ]
    staffing = roster(people=people)
    assert seats(staffing) == ["wang"]
    assert seats(staffing, SATURDAY) == ["li"]
    assert seats(staffing, MAKEUP_SATURDAY) == ["wang", "li"], "a Saturday that is worked for the National Day"


def test_breaks_are_taken_in_turns() -> None:
    begins = [begin for one in at_work(roster(), POLICY_READ, MONDAY) for begin, _ in one.breaks]
    assert begins == [690, 712, 735, 757, 780], "from 11:30 to 13:00, so that the last is back at 13:30"


def test_a_skill_without_talk_takes_what_the_seats_file_says() -> None:
    policy = FloorPolicy.model_validate({**POLICY, "skills": {**POLICY["skills"], "repair": {"handling_s": 300}}})
    talk = talk_of(roster(), policy, "repair")
    assert talk.mean_s == 300 - 20 - 3


PROBLEMS = [
    ("people: [{seat: wong, shift: day}]", "people.0.seat: no seat 'wong'; did you mean wang?"),
    ("people: [{seat: wang, shift: night}]", "people.0.shift: no shift 'night'; there are day"),
    ("people: []", "people: nobody is there"),
    ("people: [{seat: wang, shift: day, count: 0}]", "people.0.count"),
    ("people: [{seat: wang, shift: day}]\ntalk: {servise: {mean_s: 100}}", "talk.servise: no such skill; did you mean"),
    ("people: [{seat: wang, shift: day}]\ntalk: {service: {mean_s: 0}}", "talk.service.mean_s"),
    ("people: [{seat: wang, shift: day}]\nmisses: 2", "misses"),
]


@pytest.mark.parametrize(("text", "message"), PROBLEMS)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "staffing.yaml"
    file.write_text(f'shifts: {{day: {{hours: "09:00-18:00"}}}}\n{text}\n', encoding="utf-8")
    with pytest.raises(CompanyError) as raised:
        load_staffing(file, POLICY_READ)
    assert message in str(raised.value)
    assert str(raised.value).startswith(f"{file}:")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{minutes: 90, between: "12:00-13:00"}', "90 minutes do not fit"),
        ('{minutes: 30, between: "07:00-09:00"}', "07:00-09:00 is outside its hours"),
        ('{minutes: 30, between: "12:00-13:00, 15:00-16:00"}', "a break lies between two times"),
    ],
)
def test_breaks_that_cannot_be(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "staffing.yaml"
    file.write_text(
        f'shifts:\n  day:\n    hours: "09:00-18:00"\n    breaks: [{text}]\npeople: [{{seat: wang, shift: day}}]\n',
        encoding="utf-8",
    )
    with pytest.raises(CompanyError, match=message):
        load_staffing(file, POLICY_READ)
