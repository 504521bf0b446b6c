"""A simulated day as a picture. matplotlib comes with the development packages only, so it is looked for then."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agent.errors import HotlineError
from agent.simulation.result import PROMISE_S, WITHIN_S, HalfHour, Result

# Of Okabe and Ito's colours, which the colour-blind can tell apart.
_BLUE, _SKY, _GREEN, _ORANGE, _RED, _GREY = "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#999999"

_Value = Callable[[HalfHour], float | None]


def draw(result: Result, file: Path, before: Result | None = None) -> None:
    """Panels over the day: calls and what became of them, service level, waits, alerts, queue, seats. ``before``:
    another day, dashed. The ending of the file's name says in which format.

    Raises HotlineError ``matplotlib_missing``, and ``simulation`` where it cannot be written.
    """
    require_matplotlib()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 13), layout="constrained")
    panels = figure.subplots(6, 1, sharex=True)
    halves = result.half_hours
    at = [index / 2 + 0.25 for index in range(len(halves))]
    _calls(panels[0], at, halves)
    _level(panels[1], at, halves)
    _waits(panels[2], at, halves)
    _alerts(panels[3], at, halves)
    _queue(panels[4], at, halves)
    _seats(panels[5], at, halves)
    if before is not None:
        _dashed(panels, at, before.half_hours)
    for panel in panels:
        panel.grid(linewidth=0.3)
        panel.set_axisbelow(True)
        panel.set_ylim(bottom=0)
        panel.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.06, 1), frameon=False)
        panel.tick_params(labelsize=8)
    last = panels[-1]
    last.set_xlim(0, 24)
    last.set_xticks(range(0, 25, 2), [f"{hour:02}:00" for hour in range(0, 25, 2)])
    last.set_xlabel("time of day", fontsize=9)
    totals = result.totals
    level = totals.waits.service_level
    figure.suptitle(
        f"{result.company}, {result.day:%a %Y-%m-%d}: {totals.calls:,} calls, {totals.seats} people, "
        f"service level {'–' if level is None else f'{level:.1%}'}" + (" (dashed: before)" if before else ""),
        fontsize=11,
    )
    try:
        figure.savefig(file, dpi=130)
    except (OSError, ValueError) as error:
        raise HotlineError("simulation", f"{file} cannot be written: {error}") from error


def _calls(panel: Any, at: Sequence[float], halves: Sequence[HalfHour]) -> None:
    solved = [half.solved for half in halves]
    queued = [half.waits.queued for half in halves]
    rest = [max(0, half.arrivals - half.solved - half.waits.queued) for half in halves]
    panel.bar(at, solved, width=0.45, color=_SKY, label="solved by the bot")
    panel.bar(at, queued, width=0.45, bottom=solved, color=_BLUE, label="queued for a person")
    both = [a + b for a, b in zip(solved, queued, strict=True)]
    panel.bar(at, rest, width=0.45, bottom=both, color=_GREY, label="rung back, refused, …")
    panel.set_ylabel("calls", fontsize=9)


def _level(panel: Any, at: Sequence[float], halves: Sequence[HalfHour]) -> None:
    in_time = [half.answered_3s / half.answered if half.answered else None for half in halves]
    panel.plot(at, _numbers(in_time), color=_GREEN, label=f"bot within {PROMISE_S} s")
    level = [half.waits.service_level for half in halves]
    panel.plot(at, _numbers(level), color=_BLUE, marker="o", markersize=3, label=f"person within {WITHIN_S} s")
    panel.plot(at, _numbers(half.waits.abandon_rate for half in halves), color=_RED, label="hung up in the queue")
    panel.set_ylabel("share", fontsize=9)
    panel.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")


def _waits(panel: Any, at: Sequence[float], halves: Sequence[HalfHour]) -> None:
    panel.plot(at, _numbers(half.waits.mean_s for half in halves), color=_BLUE, label="mean")
    panel.plot(at, _numbers(half.waits.p95_s for half in halves), color=_ORANGE, label="p95")
    panel.plot(at, _numbers(half.waits.longest_s for half in halves), color=_GREY, linewidth=0.8, label="longest")
    panel.set_ylabel("wait, s", fontsize=9)


def _alerts(panel: Any, at: Sequence[float], halves: Sequence[HalfHour]) -> None:
    panel.bar(at, [half.alerts for half in halves], width=0.45, color=_ORANGE, label="alerts raised")
    panel.set_ylabel("alerts", fontsize=9)
    panel.yaxis.get_major_locator().set_params(integer=True)
    waits = panel.twinx()
    waits.plot(at, _numbers(half.alert_wait_s for half in halves), color=_RED, marker="o", markersize=3, linewidth=0.8)
    waits.set_ylim(bottom=0)
    waits.tick_params(labelsize=8, labelcolor=_RED)
    waits.yaxis.set_major_formatter(lambda value, _: f"{value:.0f} s")
    panel.plot([], [], color=_RED, marker="o", markersize=3, linewidth=0.8, label="mean wait after it (right)")


def _queue(panel: Any, at: Sequence[float], halves: Sequence[HalfHour]) -> None:
    panel.bar(at, [half.most_waiting for half in halves], width=0.45, color=_SKY, label="most at once")
    panel.plot(at, [half.mean_waiting for half in halves], color=_BLUE, label="mean")
    panel.set_ylabel("callers waiting", fontsize=9)


def _seats(panel: Any, at: Sequence[float], halves: Sequence[HalfHour]) -> None:
    panel.bar(at, [half.seats for half in halves], width=0.45, color="#D9D9D9", label="people at their seats")
    busy = [half.seats * (half.occupancy or 0) for half in halves]
    panel.bar(at, busy, width=0.45, color=_GREEN, label="of them busy")
    panel.set_ylabel("people", fontsize=9)
    share = panel.twinx()
    share.plot(at, _numbers(half.occupancy for half in halves), color=_RED, linewidth=1)
    share.set_ylim(0, 1.05)
    share.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    share.tick_params(labelsize=8, labelcolor=_RED)
    panel.plot([], [], color=_RED, linewidth=1, label="occupancy (right)")


def _dashed(panels: Any, at: Sequence[float], halves: Sequence[HalfHour]) -> None:
    values: tuple[tuple[int, _Value, str], ...] = (
        (1, lambda half: half.waits.service_level, _BLUE),
        (2, lambda half: half.waits.mean_s, _BLUE),
        (2, lambda half: half.waits.p95_s, _ORANGE),
        (4, lambda half: half.mean_waiting, _BLUE),
    )
    for index, value, colour in values:
        panels[index].plot(at, _numbers(value(half) for half in halves), color=colour, linestyle="--", linewidth=1)


def _numbers(values: Any) -> list[float]:
    return [float("nan") if value is None else float(value) for value in values]


def require_matplotlib() -> None:
    """Raises HotlineError ``matplotlib_missing``."""
    try:
        import matplotlib
    except ImportError as error:
        raise HotlineError(
            "matplotlib_missing",
            "a picture needs matplotlib, which is not installed; `pip install matplotlib`, or take --json and draw it",
        ) from error
    matplotlib.use("Agg")
