"""`multimodal train`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .bars import bars
from .figures import figure, metrics, show_json
from .shell import Json, Shell
from .table import Cell, table

if TYPE_CHECKING:
    from ...domain.shared.ports import TrainingRun

Figures = Mapping[str, Sequence[float]]

TRAIN_EPILOG = """\
\b
Examples:
  multimodal train blur_sharpness --good my_good_photos/
  multimodal train blur_gradients --dataset my_labelled_photos/ --trials 100 --promote
  multimodal train blur_gradients --dataset my_labelled_photos/ --minutes 30 --resume
  multimodal train blur_laplacian --set hyperparameters.threshold=120 --set seed=7
  multimodal train --defaults
"""


@click.command(epilog=TRAIN_EPILOG, short_help="Train a pipeline on labelled captures, or on good ones alone.")
@click.argument("pipeline", required=False)
@click.option("-d", "--dataset", metavar="DATA", help="Name, folder, manifest, YAML or URL; default: its own.")
@click.option("--good", metavar="FOLDER", help="Learn from good captures alone: spoiled copies are the bad ones.")
@click.option("--trials", type=click.IntRange(min=0), metavar="N", help="How many sets of values the search tries.")
@click.option("--minutes", type=click.FloatRange(min=0), metavar="M", help="How long it searches at most.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any other training argument; repeatable.")
@click.option("--resume", is_flag=True, help="Go on with the interrupted search, or share the one that runs elsewhere.")
@click.option("--promote", is_flag=True, help="Let the new version serve when it passes the gate.")
@click.option("--defaults", is_flag=True, help="Rebuild the shipped models (or one), and compare them with those.")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), help="With --defaults: where they are kept, alone."
)
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write the figures.")
@click.pass_obj
def train(shell: Shell, /, *, pipeline: str | None, defaults: bool, into: Path | None, form: str, **given: Any) -> None:
    """Train PIPELINE: measure, search the best values, fit, calibrate, and score once on captures kept out.

    A folder is a data set when it holds one folder a label; with --good, all captures in it are good ones. What comes
    out is a challenger: `multimodal models promote PIPELINE` lets it serve. Figures are given with 95 % intervals.
    """
    if defaults:
        rebuild(shell, pipeline, into, form)
    elif pipeline is None:
        raise click.UsageError("Name a pipeline to train, or give --defaults.")
    elif given["good"] and given["dataset"]:
        raise click.UsageError("Give --good or --dataset, not both.")
    else:
        train_one(shell, pipeline, form, **given)


def train_one(shell: Shell, pipeline: str, form: str, /, **given: Any) -> None:
    """Train one pipeline, tell its figures, and let it serve when that is wanted."""
    app = shell.app()
    recipe = app.catalog.recipe(pipeline)
    known = recipe.training.to_dict() if recipe.training else {}
    wanted = changes(known, given["settings"], {key: given[key] for key in ("trials", "minutes")})
    try:
        with bars(shell.shows_progress) as progress:
            run = app.trainer.train(
                pipeline,
                dataset=given["dataset"],
                good=given["good"],
                changes=wanted,
                resume=given["resume"],
                progress=progress,
            )
    except KeyboardInterrupt:
        shell.say("What was measured and tried is kept; the same command with --resume goes on.")
        raise
    show_run(run, form)
    report = app.tracker.folder / pipeline / run.id / "documents" / "report.html"
    if report.exists():
        shell.say(f"Report: {report}")
    shell.say(f"{run.bundle.ref} is a challenger. `multimodal models promote {pipeline}` lets it serve.")
    if given["promote"]:
        with bars(shell.shows_progress) as progress:
            app.model_service.promote(pipeline, run.bundle.version, progress=progress)
        shell.say(f"{run.bundle.ref} serves now.")


def rebuild(shell: Shell, pipeline: str | None, into: Path | None, form: str) -> None:
    """Train the shipped models anew, and compare their figures with the shipped ones'."""
    from ...adapters.model_store import LocalModelStore

    app = shell.app()
    store = LocalModelStore(into or app.settings.folders.artifacts / "defaults")
    names = [app.catalog.recipe(pipeline).name] if pipeline else sorted(app.defaults.names())
    with bars(shell.shows_progress) as progress:
        runs = list(app.trainer.into(store).train_all(names, progress))
    rows = []
    for run in runs:
        ref = app.defaults.champion(run.bundle.recipe.name)
        shipped = app.defaults.load(ref).metrics["test"] if ref else {}
        rows.append((str(run.bundle.ref), shipped, run.bundle.metrics["test"]))
    for run in runs:
        store.only(run.bundle.ref)
    show_rebuilt(rows, form)
    if not all(alike(shipped, rebuilt) for _, shipped, rebuilt in rows):
        click.get_current_context().exit(1)


def alike(one: Mapping[str, Sequence[float]], other: Mapping[str, Sequence[float]]) -> bool:
    """Whether the figures are the same to three digits.

    >>> alike({"f1": [0.9004, 0.8, 1.0]}, {"f1": [0.9001, 0.7, 1.0]})
    True
    """
    return one.keys() == other.keys() and all(abs(one[name][0] - other[name][0]) < 0.0005 for name in one)


def changes(known: Mapping[str, Any], texts: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The training arguments that differ; a dotted key reaches into `known` nested ones.

    >>> changes({"hyperparameters": {"a": 1, "b": 2}}, ["hyperparameters.b=3"], {"trials": 10, "minutes": None})
    {'hyperparameters': {'a': 1, 'b': 3}, 'trials': 10}
    """
    found: dict[str, Any] = {}
    for text in texts:
        key, value = assignment(text)
        first, *inner = key.split(".", 1)
        found[first] = {**known.get(first, {}), **found.get(first, {}), inner[0]: value} if inner else value
    return found | {key: value for key, value in given.items() if value is not None}


def assignment(text: str) -> tuple[str, Any]:
    """`KEY=VALUE`, the value read as YAML.

    >>> assignment("seed=7")
    ('seed', 7)
    """
    from ...config.strict_yaml import read_yaml

    key, sign, value = text.partition("=")
    if not (key.strip() and sign):
        raise click.BadParameter(f"{text!r} is not KEY=VALUE.", param_hint="--set")
    return key.strip(), read_yaml(f"value: {value}")["value"]


def show_run(run: TrainingRun, form: str) -> None:
    """The figures of a training, and at which strength of spoiling its model notices."""
    from ...domain.shared.detection_table import HEADER, NOTE, is_certain, rows

    bundle = run.bundle
    if form == "json":
        data = {key: value for key, value in bundle.data.items() if key != "seen"}
        show_json({"model": str(bundle.ref), "run": run.id, "metrics": bundle.metrics, "data": data})
        return
    click.echo("\n".join(metrics(bundle.metrics)))
    if found := bundle.data.get("detection"):
        cells: list[list[Cell]] = [[(text, "") for text in row] for row in rows(found)]
        note = "" if is_certain(found) else NOTE
        click.echo("\n".join(["", "Strengths from which on a fault is noticed:", *table(HEADER, cells), note]).rstrip())


def show_rebuilt(rows: Iterable[tuple[str, Figures, Figures]], form: str) -> None:
    """Shipped figures beside rebuilt ones."""
    if form == "json":
        show_json([{"model": m, "shipped": a, "rebuilt": b, "same": alike(a, b)} for m, a, b in rows])
        return
    cells: list[list[Cell]] = [
        [(model, ""), (name, ""), (figure(shipped.get(name)), ""), (figure(rebuilt[name]), "")]
        for model, shipped, rebuilt in rows
        for name in rebuilt
    ]
    click.echo("\n".join(table(["model", "metric", "shipped", "rebuilt"], cells)))
