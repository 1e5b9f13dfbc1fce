"""The model card: what a trained pipeline is, what it learned from and what it reached, for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .detection_table import markdown

if TYPE_CHECKING:
    from .bundle import Bundle

SHOWN = ("roc_auc", "balanced_accuracy", "brier", "log_loss", "decided")


def card(bundle: Bundle) -> str:
    """Markdown with the recipe's summary, the data and the figures of each part with 95 % intervals over groups."""
    recipe = bundle.recipe
    t = bundle.thresholds
    lines = [
        f"# {recipe.name}",
        "",
        recipe.summary or f"Answers {recipe.property}.",
        "",
        f"- property: {recipe.property}; labels of the estimator: {', '.join(bundle.classes)}",
        f"- accepted from a score of {t.accept:.3f}, rejected up to {t.reject:.3f}, `cannot_tell` between",
        f"- data set: {bundle.data.get('name', 'unknown')}, digest {str(bundle.data.get('digest', ''))[:12]}",
        *_taken_over(str(bundle.data.get("taken_over", ""))),
        "",
        *_table(("part", "rows", "groups", *SHOWN), _rows(bundle.metrics, bundle.data.get("splits", {}))),
        "",
        "Figures: value [95 % interval of a bootstrap over groups]. The test part was scored once.",
        *_noticed(bundle.data.get("detection", ())),
    ]
    return "\n".join(lines) + "\n"


def _taken_over(version: str) -> list[str]:
    why = "taken over since the captures are few or it did better on them; calibration and thresholds are new"
    return [f"- estimator of {version}, {why}"] if version else []


def _noticed(found: Sequence[Mapping[str, Any]]) -> list[str]:
    if not found:
        return []
    title = "## From which strength on a fault is noticed"
    text = "The strength at which shares of spoiled captures are noticed, at rates of false alarms among good ones."
    return ["", title, "", text, "", *markdown(found)]


def _rows(metrics: Mapping[str, Mapping[str, Any]], splits: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
    for part, figures in metrics.items():
        size = splits.get(part, {})
        shown = (_figure(figures[name]) if name in figures else "" for name in SHOWN)
        yield (part, str(size.get("rows", "")), str(size.get("groups", "")), *shown)


def _figure(figure: Any) -> str:
    value, low, high = figure
    return f"{value:.3f}" if low is None or low != low else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (header, ("---",) * len(header), *rows)]
