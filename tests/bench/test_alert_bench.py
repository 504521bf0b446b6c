"""What the benchmark of alerts makes of what it saw."""

from pathlib import Path

from bench.alerts import Watched, row, timed
from bench.phone import Heard, Said


def test_times_run_from_the_last_voiced_sample_by_the_callers_clock() -> None:
    watched = Watched()
    for body, now_s in [
        ({"type": "call-started", "caller_number": "138"}, 1000.0),
        ({"type": "route-changed", "alert_id": None}, 1001.0),
        ({"type": "alert-raised"}, 1011.0),
        ({"type": "route-changed", "alert_id": "a1"}, 1011.5),
        ({"type": "route-changed", "alert_id": "a1"}, 1020.0),
    ]:
        watched.see({"call_id": "ms-1", "body": body}, now_s)
    heard = Heard("138", 1000.0, said=[Said(Path("01.wav"), 5.0, 10.0)])
    made = timed(heard, "01", watched, 1012.0)
    assert (made.to_alert_s, made.to_webhook_s, made.to_route_s) == (1.0, 2.0, 1.5)
    assert timed(Heard("139", 1000.0, said=heard.said), "01", watched, None).to_alert_s is None


def test_a_row_says_whether_the_target_was_reached_and_of_how_many_calls() -> None:
    assert "NO" in row("x", [1.0, 2.0, None], 1.5) and " 2 " in row("x", [1.0, 2.0, None], 1.5)
    assert "yes" in row("x", [1.0, 1.2], 1.5)
    assert row("x", [None], 1.5).split() == ["x", "0"]
