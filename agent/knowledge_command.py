"""``hotline knowledge build | ask``: what a company has written down, indexed and tried out."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from agent.config import Settings
from agent.events import Language

SHOWN = 3


def make_app(settings: Callable[[], Settings]) -> typer.Typer:
    """The sub-commands."""
    app = typer.Typer(no_args_is_help=True, help="What a company has written down: index it, ask it.")
    out = Console(highlight=False, soft_wrap=True)
    folder_argument = typer.Argument(metavar="DIR", help="The folder of a company.")

    @app.command("build")
    def build_command(folder: Annotated[Path, folder_argument]) -> None:
        """Index the knowledge, so that the server need not when it starts."""
        from agent.application import open_knowledge
        from agent.company import load_company

        knowledge = open_knowledge(load_company(folder), settings())
        for language, index in knowledge.indexes.items():
            answers = int(index.approved.sum())
            out.print(
                f"{language}: {answers} approved answers in {len(index.owner)} wordings,"
                f" {len(index.entries) - answers} passages"
            )

    @app.command("ask")
    def ask_command(
        folder: Annotated[Path, folder_argument],
        question: Annotated[str, typer.Argument(help="As a caller asks it.")],
        language: Annotated[str | None, typer.Option(help="zh or en; by its letters where it is not given.")] = None,
    ) -> None:
        """What a caller who asks this is told, and how sure that is."""
        from agent.application import open_knowledge
        from agent.company import load_company

        in_chinese = any("\u4e00" <= character <= "\u9fff" for character in question)
        spoken: Language = "zh" if (language or ("zh" if in_chinese else "en")) == "zh" else "en"
        found = open_knowledge(load_company(folder), settings()).search(question, spoken)
        if found.answer is not None:
            out.print(f"{found.confidence:.2f}  {found.entry}, spoken word for word: {found.answer}", markup=False)
        elif found.likely is not None:
            out.print(f"{found.confidence:.2f}  perhaps {found.entry}: {found.likely.title}", markup=False)
        for passage in found.passages[:SHOWN]:
            out.print(f"      {passage.id}: {passage.text}", markup=False)

    return app
