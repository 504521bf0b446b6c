"""Where the time of answers went, on the terminal: one call's waterfall, and many calls summed up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from agent.events import Event
from agent.latency import STEPS, Answer, Report, Spread, Step, answers

_COLOURS: dict[Step, str] = {
    "asr": "cyan",
    "endpoint": "blue",
    "nlu": "magenta",
    "llm": "yellow",
    "tts": "green",
    "wire": "white",
}
_BAR_LEAST, _BAR_MOST = 8, 40


def waterfall(events: Iterable[Event]) -> Table:
    """Every answer of a call, and what each step of it took, in ms.

    In a replay in virtual time the models take no audio time; what they really took is counted in.
    """
    table = _answers_table("From the caller's last word to the first sound, ms")
    table.add_column("")
    found = answers(events)
    longest_ms = max((answer.total_ms for answer in found), default=1)
    for answer in found:
        table.add_row(*_answer_cells(answer), _Bar(answer, longest_ms))
    return table


def latency_tables(reports: Mapping[str, Report]) -> RenderableType:
    """The reports of an overview, and the answers to look at first. A single language is not repeated."""
    table = Table(title="Wait for an answer, ms", title_justify="left")
    for column in ("", "step"):
        table.add_column(column)
    for column in ("answers", "median", "p95", "worst"):
        table.add_column(column, justify="right")
    for name, one in reports.items() if len(reports) > 2 else (("all", reports["all"]),):
        for step, spread in one.steps.items():
            table.add_row(name, Text(step, style=_COLOURS[step]), *_cells(spread))
            name = ""
        table.add_row("", Text("total", style="bold"), *_cells(one.total), end_section=True)
    longest = _answers_table("The longest waits, ms", "call")
    for answer in reports["all"].slowest:
        longest.add_row(answer.call_id, *_answer_cells(answer))
    return Group(table, longest)


def _cells(spread: Spread) -> tuple[str, ...]:
    return tuple(map(str, (spread.count, spread.median_ms, spread.p95_ms, spread.worst_ms)))


def _answers_table(title: str, *first: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in first:
        table.add_column(column, overflow="fold")
    for column in ("turn", *STEPS, "total"):
        # Where room is short, a call's long id is folded; a number cut off would be another number.
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _answer_cells(answer: Answer) -> tuple[str, ...]:
    steps = answer.steps
    return (str(answer.turn), *(str(steps.get(step, "–")) for step in STEPS), str(answer.total_ms))


@dataclass(frozen=True)
class _Bar:
    """The steps of an answer as coloured blocks, in the room that the terminal leaves. ``longest_ms`` fills it."""

    answer: Answer
    longest_ms: int

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(_BAR_LEAST, _BAR_MOST).with_maximum(options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        bar = Text(no_wrap=True, overflow="crop")
        at_ms = 0
        for step, took_ms in self.answer.steps.items():
            begin, at_ms = self._column(at_ms, options), at_ms + took_ms
            bar.append("█" * (self._column(at_ms, options) - begin), style=_COLOURS[step])
        yield bar

    def _column(self, ms: int, options: ConsoleOptions) -> int:
        return round(ms * min(options.max_width, _BAR_MOST) / max(1, self.longest_ms))
