"""`multimodal jobs`: trainings and evaluations that a service was asked for."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import click

from .shell import Json, Shell
from .table import Cell, printable, table

if TYPE_CHECKING:
    from ...bootstrap import App
    from ...domain.shared.jobs import Job

STATES = ("queued", "running", "done", "failed", "cancelled")
COLOURS = {"done": "green", "failed": "red", "cancelled": "yellow"}
HEADER = ("id", "kind", "pipeline", "state", "progress", "created", "outcome")
PAUSE = 1.0  # seconds between two looks for a job
PATIENCE = 0.5  # seconds for a service that just looks whether a runner is there


@click.group(short_help="Trainings and evaluations that a service was asked for.")
def jobs() -> None:
    """Jobs are asked for with POST /v1/jobs; a process of its own runs them, one after the other."""


@jobs.command()
@click.option("--forever", is_flag=True, help="When all are done, wait for more, until a signal comes.")
@click.option("--nice", type=click.IntRange(0, 19), default=0, metavar="N", help="Leave the cores to others: 0 to 19.")
@click.pass_obj
def run(shell: Shell, forever: bool, nice: int) -> None:
    """Run the jobs that wait, until none is left.

    A service starts this by itself. At most one runs in a home; another one ends at once, or waits for its turn with
    --forever. Ctrl-C and TERM put the job at hand back, and the next run goes on with its search.
    """
    app = prepared(shell, nice)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    pause = threading.Event()
    while run_in_turn(app, pause if forever else None) or forever:
        if not (forever or app.jobs.has_work("")):
            break
        pause.wait(PAUSE if forever else 0)


def prepared(shell: Shell, nice: int) -> App:
    """The application in a process that works in the background; its log is that of a service."""
    from ...adapters.logger import configure_logging
    from ...adapters.machine import settle
    from ...bootstrap import bootstrap

    if nice and hasattr(os, "nice"):
        os.nice(nice)
    settings = shell.settings()
    folder = settings.folders.logs if settings.log_to_file else None
    configure_logging(settings.log_level, settings.log_format, folder)
    settle()
    return bootstrap(settings)


def run_in_turn(app: App, pause: threading.Event | None) -> bool:
    """Run what waits (with a pause: and what is yet to come), unless another process does; whether it was our turn.

    Who asks for a job just when its runner has seen that none is left finds the place taken, and starts no other. So
    the caller looks once more when the place is free.
    """
    from ...adapters.only_one import only_one

    with only_one(app.settings.folders.runner, PATIENCE) as place:
        if place is None:
            return False
        app.jobs.work(f"{place}/{os.getpid()}")
        while pause is not None:
            pause.wait(PAUSE)
            if app.jobs.has_work(place):
                app.jobs.work(f"{place}/{os.getpid()}")
    return True


@jobs.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="The newest ones.")
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def list_jobs(shell: Shell, /, form: str, **wanted: Any) -> None:
    """Show jobs, newest first."""
    from ...domain.shared.jobs import JobQuery

    found = shell.app().jobs.find(JobQuery(**wanted)).items
    write(found) if form == "json" else click.echo("\n".join(table(HEADER, [row(job) for job in found])))


@jobs.command()
@click.argument("id")
@click.pass_obj
def show(shell: Shell, id: str) -> None:
    """Show one job with its result, as JSON."""
    write(shell.app().jobs.get(id))


@jobs.command()
@click.argument("id")
@click.pass_obj
def cancel(shell: Shell, id: str) -> None:
    """Cancel a job. One that runs stops at its next step; what its search has tried is kept."""
    job = shell.app().jobs.cancel(id)
    shell.say(f"{job.id} {'is told to stop' if job.cancelling else 'is cancelled'}.")


def write(found: Any) -> None:
    """Jobs as JSON on stdout."""
    import orjson

    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))


def row(job: Job) -> list[Cell]:
    """One line of the table."""
    step, created = job.progress, job.created.isoformat(" ", "seconds")
    progress = f"{step.what} {step.done}/{step.total}" if step and not job.is_over else ""
    outcome = job.error.message if job.error else str((job.result or {}).get("model", ""))
    texts = (job.id, job.kind, str(job.arguments.get("pipeline", "")))
    state = "stopping" if job.cancelling else job.state
    rest = ((printable(text), "") for text in (progress, created, outcome))
    return [*((text, "") for text in texts), (state, COLOURS.get(job.state, "")), *rest]
