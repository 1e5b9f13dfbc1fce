"""What the HTTP API costs, in one run: its rate as a share of the same work in a plain loop, latency, lost requests.

    python -m benchmarks.api [--seconds 4] [--rounds 5] [--replacements 20]

loop ...... decode and all pipelines over the files in memory, one process a core; no server, nothing stored
raw ....... POST /v1/assessments, 32 clients; every answer is stored before it is sent
base64 .... POST /predict_image/, 32 clients
unloaded .. one client, raw: its p99
overload .. 64 clients, raw: p99 of what is accepted, share refused
replaced .. 16 clients, raw, while workers are replaced: requests that got no answer

The sides take turns, some seconds each (a crowd needs one until those who were refused are spread out), and the load
generator shares the cores. The loop has the server's allocator settings and thread limits. Ratios are medians over the
rounds. CPU milliseconds a request say where the time goes; on a machine that does other things as well, they are the
steadier measure (`by CPU`: the loop's, over those of all others).
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2

from benchmarks.load import Load, Outcome, for_seconds, post
from multimodal.adapters.machine import ENVIRONMENT
from multimodal.config.config import as_environment, load_settings, usable_cores

SIZES = {"640x480": (640, 480), "1920x1080": (1920, 1080)}
SHOWN = ("astronaut", "coffee", "chelsea", "rocket", "china", "flower")
QUALITY = 90
CLIENTS = 32
SERVE = """
import sys
from multimodal.config.config import load_settings
from multimodal.entrypoints.api.server import serve
sys.exit(serve(load_settings()))
"""
TICKS = os.sysconf("SC_CLK_TCK")


def photos(size: tuple[int, int]) -> list[bytes]:
    """Photographs of scikit-image and scikit-learn as JPEG files of one size."""
    from multimodal.domain.image.photos import SHARP

    pictures = [cv2.resize(SHARP[name].pixels(), size, interpolation=cv2.INTER_CUBIC) for name in SHOWN]
    options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    return [cv2.imencode(".jpg", cv2.cvtColor(p, cv2.COLOR_RGB2BGR), options)[1].tobytes() for p in pictures]


class Loops:
    """One process a core that does the work in a plain loop whenever it is told to."""

    def __init__(self, folder: Path, home: Path, cores: int) -> None:
        env = ENVIRONMENT | dict(os.environ) | as_environment(load_settings(home=home, workers=1))
        command = [sys.executable, "-m", "benchmarks.api", "--loop", str(folder)]
        self.processes = [
            subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(cores)
        ]
        for process in self.processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"

    def rate(self, seconds: float) -> tuple[float, float]:
        """Captures a second of all processes together, and CPU milliseconds that one capture costs."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write(f"{seconds}\n")
            process.stdin.flush()
        answers = [process.stdout.readline().split() for process in self.processes if process.stdout]
        rates, costs = zip(*(map(float, answer) for answer in answers), strict=True)
        return sum(rates), statistics.mean(costs)

    def close(self) -> None:
        for process in self.processes:
            process.communicate()


def loop(folder: Path) -> None:
    """Be one of the processes of `Loops`."""
    cv2.setNumThreads(1)
    from multimodal.bootstrap import bootstrap
    from multimodal.domain.shared.sample import Capture

    app = bootstrap(load_settings())
    app.assessor.warm_up()
    captures = [Capture(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    for capture in captures:
        app.assessor.assess(capture)
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, done, began, used = float(line), 0, time.perf_counter(), time.process_time()
        while (passed := time.perf_counter() - began) < seconds:
            app.assessor.assess(captures[done % len(captures)])
            done += 1
        print(done / passed, 1000 * (time.process_time() - used) / done, flush=True)


class Service:
    """`serve` in processes of its own."""

    def __init__(self, process: subprocess.Popen[str], address: tuple[str, int]) -> None:
        self.process = process
        self.address = address

    def under_load(self, requests: Sequence[bytes], clients: int, until: Callable[[float], bool]) -> Outcome:
        return Load(self.address, requests, clients).run(until)

    def cpu(self) -> float:
        """CPU seconds that the parent and its workers have used."""
        stats = [
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            for pid in self.workers() | {self.process.pid}
        ]
        return sum(int(fields[11]) + int(fields[12]) for fields in stats) / TICKS

    def workers(self) -> set[int]:
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True)
        return {int(pid) for pid in listed.stdout.split()}


@contextmanager
def served(home: Path, cores: int) -> Iterator[Service]:
    env = dict(os.environ) | as_environment(load_settings(home=home, workers=cores, api_port=0, log_level="WARNING"))
    process = subprocess.Popen([sys.executable, "-c", SERVE], env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://([\d.]+):(\d+)", process.stdout.readline())
        assert found, "the service did not start"
        yield Service(process, (found[1], int(found[2])))
    finally:
        process.terminate()
        process.wait(60)


def as_json(photo: bytes) -> bytes:
    return json.dumps({"image": base64.b64encode(photo).decode()}).encode()


@dataclass(frozen=True)
class Side:
    """One way to do the work: captures a second, CPU milliseconds of one capture in the server and in the client."""

    rate: float
    server: float
    client: float = 0.0

    def __str__(self) -> str:
        return f"{self.rate:5.0f}/s {self.server:5.1f} + {self.client:3.1f} ms"

    def share(self, loop: Side) -> tuple[float, float]:
        """Of the loop: by the clock, and by CPU."""
        return self.rate / loop.rate, loop.server / (self.server + self.client)


def measured(service: Service, requests: Sequence[bytes], seconds: float) -> Side:
    """One side of the service, under load."""
    server, client = service.cpu(), time.process_time()
    outcome = service.under_load(requests, CLIENTS, for_seconds(seconds))
    assert not outcome.failures, outcome.failures
    server, client = service.cpu() - server, time.process_time() - client
    return Side(outcome.rate, 1000 * server / outcome.accepted, 1000 * client / outcome.accepted)


def shares(service: Service, files: Sequence[bytes], loops: Loops, seconds: float, rounds: int) -> None:
    """Print the rate and the costs of each side, and its share of the loop."""
    sides = {
        "raw": [post("/v1/assessments", file) for file in files],
        "base64": [post("/predict_image/", as_json(file), "application/json") for file in files],
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for _ in range(rounds):
        loop = Side(*loops.rate(seconds))
        row = f"    loop {loop}"
        for name, requests in sides.items():
            side = measured(service, requests, seconds)
            found[name].append(side.share(loop))
            row += f"    {name} {side}"
        print(row)
    for name, wanted in (("raw", "at least .75, goal .85"), ("base64", "at least .70")):
        clock, cpu = (statistics.median(values) for values in zip(*found[name], strict=True))
        print(f"  {name:6} {clock:.2f} of the loop ({wanted}); by CPU {cpu:.2f}")


def overload(service: Service, files: Sequence[bytes], seconds: float) -> None:
    """Print the p99 of one client, and of what is accepted of 64."""
    requests = [post("/v1/assessments", file) for file in files]
    calm = service.under_load(requests, 1, for_seconds(seconds))
    crowd = service.under_load(requests, 64, for_seconds(seconds))
    ratio = crowd.quantile(0.99) / calm.quantile(0.99)
    refused = crowd.refused / (crowd.refused + crowd.accepted)
    print(
        f"  p99 unloaded {1000 * calm.quantile(0.99):.1f} ms, of what is accepted of 64 clients "
        f"{1000 * crowd.quantile(0.99):.1f} ms: {ratio:.1f}x (at most 3)"
    )
    print(
        f"  p50 {1000 * calm.quantile(0.5):.1f} and {1000 * crowd.quantile(0.5):.1f} ms; refused {refused:.0%}; "
        f"goodput {crowd.rate:.0f}/s; no answer {len(crowd.failures)}"
    )


class Replacements:
    """Ends a run when so many workers were replaced, one SIGHUP after the other."""

    def __init__(self, service: Service, wanted: int) -> None:
        self.service = service
        self.wanted = wanted
        self.seen = service.workers()
        self.first = len(self.seen)
        self.looked = 0.0
        self.asked = -1

    @property
    def done(self) -> int:
        return len(self.seen) - self.first

    def __call__(self, passed: float) -> bool:
        if passed - self.looked < 0.25:
            return False
        self.looked = passed
        now = self.service.workers()
        self.seen |= now
        if len(now) == self.first and self.done > self.asked and self.done % self.first == 0:
            if self.done >= self.wanted:
                return True
            self.asked = self.done
            self.service.process.send_signal(signal.SIGHUP)
        return False


def replacements(service: Service, files: Sequence[bytes], wanted: int) -> None:
    """Print how many requests got no answer while workers were replaced."""
    replaced = Replacements(service, wanted)
    outcome = service.under_load([post("/v1/assessments", file) for file in files], 16, replaced)
    print(
        f"  {replaced.done} workers replaced in {outcome.wall:.0f} s under load: {outcome.accepted} accepted, "
        f"{outcome.refused} refused, {len(outcome.failures)} lost (0), others "
        f"{sum(n for status, n in outcome.statuses.items() if status not in (201, 503))}"
    )
    for failure in outcome.failures[:5]:
        print(f"    {failure}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--replacements", type=int, default=20)
    parser.add_argument("--sizes", nargs="*", choices=SIZES, default=list(SIZES))
    parser.add_argument("--loop", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.loop:
        loop(given.loop)
        return
    cores = usable_cores()
    with tempfile.TemporaryDirectory() as temporary, served(Path(temporary, "home"), cores) as service:
        for name in given.sizes:
            folder = Path(temporary, name)
            folder.mkdir()
            files = photos(SIZES[name])
            for number, data in enumerate(files):
                (folder / f"{number}.jpg").write_bytes(data)
            print(f"{name}, {statistics.mean(map(len, files)) / 1000:.0f} kB a file, {cores} cores")
            loops = Loops(folder, Path(temporary, "loop"), cores)
            shares(service, files, loops, given.seconds, given.rounds)
            loops.close()
            overload(service, files, 2 * given.seconds)
        if given.replacements:
            replacements(service, photos(SIZES["640x480"]), given.replacements)


if __name__ == "__main__":
    main()
