"""A supervisor's file of seats: what is wrong in it is said with its line and what would be right."""

from pathlib import Path

import pytest

from agent.errors import CompanyError
from agent.routing.floor import check_seats, load_seats, opened

FILE = Path("companies/jinghe/routing/seats.yaml")


def test_the_demo_company_has_people_for_every_queue() -> None:
    policy = load_seats(FILE)

    assert {skill for seat in policy.seats for skill in seat.skills} == set(policy.skills)
    assert all(seat.login for seat in policy.seats)
    assert all(skill.name is not None and skill.greeting is not None for skill in policy.skills.values())
    assert {seat.state for seat in opened(policy).seats.values()} == {"offline"}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{to: repair, after_s: 90}", "{to: repairs, after_s: 90}", "no skill 'repairs'; there are service, complaint"),
        ("{to: repair, after_s: 90}", "{to: service, after_s: 90}", "it overflows to itself"),
        ("{id: s02,", "{id: s01,", "seats.1.id: 's01' is there twice"),
        ("login: chenchen", "login: wangli", "seats.1.login: 'wangli' is there twice"),
        ("skills: {service: 4}", "skills: {sevice: 4}", "seats.1 (陈晨): no skill 'sevice'"),
        ("skills: {service: 4}", "skills: {service: 9}", "seats.1.skills.service: Input should be less than or equal"),
        ("skills: {service: 4}", "skills: {}", "seats.1 (陈晨): no skill; name one, or write supervisor: true"),
        ("max_transfers: 3", "max_transfer: 3", "queue.max_transfer: no such entry; did you mean max_transfers?"),
        ("ring_s: 15", "ring_s: -1", "ringing.ring_s: Input should be greater than or equal to 1, got -1"),
        ("  english:\n", "  english_only:\n", "skills.english_only: no seat has it"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "seats.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1

    with pytest.raises(CompanyError) as caught:
        load_seats(file)
    first = str(caught.value).splitlines()
    assert any(one.startswith(f"{file}:{line}: ") and problem in one for one in first), first


def test_skills_that_other_files_name_must_be_there() -> None:
    assert list(check_seats(load_seats(FILE), ["service", "gardening"])) == [
        "no queue has the skill 'gardening'; there are service, complaint, repair, english"
    ]
