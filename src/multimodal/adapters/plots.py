"""Plots of an examination as SVG files, with matplotlib's objects only: no window, no state between two figures.

    plots ....... all plots of an examination, by file name
    roc, precision_recall, reliability, confusion, scores, differences ... one each

Colours are those of Okabe and Ito (2008), which the colour-blind can tell apart; lines also differ in their dashes.
Text stays text, so that the files are small and can be searched.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..domain.shared.curves import Curve
from ..domain.shared.errors import MissingExtra
from ..domain.shared.examination import Examination

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", "-.", ":")
SIZE = (4.4, 3.8)  # inches
INK, FAINT = "#222222", "#B0B0B0"
LONGEST = 22  # characters of a label
STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 9.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "multimodal",
    "text.parse_math": False,  # a label may hold a dollar sign
}
Draw = Callable[["Axes", Examination], None]


def plots(examination: Examination) -> dict[str, bytes]:
    """File name -> SVG; a plot that the data cannot give (one class only) is left out."""
    wanted: dict[str, Draw] = {"confusion.svg": confusion, "scores.svg": scores}
    if examination.curves:
        wanted = {"roc.svg": roc, "precision_recall.svg": precision_recall, "reliability.svg": reliability} | wanted
    if examination.comparison is not None:
        wanted["comparison.svg"] = differences
    return {name: svg(draw, examination) for name, draw in wanted.items()}


def svg(draw: Draw, examination: Examination) -> bytes:
    """One figure as a file; the same figure gives the same bytes."""
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("train", "A report") from error
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the reader's fonts draw the text, not ours
        figure = Figure(figsize=SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure.add_subplot(), examination)
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()


def roc(axes: Axes, examination: Examination) -> None:
    """False alarms against hits."""
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1)
    _curves(axes, ((c.positive, c.roc) for c in examination.curves), "AUC")
    _framed(axes, "ROC", "share of the others taken for it", "share of it found")


def precision_recall(axes: Axes, examination: Examination) -> None:
    """Recall against precision."""
    _curves(axes, ((c.positive, c.precision_recall) for c in examination.curves), "AP", drawstyle="steps-pre")
    _framed(axes, "Precision and recall", "recall: share of it found", "precision: share of it among those found")


def reliability(axes: Axes, examination: Examination) -> None:
    """What scores promise against what is so; a dot's area goes with the number of captures."""
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1)
    for (colour, dash), curve in zip(_looks(), examination.curves, strict=False):
        r = curve.reliability
        label = f"{_short(curve.positive)}, error {r.error:.3f}"
        axes.plot(r.predicted, r.observed, dash, color=colour, label=label)
        axes.scatter(r.predicted, r.observed, s=[12 + 120 * n / max(r.rows) for n in r.rows], color=colour, alpha=0.6)
    _framed(axes, "Reliability", "probability that is promised", "share that is so")
    axes.legend(frameon=False, loc="best")


def confusion(axes: Axes, examination: Examination) -> None:
    """Which label got which answer how often; colours are shares of a row."""
    answers = [*examination.labels, *_others(examination)]
    counts = np.array([[examination.confusion.get(y, {}).get(a, 0) for a in answers] for y in examination.labels])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        ink = "white" if shares[row, column] > 0.55 else INK
        text = f"{count:,}\n{shares[row, column]:.0%}"
        axes.text(column, row, text, ha="center", va="center", color=ink)
    axes.set_xticks(range(len(answers)), [_short(a) for a in answers], rotation=20 if len(answers) > 3 else 0)
    axes.set_yticks(range(len(examination.labels)), [_short(y) for y in examination.labels])
    axes.set_title("Confusion", color=INK)
    axes.set_xlabel("answer")
    axes.set_ylabel("true label")


def scores(axes: Axes, examination: Examination) -> None:
    """How the scores of each label are distributed."""
    for (colour, dash), (label, counts) in zip(_looks(), examination.scores.items(), strict=False):
        edges = np.linspace(0, 1, len(counts) + 1)
        axes.stairs(counts, edges, color=colour, linestyle=dash, linewidth=1.6, label=_short(label))
        axes.stairs(counts, edges, color=colour, fill=True, alpha=0.15)
    axes.set_xlim(0, 1)
    axes.set_title("Scores by true label", color=INK)
    axes.set_xlabel("score: probability that it is acceptable")
    axes.set_ylabel("captures")
    axes.legend(frameon=False)
    _plain(axes)


def differences(axes: Axes, examination: Examination) -> None:
    """By how much each metric differs from the other version, with intervals."""
    assert examination.comparison is not None
    found = [(n, d) for n, d in examination.comparison.metrics.items() if d.difference.low == d.difference.low]
    names, shown = [n for n, _ in found][::-1], [d.difference for _, d in found][::-1]
    axes.axvline(0, color=FAINT, linewidth=1)
    for row, d in enumerate(shown):
        axes.plot([d.low, d.high], [row, row], color=COLOURS[0], linewidth=1.6)
        axes.plot([d.value], [row], "o", color=COLOURS[0])
    axes.set_yticks(range(len(names)), names)
    axes.set_title("Difference to the other version", color=INK)
    axes.set_xlabel("difference, 95 % interval")
    _plain(axes)


def _curves(axes: Axes, curves: Iterable[tuple[str, Curve]], area: str, **style: Any) -> None:
    for (colour, dash), (name, curve) in zip(_looks(), curves, strict=False):
        label = f"{_short(name)}, {area} {curve.area:.3f}"
        axes.plot(curve.x, curve.y, dash, color=colour, linewidth=1.8, label=label, **style)
    axes.legend(frameon=False, loc="lower right" if area == "AUC" else "lower left")


def _framed(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel=x, ylabel=y)
    axes.set_title(title, color=INK)
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#EEEEEE", linewidth=0.8)
    axes.set_axisbelow(True)


def _looks() -> list[tuple[str, str]]:
    """Colours with dashes, as many as can be told apart."""
    return [(COLOURS[i % len(COLOURS)], DASHES[i % len(DASHES)]) for i in range(28)]


def _others(examination: Examination) -> list[str]:
    """Answers that are no label: `cannot_tell`."""
    given: Mapping[str, None] = dict.fromkeys(a for row in examination.confusion.values() for a in row)
    return [answer for answer in given if answer not in examination.labels]


def _short(text: str) -> str:
    """A label that fits, without what XML cannot hold."""
    clean = "".join(c for c in text if c.isprintable())
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"
