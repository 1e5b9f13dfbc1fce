"""What remembers training runs.

ModelTracker ... one JSON document a run below a folder: no server, readable by any tool
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from ..core import version as package_version
from ..domain.shared.ports import TrainingRun
from .serialization import plain

log = logging.getLogger(__name__)


class ModelTracker:
    """Keeps each run as `FOLDER/PIPELINE/ID.json`; ids sort by time. A disk that is full never stops a training."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def log_run(self, run: TrainingRun) -> None:
        """Remember parameters, trials, figures and data of one finished training."""
        name = run.bundle.recipe.name
        target = self.folder / name / f"{run.id}.json"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(orjson.dumps(plain(run_of(run)), option=orjson.OPT_INDENT_2))
        except OSError as error:
            log.warning("the run of %s was not remembered: %s", name, error.strerror)

    def waiting(self) -> Sequence[str]:
        """Nothing waits: a run belongs here."""
        return ()

    def push(self) -> Sequence[str]:
        """Nothing to do."""
        return ()

    def runs(self, pipeline: str) -> list[dict[str, Any]]:
        """All runs of a pipeline, oldest first."""
        return [orjson.loads(path.read_bytes()) for path in sorted((self.folder / pipeline).glob("*.json"))]


def run_of(run: TrainingRun) -> Mapping[str, Any]:
    """What is worth remembering of a run, as plain values."""
    bundle, search = run.bundle, run.search
    return {
        "started": run.started.isoformat(timespec="seconds"),
        "finished": run.finished.isoformat(timespec="seconds"),
        "made_by": package_version(),
        "model": str(bundle.ref),
        "recipe": bundle.recipe.to_dict(),
        "trials": [asdict(trial) | {"started": str(trial.started)} for trial in search.trials] if search else [],
        "metrics": bundle.metrics,
        "data": bundle.data,
        "thresholds": bundle.thresholds.to_dict(),
    }
