"""What remembers training runs.

ModelTracker ... one JSON document a run below a folder: no server, readable by any tool
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from ..core import version as package_version
from ..domain.shared.bundle import Bundle
from ..domain.shared.identity import new_id
from ..domain.shared.ports import Search
from .serialization import plain

log = logging.getLogger(__name__)


class ModelTracker:
    """Keeps each run as `FOLDER/PIPELINE/ID.json`; ids sort by time. A disk that is full never stops a training."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def log_run(self, bundle: Bundle, search: Search | None) -> None:
        """Remember parameters, trials, figures and data of one finished training."""
        target = self.folder / bundle.recipe.name / f"{new_id()}.json"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(orjson.dumps(plain(run_of(bundle, search)), option=orjson.OPT_INDENT_2))
        except OSError as error:
            log.warning("the run of %s was not remembered: %s", bundle.recipe.name, error.strerror)

    def runs(self, pipeline: str) -> list[dict[str, Any]]:
        """All runs of a pipeline, oldest first."""
        return [orjson.loads(path.read_bytes()) for path in sorted((self.folder / pipeline).glob("*.json"))]


def run_of(bundle: Bundle, search: Search | None) -> Mapping[str, Any]:
    """What is worth remembering of a run, as plain values."""
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_by": package_version(),
        "recipe": bundle.recipe.to_dict(),
        "trials": [asdict(trial) for trial in search.trials] if search else [],
        "metrics": bundle.metrics,
        "data": bundle.data,
        "thresholds": bundle.thresholds.to_dict(),
    }
