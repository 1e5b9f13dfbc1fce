"""Starts the process that runs jobs: `multimodal jobs run`, of low priority, apart from the service.

Training shares no interpreter with serving, and outlives a restart of the service. One process runs in a home at a
time, whoever started it; a runner that vanished is missed whenever somebody asks for a job, asks how far one is, or
starts the service.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from ...adapters.machine import ENVIRONMENT
from ...adapters.only_one import only_one
from ...config.config import Settings, as_environment
from ...domain.shared.errors import QualityError
from ...service.job_service import JobService

log = logging.getLogger(__name__)
NICENESS = 10
PENALTY = 3.0  # seconds until the next try after a runner that failed
COMMAND = (sys.executable, "-P", "-m", "multimodal", "jobs", "run", "--nice", str(NICENESS))


class Runner:
    """The runner of a home, as one of the serving processes sees it. Safe to share between threads."""

    def __init__(self, settings: Settings, jobs: JobService) -> None:
        self.settings = settings
        self.jobs = jobs
        self.lock = threading.Lock()  # of the two that follow
        self.is_ours = False
        self.not_before = 0.0

    def wake(self) -> None:
        """Make sure that somebody runs the jobs that wait, if any do and this service takes jobs."""
        with self.lock:
            may = self.settings.jobs and not self.is_ours and time.monotonic() >= self.not_before
            if may and self._is_missed():
                self._start()

    def _is_missed(self) -> bool:
        with only_one(self.settings.folders.runner) as place:
            return place is not None and self.jobs.has_work(place)

    def _start(self) -> None:
        environment = ENVIRONMENT | dict(os.environ) | as_environment(self.settings)
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(COMMAND, env=environment, stdin=nothing, stdout=nothing, **apart())
        self.is_ours = True
        log.info("process %d runs the jobs that wait", process.pid)
        threading.Thread(target=self._see_off, args=(process,), name="runner", daemon=True).start()

    def _see_off(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for its end, and look again: a job may have come while it was about to end."""
        code = process.wait()
        with self.lock:
            self.is_ours = False
            if code:
                log.error("the runner of jobs ended with code %d; its log may say why", code)
                self.not_before = time.monotonic() + PENALTY
        try:
            self.wake()
        except QualityError as error:
            log.warning("nobody looked for waiting jobs: %s", error)


def apart() -> Mapping[str, Any]:
    """What makes a new process independent of this one's terminal and signals."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
        return {"creationflags": flags | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {"start_new_session": True}
