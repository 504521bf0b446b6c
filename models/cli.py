"""``hotline models pull | list | verify``: the sub-commands that ``make_app`` gives to the command line."""

from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column, Table
from rich.text import Text

from models.catalog import Catalog, ModelEntry, ModelSettings, check_size, load_catalog, verify
from models.errors import ModelError
from models.fetch import Puller

_Names = Annotated[list[str] | None, typer.Argument(help="Models; without any, all of the profile.")]
_Profile = Annotated[str | None, typer.Option(help="cpu, cpu-small or gpu.")]


class PullProgress:
    """A bar a model on the terminal; where the output is no terminal, a line a model instead."""

    def __init__(self, console: Console) -> None:
        self._console = console
        names = Column(no_wrap=True, overflow="ellipsis", min_width=28)
        self._bars = Progress(
            TextColumn("[bold]{task.description}[/]\n[dim]{task.fields[item]}", table_column=names),
            BarColumn(bar_width=20),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,  # the line that says how it ended takes its place
        )
        self._task = self._bars.add_task("", visible=False, item="")

    def begin(self, model: str, total_bytes: int) -> None:
        self._bars.remove_task(self._task)
        self._task = self._bars.add_task(model, total=total_bytes, item="")
        self._bars.start()

    def update(self, done_bytes: int, item: str) -> None:
        self._bars.update(self._task, completed=done_bytes, item=item)

    def end(self) -> None:
        self._bars.update(self._task, item="")
        self._bars.stop()

    def note(self, message: str) -> None:
        self._console.print(Text(message, style="yellow"), soft_wrap=True)


def make_app(settings: Callable[[], ModelSettings]) -> typer.Typer:
    """The sub-commands. settings: called when a command runs, so that ``--help`` needs no configuration."""
    app = typer.Typer(no_args_is_help=True, help="Fetch, list and check the models.")

    @app.command("pull")
    def pull_command(names: _Names = None, profile: _Profile = None) -> None:
        """Fetch what is missing or damaged. Broken off, it goes on where it stopped."""
        console, chosen_settings = Console(), settings()
        try:
            entries = _chosen(load_catalog(), names, profile or chosen_settings.profile)
            with Puller(chosen_settings, PullProgress(console)) as puller:
                for entry in entries:
                    if entry.served_by:
                        console.print(f"- {entry.name}: reached by URL, nothing to fetch: {entry.served_by}")
                        continue
                    folder = puller.pull(entry)
                    done = f"✓ {entry.name}  {_megabytes(entry)}  {folder}"
                    console.print(Text(done, style="green"), soft_wrap=True)
        except ModelError as error:
            raise _failed(error) from error

    @app.command("list")
    def list_command(profile: _Profile = None) -> None:
        """The catalogue or one profile of it, and what is here (by size; verify reads the files)."""
        chosen_settings = settings()
        try:
            entries = load_catalog().profile(profile) if profile else load_catalog().models
        except ModelError as error:
            raise _failed(error) from error
        columns = ("model", "here", "size", "profiles", "licence", "purpose")
        table = Table(*columns, title=str(chosen_settings.models_dir))
        for entry in entries:
            here, profiles = _state(entry, chosen_settings), ", ".join(entry.profiles)
            table.add_row(entry.name, here, _megabytes(entry), profiles, entry.licence, entry.purpose)
        Console().print(table)

    @app.command("verify")
    def verify_command(names: _Names = None, profile: _Profile = None) -> None:
        """Read every file and compare its sha256; the exit code is 1 when one is missing or damaged."""
        console, chosen_settings = Console(), settings()
        try:
            entries = _chosen(load_catalog(), names, profile or chosen_settings.profile)
        except ModelError as error:
            raise _failed(error) from error
        wrong = False
        for entry in entries:
            problems = verify(entry, chosen_settings)
            wrong = wrong or bool(problems)
            for problem in problems:
                console.print(Text(f"✗ {problem}", style="red"), soft_wrap=True)
            if entry.files and not problems:
                console.print(Text(f"✓ {entry.name}  {_megabytes(entry)}", style="green"))
        if wrong:
            console.print("Run: hotline models pull")
            raise typer.Exit(1)

    return app


def _chosen(catalog: Catalog, names: list[str] | None, profile: str) -> tuple[ModelEntry, ...]:
    return tuple(catalog.entry(name) for name in names) if names else catalog.profile(profile)


def _megabytes(entry: ModelEntry) -> str:
    return f"{entry.size_bytes / 1e6:,.0f} MB" if entry.files else "–"


def _state(entry: ModelEntry, settings: ModelSettings) -> str:
    if entry.served_by:
        return "by URL"
    codes = {problem.code for file in entry.files if (problem := check_size(entry, file, settings))}
    return "yes" if not codes else "no" if codes == {"missing"} else "damaged"


def _failed(error: ModelError) -> typer.Exit:
    Console(stderr=True).print(Text(str(error), style="red"), soft_wrap=True)
    return typer.Exit(1)
