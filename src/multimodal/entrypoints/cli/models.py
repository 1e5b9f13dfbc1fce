"""`multimodal models`: trained versions, which serves, and what lets another one serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from .bars import bars
from .figures import figure, show_json
from .shell import Json, Shell
from .table import Cell, table

if TYPE_CHECKING:
    from ...domain.shared.promotion import Check, Promotion
    from ...service.model_service import ModelInfo
    from ...service.shadow_service import AgreementInfo

SHOWN = ("roc_auc", "balanced_accuracy", "brier", "decided")
HEADER = ("model", "version", "status", "data set", *SHOWN)
SHADOW = (
    *("pipeline", "champion", "challenger", "captures", "same label", "same acceptance"),
    *("accepts rejected", "rejects accepted", "score apart", "dropped", "failed"),
)
COLOURS = {"champion": "green", "challenger": "yellow", "earlier": ""}
EPILOG = """\
\b
Examples:
  multimodal models list blur_sharpness
  multimodal models compare blur_sharpness --dataset my_photos/
  multimodal models promote blur_sharpness
  multimodal models rollback blur_sharpness --reason "too strict at night"
"""


@click.group(epilog=EPILOG, short_help="Trained versions: list, compare, promote, roll back.")
def models() -> None:
    """Trained versions of pipelines.

    What `multimodal train` makes is a challenger. `promote` lets it serve when it passes the gate: not worse than the
    champion on captures that neither has learned from, calibrated, and fast enough. A running service follows.
    """


@models.command("list")
@click.argument("name", required=False)
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def show_all(shell: Shell, name: str | None, form: str) -> None:
    """Show all versions, of one pipeline NAME or of all; figures of the test part of each one's own data set."""
    found = shell.app().model_service.all(name)
    if form == "json":
        show_json([document(info) for info in found])
    else:
        click.echo("\n".join(table(HEADER, [row(info) for info in found])))


@models.command()
@click.argument("name")
@click.argument("version", required=False, default="champion")
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def show(shell: Shell, name: str, version: str, form: str) -> None:
    """Show one VERSION (its first letters, `champion` or `challenger`): its card, and since when it serves or did."""
    service = shell.app().model_service
    info = service.one(service.find(name, version))
    history = [promotion for promotion in service.history(name) if promotion.version == info.version]
    if form == "json":
        show_json(
            document(info) | {"promotions": [p.to_dict() for p in history], "recipe": info.bundle.recipe.to_dict()}
        )
        return
    click.echo(f"{info.bundle.ref} ({info.status})\n\n{info.bundle.card}")
    click.echo("\n".join(line for promotion in history for line in told(promotion)))


@models.command()
@click.argument("name")
@click.argument("version", required=False)
@click.option("-d", "--dataset", metavar="DATA", help="Judge by these captures; default: the version's own data set.")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is remembered.")
@click.option("--force", is_flag=True, help="Against the gate; needs a --reason.")
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def promote(
    shell: Shell, /, *, name: str, version: str | None, dataset: str | None, reason: str, force: bool, form: str
) -> None:
    """Let VERSION (default: the challenger) of pipeline NAME serve, when it passes the gate."""
    service = shell.app().model_service
    with bars(shell.shows_progress) as progress:
        promotion = service.promote(name, version, dataset=dataset, reason=reason, force=force, progress=progress)
    report(promotion, form)
    shell.say(f"{name}@{promotion.version} serves now.")


@models.command()
@click.argument("name")
@click.argument("version", required=False, default="challenger")
@click.option("--against", default="champion", show_default=True, metavar="VERSION", help="The version to beat.")
@click.option("-d", "--dataset", metavar="DATA", help="Captures to compare on; default: the version's own data set.")
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def compare(shell: Shell, /, *, name: str, version: str, against: str, dataset: str | None, form: str) -> None:
    """Compare two versions of NAME on captures that neither has learned from, with a paired test."""
    from ...domain.shared.examination import plain
    from .evaluate import differences

    app = shell.app()
    ref = app.model_service.find(name, version)
    with bars(shell.shows_progress) as progress:
        learned = app.models.load(ref).data
        recipe = app.catalog.recipe(name)
        data = dataset or app.data.learned_from(learned, recipe, progress)
        found = app.evaluator.evaluate(name, dataset=data, version=ref.version, against=against, progress=progress)
    assert found.comparison is not None
    if form == "json":
        show_json(plain(found.comparison))
    else:
        click.echo("\n".join(differences(found.comparison)))


@models.command()
@click.argument("name", required=False)
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def shadow(shell: Shell, name: str | None, form: str) -> None:
    """Show how far challengers agree with champions on what a service sees (MULTIMODAL_SHADOW=true)."""
    found = shell.app().shadow.report(name).agreements
    if form == "json":
        show_json([asdict(info) for info in found])
    else:
        click.echo("\n".join(table(SHADOW, [agreement(info) for info in found])))


@models.command()
@click.argument("name")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is remembered.")
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def rollback(shell: Shell, name: str, reason: str, form: str) -> None:
    """Let the version of NAME serve again that did before the champion."""
    promotion = shell.app().model_service.rollback(name, reason=reason)
    report(promotion, form)
    shell.say(f"{name}@{promotion.version} serves again.")


def agreement(info: AgreementInfo) -> list[Cell]:
    """One line of the agreements; shares of the captures that both answered."""
    counts = (info.same_label, info.same_acceptance, info.accepts_rejected, info.rejects_accepted)
    shares = [f"{count / info.seen:.1%}" if info.seen else "" for count in counts]
    apart = "" if info.mean_difference is None else f"{info.mean_difference:.3f}"
    missed = [str(count) if count else "" for count in (info.dropped, info.failed)]
    texts = (info.pipeline, info.champion, info.challenger, f"{info.seen:,}", *shares, apart, *missed)
    return [(text, "") for text in texts]


def document(info: ModelInfo) -> dict[str, Any]:
    """One version as plain values."""
    data = {key: value for key, value in info.bundle.data.items() if key != "seen"}
    plain = {"name": info.name, "version": info.version, "status": info.status}
    return plain | {"metrics": info.bundle.metrics, "data": data, "thresholds": info.bundle.thresholds.to_dict()}


def row(info: ModelInfo) -> list[Cell]:
    """One line of the list."""
    figures: Mapping[str, Sequence[float]] = info.bundle.metrics.get("test", {})
    texts = [(info.name, ""), (info.version, ""), (info.status, COLOURS[info.status])]
    return [*texts, (str(info.bundle.data.get("name", "")), ""), *((figure(figures.get(name)), "") for name in SHOWN)]


def report(promotion: Promotion, form: str) -> None:
    """What let a version serve."""
    if form == "json":
        show_json(promotion.to_dict())
    elif promotion.checks:
        click.echo("\n".join(checked(promotion.checks)))


def checked(checks: Sequence[Check]) -> Iterator[str]:
    """The conditions of the gate and how each went."""
    rows: list[list[Cell]] = [
        [(check.name, ""), ("yes", "green") if check.passed else ("no", "red"), (check.detail, "")] for check in checks
    ]
    return table(["condition", "holds", "figures"], rows)


def told(promotion: Promotion) -> Iterator[str]:
    """When and why a version began to serve."""
    forced = ", against the gate" if promotion.forced else ""
    reason = f": {promotion.reason}" if promotion.reason else ""
    yield f"serves since {promotion.at:%Y-%m-%d %H:%M} UTC{forced}{reason}"
    yield from (f"  {line}" for line in checked(promotion.checks)) if promotion.checks else ()
