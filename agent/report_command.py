"""``hotline report KIND`` and ``hotline cdr CALL_ID``: how the hotline did, and what one call was."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.config import Settings
from agent.errors import HotlineError
from agent.events import Language
from agent.reports import Cdr, Kind, Report, make_report, record_of, records, scope_of
from agent.reports.output import to_csv, to_json, to_table
from agent.storage import Store

_Company = Annotated[Path | None, typer.Option("--company", help="The folder of a company; else the first served.")]


def add_commands(app: typer.Typer, settings: Callable[[], Settings], store: Callable[[], Store]) -> None:
    """Add both commands. The callables are called when one runs, so that ``--help`` needs no configuration."""
    out = Console()

    @app.command("report")
    def report_command(
        kind: Annotated[Kind, typer.Argument(help="What it tells.")],
        first: Annotated[
            datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; else six before --to.")
        ] = None,
        last: Annotated[
            datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day; else today.")
        ] = None,
        csv: Annotated[Path | None, typer.Option(help="Write it here, as Excel opens it.")] = None,
        json: Annotated[Path | None, typer.Option(help="Write it here as JSON.")] = None,
        png: Annotated[Path | None, typer.Option(help="Draw it here; needs matplotlib.")] = None,
        language: Annotated[Language, typer.Option(help="Of the headings.")] = "zh",
        company: _Company = None,
    ) -> None:
        """How the hotline did, by day, hour, region, queue, cost or intent."""
        scope = scope_of(settings(), company)
        days = scope.days(first and first.date(), last and last.date(), datetime.now(UTC))
        report = make_report(kind, records(store(), days, scope.tariff, scope.ours), days)
        out.print(to_table(report, language))
        for file, write in ((csv, _write_csv), (json, _write_json), (png, _write_png)):
            if file is not None:
                write(report, file, language)
                out.print(f"{kind} is in {file}", markup=False, highlight=False, soft_wrap=True)

    @app.command("cdr")
    def cdr_command(
        call_id: Annotated[str, typer.Argument(help="The call.")],
        json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
        company: _Company = None,
    ) -> None:
        """The record of one call: its legs and waits, and what it cost."""
        scope = scope_of(settings(), company)
        record = record_of(store(), call_id, scope.tariff)
        if json:
            typer.echo(record.model_dump_json(indent=2))
        else:
            for table in cdr_tables(record, scope.zone):
                out.print(table)


def _write_csv(report: Report, file: Path, language: Language) -> None:
    _write(file, to_csv(report, language))


def _write_json(report: Report, file: Path, language: Language) -> None:
    _write(file, to_json(report).encode())


def _write_png(report: Report, file: Path, language: Language) -> None:
    from agent.reports.picture import draw

    draw(report, file, language)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise HotlineError("report_failed", f"{file} cannot be written: {error.strerror}") from error


def cdr_tables(record: Cdr, zone: ZoneInfo) -> tuple[Table, Table]:
    """What the call was, and its legs; times in the company's zone."""

    def clock(moment: datetime | None) -> str:
        return "–" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    about = Table(title=record.call_id, title_justify="left", show_header=False)
    region = " ".join(part for part in (record.region.province, record.region.city, record.region.line) if part)
    cost = record.cost
    facts = {
        "caller": f"{record.caller} ({region})",
        "called": f"{record.called}, {record.channel}" + (", rung by us" if record.direction == "out" else ""),
        "began": clock(record.start),
        "answered after": "–" if record.answered_ms is None else f"{record.answered_ms / 1000:.2f} s",
        "ended": f"{clock(record.end)} {record.ended_by or 'no end is known'} {record.end_reason or ''}",
        "waited in queues": f"{record.queue_wait_ms / 1000:.1f} s",
        "gave up in": record.abandoned_in,
        "menu": " ".join(record.menu_path),
        "intent": record.intent,
        "mood at the end": record.mood,
        "risk": record.risk,
        "alerts": f"{record.alerts} {', '.join(record.alert_causes)}",
        "went to": record.destination + (", to be called back" if record.callback_promised else ""),
        "solved by the bot": "yes" if record.self_served else "no",
        "survey": record.survey_score,
        "spam filter": record.spam,
        "cost, yuan": None if cost is None else f"caller {cost.caller_yuan}, company {cost.company_yuan}",
    }
    for name, value in facts.items():
        about.add_row(name, Text("–" if value in (None, "") else str(value).strip()))
    legs = Table("leg", "with", "from", "to", "waited, s", "outcome")
    for leg in record.legs:
        wait = f"{leg.wait_ms / 1000:.1f}" if leg.wait_ms else ""
        legs.add_row(leg.kind, Text(leg.who), clock(leg.start), clock(leg.end), wait, leg.outcome)
    return about, legs
