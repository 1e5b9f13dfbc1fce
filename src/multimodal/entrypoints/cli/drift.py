"""`multimodal drift`: what models see now, beside what they were trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .shell import Json, Shell
from .table import Cell, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...domain.shared.drift import PipelineDrift

HEADER = ("pipeline", "version", "captures", "status", "what moved most")
COLOURS = {"steady": "green", "moved": "yellow", "strongly moved": "red"}
FAILING = {"never": (), "strongly": ("strongly moved",), "moved": ("moved", "strongly moved")}
NAMED = 3
EPILOG = """\
\b
Examples:
  multimodal drift
  multimodal drift blur_sharpness --days 30 --format json
  multimodal drift --days 1 --fail-on strongly

\b
Status of a pipeline, the worst of its features and its score:
  steady          what it sees is what it was trained on, as far as the captures can tell
  moved           population stability index 0.1 above what chance gives
  strongly moved  0.25 above
  too few         fewer than 50 captures
  no reference    a rule as it stands, or a model that is older than this command: train it again
"""


@click.command(epilog=EPILOG, short_help="Which pipeline's inputs moved, and by how much.")
@click.argument("pipeline", required=False)
@click.option("--days", type=click.IntRange(1, 3660), default=7, show_default=True, help="So many days, with today.")
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.option(
    "--fail-on", type=click.Choice(list(FAILING)), default="never", show_default=True, help="Exit with 1 from here on."
)
@click.pass_context
def drift(ctx: click.Context, /, *, pipeline: str | None, days: int, form: str, fail_on: str) -> None:
    """Compare what pipelines saw with what they were trained on: all pipelines, or PIPELINE.

    Counted is what the service and `multimodal assess --store` keep. --fail-on: each grade contains those before it.
    """
    shell: Shell = ctx.obj
    found = shell.app().drift.drift(pipeline, days=days)
    if form == "json":
        import orjson

        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(table(HEADER, [row(one) for one in found])))
    if any(one.status in FAILING[fail_on] for one in found):
        ctx.exit(1)


def row(found: PipelineDrift) -> Sequence[Cell]:
    """One line of the table."""
    version = found.model.partition("@")[2]
    status = (found.status, COLOURS.get(found.status, ""))
    return [(found.pipeline, ""), (version, ""), (f"{found.captures:,}", ""), status, (most(found), "")]


def most(found: PipelineDrift) -> str:
    """What moved most and where to, and the names of what moved besides."""
    if not found.moved:
        return ""
    first, *others = found.moved
    names = [other.name for other in others]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    besides = f"; also {', '.join(names[:NAMED])}{more}" if names else ""
    return f"{first.name}: {first.direction} (PSI {first.psi:.2f}){besides}"
