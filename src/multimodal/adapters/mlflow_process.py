"""Bring a kept run to MLflow in a process of its own.

MLflow takes seconds to import, changes the process that it is in, and waits long for a server that is away. So it works
elsewhere (mlflow_run.py), in an empty folder, and is ended with all that it started when its time is up.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..domain.shared.errors import Conflict, QualityError, TrainingError, Unreachable
from .mlflow_place import VARIABLES, Place, require_mlflow

MODULE = "multimodal.adapters.mlflow_run"
FAILED, AWAY, BUSY = 1, 3, 4  # exit codes of the process
TIME_UP = -999
HIJACKING = ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_REGISTRY_URI")


@dataclass(frozen=True)
class MlflowProcess:
    """How to bring runs to MLflow. timeout: seconds for one run. environment: our own settings for the process."""

    place: Place
    timeout: float = 90.0
    environment: Mapping[str, str] = field(default_factory=dict)

    def push(self, folder: Path) -> None:
        """Bring the run in a folder to MLflow; done already is as good.

        Raises:
            Unreachable: MLflow does not answer, or not in time. MissingExtra: it is not installed.
            Conflict: another process does the same now. TrainingError: it refused; the message says why.
        """
        require_mlflow()
        command = [sys.executable, "-P", "-m", MODULE, str(folder.absolute()), str(self.place.artifacts)]
        with tempfile.TemporaryDirectory(prefix="multimodal-mlflow-", ignore_cleanup_errors=True) as empty:
            code, said = _finished(command, Path(empty), self._variables(), self.timeout)
        if code != 0:
            raise _error(code, said, self)

    def _variables(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in HIJACKING}
        return VARIABLES | kept | dict(self.environment) | {"MLFLOW_TRACKING_URI": self.place.uri}


def _finished(command: list[str], folder: Path, environment: Mapping[str, str], timeout: float) -> tuple[int, str]:
    """Exit code and the last line that it said; `TIME_UP` when it had to be ended."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True
    ) as process:
        try:
            output, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            return TIME_UP, ""
        finally:
            _end(process)
    lines = (output.strip() or errors.strip()).decode(errors="replace").splitlines()
    return process.returncode, lines[-1] if lines else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all that it started, if it is still there."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _error(code: int, said: str, process: MlflowProcess) -> QualityError:
    if code == TIME_UP:
        return Unreachable(f"{process.place} took longer than {process.timeout:g} s.")
    if code == AWAY:
        return Unreachable(f"{process.place} does not answer ({said}).")
    if code == BUSY:
        return Conflict("another process brings it there at this moment.")
    return TrainingError(f"{process.place} did not take it ({said or f'its process ended with {code}'}).")
