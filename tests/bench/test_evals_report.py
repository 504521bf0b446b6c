"""What all calls came to is printed, and a missed target is said."""

from collections.abc import Callable
from typing import Any

import pytest

from bench.evals.judge import Verdict
from bench.evals.report import report, targets


def verdict(change: Callable[[dict[str, Any]], None] = lambda fields: None) -> Verdict:
    fields: dict[str, Any] = {
        "name": "s", "language": "zh", "errand": "order_query", "unmet": (), "turns": 3, "solved_at": 2,
        "wrong_facts": (), "needless_transfer": False, "repeated": (), "asked_again": (), "unconfirmed": (),
        "leaks": (),
    }  # fmt: skip
    change(fields)
    return Verdict(**fields)


@pytest.mark.parametrize(
    ("wrong", "missed"),
    [
        ({}, 0),
        ({"unmet": ("not said",)}, 1),
        ({"wrong_facts": ("7: x",)}, 1),
        ({"repeated": ("x",)}, 1),
        ({"solved_at": 4}, 1),
        ({"solved_at": None, "turns": 9}, 1),
        ({"leaks": ("x",)}, 1),
    ],
)
def test_each_target_is_reached_or_missed_and_printed(wrong: dict[str, Any], missed: int) -> None:
    verdicts = [verdict(lambda fields: fields.update(wrong))]
    assert sum(not reached for _, _, reached in targets(verdicts, [])) == missed
    assert report(verdicts, []).count("MISSED") == missed
