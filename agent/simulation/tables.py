"""A simulated day as tables for the terminal."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from agent.simulation.result import Alerts, Callbacks, Result, Waits

WAIT_HEADINGS = ("queued", "person", "in 20 s", "hung up", "rung back", "mean", "p50", "p95", "longest")
NOTHING = "–"
PROMISED_RATE = 0.98


def tables(result: Result) -> Iterator[Table]:
    """What the day came to; the day by half hours; skills; where rules sent calls."""
    yield totals_table(result)
    yield day_table(result)
    yield skills_table(result)
    yield rules_table(result)


def totals_table(result: Result) -> Table:
    table = Table(title=f"{result.company}, {result.day:%A %Y-%m-%d}, seed {result.seed}", title_justify="left")
    table.add_column("what")
    table.add_column("figure", justify="right")
    for name, value, good in figures(result):
        table.add_row(name, Text(value, style="" if good else "bold red"))
    return table


def figures(result: Result) -> Iterator[tuple[str, str, bool]]:
    """Name, value, and whether it is as it must be."""
    totals, waits = result.totals, result.totals.waits
    in_time = totals.answered_in_time
    yield "calls", f"{totals.calls:,} ({totals.again} of them again)", True
    yield "answered by the bot", f"{totals.answered:,}", True
    yield "answered within 3 s", rate(in_time), in_time is None or in_time >= PROMISED_RATE
    yield "hung up while it rang", f"{totals.unanswered}", not totals.unanswered
    yield "refused as spam", f"{totals.refused:,}", True
    yield "solved by the bot", share(totals.solved, totals.calls), True
    yield "queued for a person", share(waits.queued, totals.calls), True
    yield "with a person", share(waits.connected, waits.queued), True
    yield "service level (a person within 20 s)", rate(waits.service_level), True
    yield "hung up in the queue", share(waits.abandoned, waits.queued), True
    yield "wait: mean / p50 / p95", " / ".join(seconds(v) for v in (waits.mean_s, waits.p50_s, waits.p95_s)), True
    yield "longest wait", seconds(waits.longest_s), True
    yield "most waiting at once", f"{totals.most_waiting}", True
    yield "overflowed to another skill", f"{totals.overflowed:,}", True
    yield "people at work, occupancy", f"{totals.seats}, {rate(totals.occupancy)}", True
    yield from _of_callbacks(result.callbacks)
    yield from _of_alerts(result.alerts)
    yield "neither a person nor a number to ring", f"{totals.no_number}", True
    yield "calls with no end, or two", f"{totals.lost}", not totals.lost
    yield "seats with two calls", f"{totals.two_calls_at_a_seat}", not totals.two_calls_at_a_seat
    yield "inputs that did not fit", f"{totals.misfits}", not totals.misfits


def _of_callbacks(callbacks: Callbacks) -> Iterator[tuple[str, str, bool]]:
    yield "callbacks promised", f"{callbacks.promised} ({callbacks.while_closed} of them while closed)", True
    yield "  reached by the time promised", share(callbacks.kept, callbacks.promised), True
    yield "  late / in vain / still open", f"{callbacks.late} / {callbacks.failed} / {callbacks.open}", True
    yield (
        "  while open, after: mean / p95",
        f"{seconds(callbacks.after_mean_s)} / {seconds(callbacks.after_p95_s)}",
        True,
    )


def _of_alerts(alerts: Alerts) -> Iterator[tuple[str, str, bool]]:
    where = f"{alerts.at_bot} / {alerts.in_queue} / {alerts.with_person}"
    yield "alerts raised", f"{alerts.raised}", True
    yield "  with the bot / in the queue / with a person", where, True
    yield "  to a person: mean / p95", f"{seconds(alerts.to_person_mean_s)} / {seconds(alerts.to_person_p95_s)}", True
    yield "  wait with an alert: mean / p95", f"{seconds(alerts.waits.mean_s)} / {seconds(alerts.waits.p95_s)}", True
    yield "  wait of the others: mean / p95", f"{seconds(alerts.others.mean_s)} / {seconds(alerts.others.p95_s)}", True


def day_table(result: Result) -> Table:
    """Half hours in which nobody called are left out."""
    table = Table(title="By half hours", title_justify="left")
    for heading in (
        "from",
        "calls",
        "bot in 3 s",
        "solved",
        *WAIT_HEADINGS,
        "level",
        "alerts",
        "at once",
        "seats",
        "busy",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for half in result.half_hours:
        if half.arrivals or half.waits.queued or half.seats:
            table.add_row(
                half.begins,
                str(half.arrivals),
                str(half.answered_3s),
                str(half.solved),
                *wait_cells(half.waits),
                rate(half.waits.service_level),
                str(half.alerts or NOTHING),
                str(half.most_waiting),
                f"{half.seats:.1f}",
                rate(half.occupancy),
            )
    return table


def skills_table(result: Result) -> Table:
    table = Table(title="By skill", title_justify="left")
    for heading in ("skill", *WAIT_HEADINGS, "level", "overflowed"):
        table.add_column(heading, justify="left" if heading == "skill" else "right")
    for one in result.skills:
        table.add_row(one.skill, *wait_cells(one.waits), rate(one.waits.service_level), str(one.overflowed))
    return table


def rules_table(result: Result) -> Table:
    table = Table(title="By the rule that decided last", title_justify="left")
    table.add_column("rule")
    table.add_column("calls", justify="right")
    for rule, calls in result.rules.items():
        table.add_row(Text(rule), f"{calls:,}")
    return table


def wait_cells(waits: Waits) -> tuple[str, ...]:
    counts = (waits.queued, waits.connected, waits.connected_20s, waits.abandoned, waits.to_callback)
    times = (waits.mean_s, waits.p50_s, waits.p95_s, waits.longest_s)
    return (*map(str, counts), *map(seconds, times))


def seconds(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:.1f} s" if value < 100 else f"{value:.0f} s"


def rate(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1%}"


def share(count: int, of: int) -> str:
    return f"{count:,} ({count / of:.1%})" if of else f"{count:,}"
