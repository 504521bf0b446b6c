"""A picture of where the time of every answer went: a panel a bot, on one time axis."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bench.phone import Heard
from bench.stages import STAGES, Account

AccountsOf = Callable[[Heard], list[Account]]

# Okabe and Ito's colours, which the colour-blind can tell apart.
COLOURS = dict(zip(STAGES, ("#56B4E9", "#0072B2", "#009E73", "#E69F00", "#D55E00", "#999999"), strict=True))
LABELS = {
    "endpoint": "end of turn",
    "asr": "speech recognition",
    "nlu": "understanding",
    "llm": "language model",
    "tts": "speech synthesis",
    "wire": "to the wire",
}
UNTOLD = "#E6E6E6"
_BAR_INCHES = 0.17


@dataclass(frozen=True)
class Bar:
    """One turn. stages_ms: the bot's own account, empty if it gave none. response_s: as measured on the wire, None if
    there was no proper answer; note says why.
    """

    label: str
    stages_ms: tuple[tuple[str, float], ...]
    response_s: float | None
    note: str = ""


def draw(panels: Mapping[str, Sequence[Bar]], file: Path) -> None:
    """Write the picture; the ending of the file's name says in which format."""
    rows = max(len(bars) for bars in panels.values())
    figure, axes = pyplot.subplots(
        1,
        len(panels),
        sharex=True,
        sharey=True,
        squeeze=False,
        figsize=(2.2 + 4.4 * len(panels), 1.8 + rows * _BAR_INCHES),
    )
    for axis, (name, bars) in zip(axes[0], panels.items(), strict=True):
        _panel(axis, name, bars)
    axes[0][0].set_yticks(range(rows), [bar.label for bar in next(iter(panels.values()))], fontsize=7)
    axes[0][0].set_ylim(rows - 0.4, -0.6)
    axes[0][0].set_xlim(left=0)
    figure.supxlabel("s since the caller's last voiced sample", fontsize=9)
    told = {stage for bars in panels.values() for bar in bars for stage, _ in bar.stages_ms}
    key: list[Patch | Line2D] = [Patch(color=COLOURS[stage], label=LABELS[stage]) for stage in STAGES if stage in told]
    if any(bar.response_s is not None and not bar.stages_ms for bars in panels.values() for bar in bars):
        key.append(Patch(color=UNTOLD, label="not broken down"))
    key.append(Line2D([], [], color="black", marker="|", linestyle="", markersize=8, label="measured on the wire"))
    figure.legend(handles=key, loc="upper center", ncols=4, fontsize=8, frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.55 / figure.get_figheight()))
    figure.savefig(file, dpi=150)
    pyplot.close(figure)


def _panel(axis: Axes, name: str, bars: Sequence[Bar]) -> None:
    for row, bar in enumerate(bars):
        left_s = 0.0
        for stage, took_ms in bar.stages_ms:
            axis.barh(row, took_ms / 1000, left=left_s, height=0.8, color=COLOURS[stage])
            left_s += took_ms / 1000
        if bar.response_s is None:
            axis.text(
                0.01, row, bar.note, transform=axis.get_yaxis_transform(), va="center", fontsize=6, color="#555555"
            )
        else:
            if not bar.stages_ms:
                axis.barh(row, bar.response_s, height=0.8, color=UNTOLD)
            axis.plot(bar.response_s, row, "|", color="black", markersize=7, markeredgewidth=1.4)
    answered = [bar.response_s for bar in bars if bar.response_s is not None]
    if answered:
        median_s = statistics.median(answered)
        axis.axvline(median_s, color="black", linewidth=0.6, linestyle=":")
        name = f"{name}: median {median_s:.2f} s"
    axis.set_title(name, fontsize=10)
    axis.tick_params(axis="x", labelsize=8)
    axis.grid(axis="x", linewidth=0.3)
    axis.set_axisbelow(True)
