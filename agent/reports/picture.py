"""A report as a picture. matplotlib comes with the development packages only, so it is looked for when it is needed."""

from pathlib import Path
from typing import Any

from agent.errors import HotlineError
from agent.event_base import Language
from agent.reports.labels import labels
from agent.reports.report import Kind, Report

_CHINESE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "SimHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Heiti SC", "Songti SC",
)  # fmt: skip
_BARS: dict[Kind, str] = {
    "daily": "calls", "hourly": "calls", "region": "calls", "queue": "offered", "cost": "company_yuan",
    "intents": "calls", "spam": "refused",
}  # fmt: skip
_LINE: dict[Kind, str] = {
    "daily": "answer_rate", "hourly": "peak", "region": "answer_rate", "queue": "service_level", "intents":
    "self_service_rate",
}  # fmt: skip
_MOST_BARS = 40
# Of Okabe and Ito's colours, which the colour-blind can tell apart.
_BLUE, _ORANGE = "#56B4E9", "#D55E00"


def draw(report: Report, file: Path, language: Language) -> None:
    """Write the picture; the ending of the file's name says in which format.

    Labels are Chinese only where a font for it is installed. Raises HotlineError ``matplotlib_missing``.
    """
    matplotlib = _matplotlib()
    font = _chinese_font() if language == "zh" or _has_chinese(report) else None
    words = labels("zh" if font is not None and language == "zh" else "en")
    with matplotlib.rc_context({"font.sans-serif": [font] if font is not None else ["DejaVu Sans"]}):
        from matplotlib.figure import Figure

        rows = report.rows[:_MOST_BARS]
        names = [_name(report, row, words, plain=font is None, index=n) for n, row in enumerate(rows, 1)]
        figure = Figure(figsize=(max(6.0, 0.36 * len(rows) + 2.5), 4.2), layout="constrained")
        bars = figure.subplots()
        column = _BARS[report.kind]
        places = range(len(rows))
        bars.bar(places, [float(row[column] or 0) for row in rows], color=_BLUE)
        bars.set_ylabel(words[column])
        bars.set_xticks(places, names, rotation=60, ha="right", fontsize=8)
        bars.set_title(f"{report.kind}  {report.first} … {report.last}", fontsize=10)
        if report.kind in _LINE:
            _line(bars.twinx(), report, words)
        try:
            figure.savefig(file, dpi=130)
        except (OSError, ValueError) as error:
            raise HotlineError("report_failed", f"{file} cannot be written: {error}") from error


def _line(axis: Any, report: Report, words: Any) -> None:
    column = _LINE[report.kind]
    rows = report.rows[:_MOST_BARS]
    values = [row[column] for row in rows]
    axis.plot(range(len(rows)), [float("nan") if v is None else float(v) for v in values], color=_ORANGE, marker="o")
    axis.set_ylabel(words[column], color=_ORANGE)
    if column.endswith(("rate", "level")):
        axis.set_ylim(0, 1.02)
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    else:
        axis.set_ylim(bottom=0)


def _name(report: Report, row: dict[str, Any], words: Any, *, plain: bool, index: int) -> str:
    texts = [str(row[column]) for column in report.columns[:3] if isinstance(row[column], str) and row[column]]
    name = " ".join(texts) or words["unnamed"]
    # Without a font for it Chinese would be a row of boxes; the table has the name under this number.
    return f"no. {index}" if plain and not name.isascii() else name


def _has_chinese(report: Report) -> bool:
    cells = (cell for row in report.rows for cell in row.values())
    return any(isinstance(cell, str) and not cell.isascii() for cell in cells)


def _matplotlib() -> Any:
    try:
        import matplotlib
    except ImportError as error:
        raise HotlineError(
            "matplotlib_missing",
            "a picture needs matplotlib, which is not installed; `pip install matplotlib`, or take --csv and draw it "
            "in a spreadsheet",
        ) from error
    matplotlib.use("Agg")
    return matplotlib


def _chinese_font() -> str | None:
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _CHINESE_FONTS if name in installed), None)
