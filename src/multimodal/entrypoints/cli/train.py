"""`multimodal train`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click

from .bars import bars
from .figures import show
from .shell import Json, Shell

TRAIN_EPILOG = """\
\b
Examples:
  multimodal train blur_laplacian
  multimodal train blur_gradients --dataset my_photos/ --trials 100
  multimodal train blur_laplacian --set hyperparameters.threshold=120 --set seed=7 --no-promote
"""


@click.command(epilog=TRAIN_EPILOG, short_help="Train a pipeline on labelled captures.")
@click.argument("pipeline")
@click.option(
    "-d", "--dataset", metavar="DATA", help="Name, folder, manifest or YAML; default: what the pipeline names."
)
@click.option("--trials", type=click.IntRange(min=0), metavar="N", help="How many sets of values the search tries.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any other training argument; repeatable.")
@click.option("--promote/--no-promote", default=True, help="Serve the new version (default), or only keep it.")
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write the figures.")
@click.pass_obj
def train(shell: Shell, /, *, pipeline: str, dataset: str | None, promote: bool, form: str, **given: Any) -> None:
    """Train PIPELINE: measure, search the best values, fit, calibrate, and score once on captures kept out.

    A folder is a data set when it holds one folder a label. Figures are given with 95 % intervals.
    """
    app = shell.app()
    recipe = app.catalog.recipe(pipeline)
    known = recipe.training.to_dict() if recipe.training else {}
    wanted = changes(known, given["settings"], given["trials"])
    with bars(shell.shows_progress) as progress:
        bundle = app.trainer.train(pipeline, dataset=dataset, changes=wanted, progress=progress).bundle
    ref = bundle.ref
    if promote:
        app.models.promote(ref)
    show({"model": str(ref), "promoted": promote, "metrics": bundle.metrics}, form)
    shell.say(f"{ref} {'serves now' if promote else 'is kept, but does not serve'}.")


def changes(known: Mapping[str, Any], texts: Iterable[str], trials: int | None) -> dict[str, Any]:
    """The training arguments that differ; a dotted key reaches into `known` nested ones.

    >>> changes({"hyperparameters": {"a": 1, "b": 2}}, ["hyperparameters.b=3"], 10)
    {'hyperparameters': {'a': 1, 'b': 3}, 'trials': 10}
    """
    found: dict[str, Any] = {}
    for text in texts:
        key, value = assignment(text)
        first, *inner = key.split(".", 1)
        found[first] = {**known.get(first, {}), **found.get(first, {}), inner[0]: value} if inner else value
    return found | ({} if trials is None else {"trials": trials})


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
