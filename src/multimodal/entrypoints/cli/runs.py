"""`multimodal runs`: trainings that are kept here, and bringing them to MLflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .shell import Json, Shell
from .table import Cell, table

if TYPE_CHECKING:
    from ...adapters.tracker import KeptRun

HEADER = ("run", "pipeline", "model", "finished", "state", "mlflow")
WAITING = 1  # exit code when something still waits


@click.group(short_help="What was trained, and bringing it to MLflow.")
def runs() -> None:
    """Training runs.

    Each is kept below the home in artifacts/runs, then brought to MLflow: to the server that MLFLOW_TRACKING_URI names,
    else to a SQLite file in the home, which ./scripts/start_mlflow_tracker.sh shows in a browser.
    """


@runs.command("list")
@click.argument("pipeline", default="*")
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def show(shell: Shell, pipeline: str, form: str) -> None:
    """Show all runs that are kept here (of one PIPELINE), oldest first, and whether MLflow has them."""
    tracker = shell.app().tracker
    found = [described(run, local=tracker.mlflow is None) for run in tracker.runs(pipeline)]
    if form == "json":
        import orjson

        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(table(HEADER, [row(run) for run in found])))


@runs.command()
@click.pass_context
def push(ctx: click.Context) -> None:
    """Bring all waiting runs to MLflow; the exit code is 1 when one still waits."""
    shell: Shell = ctx.obj
    tracker = shell.app().tracker
    before = tracker.waiting()
    left = tracker.push()
    if tracker.mlflow is None:
        shell.say("Runs stay here: MULTIMODAL_TRACKING is local.")
    else:
        shell.say(f"{len(before) - len(left)} of {len(before)} waiting runs were brought to MLflow.")
    ctx.exit(WAITING if left else 0)


def described(run: KeptRun, *, local: bool) -> dict[str, Any]:
    """A run as plain values. state: pushed, waiting, or kept (where runs go nowhere else)."""
    facts, pushed = run.read(), run.pushed
    state = "pushed" if pushed else "kept" if local else "waiting"
    return {
        "run": run.id,
        "pipeline": run.pipeline,
        "model": facts["model"],
        "finished": facts["finished"][:19],
        "state": state,
        "mlflow": pushed,
    }


def row(run: dict[str, Any]) -> list[Cell]:
    """One line of the table."""
    there = run["mlflow"] or {}
    colour = {"pushed": "green", "waiting": "yellow"}.get(run["state"], "")
    texts = (run["run"], run["pipeline"], run["model"], run["finished"])
    return [*((text, "") for text in texts), (run["state"], colour), (str(there.get("run", "")), "")]
