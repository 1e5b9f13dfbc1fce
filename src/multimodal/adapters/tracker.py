"""What remembers training runs.

ModelTracker ... each run first as a folder here, then in MLflow
KeptRun ........ such a folder
write_run ...... a run -> FOLDER/PIPELINE/ID/, whole or not at all

run.json ....... all that is known of the run, for any tool
model/VERSION/ . the bundle (see serialization.py)
documents/ ..... reports and plots
examples/ ...... captures as the model takes them
pushed.json .... there once MLflow has all of it: where, and under which names
"""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from ..core import version as package_version
from ..domain.shared.errors import QualityError, Unreachable
from ..domain.shared.ports import Search, TrainingRun, Trial
from .mlflow_process import MlflowProcess
from .serialization import plain, write_bundle
from .surroundings import surroundings

log = logging.getLogger(__name__)
RUN, PUSHED = "run.json", "pushed.json"
DOCUMENT = re.compile(r"\w[\w. \-]*(/\w[\w. \-]*)*", re.ASCII)


@dataclass(frozen=True)
class KeptRun:
    """A run as it is kept here. Its folder is named after its id, and lies in one named after its pipeline."""

    folder: Path

    @property
    def id(self) -> str:
        """The run's id; ids sort by time."""
        return self.folder.name

    @property
    def pipeline(self) -> str:
        """What was trained."""
        return self.folder.parent.name

    @property
    def pushed(self) -> Mapping[str, Any] | None:
        """Where it is in MLflow (uri, experiment, run, version); None while it waits."""
        try:
            return dict(orjson.loads((self.folder / PUSHED).read_bytes()))
        except FileNotFoundError:
            return None

    def read(self) -> dict[str, Any]:
        """All that is known of it."""
        return dict(orjson.loads((self.folder / RUN).read_bytes()))


class ModelTracker:
    """Keeps runs in a folder and brings them to MLflow; without `mlflow` they only stay here.

    Whatever happens to MLflow, a training goes on and its run is kept: a warning says so.
    """

    def __init__(self, folder: Path, mlflow: MlflowProcess | None = None) -> None:
        self.folder = folder
        self.mlflow = mlflow

    def log_run(self, run: TrainingRun) -> None:
        """Remember one finished training here, then in MLflow if it answers."""
        try:
            kept = write_run(run, self.folder)
        except OSError as error:
            log.warning("the run of %s was not remembered: %s", run.bundle.recipe.name, error.strerror)
            return
        self._push([kept])

    def waiting(self) -> Sequence[str]:
        """Ids of runs that MLflow does not have yet, oldest first."""
        return tuple(kept.id for kept in self._waiting())

    def push(self) -> Sequence[str]:
        """Bring waiting runs to MLflow; the ids of those that still wait."""
        self._push(self._waiting())
        return self.waiting()

    def runs(self, pipeline: str = "*") -> list[KeptRun]:
        """All runs that are kept here (of one pipeline), oldest first."""
        return sorted((KeptRun(path.parent) for path in self.folder.glob(f"{pipeline}/*/{RUN}")), key=lambda r: r.id)

    def _waiting(self) -> list[KeptRun]:
        return [kept for kept in self.runs() if kept.pushed is None] if self.mlflow else []

    def _push(self, runs: Sequence[KeptRun]) -> None:
        """One after the other; when MLflow is away, it is so for the others too."""
        for kept in runs if self.mlflow else ():
            assert self.mlflow is not None
            try:
                self.mlflow.push(kept.folder)
            except (QualityError, OSError) as error:
                log.warning(
                    "the run %s of %s is kept here, but not in MLflow: %s `multimodal runs push` tries again.",
                    *(kept.id, kept.pipeline, error),
                )
                if isinstance(error, Unreachable):
                    return


def write_run(run: TrainingRun, root: Path) -> KeptRun:
    """Keep a run as `ROOT/PIPELINE/ID/`; a folder of this name is whole."""
    folder = root / run.bundle.recipe.name
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as temporary:
        fresh = Path(temporary) / run.id
        write_bundle(run.bundle, fresh / "model")
        for name, data in {**_documents(run), **_examples(run)}.items():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).write_bytes(data)
        (fresh / RUN).write_bytes(orjson.dumps(plain(run_of(run)), option=orjson.OPT_INDENT_2, default=str))
        target = folder / run.id
        if target.exists():  # the same run once more: the newer word counts
            shutil.rmtree(target)
        fresh.rename(target)
    return KeptRun(target)


def _documents(run: TrainingRun) -> dict[str, bytes]:
    odd = [name for name in run.documents if not DOCUMENT.fullmatch(name)]
    if odd:
        log.warning("the run of %s has documents with names that no file can have: %s", run.bundle.recipe.name, odd)
    return {f"documents/{name}": data for name, data in run.documents.items() if name not in odd}


def _examples(run: TrainingRun) -> dict[str, bytes]:
    return {str(PurePosixPath("examples", f"{number:03d}")): data for number, data in enumerate(run.examples)}


def run_of(run: TrainingRun) -> Mapping[str, Any]:
    """What is worth remembering of a run, as plain values."""
    bundle = run.bundle
    return {
        "id": run.id,
        "started": run.started.isoformat(),
        "finished": run.finished.isoformat(),
        "made_by": package_version(),
        "model": str(bundle.ref),
        "source": run.source,
        "recipe": bundle.recipe.to_dict(),
        **search_of(run.search),
        "metrics": bundle.metrics,
        "data": bundle.data,
        "thresholds": bundle.thresholds.to_dict(),
        "surroundings": surroundings(),
    }


def search_of(search: Search | None) -> dict[str, Any]:
    """The best trial's number, and all trials."""
    if search is None:
        return {"best": None, "trials": []}
    return {"best": search.best.number, "trials": [_trial(trial) for trial in search.trials]}


def _trial(trial: Trial) -> dict[str, Any]:
    return asdict(trial) | {"started": trial.started.isoformat() if trial.started else None}
