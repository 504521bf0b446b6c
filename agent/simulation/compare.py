"""Two simulated days side by side: what a change of the rules, of people or of anything else does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rich.table import Table
from rich.text import Text

from agent.simulation.result import NO_WAITS, Result
from agent.simulation.tables import NOTHING, rate, seconds

Kind = Literal["count", "rate", "seconds"]
Better = Literal["more", "less", ""]


@dataclass(frozen=True)
class Compared:
    """A figure of both days. ``better``: which way is; empty where neither is by itself."""

    name: str
    before: float | None
    after: float | None
    kind: Kind
    better: Better = ""

    @property
    def verdict(self) -> Literal["better", "worse", "same", ""]:
        if not self.better or self.before is None or self.after is None:
            return ""
        if self.text(self.before) == self.text(self.after):
            return "same"
        return "better" if (self.after > self.before) == (self.better == "more") else "worse"

    def text(self, value: float | None) -> str:
        if value is None:
            return NOTHING
        return {"count": f"{value:,.0f}", "rate": rate(value), "seconds": seconds(value)}[self.kind]

    @property
    def difference(self) -> str:
        if self.before is None or self.after is None:
            return NOTHING
        by = self.after - self.before
        return {"count": f"{by:+,.0f}", "rate": f"{by * 100:+.1f} points", "seconds": f"{by:+.1f} s"}[self.kind]


def compared(before: Result, after: Result) -> Iterator[Compared]:
    """The figures that tell whether a change is one for the better, then each skill's."""
    a, b = before.totals, after.totals
    yield Compared("calls", a.calls, b.calls, "count")
    yield Compared("answered within 3 s", a.answered_in_time, b.answered_in_time, "rate", "more")
    yield Compared("solved by the bot", a.solved, b.solved, "count", "more")
    yield Compared("queued for a person", a.waits.queued, b.waits.queued, "count")
    yield Compared("with a person", a.waits.connected, b.waits.connected, "count", "more")
    yield Compared("service level", a.waits.service_level, b.waits.service_level, "rate", "more")
    yield Compared("hung up in the queue", a.waits.abandoned, b.waits.abandoned, "count", "less")
    yield Compared("mean wait", a.waits.mean_s, b.waits.mean_s, "seconds", "less")
    yield Compared("p95 of waits", a.waits.p95_s, b.waits.p95_s, "seconds", "less")
    yield Compared("longest wait", a.waits.longest_s, b.waits.longest_s, "seconds", "less")
    yield Compared("overflowed", a.overflowed, b.overflowed, "count")
    yield Compared("people at work", a.seats, b.seats, "count")
    yield Compared("occupancy", a.occupancy, b.occupancy, "rate")
    c, d = before.callbacks, after.callbacks
    yield Compared("callbacks promised", c.promised, d.promised, "count")
    yield Compared("callbacks in time", c.kept_rate, d.kept_rate, "rate", "more")
    e, f = before.alerts, after.alerts
    yield Compared("alerts", e.raised, f.raised, "count")
    yield Compared("alert to a person, mean", e.to_person_mean_s, f.to_person_mean_s, "seconds", "less")
    yield Compared("wait with an alert, mean", e.waits.mean_s, f.waits.mean_s, "seconds", "less")
    yield Compared("wait of the others, mean", e.others.mean_s, f.others.mean_s, "seconds", "less")
    yield from _of_skills(before, after)


def compared_with(before: Result, after: Result) -> Iterator[Table | Text]:
    """The two side by side, and what makes them hard to compare."""
    yield comparison_table(before, after)
    yield Text("One day each: try other seeds before you believe a small difference.", style="dim")
    for reason in not_alike(before, after):
        yield Text(f"Mind: {reason}", style="yellow")


def comparison_table(before: Result, after: Result) -> Table:
    table = Table(title="Before and after", title_justify="left")
    for heading in ("what", "before", "after", "difference", ""):
        table.add_column(heading, justify="left" if heading in ("what", "") else "right")
    styles = {"better": "green", "worse": "red"}
    for one in compared(before, after):
        style = styles.get(one.verdict, "")
        cells = (one.text(one.before), one.text(one.after), one.difference, one.verdict)
        table.add_row(one.name, *(Text(cell, style=style) for cell in cells))
    return table


def not_alike(before: Result, after: Result) -> Iterator[str]:
    """Why the two cannot be compared call by call, if they cannot."""
    for name, a, b in (
        ("company", before.company, after.company),
        ("day", before.day, after.day),
        ("seed", before.seed, after.seed),
        ("calls", before.asked_for, after.asked_for),
    ):
        if a != b:
            yield f"the {name} is another ({a}, now {b}), so that other people called"


def _of_skills(before: Result, after: Result) -> Iterator[Compared]:
    old = {one.skill: one.waits for one in before.skills}
    new = {one.skill: one.waits for one in after.skills}
    for skill in dict.fromkeys((*old, *new)):
        a, b = old.get(skill, NO_WAITS), new.get(skill, NO_WAITS)
        yield Compared(f"{skill}: queued", a.queued, b.queued, "count")
        yield Compared(f"{skill}: service level", a.service_level, b.service_level, "rate", "more")
        yield Compared(f"{skill}: mean wait", a.mean_s, b.mean_s, "seconds", "less")
