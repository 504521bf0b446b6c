"""``hotline tasks``: what people have to do after calls, and that it is done."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.errors import HotlineError
from agent.storage import Store, TaskRow


def add_commands(app: typer.Typer, store: Callable[[], Store]) -> None:
    """Add the command. ``store`` is called when it runs, so that ``--help`` needs no configuration."""
    out = Console()

    @app.command("tasks")
    def tasks_command(
        owner: Annotated[str | None, typer.Option(help="Only theirs: complaint_specialist, after_sales …")] = None,
        overdue: Annotated[bool, typer.Option("--overdue", help="Only what should have been done by now.")] = False,
        done: Annotated[str | None, typer.Option(metavar="ID", help="This task is done.")] = None,
        by: Annotated[str, typer.Option(metavar="NAME", help="Who did it.")] = "",
        json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    ) -> None:
        """Open tasks, the most urgent first."""
        if by and done is None:
            raise HotlineError("usage", "--by says who did a task; which one says --done ID")
        if done is not None and not by.strip():
            raise HotlineError("usage", "--done needs --by YOUR_NAME")
        now, opened = datetime.now(UTC), store()
        if done is not None:
            task = opened.complete_task(done, by.strip(), now)
            out.print(f"{task.id} is done, by {task.done_by}", markup=False, highlight=False, soft_wrap=True)
            return
        rows = opened.tasks("open", owner=owner, due_before=now if overdue else None)
        if json:
            for row in rows:
                typer.echo(row.model_dump_json())
        else:
            out.print(tasks_table(rows, now) if rows else Text("Nothing is to be done."))


def tasks_table(rows: list[TaskRow], now: datetime) -> Table:
    """Tasks with when they are due; those that are late stand out."""
    table = Table("task", "owner", "due", "what")
    table.columns[0].no_wrap = True
    for row in rows:
        late = row.due is not None and row.due < now
        due = "–" if row.due is None else row.due.astimezone().strftime("%m-%d %H:%M") + (" overdue" if late else "")
        table.add_row(Text(row.id), row.owner, Text(due, style="bold red" if late else ""), Text(row.task))
    return table
