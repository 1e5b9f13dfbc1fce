"""`multimodal evaluate`: how good a pipeline is on labelled captures, and whether it is better than another version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .bars import bars
from .figures import confusion, figure, metrics, show_json
from .shell import Json, Shell, thresholds_option
from .table import Cell, table

if TYPE_CHECKING:
    from ...domain.shared.comparison import Comparison
    from ...domain.shared.examination import Examination

EPILOG = """\
\b
Examples:
  multimodal evaluate blur_laplacian --dataset my_photos/
  multimodal evaluate blur_laplacian --dataset my_photos/ --out evaluation/
  multimodal evaluate blur_sharpness --dataset labels.csv --version challenger --against champion
"""
VERSION = "A version, champion, challenger, or rule (a rule as it is before any training)"


@click.command(epilog=EPILOG, short_help="Measure a pipeline on labelled captures.")
@click.argument("pipeline")
@click.option("-d", "--dataset", required=True, metavar="DATA", help="Name, folder, manifest or YAML.")
@click.option("--version", metavar="V", help=f"Which version. {VERSION}; default: champion.")
@click.option("--against", metavar="V", help="Compare with this version, on the same captures.")
@click.option("--include-seen", is_flag=True, help="Also count captures that the model learned from.")
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write report.html, evaluation.json and plots there.",
)
@thresholds_option
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write the figures.")
@click.pass_obj
def evaluate(
    shell: Shell,
    /,
    *,
    pipeline: str,
    dataset: str,
    out: Path | None,
    form: str,
    thresholds: tuple[str, ...],
    **given: Any,
) -> None:
    """Measure PIPELINE on a data set: the version that serves, or any other.

    Figures are given with 95 % intervals over groups, then which label got which answer how often. Captures that the
    model learned from are left out. The report also shows curves, worst mistakes, and where it is wrong.
    """
    app = shell.app(thresholds=thresholds)
    with bars(shell.shows_progress) as progress:
        data = app.data.load(dataset, progress)
        found = app.evaluator.evaluate(pipeline, dataset=data, progress=progress, **given)
    if form == "json":
        show_json(found.to_dict())
    else:
        click.echo("\n".join(lines(found)))
    if out:
        write(out, app.evaluator.report(found, data))
        shell.say(f"The report is {out / 'report.html'}.")
    shell.say(summary(found))


def lines(found: Examination) -> Iterable[str]:
    """All that is shown on a terminal."""
    figures = {name: (i.value, i.low, i.high) for name, i in found.metrics.items()}
    yield from metrics({"all": figures})
    yield ""
    yield from confusion(found.confusion)
    if found.comparison is not None:
        yield ""
        yield from differences(found.comparison)


def differences(found: Comparison) -> Iterable[str]:
    """Metric by metric, by how much the second model differs from the first, and whether that can be chance."""
    rows: list[list[Cell]] = [
        [
            (name, ""),
            (f"{d.a:.3f}", ""),
            (f"{d.b:.3f}", ""),
            (figure((d.difference.value, d.difference.low, d.difference.high)), ""),
            (f"{d.p:.3f}", ""),
            (f"{d.p_worse:.3f}", ""),
        ]
        for name, d in found.metrics.items()
    ]
    return table(["metric", found.a, found.b, "difference", "p", "p worse"], rows)


def summary(found: Examination) -> str:
    """What was measured, and what was left out."""
    counts = {"seen in training": found.seen, "without a label": found.unlabelled, "not readable": found.broken}
    left_out = ", ".join(f"{count:,} {why}" for why, count in counts.items() if count)
    rest = f" Left out: {left_out}." if left_out else ""
    groups = f"{found.groups.total:,} groups"
    return f"{found.model} on {found.dataset}: {found.rows:,} captures in {groups}.{rest}"


def write(folder: Path, documents: Mapping[str, bytes]) -> None:
    """All documents into a folder, each whole or not at all."""
    from .writers import whole_file

    folder.mkdir(parents=True, exist_ok=True)
    for name, content in documents.items():
        with whole_file(folder / name) as file:
            file.write(content)
