"""A report as a table on the terminal, as CSV and as JSON."""

import csv
import io

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agent.event_base import Language
from agent.reports.labels import labels, shown
from agent.reports.report import UNITS, Cell, Report

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet takes a text for a formula, and callers choose some of the texts."""


def to_table(report: Report, language: Language) -> RenderableType:
    """For the terminal."""
    words = labels(language)
    table = Table(title=f"{report.kind}  {report.first} … {report.last}  {report.zone}", title_justify="left")
    for column in report.columns:
        table.add_column(words[column], justify="left" if UNITS[column] == "text" else "right")
    first = report.columns[0]
    for row in report.rows:
        table.add_row(*(Text(shown(name, row[name], language) or words["unnamed"]) for name in report.columns))
    if report.total is not None:
        table.add_section()
        total = {**report.total, first: words["total"]}
        table.add_row(*(Text(shown(name, total[name], language)) for name in report.columns), style="bold")
    facts = [Text(f"{words.get(name, name)}: {shown(name, value, language)}") for name, value in report.facts.items()]
    return Group(table, *facts)


def to_csv(report: Report, language: Language) -> bytes:
    """With a byte order mark: without it Excel takes Chinese for Latin-1. Shares are 0..1, empty is nothing to say."""
    words, text = labels(language), io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([words[column] for column in report.columns])
    for row in report.rows:
        writer.writerow([_cell(column, row[column], language) for column in report.columns])
    if report.total is not None:
        total = {**report.total, report.columns[0]: words["total"]}
        writer.writerow([_cell(column, total[column], language) for column in report.columns])
    return text.getvalue().encode("utf-8-sig")


def _cell(column: str, cell: Cell, language: Language) -> Cell:
    if cell is None:
        return ""
    if column == "reason":
        cell = shown(column, cell, language)
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def to_json(report: Report) -> str:
    """Columns under their plain names; amounts of money as texts, so that no cent is lost."""
    return report.model_dump_json(indent=2)
