"""``hotline company new | check``: a company's folder, made and checked."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from agent.errors import CompanyError


def make_app() -> typer.Typer:
    """The sub-commands."""
    app = typer.Typer(no_args_is_help=True, help="A company's folder: make a new one, check it.")
    out = Console(highlight=False, soft_wrap=True)

    @app.command("new")
    def new_command(
        folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where it is made: a new or empty folder.")],
        name: Annotated[str, typer.Option(help="What the company is called on the phone.")],
        name_en: Annotated[str | None, typer.Option(help="The same in English, where it is another.")] = None,
    ) -> None:
        """Make a small company that can be served at once, to be changed into one's own."""
        from agent.company import new_company

        for file in new_company(folder, name, name_en):
            out.print(str(file), markup=False)
        out.print(
            f"Change {folder / 'company.yaml'} first, its numbers above all; then: hotline company check {folder}",
            markup=False,
        )

    @app.command("check")
    def check_command(
        folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of companies.")],
    ) -> None:
        """Tell everything that is wrong, by file and line; exit code 1 if anything is."""
        from agent.company import check_company, load_companies, seats_outside, warnings_of
        from agent.config import load_settings

        problems = [str(problem) for folder in folders for problem in check_company(folder)]
        if not problems:
            try:
                rings_out = load_settings().dialling.is_on
                for company in load_companies(folders):
                    warnings = warnings_of(company, datetime.now(company.profile.hours.timezone).date())
                    # Where the hotline runs, the settings may be others: there it is a mistake that stops the start.
                    for warning in (*warnings, *(() if rings_out else seats_outside(company))):
                        out.print(f"{warning} (a warning)", markup=False)
                    facts = f"flows: {len(company.flows)}, tools: {len(company.tools.tools)}"
                    numbers = ", ".join(company.profile.numbers)
                    out.print(
                        f"{company.folder}: {company.profile.name.zh}, {numbers} ({facts}): nothing wrong", markup=False
                    )
            except CompanyError as error:
                # Each is right by itself; two have the same number.
                problems = str(error).splitlines()
        for problem in problems:
            out.print(problem, markup=False)
        if problems:
            raise typer.Exit(1)

    return app
