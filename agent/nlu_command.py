"""``hotline nlu export | train | evaluate | promote``: from what supervisors corrected to a better classifier."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from agent.config import Settings
from agent.errors import HotlineError
from agent.model_settings import classifier_dir, promoted_dir
from agent.storage import Store
from models.nlu import CARD_FILE, TOKENIZER_FILE, WEIGHTS_FILE

_Data = Annotated[Path | None, typer.Option(help="Folder of public sets (intent/, sentiment/); without it, none.")]


def make_app(settings: Callable[[], Settings], store: Callable[[], Store]) -> typer.Typer:
    """The sub-commands. Both are called when a command runs, so that ``--help`` needs no configuration."""
    app = typer.Typer(no_args_is_help=True, help="The classifier: export corrections, train, evaluate, promote.")
    out = Console()

    @app.command("export")
    def export(file: Annotated[Path, typer.Argument(help="JSON lines go here.")]) -> None:
        """Write what supervisors corrected as training rows."""
        rows = store().corrections()
        file.write_text("".join(row.model_dump_json() + "\n" for row in rows), encoding="utf-8")
        out.print(f"{len(rows)} corrected utterances in {file}", highlight=False, soft_wrap=True)

    @app.command("train")
    def train_command(
        folder: Annotated[Path, typer.Argument(help="The new classifier goes here.")],
        data: _Data = None,
        corrections: Annotated[Path | None, typer.Option(help="A file of `hotline nlu export`.")] = None,
        epochs: Annotated[int | None, typer.Option(min=1, help="Times through the sentences.")] = None,
        threads: Annotated[int, typer.Option(min=1)] = 2,
    ) -> None:
        """Train a classifier and measure it; up to an hour on two cores with the public sets."""
        from models.training.train_nlu import Training, train

        encoder = settings().models.dir / "multilingual-e5-small"
        training = Training(folder, data, corrections, encoder, threads=threads, epochs=epochs)
        train(training, lambda line: out.print(line, highlight=False, soft_wrap=True))

    @app.command("evaluate")
    def evaluate_command(
        folder: Annotated[Path | None, typer.Argument(help="A classifier; without one, that which serves.")] = None,
        data: _Data = None,
    ) -> None:
        """How good a classifier is on sentences that it was not trained on."""
        from models.training.evaluate import table

        figures = _figures(folder or classifier_dir(settings()), data)
        out.print(table(figures), highlight=False, soft_wrap=True)

    @app.command("promote")
    def promote(folder: Annotated[Path, typer.Argument(help="The classifier that is to serve from now on.")]) -> None:
        """Let a classifier serve, if it is not worse on any frozen set."""
        from models.training.promotion import compare

        serving = classifier_dir(settings())
        compared = compare(_figures(serving, None), _figures(folder, None))
        table = Table("frozen set", "serving", "new", "")
        for one in compared:
            table.add_row(one.name, f"{one.before:.1%}", f"{one.after:.1%}", "worse" if one.is_worse else "")
        out.print(table)
        if worse := [one.name for one in compared if one.is_worse]:
            raise HotlineError("not_promoted", f"{folder} is worse in: {'; '.join(worse)}. {serving} goes on serving.")
        target = promoted_dir(settings())
        target.mkdir(parents=True, exist_ok=True)
        # The card comes last: without it the folder is not taken for a classifier.
        for name in (WEIGHTS_FILE, TOKENIZER_FILE, CARD_FILE):
            shutil.copyfile(folder / name, target / name)
        out.print(f"{target} serves from the next start on", highlight=False, soft_wrap=True)

    return app


def _figures(folder: Path, data: Path | None) -> dict[str, float]:
    from models.nlu_transformer import TransformerClassifier
    from models.training.corpus import hand_written, public
    from models.training.evaluate import evaluate

    examples = [*hand_written(), *(public(data) if data else [])]
    return evaluate(TransformerClassifier(folder, threads=2), examples).figures
