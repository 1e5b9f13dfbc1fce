"""How many photographs a second: the limit that JPEG decoding sets, ours, and a naive loop, in one run.

    python benchmarks/images.py [--count 40] [--rounds 3] [--threads 2]

limit ... read the file, decode it at full size with libjpeg-turbo, do nothing with it
ours .... what `multimodal assess` does: read, decode, all pipelines that are ready, result; and the command itself
naive ... each pipeline reads and decodes the file for itself, at full size, and shares nothing

All three have the same files, cores and threads, and take turns. Where others use the cores too, believe the processor
time. The files are made once (procedural scenes through a simulated camera, 640x480 to 12 megapixels) and kept in the
folder for temporary files.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import simplejpeg

from multimodal.bootstrap import App, bootstrap
from multimodal.domain.image.camera import Camera
from multimodal.domain.image.degradations import jpeg_bytes
from multimodal.domain.image.sample import decode, decode_pixels, sample_from_pixels
from multimodal.domain.image.scenes import draw
from multimodal.domain.shared.pipelines import InferencePipeline
from multimodal.domain.shared.sample import Capture

SIZES = ((640, 480), (1280, 960), (1920, 1080), (3264, 2448), (4000, 3000))
KINDS = ("foliage", "facade", "portrait", "room", "land", "stones", "shallow", "night")
VERSION = 2
REPEATS = 8


# --- the files -------------------------------------------------------------------------------------------------------


def photographs(count: int) -> list[Path]:
    """Files of all sizes in turn, made when they are missing."""
    folder = Path(tempfile.gettempdir(), f"multimodal-benchmark-images-{VERSION}")
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{i:03d}_{SIZES[i % len(SIZES)][0]}x{SIZES[i % len(SIZES)][1]}.jpg" for i in range(count)]
    for index, path in enumerate(paths):
        if not path.exists():
            path.write_bytes(photograph(index))
    return paths


def photograph(index: int) -> bytes:
    """A photograph as a camera writes it: noise, sharpening and two to three bits a pixel are in it."""
    width, height = SIZES[index % len(SIZES)]
    rng = np.random.default_rng(index)
    light = draw(KINDS[index % len(KINDS)], index, (min(height, 1080), round(min(height, 1080) * width / height)))
    if height > 1080:
        light = cv2.resize(light, (width, height), interpolation=cv2.INTER_CUBIC)
    return jpeg_bytes(Camera.random(rng).photograph(np.maximum(light, 0), rng), 95)


# --- the contestants -------------------------------------------------------------------------------------------------


def side_by_side(work: Callable[[Path], object], paths: Sequence[Path], threads: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, paths):
            pass


def limit(path: Path) -> None:
    simplejpeg.decode_jpeg(path.read_bytes(), "RGB")


def ours(app: App, paths: Sequence[Path]) -> None:
    failures = [a for a in app.assessor.assess_many(Capture(path.name, path) for path in paths) if a.failures]
    assert not failures, failures[0]


def ready(app: App) -> list[InferencePipeline]:
    return [pipeline for name in app.catalog.recipes if (pipeline := app.assessor.pipeline(name)) is not None]


def naive(app: App) -> Callable[[Path], None]:
    pipelines = ready(app)

    def work(path: Path) -> None:
        for pipeline in pipelines:
            pixels = cv2.cvtColor(cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), 1), cv2.COLOR_BGR2RGB)
            pipeline.predict([sample_from_pixels(pixels)])

    return work


def command(target: Path, threads: int) -> float:
    """Seconds of the command itself, its start included."""
    start = time.perf_counter()
    line = [sys.executable, "-m", "multimodal", "-q", "assess", str(target), "-f", "jsonl", "-j", str(threads)]
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def command_rate(paths: Sequence[Path], threads: int) -> tuple[float, float]:
    """Photographs a second and seconds to start of the command, over a folder with each file many times."""
    with tempfile.TemporaryDirectory(dir=paths[0].parent) as folder:
        for number in range(REPEATS):
            for path in paths:
                os.link(path, Path(folder, f"{number}_{path.name}"))
        start = min(command(paths[0], threads) for _ in range(2))
        return REPEATS * len(paths) / (command(Path(folder), threads) - start), start


# --- where the time goes ---------------------------------------------------------------------------------------------


class Clock:
    """Seconds by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] += time.perf_counter() - start


def breakdown(app: App, paths: Sequence[Path]) -> dict[str, float]:
    """Seconds by part over all files, one thread, the best of three tries a file."""
    total: dict[str, float] = defaultdict(float)
    for path in paths:
        tries = [timed(app, path) for _ in range(3)]
        for name in tries[0]:
            total[name] += min(one[name] for one in tries)
    return total


def timed(app: App, path: Path) -> dict[str, float]:
    """Seconds by part for one file. A measure that pipelines share is paid by the first that asks for it."""
    clock = Clock()
    with clock("read"):
        data = path.read_bytes()
    with clock("(full decode: the limit)"):
        simplejpeg.decode_jpeg(data, "RGB")
    with clock("decode"):
        sample = decode(data, path.name)
    for pipeline in ready(app):
        with clock(f"features {pipeline.name}"):
            table = pipeline.features.transform([sample])
        with clock("estimators and results"):
            pipeline.predict_features(table)
    with clock("digest"):
        hashlib.sha256(data).hexdigest()
    return dict(clock.seconds)


# --- the report ------------------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """One contestant's rounds: photographs a second, and milliseconds of processor time a photograph."""

    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    def add(self, run: Callable[[], object], count: int) -> None:
        wall, processor = time.perf_counter(), time.process_time()
        run()
        self.costs.append((time.process_time() - processor) / count * 1000)
        self.rates.append(count / (time.perf_counter() - wall))


def compete(app: App, paths: Sequence[Path], rounds: int, threads: int) -> dict[str, Figures]:
    """The contestants take turns, after one round that does not count."""
    loop = naive(app)
    contestants: dict[str, Callable[[], object]] = {
        "limit": lambda: side_by_side(limit, paths, threads),
        "ours": lambda: ours(app, paths),
        "naive": lambda: side_by_side(loop, paths, threads),
    }
    found = {name: Figures() for name in contestants}
    for run in contestants.values():
        run()
    for _ in range(rounds):
        for name, run in contestants.items():
            found[name].add(run, len(paths))
    return found


def ratios(values: Sequence[float], base: Sequence[float]) -> tuple[float, float, float]:
    """Median, lowest and highest of the ratios round by round."""
    pairs = sorted(value / other for value, other in zip(values, base, strict=True))
    return statistics.median(pairs), pairs[0], pairs[-1]


def report(app: App, paths: Sequence[Path], rounds: int, threads: int) -> None:
    cv2.setNumThreads(1)
    pixels = sum(decode_pixels(path.read_bytes()).size / 3 for path in paths)
    size = sum(path.stat().st_size for path in paths)
    bits = size * 8 / pixels
    print(f"{len(paths)} JPEG files, {pixels / 1e6:.0f} megapixels, {bits:.2f} bits a pixel; {threads} threads")
    infos = app.assessor.pipelines()
    print("ready:", *(info.model for info in infos if info.status == "ready"))
    print("untrained:", *(info.name for info in infos if info.status != "ready"), "\n")
    found = compete(app, paths, rounds, threads)
    for name, figures in found.items():
        rate, slowest, fastest = ratios(figures.rates, found["limit"].rates)
        cost, _, _ = ratios(figures.costs, found["limit"].costs)
        speed = f"{statistics.median(figures.rates):7.1f} a second {rate:5.2f} x limit ({slowest:.2f} to {fastest:.2f})"
        print(f"{name:<8}{speed}, {statistics.median(figures.costs):6.2f} ms of processor {cost:5.2f} x limit")
    rate, start = command_rate(paths, threads)
    base = statistics.median(found["limit"].rates)
    print(f"command {rate:8.1f} a second {rate / base:6.2f} x limit, after a start of {start:.2f} s\n")
    for label, chosen in [
        ("all", paths),
        *((f"{w}x{h}", [p for p in paths if f"{w}x{h}" in p.name]) for w, h in SIZES),
    ]:
        parts(label, breakdown(app, chosen), len(chosen))


def parts(label: str, seconds: dict[str, float], count: int) -> None:
    total = sum(value for name, value in seconds.items() if not name.startswith("("))
    print(f"{label}: {total / count * 1000:.2f} ms a photograph, one thread")
    for name, value in seconds.items():
        print(f"    {name:<34}{value / count * 1000:8.2f} ms {value / total:6.0%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"MULTIMODAL_HOME": home, "MULTIMODAL_WORKERS": str(arguments.threads)}
        report(bootstrap(), photographs(arguments.count), arguments.rounds, arguments.threads)


if __name__ == "__main__":
    main()
