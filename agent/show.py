"""A call on the terminal, as it happens: who said what and when, what it meant, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agent.events import (
    AlertEscalated,
    AlertRaised,
    AlertWithdrawn,
    AsrFinal,
    BargeIn,
    CallEnded,
    CallerHistory,
    CallerKnown,
    CallStarted,
    Dtmf,
    ErrorRaised,
    Event,
    KnowledgeFound,
    LlmReply,
    NluResult,
    PersonWanted,
    RiskAssessed,
    RouteChanged,
    Summary,
    SummaryReady,
    ToolCalled,
    ToolReturned,
    Transfer,
    TtsEnded,
)
from agent.replay_check import Check

_SENTIMENT = {"angry": "bold red", "negative": "yellow", "neutral": "dim", "positive": "green"}
_RISK = {"none": "dim", "low": "cyan", "medium": "yellow", "high": "bold white on red"}


class CallPrinter:
    """A reader of timelines that prints them. One call at a time."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, event: Event) -> None:
        shown = _show(event)
        if isinstance(shown, Row):
            grid = Table.grid(padding=(0, 1))
            grid.add_column(width=8, justify="right", style="dim")
            grid.add_column(width=7)
            grid.add_column(overflow="fold")
            grid.add_row(f"{event.audio_ms / 1000:.2f} s", shown.who, shown.what)
            self._console.print(grid)
        elif shown is not None:
            self._console.print(shown)


@dataclass(frozen=True)
class Row:
    """Who (a word) and what."""

    who: Text
    what: Text


def _row(who: str, style: str, what: Text | str) -> Row:
    return Row(Text(who, style=style), what if isinstance(what, Text) else Text(what))


def _show(event: Event) -> Row | RenderableType | None:
    match event.body:
        case CallStarted() as body:
            return _row("☎", "bold", f"{body.caller_number} → {body.called_number} ({body.channel})")
        case CallerHistory() as body:
            return _row("☎", "bold", f"{body.earlier_calls} earlier calls from this number in {body.days} days")
        case CallerKnown() as body:
            return _row("☎", "bold", ", ".join(f"{name} {value}" for name, value in body.fields.items()))
        case KnowledgeFound() as body if body.approved:
            return _row("", "", Text(f"knowledge {body.entry} {body.confidence:.0%}", style="dim"))
        case ToolCalled() as body:
            given = ", ".join(f"{name} {value}" for name, value in body.arguments.items())
            return _row("", "", Text(f"→ {body.tool}  {given}", style="blue"))
        case ToolReturned() as body:
            return _row("", "", Text(f"← {body.tool}  {_result(body)}", style="blue"))
        case PersonWanted() as body:
            return _row("", "", Text(f"a person is wanted: {body.reason}", style="magenta"))
        case AsrFinal() as body:
            return _row("caller", "bold cyan", body.text)
        case NluResult() as body:
            what = Text(f"intent {body.intent} {body.intent_probability:.0%}  ", style="dim")
            mood = f"sentiment {body.sentiment} {body.sentiment_probability:.0%}"
            return _row("", "", what.append(mood, style=_SENTIMENT[body.sentiment]))
        case RiskAssessed() as body if body.level != "none":
            return _row("", "", _risk(body))
        case LlmReply() as body:
            return _row("bot", "bold green", Text(body.text).append(f"  ({body.phrase or body.source})", style="dim"))
        case BargeIn():
            return _row("", "", Text("↯ the caller speaks over the bot", style="magenta"))
        case TtsEnded(complete=False) as body:
            return _row("", "", Text(f"heard only “{body.heard}”", style="magenta"))
        case Dtmf() as body:
            return _row("key", "bold cyan", body.digit)
        case AlertRaised() | AlertEscalated() as body:
            return _alert(body)
        case AlertWithdrawn() as body:
            return _row("alert", "bold green", f"withdrawn: the caller takes it back, “{body.words}”")
        case RouteChanged() as body:
            due = f", due in {body.callback_due_minutes} min" if body.callback_due_minutes else ""
            where = Text(f"{body.previous} → {body.destination}, priority {body.priority}{due}: ", style="bold magenta")
            return _row("route", "bold magenta", where.append(body.reason, style="not bold"))
        case Transfer() as body:
            outcome = "accepted" if body.accepted else "refused"
            return _row("☎", "bold", f"transfer to {body.destination}: {outcome}")
        case ErrorRaised() as body:
            return _row("error", "bold red", f"{body.stage} {body.code}: {body.message}")
        case CallEnded() as body:
            return _row("☎", "bold", f"ended by {body.ended_by}: {body.reason}")
        case SummaryReady() as body:
            return summary_panel(body.summary)
        case _:
            return None


def _result(body: ToolReturned) -> str:
    items = body.value.get("items")
    found = f"{len(items)} found" if isinstance(items, list) else _short(body.value)
    return f"{body.code} {body.reason} {found}".strip()


def _short(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None)


def _risk(body: RiskAssessed) -> Text:
    text = Text(f"risk {body.level} {body.score:.2f}", style=_RISK[body.level])
    for evidence in body.evidence:
        if evidence.turn == body.turn:
            text.append(f"  {evidence.signal} “{evidence.words}” {evidence.weight:.2f}", style="dim")
    return text


def _alert(body: AlertRaised | AlertEscalated) -> Panel:
    lines = [Text(f"turn {e.turn}  {e.signal}  “{e.words}”  {e.weight:.2f}") for e in body.evidence]
    recommended = Text("→ " + body.recommended, style="bold")
    return Panel(
        Group(*lines, recommended),
        title=f"ALERT {'ESCALATED ' * isinstance(body, AlertEscalated)}{body.level}: {', '.join(body.causes)}",
        border_style="bold red",
    )


def summary_panel(summary: Summary) -> Panel:
    """The summary of a call."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()

    def add(name: str, value: str) -> None:
        if value:
            table.add_row(Text(name), Text(value))

    add("intent", f"{summary.intent}, {summary.language}")
    add("wanted", summary.wanted)
    add("agreed", "; ".join(summary.agreed))
    add("unresolved", "; ".join(summary.unresolved))
    add(
        "facts",
        "\n".join(f"{fact.kind} {fact.value}  (turn {fact.turn}: “{fact.quote}”)" for fact in summary.facts),
    )
    if summary.follow_up is not None:
        add("follow-up", f"{summary.follow_up.task} – {summary.follow_up.owner}, due {summary.follow_up.due}")
    add("mood", " → ".join(point.sentiment for point in summary.sentiment_course))
    add("risk", f"{summary.risk}  {'; '.join(summary.risk_reasons)}")
    add("written by", summary.method + (f": {summary.method_note}" if summary.method_note else ""))
    return Panel(table, title="Summary", border_style="blue")


def check_table(results: Sequence[tuple[str, Sequence[Check]]]) -> Table:
    """One row a call; failures in full."""
    table = Table(title="Replayed calls against their YAML", title_justify="left")
    table.add_column("call")
    table.add_column("checks", justify="right")
    table.add_column("result")
    for name, checks in results:
        failed = [check for check in checks if not check.passed]
        verdict = (
            Text("ok", style="green")
            if not failed
            else Text("\n".join(f"{c.what}: expected {c.expected}, got {c.got}" for c in failed), style="red")
        )
        table.add_row(name, f"{len(checks) - len(failed)}/{len(checks)}", verdict)
    return table
