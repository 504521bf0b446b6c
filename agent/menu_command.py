"""``hotline menu show``: a company's key menu, drawn on the terminal and as a picture."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from agent.errors import CompanyError

if TYPE_CHECKING:
    from agent.routing.menu.menu import Place
    from agent.routing.menu.wording import Wording

FILE = Path("routing") / "menu.yaml"
_STYLES = {"bot": "blue", "flow": "green", "queue": "yellow", "callback": "magenta", "number": "cyan"}


def make_app() -> typer.Typer:
    """The sub-commands."""
    app = typer.Typer(no_args_is_help=True, help="The key menu before the bot: draw it.")

    @app.callback()
    def menu_group() -> None:
        """The key menu before the bot."""

    @app.command("show")
    def show_command(
        folder: Annotated[Path, typer.Argument(metavar="DIR", help="The company's folder.")],
        name: Annotated[str | None, typer.Option("--menu", help="Which menu; all of them where none is named.")] = None,
        language: Annotated[Literal["zh", "en"], typer.Option(help="In which language it is drawn.")] = "zh",
        svg: Annotated[Path | None, typer.Option(help="Write it as a picture to this file, too.")] = None,
    ) -> None:
        """Draw the tree: keys, labels, what else chooses them, and where they lead."""
        from agent.company import load_company
        from agent.routing.menu import build_menu, check_menus, load_menus
        from agent.routing.menu.svg import menu_svg
        from agent.routing.menu.wording import Wording

        out = Console(highlight=False, soft_wrap=True)
        company = load_company(folder)
        menus = load_menus(folder / FILE)
        for problem in check_menus(folder / FILE, menus, flows=company.flows):
            out.print(problem, markup=False)
        if name is not None and name not in menus.menus:
            raise CompanyError(f"{folder / FILE}:1: no menu {name!r}; there are {', '.join(menus.menus)}")
        intents = _intents() if language == "zh" else {}
        titles = {flow: one.title.of(language) for flow, one in company.flows.items()}
        shown = [name] if name is not None else list(menus.menus)
        for one in shown:
            menu = build_menu(menus, one)
            words = Wording(menu, language, titles, intents)
            # Not soft-wrapped: a tree would be cut off at the right.
            out.print(menu_tree(words), soft_wrap=False)
            if svg is not None:
                file = svg if len(shown) == 1 else svg.with_stem(f"{svg.stem}-{one}")
                file.write_text(menu_svg(words), encoding="utf-8")
                out.print(str(file), markup=False)

    return app


def menu_tree(words: "Wording") -> Tree:
    """The menu as a tree of rich: every choice a branch, with the node under it that it leads down to."""
    top = words.menu.places[words.menu.top]
    tree = Tree(Text(words.title(), style="bold"))
    tree.add(Text(words.anywhere(), style="dim"))
    tree.add(Text(words.understood(), style="dim"))
    _grow(words, tree.add(_head(words, top)), top)
    return tree


def _grow(words: "Wording", branch: Tree, place: "Place") -> None:
    drawn: set[str] = set()
    for choice in place.choices:
        line = Text(f"[{'/'.join(choice.keys) or '–'}] ", style="bold cyan")
        line.append(choice.label.of(words.language), style="bold default")
        below = words.menu.places.get(choice.target)
        goes_down = below is not None and below.way[:-1] == place.way and below.name not in drawn
        if not goes_down:
            kind = choice.target.partition(":")[0]
            line.append(f" → {words.switch(choice) or words.target(choice.target)}", style=_STYLES.get(kind, "default"))
        if speech := words.speech(choice):
            line.append(f"  {speech}", style="dim")
        twig = branch.add(line)
        if goes_down and below is not None:
            drawn.add(below.name)
            twig.label = line.append(f"  {words.head(below)}", style="dim not bold")
            _grow(words, twig, below)
    for what, target in (
        (words.on_silence(place), place.after_silence),
        (words.on_failures(place), place.after_failures),
    ):
        branch.add(Text(f"{what} → {words.target(target)}", style="dim"))


def _head(words: "Wording", place: "Place") -> Text:
    return Text(words.name(place), style="bold").append(f"  {words.head(place)}", style="dim not bold")


def _intents() -> dict[str, str]:
    """What supervisors read for each."""
    from agent import dashboard

    labels = tomllib.loads(Path(dashboard.__file__).with_name("labels.toml").read_text(encoding="utf-8"))
    named: dict[str, str] = labels["intent"]
    return named
