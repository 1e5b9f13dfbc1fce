"""A real MLflow server, started by the script that users start, on a free port of 127.0.0.1.

with running_mlflow(home) as url:           # its store lies below the home, as that of a training without server
    MlflowClient(url)
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.postgres import free_port

SCRIPT = Path(__file__).parents[1] / "scripts" / "start_mlflow_tracker.sh"
PATIENCE = 1200  # tries of 0.1 seconds


@contextmanager
def running_mlflow(home: Path) -> Iterator[str]:
    """Start the server, give its URL once it answers, end it with its children."""
    port = free_port()
    environment = {**os.environ, "MULTIMODAL_HOME": str(home), "MLFLOW_PORT": str(port)}
    home.mkdir(parents=True, exist_ok=True)
    with (home / "server.log").open("wb") as log:
        command = [str(SCRIPT)]
        with subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True) as process:
            try:
                wait_for(f"http://127.0.0.1:{port}/health", process, home / "server.log")
                yield f"http://127.0.0.1:{port}"
            finally:
                os.killpg(process.pid, signal.SIGKILL)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers; an error with its log when it ends before."""
    for _ in range(PATIENCE):
        with suppress(URLError, ConnectionError), urlopen(url, timeout=5):
            return
        with suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"The server ended with {process.wait(0.1)}: {log.read_text()}")
    raise AssertionError(f"The server does not answer: {log.read_text()}")
