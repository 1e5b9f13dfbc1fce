"""The process that brings one kept run to MLflow: `python -m multimodal.adapters.mlflow_run FOLDER ARTIFACTS`.

    push ............. everything of a run, in an order in which an interrupted try can be gone on with
    mlflow_figures.py  what of a run becomes parameters, metrics and tags

A run is tagged with our id, so it is found again: what an earlier try has logged stays, what is missing is added, and
nothing is there twice. The last tag says that all is there; then `pushed.json` is written beside the run.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from ..domain.shared.bundle import Bundle
from ..domain.shared.errors import Conflict, QualityError
from .mlflow_figures import dataset_of, milliseconds, params_of, run_metrics, run_tags, trial_metrics, trial_tags
from .mlflow_place import (
    CHALLENGER,
    LOADER,
    VERSION,
    Place,
    experiment_of,
    is_away,
    open_client,
    requirements,
    signature,
)
from .mlflow_process import AWAY, BUSY, FAILED
from .serialization import read_bundle
from .tracker import PUSHED, KeptRun

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

    from .mlflow_figures import Figure

RUN_ID, COMPLETE, PARENT = "multimodal.run_id", "multimodal.complete", "mlflow.parentRunId"
TRIAL = "multimodal.trial"
PRAGMAS = ("busy_timeout=20000", "journal_mode=WAL", "synchronous=NORMAL")
LARGEST_EXAMPLE = 8 * 2**20  # bytes; MLflow writes it twice, as base64
MOST_METRICS, MOST_WORDS = 800, 100  # in one request


@dataclass(frozen=True)
class Visit:
    """One run on its way to one experiment."""

    client: MlflowClient
    place: Place
    kept: KeptRun
    bundle: Bundle
    facts: Mapping[str, Any]
    experiment: str

    @classmethod
    def begin(cls, kept: KeptRun, place: Place) -> Visit:
        """Read the run, reach MLflow, find or make the experiment."""
        (folder,) = (kept.folder / "model").iterdir()
        bundle = read_bundle(folder)
        client = open_client(place)
        return cls(client, place, kept, bundle, kept.read(), experiment_of(client, place, bundle.recipe.name))

    @property
    def finished(self) -> int:
        """When the training ended: every figure's time, so that one which is logged again is the same one."""
        return milliseconds(self.facts["finished"])


def push(visit: Visit) -> dict[str, Any]:
    """Log all of a run that is not there yet, and answer where it is."""
    run = earlier(visit) or created(visit)
    if run.data.tags.get(COMPLETE) != "true":
        run_id = run.info.run_id
        log_all(visit, run_id, run_metrics(visit.bundle, visit.facts), params=params_of(visit.bundle, visit.facts))
        log_trials(visit, run_id)
        visit.client.log_inputs(run_id, datasets=[dataset_of(visit.bundle, visit.facts)])
        if (documents := visit.kept.folder / "documents").is_dir():
            visit.client.log_artifacts(run_id, str(documents))
        version = log_model(visit, run_id)
        log_all(visit, run_id, tags={"multimodal.model_version": version, COMPLETE: "true"})
        visit.client.set_terminated(run_id, end_time=visit.finished)
        run = visit.client.get_run(run_id)
    return {
        "uri": visit.place.public,
        "experiment": visit.experiment,
        "run": run.info.run_id,
        "version": run.data.tags["multimodal.model_version"],
    }


def earlier(visit: Visit) -> Run | None:
    """The run as an earlier try has left it."""
    found = visit.client.search_runs([visit.experiment], f"tags.`{RUN_ID}` = '{visit.kept.id}'")
    return next(iter(found), None)


def created(visit: Visit) -> Run:
    """A new run that began when the training began."""
    tags = run_tags(visit.bundle, visit.facts) | {RUN_ID: visit.kept.id}
    started = visit.facts["started"]
    name = f"{visit.bundle.recipe.name} {started[:16].replace('T', ' ')}"
    return visit.client.create_run(visit.experiment, milliseconds(started), tags, name)


def log_trials(visit: Visit, parent: str) -> None:
    """The search's trials as nested runs; one that an earlier try has left half done is made anew."""
    there = dict(nested(visit, parent))
    for trial in visit.facts["trials"]:
        known = there.get(str(trial["number"]))
        if known is not None and known.info.status == "FINISHED":
            continue
        if known is not None:
            visit.client.delete_run(known.info.run_id)
        log_trial(visit, parent, trial)


def nested(visit: Visit, parent: str) -> Iterator[tuple[str, Run]]:
    """The nested runs that are there, by the number of their trial."""
    token = None
    while True:
        page = visit.client.search_runs([visit.experiment], f"tags.`{PARENT}` = '{parent}'", page_token=token)
        yield from ((run.data.tags.get(TRIAL, ""), run) for run in page)
        if not (token := page.token):
            return


def log_trial(visit: Visit, parent: str, trial: Mapping[str, Any]) -> None:
    """One trial: when it ran, its values, its score and the score of each fold."""
    started = milliseconds(trial["started"] or visit.facts["started"])
    ended = started + round(1000 * trial["seconds"])
    tags = {PARENT: parent, **trial_tags(trial)}
    run = visit.client.create_run(visit.experiment, started, tags, f"trial {trial['number']}")
    log_all(visit, run.info.run_id, trial_metrics(trial), params=trial["values"], time=ended)
    visit.client.set_terminated(run.info.run_id, end_time=ended)


def log_all(
    visit: Visit,
    run_id: str,
    metrics: Iterable[Figure] = (),
    *,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    time: int | None = None,
) -> None:
    """Metrics, parameters and tags in as few requests as MLflow allows."""
    from mlflow.entities import Metric, Param, RunTag

    moment = visit.finished if time is None else time
    figures = [Metric(f.name, f.value, moment, f.step) for f in metrics]
    words = [Param(key, str(value)) for key, value in (params or {}).items()]
    marks = [RunTag(key, value) for key, value in (tags or {}).items()]
    while figures or words or marks:
        visit.client.log_batch(run_id, figures[:MOST_METRICS], words[:MOST_WORDS], marks[:MOST_WORDS])
        figures, words, marks = figures[MOST_METRICS:], words[MOST_WORDS:], marks[MOST_WORDS:]


def log_model(visit: Visit, run_id: str) -> str:
    """The bundle as a model of the run and as a registered version; the version's number.

    A version with this content may be there already: from an earlier try, or from the model store.
    """
    known = registered(visit)
    if known is not None and known.run_id == run_id:
        return challenging(visit, known.version)
    forget_half_logged(visit, run_id)
    import mlflow

    mlflow.set_tracking_uri(visit.place.uri)
    mlflow.set_registry_uri(visit.place.uri)
    mlflow.set_experiment(experiment_id=visit.experiment)
    name = visit.bundle.recipe.name
    (folder,) = (visit.kept.folder / "model").iterdir()
    with mlflow.start_run(run_id):
        info = mlflow.pyfunc.log_model(
            name="model",
            loader_module=LOADER,
            data_path=str(folder),
            signature=signature(),
            input_example=example(visit.kept.folder / "examples"),
            pip_requirements=requirements(),
            registered_model_name=name if known is None else None,
            tags={VERSION: visit.bundle.version},
        )
    return challenging(visit, info.registered_model_version) if known is None else str(known.version)


def challenging(visit: Visit, version: Any) -> str:
    """Make a version the challenger; its number."""
    visit.client.set_registered_model_alias(visit.bundle.recipe.name, CHALLENGER, str(version))
    return str(version)


def forget_half_logged(visit: Visit, run_id: str) -> None:
    """Delete models that an interrupted try has left."""
    for model in visit.client.search_logged_models([visit.experiment], f"source_run_id = '{run_id}'"):
        visit.client.delete_logged_model(model.model_id)


def registered(visit: Visit) -> Any:
    """The registered version with the bundle's content, if there is one."""
    wanted = f"name = '{visit.bundle.recipe.name}' AND tags.`{VERSION}` = '{visit.bundle.version}'"
    return next(iter(visit.client.search_model_versions(wanted)), None)


def example(folder: Path) -> list[bytes] | None:
    """The run's first example that is not too large to be shown, as a model takes it."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return next(([file.read_bytes()] for file in files if file.stat().st_size <= LARGEST_EXAMPLE), None)


def hurry_sqlite() -> None:
    """Let MLflow's SQLite file write ahead: a commit waits for no disk, and a server reads while we write."""
    from sqlalchemy import Engine, event

    @event.listens_for(Engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")


def exclusive(folder: Path) -> None:
    """Refuse to work on a run that another process works on, until this one ends (where the system has such locks)."""
    try:
        import fcntl
    except ImportError:
        return
    lock = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Conflict("Another process brings this run to MLflow.") from error


def main(arguments: list[str]) -> int:
    """Bring the run there; the exit code, and for a failure its reason on stdout."""
    folder, artifacts = arguments
    kept = KeptRun(Path(folder))
    logging.basicConfig(level=logging.WARNING)
    try:
        exclusive(kept.folder)
        hurry_sqlite()
        if kept.pushed is None:
            there = push(Visit.begin(kept, Place(os.environ["MLFLOW_TRACKING_URI"], Path(artifacts))))
            part = kept.folder / f"{PUSHED}.part"
            part.write_bytes(orjson.dumps(there, option=orjson.OPT_INDENT_2))
            part.replace(kept.folder / PUSHED)
    except Conflict:
        return BUSY
    except QualityError as error:
        return told(error, FAILED)
    except Exception as error:  # whatever MLflow raises: the run waits, and the reason is told
        logging.getLogger(__name__).debug("the run was not logged", exc_info=error)
        return told(error, AWAY if is_away(error) else FAILED)
    return 0


def told(error: Exception, code: int) -> int:
    """The exit code, after the reason was said in one short line."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    sys.stdout.write(f"{line[:300]}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
