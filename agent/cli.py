"""The ``hotline`` command.

What loads models is imported where it is used: listing calls should not take the seconds that it costs.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from loguru import logger
from rich.console import Console
from rich.progress import track
from rich.table import Table

from agent.company_command import make_app as company_app
from agent.config import Settings, load_settings
from agent.errors import HotlineError
from agent.knowledge_command import make_app as knowledge_app
from agent.latency import overview
from agent.menu_command import make_app as menu_app
from agent.model_settings import model_settings
from agent.nlu_command import make_app as nlu_app
from agent.report_command import add_commands as add_report_commands
from agent.route_command import make_app as route_app
from agent.routing.rules import KnownTargets
from agent.seat_command import make_app as seat_app
from agent.show import CallPrinter
from agent.show_latency import latency_tables, waterfall
from agent.simulate_command import add_commands as add_simulate_command
from agent.storage import Store
from agent.task_command import add_commands as add_task_commands
from models.cli import make_app as models_app
from models.errors import ModelError


def _targets_of(folder: Path) -> KnownTargets:
    from agent.company.routing import targets_of

    return targets_of(folder)


app = typer.Typer(no_args_is_help=True, help="An AI voice agent for company hotlines.", pretty_exceptions_enable=False)
db = typer.Typer(no_args_is_help=True, help="The database: current revision, upgrade.")
app.add_typer(db, name="db")
app.add_typer(models_app(lambda: model_settings(_settings())), name="models", help="Model weights: pull, list, verify.")
app.add_typer(nlu_app(lambda: _settings(), lambda: _store()), name="nlu")
app.add_typer(company_app(), name="company")
app.add_typer(seat_app(lambda: _store()), name="seat")
app.add_typer(knowledge_app(lambda: _settings()), name="knowledge")
app.add_typer(route_app(_targets_of), name="route")
app.add_typer(menu_app(), name="menu")
add_report_commands(app, lambda: _settings(), lambda: _store())
add_simulate_command(app)
add_task_commands(app, lambda: _store())

out = Console()
err = Console(stderr=True)


def main() -> NoReturn:
    """Run the command; what goes wrong is one line that says what would be right, and exit code 2."""
    try:
        app()
    except (HotlineError, ModelError) as error:
        err.print(f"[bold red]{error.code}[/]: ", end="")
        err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    sys.exit(0)


def _settings() -> Settings:
    return load_settings()


def _quiet(level: str = "WARNING") -> None:
    logger.remove()
    logger.add(sys.stderr, level=level, format="{time:HH:mm:ss} {level} {message}")


def _store() -> Store:
    settings = _settings()
    store = Store(settings.storage_url, settings.storage.data_dir)
    store.migrate()
    return store


CompanyFolders = Annotated[
    list[Path] | None, typer.Option("--company", help="The folder of a company to answer for; may be given again.")
]


def _settings_for(companies: list[Path] | None) -> Settings:
    settings = _settings()
    return settings.model_copy(update={"companies": tuple(companies)}) if companies else settings


@app.command()
def serve(company: CompanyFolders = None) -> None:
    """Answer calls: /ws/media-stream, /call in a browser, and the supervisors' page at /."""
    _quiet("INFO")
    from agent.server import serve as run

    run(_settings_for(company))


@app.command()
def prepare(
    company: CompanyFolders = None,
    quick: Annotated[bool, typer.Option(help="Only the greeting's language, and no approved answers.")] = False,
) -> None:
    """Speak all fixed sentences into the cache, so that no caller waits for one to be made."""
    _quiet()
    from agent.application import load_prompts
    from agent.company.company import load_companies
    from agent.fixed_speech import fixed_speech
    from agent.pipeline.engines import load_synthesizer

    settings = _settings_for(company)
    companies = load_companies(settings.companies) if settings.companies else ()
    synthesizer = load_synthesizer(settings)
    sentences = fixed_speech(settings, load_prompts(settings), companies, quick=quick)
    for text, language, voice, speed in track(sentences, "speaking fixed sentences", console=out):
        synthesizer.synthesize(text, language=language, voice=voice, speed=speed, keep=True)
    out.print(f"{len(sentences)} sentences are ready to be spoken")


@app.command(name="replay")
def replay_command(
    paths: Annotated[list[Path], typer.Argument(help="Fixtures, folders of them, or audio files.")],
    realtime: Annotated[bool, typer.Option(help="At the pace of a real call.")] = False,
    json: Annotated[Path | None, typer.Option(help="Write the timeline here, one event a line.")] = None,
    with_timings: Annotated[bool, typer.Option(help="Keep measured durations in the JSON.")] = False,
    audio: Annotated[Path | None, typer.Option(help="Write the stereo recording here (one call only).")] = None,
    runs: Annotated[int, typer.Option(min=1, help="Replay so often, and compare the timelines.")] = 1,
    checked: Annotated[bool, typer.Option("--check", help="Compare with the YAML; exit 1 where it differs.")] = False,
    company: CompanyFolders = None,
) -> None:
    """Replay recorded calls through the real pipeline."""
    _quiet()
    from agent.replay_command import ReplayOptions, run

    options = ReplayOptions(realtime, json, with_timings, audio, runs, checked)
    if not run(paths, options, _settings_for(company), out):
        raise typer.Exit(1)


@app.command()
def calls(
    call_id: Annotated[str | None, typer.Argument(help="Show this call.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 30,
) -> None:
    """Calls, newest first; or one call, whole."""
    store = _store()
    if call_id is not None:
        _show_call(store, call_id, json)
        return
    rows = store.list_calls(limit=limit)
    if json:
        for row in rows:
            typer.echo(row.model_dump_json())
        return
    table = Table("call", "started", "caller", "status", "intent", "mood", "risk", "route")
    table.columns[0].no_wrap = True
    for row in rows:
        started = row.started_at.astimezone().strftime("%m-%d %H:%M:%S")
        cells = (
            row.id,
            started,
            row.caller_number,
            row.status,
            row.intent,
            row.sentiment,
            row.risk,
            row.destination,
        )
        table.add_row(*(str(cell) if cell is not None else "–" for cell in cells))
    out.print(table)


def _show_call(store: Store, call_id: str, as_json: bool) -> None:
    store.get_call(call_id)
    events = store.events(call_id)
    if as_json:
        for event in events:
            typer.echo(event.to_json())
        return
    printer: Callable[..., None] = CallPrinter(out)
    for event in events:
        printer(event)
    out.print(waterfall(events))


@app.command()
def latency(
    call_ids: Annotated[list[str] | None, typer.Argument(metavar="[CALL_ID]...", help="Only these calls.")] = None,
    calls: Annotated[int, typer.Option(min=1, max=500, help="Else so many of the newest.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """How long callers waited for answers, and in which step: over many calls."""
    store = _store()
    chosen = [store.get_call(one).id for one in call_ids or ()] or [row.id for row in store.list_calls(limit=calls)]
    summed = overview(store.events(one) for one in chosen)
    if json:
        typer.echo(summed.model_dump_json())
    elif summed.reports:
        out.print(latency_tables(summed.reports))
    else:
        nothing = f"No answer to sum up in {summed.calls} stored calls. Ring the hotline, or replay a call."
        out.print(nothing, markup=False, highlight=False, soft_wrap=True)


@app.command()
def alerts(
    acknowledge: Annotated[str | None, typer.Option(help="Take this alert into your hands.")] = None,
    by: Annotated[str, typer.Option(help="Your name.")] = "",
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Alerts, newest first."""
    store = _store()
    if acknowledge is not None:
        if not by:
            raise HotlineError("usage", "--acknowledge needs --by YOUR_NAME")
        store.acknowledge_alert(acknowledge, by, datetime.now(UTC))
    rows = store.alerts()
    if json:
        for row in rows:
            typer.echo(row.model_dump_json())
        return
    table = Table("alert", "level", "causes", "state", "recommended")
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(row.id, row.level, ", ".join(row.causes), row.state, row.recommended)
    out.print(table)


@db.command()
def upgrade() -> None:
    """Create the tables or bring them up to date."""
    settings = _settings()
    store = Store(settings.storage_url, settings.storage.data_dir)
    out.print(f"{store.where}: revision {store.migrate()}")


@db.command()
def current() -> None:
    """The tables' revision, and the one this program wants."""
    settings = _settings()
    store = Store(settings.storage_url, settings.storage.data_dir)
    have, want = store.revision()
    out.print(f"{store.where}: revision {have or 'none'}, newest {want}")


if __name__ == "__main__":
    main()
