"""`serve` as a process of its own: ready line, signals, replacement under load, crashes, exit codes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.load import Load, Outcome, post
from multimodal.config.config import Settings, as_environment
from multimodal.domain.shared.errors import ConfigError
from multimodal.entrypoints.api import server

SCRIPT = """
import sys
from multimodal.config.config import load_settings
from multimodal.entrypoints.api.server import serve
sys.exit(serve(load_settings()))
"""
LONG = 60.0


class Served:
    """A service in processes of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        assert process.stdout is not None
        while not self.lines or "Try:" not in self.lines[-1]:
            line = process.stdout.readline()
            assert line, f"it ended with {process.wait()}"
            self.lines.append(line)
        found = re.search(r"Ready: (http://([\d.]+):(\d+))", "".join(self.lines))
        assert found
        self.url, self.address = found[1], (found[2], int(found[3]))

    def workers(self) -> set[int]:
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True)
        return {int(pid) for pid in listed.stdout.split()}

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(LONG)


@contextmanager
def served(home: Path, workers: int = 2, **more: Any) -> Iterator[Served]:
    settings = Settings(home=home, workers=workers, api_port=0, log_level="WARNING", **more)
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        env=dict(os.environ) | as_environment(settings),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Served(process)
    finally:
        process.kill()
        process.wait(LONG)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


def eventually(true: Callable[[], bool]) -> None:
    """Wait for something that other processes do."""
    patience = threading.Event()
    for _ in range(int(LONG / 0.05)):
        if true():
            return
        patience.wait(0.05)
    raise AssertionError("it never came true")


def loaded(service: Served, photo: bytes, until: Callable[[float], bool], clients: int = 8) -> Outcome:
    return Load(service.address, [post("/v1/assessments", photo)], clients).run(until)


@pytest.fixture(scope="module")
def service(home: Path) -> Iterator[Served]:
    """One service for all tests that leave it as healthy as they found it."""
    with served(home) as service:
        yield service
        assert service.end() == 0


def test_the_ready_line_comes_when_every_worker_answers_and_the_line_to_try_works(service, photo):
    assert service.lines[-1] == f"Try:   curl --data-binary @PHOTO {service.url}/v1/assessments\n"
    assert httpx.get(f"{service.url}/health/ready").status_code == 200
    assert len(service.workers()) == 2
    assert httpx.post(f"{service.url}/v1/assessments", content=photo).status_code == 201


def test_what_one_worker_stored_every_worker_finds(service, photo):
    made = httpx.post(f"{service.url}/v1/assessments", content=photo)
    found = {httpx.get(service.url + made.headers["Location"]).text for _ in range(8)}
    assert found == {made.text}


def test_no_request_is_lost_while_workers_are_replaced(service, photo):
    old = service.workers()
    service.process.send_signal(signal.SIGHUP)
    outcome = loaded(service, photo, lambda passed: passed > LONG or not service.workers() & old)
    assert not service.workers() & old
    assert len(service.workers()) == 2
    assert outcome.failures == []
    assert outcome.statuses.keys() <= {201, 503}
    assert outcome.accepted > 0


def test_no_request_is_lost_when_a_worker_itself_is_told_to_stop(service, photo):
    one = min(service.workers())
    os.kill(one, signal.SIGTERM)
    outcome = loaded(service, photo, lambda passed: passed > LONG or one not in service.workers())
    assert one not in service.workers()
    assert outcome.failures == []


def test_a_worker_that_crashes_is_replaced(service):
    one = min(service.workers())
    os.kill(one, signal.SIGKILL)
    eventually(lambda: one not in service.workers() and len(service.workers()) == 2)
    eventually(lambda: httpx.get(f"{service.url}/health/ready").status_code == 200)


def test_requests_in_flight_are_answered_before_the_end(home, photo):
    with served(home) as service:
        codes: list[int] = []

        def stop_soon(passed: float) -> bool:
            if passed > 0.5 and not codes:
                service.process.send_signal(signal.SIGTERM)
                codes.append(0)
            return passed > 1.0

        outcome = loaded(service, photo, stop_soon)
        assert service.process.wait(LONG) == 0
        refused = [failure for failure in outcome.failures if "ConnectionRefusedError" not in failure]
        assert refused == []


def test_workers_end_when_their_parent_dies(home):
    with served(home) as service:
        workers = service.workers()
        service.process.kill()
        service.process.wait(LONG)
        eventually(lambda: not any(is_running(pid) for pid in workers))


def is_running(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")


def test_a_second_signal_kills(home, photo):
    with served(home, workers=1) as service, httpx.Client(base_url=service.url) as client:
        client.get("/health/live")
        for pid in service.workers():
            os.kill(pid, signal.SIGSTOP)
        service.process.send_signal(signal.SIGINT)
        eventually(lambda: not listens(service.address))
        assert service.end(signal.SIGINT) == 130


def listens(address: tuple[str, int]) -> bool:
    try:
        httpx.get(f"http://{address[0]}:{address[1]}/health/live", timeout=0.2)
    except httpx.ConnectError:
        return False
    except httpx.HTTPError:
        return True
    return True


def test_a_service_that_cannot_start_says_so_and_exits_with_1(tmp_path):
    nothing = Settings(home=tmp_path, workers=2, api_port=0, database_url="nonsense://")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=dict(os.environ) | as_environment(nothing),
        capture_output=True,
        timeout=LONG,
    )
    assert done.returncode == 1
    assert b"before it was ready" in done.stderr


def test_a_port_in_use_is_an_error_that_says_what_to_do():
    with server.bind(Settings(api_port=0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ConfigError, match=f"127.0.0.1:{port} cannot be served: another program has the port"):
            server.bind(Settings(api_port=port))


def test_an_address_of_another_machine_is_an_error_that_says_what_to_do():
    with pytest.raises(ConfigError, match="this machine does not have the address"):
        server.bind(Settings(api_host="192.0.2.1"))
    with pytest.raises(ConfigError, match="is no address"):
        server.bind(Settings(api_host="no such host"))


def test_who_listens_everywhere_is_called_here():
    with server.bind(Settings(api_host="0.0.0.0", api_port=0)) as listener:
        assert server.url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
