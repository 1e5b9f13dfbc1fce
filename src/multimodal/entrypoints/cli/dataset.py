"""`multimodal dataset`: what is in a data set, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .bars import bars
from .figures import show_json
from .shell import Json, Shell
from .table import Cell, printable, shortened, table

if TYPE_CHECKING:
    from ...domain.shared.description import Cluster, Description, Spread, Unusual

MOST_CLUSTERS = 10
NAME = 40
EPILOG = """\
\b
Examples:
  multimodal dataset list
  multimodal dataset show my_photos/
  multimodal dataset show my_good_photos/ --good
  multimodal dataset show s3://bucket/photos/labels.csv --sheet photos.png
"""


@click.group(epilog=EPILOG, short_help="What is in a data set: counts, duplicates, leakage.")
def dataset() -> None:
    """Data sets: folders with one folder a label, manifests (CSV, JSONL, Parquet), YAML files, here or at a URL."""


@dataset.command("list")
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def show_names(shell: Shell, form: str) -> None:
    """Show the data sets that have a name: those of the package and of your configuration folder."""
    names = list(shell.app().data.names())
    show_json(names) if form == "json" else click.echo("\n".join(names))


@dataset.command()
@click.argument("reference")
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.option(
    "--sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.png",
    help="Also write a contact sheet: a few captures of each label.",
)
@click.option("--good", is_flag=True, help="All captures below a folder, which needs no folder a label.")
@click.option("--most", type=click.IntRange(1, 50), default=8, show_default=True, help="Captures a label on the sheet.")
@click.pass_obj
def show(shell: Shell, /, *, reference: str, form: str, sheet: Path | None, good: bool, most: int) -> None:
    """Read all captures of a data set (REFERENCE: name, folder, manifest, YAML or URL) and say what is in it.

    Near-duplicates are found even when they were resized, recompressed, mirrored or turned. They count as one group,
    which training never splits. Groups in more than one split of the data set's own are reported as leakage.
    """
    data = shell.app().data
    with bars(shell.shows_progress) as progress:
        found = (data.good if good else data.load)(reference, progress)
        described = data.describe(found, progress)
        picture = data.contact_sheet(found, most, progress) if sheet else b""
    if form == "json":
        show_json(asdict(described) | {"problems": described.problems})
    else:
        click.echo("\n".join(text(described)))
    if sheet:
        write(sheet, picture)
        shell.say(f"The contact sheet is in {sheet}.")


def text(found: Description) -> Iterator[str]:
    """The description for people."""
    sizes = found.group_sizes
    rows = [
        ("data set", printable(found.name)),
        ("digest", found.digest[:16]),
        ("captures", f"{found.captures:,}" + (f", {len(found.broken):,} of them broken" if found.broken else "")),
        ("groups", f"{found.groups:,}, of {number(sizes.least)} to {number(sizes.most)} captures each"),
    ]
    yield from list(table(["", ""], [[(name, ""), (value, "")] for name, value in rows], bold=False))[1:]
    yield ""
    yield from labels(found)
    yield ""
    yield from spreads({"bytes": found.bytes, **found.info})
    if found.clusters:
        yield ""
        yield from duplicates(found.clusters)
    if found.odd or found.outliers:
        yield ""
        yield from unlike((*found.odd, *found.outliers))
    if found.problems:
        yield ""
        yield from (click.style("! ", fg="yellow") + printable(problem) for problem in found.problems)


def labels(found: Description) -> Iterator[str]:
    """One line a label, one column a split."""
    splits = [split for split in found.splits if len(found.splits) > 1 or split]
    header = ["label", "captures", *(split or "no split" for split in splits)]
    rows: list[list[Cell]] = [
        [
            (printable(label) or "(no label)", ""),
            (f"{count:,}", ""),
            *((f"{found.splits[split].get(label, 0):,}", "") for split in splits),
        ]
        for label, count in found.labels.items()
    ]
    yield from table(header, rows)


def spreads(found: Mapping[str, Spread]) -> Iterator[str]:
    """One line a figure of the captures."""
    rows: list[list[Cell]] = [
        [(printable(name), ""), *((number(value), "") for value in (spread.least, spread.median, spread.most))]
        for name, spread in found.items()
    ]
    yield from table(["", "least", "median", "most"], rows)


def duplicates(clusters: Sequence[Cluster]) -> Iterator[str]:
    """The largest clusters of captures that show the same; those with different labels in colour."""
    rows: list[list[Cell]] = [
        [
            (f"{cluster.captures:,}", ""),
            ("copies" if cluster.same else "near-duplicates", ""),
            (f"{cluster.groups:,}", ""),
            (", ".join(printable(label) or "(no label)" for label in cluster.labels), "yellow" * cluster.disagrees),
            (", ".join(shortened(printable(name), NAME) for name in cluster.names[:3]), ""),
        ]
        for cluster in clusters[:MOST_CLUSTERS]
    ]
    yield from table(["captures", "that are", "groups", "labels", "such as"], rows)
    if len(clusters) > MOST_CLUSTERS:
        yield f"and {len(clusters) - MOST_CLUSTERS:,} more such sets (all in --format json)"


def unlike(found: Sequence[Unusual]) -> Iterator[str]:
    """The captures that are unlike the rest."""
    shown = [[(shortened(printable(each.name), NAME), ""), (printable(each.why), "")] for each in found[:MOST_CLUSTERS]]
    yield from table(["unlike the rest", "why"], shown)
    if len(found) > MOST_CLUSTERS:
        yield f"and {len(found) - MOST_CLUSTERS:,} more (all in --format json)"


def number(value: float) -> str:
    """A number for people.

    >>> number(1234567.0), number(2.5), number(0.01234)
    ('1,234,567', '2.5', '0.0123')
    """
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3g}" if value < 1000 else f"{value:,.1f}"


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    from uuid import uuid4

    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
