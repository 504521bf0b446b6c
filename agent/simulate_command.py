"""``hotline simulate``: a day of the hotline in seconds, so that rules and rosters are tried before they are live."""

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from agent.errors import HotlineError

_Day = typer.Option(formats=["%Y-%m-%d"], help="Which day it is: its weekday, holidays and roster count.")


def add_commands(app: typer.Typer) -> None:
    """Add the command."""
    out = Console(highlight=False)
    plain = Console(highlight=False, soft_wrap=True)

    @app.command("simulate")
    def simulate_command(
        company: Annotated[
            Path | None, typer.Option("--company", metavar="DIR", help="The folder of a company.")
        ] = None,
        day: Annotated[datetime | None, _Day] = None,
        calls: Annotated[int, typer.Option(help="How many people call.")] = 10_000,
        seed: Annotated[int, typer.Option(help="The same seed is the same day.")] = 1,
        rules: Annotated[Path | None, typer.Option(help="These rules; else routing/rules.yaml.")] = None,
        seats: Annotated[Path | None, typer.Option(help="These seats and queues; else routing/seats.yaml.")] = None,
        staff: Annotated[Path | None, typer.Option(help="This roster; else routing/staffing.yaml.")] = None,
        traffic: Annotated[
            Path | None, typer.Option(help="These callers; else routing/traffic.yaml, or an ordinary day.")
        ] = None,
        json: Annotated[Path | None, typer.Option(help="Write the figures here.")] = None,
        png: Annotated[Path | None, typer.Option(help="Draw the day here; needs matplotlib.")] = None,
        compare: Annotated[Path | None, typer.Option(help="Hold it against what --json wrote before.")] = None,
        check_erlang: Annotated[
            bool, typer.Option("--check-erlang", help="Instead, hold the floor against Erlang's formulas.")
        ] = False,
    ) -> None:
        """A day of calls through the real rules and the real floor, in virtual time."""
        if check_erlang:
            _check_erlang(out, seed)
            return
        if company is None or day is None:
            raise HotlineError("usage", "give --company and --day, such as --company companies/jinghe --day 2026-11-30")
        from agent.simulation import (
            compared_with,
            draw,
            load_result,
            load_setting,
            require_matplotlib,
            simulate,
            tables,
        )

        # What cannot be done is said before the day is simulated.
        if png is not None:
            require_matplotlib()
        before = load_result(compare) if compare is not None else None
        began_s = time.process_time()
        setting = load_setting(company, rules=rules, seats=seats, staff=staff, traffic=traffic)
        result = simulate(setting, company.name, day.date(), calls, seed)
        took_s = time.process_time() - began_s
        for table in tables(result):
            out.print(table)
        if before is not None:
            for part in compared_with(before, result):
                out.print(part)
        for note in result.notes:
            plain.print(note, markup=False, style="yellow")
        if json is not None:
            _write(json, result.model_dump_json(indent=1))
            plain.print(f"The figures are in {json}", markup=False)
        if png is not None:
            draw(result, png, before)
            plain.print(f"The picture is in {png}", markup=False)
        plain.print(f"{took_s:.1f} s of CPU time", markup=False)
        if result.totals.lost or result.totals.two_calls_at_a_seat:
            raise HotlineError("simulation", "a call was lost or a seat had two: a defect of the floor; keep the seed")


def _check_erlang(out: Console, seed: int) -> None:
    from agent.simulation.check_erlang import EXPLAINED, check, check_table

    began_s = time.process_time()
    results = check(seed)
    out.print(check_table(results))
    out.print(EXPLAINED, markup=False)
    out.print(f"{time.process_time() - began_s:.1f} s of CPU time")
    if not all(one.agrees for one in results):
        raise typer.Exit(1)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise HotlineError("simulation", f"{file} cannot be written: {error.strerror}") from error
