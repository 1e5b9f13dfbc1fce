"""`multimodal pipelines`: what can be assessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .shell import Json, Shell
from .table import Cell, table

if TYPE_CHECKING:
    from ...service.quality_assessment_service import PipelineInfo

HEADER = ("name", "property", "kind", "labels", "decides", "model", "status", "summary")


@click.command(short_help="What can be assessed, and by which models.")
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def pipelines(shell: Shell, form: str) -> None:
    """Show all pipelines: the models that judge, each with its property and the labels it can give.

    A pipeline that `decides` speaks in the verdict; an untrained one answers nothing until `multimodal train`.
    """
    found = shell.app().assessor.pipelines()
    if form == "json":
        import orjson

        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(table(HEADER, [row(info) for info in found])))
    for info in found:
        if info.reason:
            shell.say(info.reason)


def row(info: PipelineInfo) -> list[Cell]:
    """One line of the table."""
    labels = ", ".join(info.labels)
    decides = "yes" if info.decides else ""
    colour = "green" if info.status == "ready" else "yellow"
    version = info.model.partition("@")[2]
    texts = (info.name, info.property, info.kind, labels, decides, version)
    return [*((text, "") for text in texts), (info.status, colour), (info.summary, "")]
