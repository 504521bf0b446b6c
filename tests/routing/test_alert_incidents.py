"""Many alerts on one thing are an incident, once, until it is quiet; and who had an alert keeps the specialist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.routing.alerts import (
    AlertPolicy,
    AlertState,
    Counted,
    Incident,
    IncidentRule,
    PastAlert,
    incident_steps,
    keeps,
    subjects,
)

MINUTE_MS, DAY_MS = 60_000, 86_400_000
RULE = IncidentRule(alerts=3, within_minutes=60, quiet_minutes=30, causes=frozenset({"safety"}), products=("热水器",))


def counted(number: int, minute: int, *about: str) -> Counted:
    return Counted(f"a{number}", minute * MINUTE_MS, about or ("cause:safety",))


def test_an_alert_is_about_its_causes_that_count_and_the_products_that_were_named() -> None:
    assert subjects(RULE, ["safety", "complaint"], ["我家的热水器漏电"]) == ("cause:safety", "product:热水器")
    assert subjects(IncidentRule(), ["complaint"], []) == ("cause:complaint",)


@pytest.mark.parametrize(
    ("minutes", "raised"),
    [([0, 10], False), ([0, 10, 20], True), ([0, 10, 61], False), ([0, 2, 59, 61], True)],
)
def test_so_many_in_an_hour_are_an_incident(minutes: list[int], raised: bool) -> None:
    recent = [counted(number, minute) for number, minute in enumerate(minutes)]
    steps = incident_steps(RULE, [], recent, minutes[-1] * MINUTE_MS)
    assert [one.kind for one in steps] == (["raised"] if raised else [])


def test_what_is_about_different_things_is_no_incident() -> None:
    recent = [counted(0, 0), counted(1, 1, "cause:media"), counted(2, 2, "product:热水器")]
    assert incident_steps(RULE, [], recent, 3 * MINUTE_MS) == ()


def test_an_incident_grows_is_closed_when_it_is_quiet_and_its_alerts_make_no_second_one() -> None:
    recent = [counted(number, number) for number in range(3)]
    (raised,) = incident_steps(RULE, [], recent, 3 * MINUTE_MS)
    assert raised.incident.alerts == ("a0", "a1", "a2")
    assert incident_steps(RULE, [raised.incident], recent, 4 * MINUTE_MS) == ()

    recent.append(counted(3, 20))
    (grew,) = incident_steps(RULE, [raised.incident], recent, 20 * MINUTE_MS)
    assert (grew.kind, grew.incident.alerts) == ("grew", ("a0", "a1", "a2", "a3"))
    assert incident_steps(RULE, [grew.incident], recent, 49 * MINUTE_MS) == ()
    (closed,) = incident_steps(RULE, [grew.incident], recent, 50 * MINUTE_MS)
    assert (closed.kind, closed.incident.closed_ms) == ("closed", 50 * MINUTE_MS)
    assert incident_steps(RULE, [closed.incident], recent, 51 * MINUTE_MS) == ()

    again = [*recent, *(counted(number, 52) for number in (4, 5, 6))]
    (second,) = incident_steps(RULE, [closed.incident], again, 52 * MINUTE_MS)
    assert (second.kind, second.incident.alerts) == ("raised", ("a4", "a5", "a6"))
    assert second.incident.id != raised.incident.id


@given(st.lists(st.integers(0, 50), max_size=60))
def test_no_alert_is_in_two_incidents_and_none_is_open_for_ever(gaps: list[int]) -> None:
    known: dict[str, Incident] = {}
    recent: list[Counted] = []
    now_ms = 0
    for number, gap in enumerate([*gaps, 200, 200]):
        now_ms += gap * MINUTE_MS
        if number < len(gaps):
            recent.append(Counted(f"a{number}", now_ms, ("cause:safety",)))
        for one in incident_steps(RULE, list(known.values()), recent, now_ms):
            known[one.incident.id] = one.incident
        assert sum(one.closed_ms is None for one in known.values()) <= 1
    alerts = [alert for one in known.values() for alert in one.alerts]
    assert len(alerts) == len(set(alerts))
    assert all(one.closed_ms is not None and len(one.alerts) >= RULE.alerts for one in known.values())


@pytest.mark.parametrize(
    ("days", "state", "kept"),
    [
        (0.5, "raised", True),
        (6.9, "in_progress", True),
        (3, "resolved", True),
        (3, "withdrawn", False),
        (7.1, "raised", False),
    ],
)
def test_who_had_an_alert_of_late_goes_to_the_specialist_at_once(days: float, state: AlertState, kept: bool) -> None:
    now_ms = 100 * DAY_MS
    past = PastAlert("c1-a1", now_ms - int(days * DAY_MS), state)
    found = keeps(AlertPolicy(keep_with_specialist_days=7), [past], now_ms)
    assert (found is not None) == kept
    if found is not None:
        assert (found.alert_id, found.days_ago, found.destination) == ("c1-a1", int(days), "complaint_specialist")


def test_the_newest_alert_counts_and_a_company_may_do_without() -> None:
    past = [PastAlert("old", 1 * DAY_MS, "resolved"), PastAlert("new", 3 * DAY_MS, "raised")]
    found = keeps(AlertPolicy(keep_with_specialist_days=7), past, 4 * DAY_MS)
    assert found is not None and (found.alert_id, found.days_ago) == ("new", 1)
    assert keeps(AlertPolicy(), past, 4 * DAY_MS) is None
