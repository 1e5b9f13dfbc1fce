"""How fast a folder of photographs is judged: ours beside decoding alone and beside the peers, in one run.

    python benchmarks/images.py [--rounds 3] [--peers cleanvision dataeval] [--many 20000] [--parts] [--docs FILE]

cost ...... processor time a photograph, all properties on and what captures say together included, as a multiple of
            `cv2.imread` of the same files at full size; each tool in a process of its own, one thread, taking turns
cores ..... photographs a second of the command with two processes over one
memory .... the most that the command holds, with a few and with many photographs
start ..... seconds from the command to the first result, files cached
parts ..... where our time goes

Processor time, so that a busy machine cancels out; only `cores` and `start` go by the clock. `imread` is timed in a
plain process, as its users have it; beside ours, whose allocator keeps freed memory, it is faster (`settled`). The
files are procedural scenes through a simulated camera, made once and kept in the folder for temporary files.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import peers
from figures import table, write_page

from multimodal.adapters.machine import settle
from multimodal.bootstrap import App, bootstrap
from multimodal.domain.image.camera import Camera
from multimodal.domain.image.degradations import jpeg_bytes
from multimodal.domain.image.sample import decode
from multimodal.domain.image.scenes import draw

SIZES = ((640, 480), (1920, 1080), (4000, 3000))
FILES = 8
COUNTS = {"640x480": 384, "1920x1080": 96, "4000x3000": 32}
"""Files of each size; photographs that a tool is asked about, links to these."""
KINDS = ("foliage", "facade", "portrait", "room", "land", "stones", "shallow", "night")
VERSION = 3
FEW = 1_000
MARKS = "<!-- figures: made by benchmarks/images.py -->", "<!-- end of figures -->"


# --- the files -------------------------------------------------------------------------------------------------------


def folders() -> dict[str, Path]:
    """640x480 -> a folder of photographs of that size, made when they are missing."""
    top = Path(tempfile.gettempdir(), f"multimodal-benchmark-images-{VERSION}")
    return {f"{w}x{h}": filled(top / f"{w}x{h}", (w, h)) for w, h in SIZES}


def filled(folder: Path, size: tuple[int, int]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(FILES):
        path = folder / f"{index:03d}.jpg"
        if not path.exists():
            path.write_bytes(photograph(index, size))
    return folder


def photograph(index: int, size: tuple[int, int]) -> bytes:
    """A photograph as a camera writes it: noise, sharpening and two to three bits a pixel are in it."""
    width, height = size
    rng = np.random.default_rng(index)
    light = draw(KINDS[index % len(KINDS)], index, (min(height, 1080), round(min(height, 1080) * width / height)))
    if height > 1080:
        light = cv2.resize(light, size, interpolation=cv2.INTER_CUBIC)
    return jpeg_bytes(Camera.random(rng).photograph(np.maximum(light, 0), rng), 95)


def multiplied(folder: Path, target: Path, count: int) -> Path:
    """A folder with `count` photographs: links to a few files."""
    target.mkdir()
    files = sorted(folder.iterdir())
    for number in range(count):
        os.link(files[number % len(files)], target / f"{number:06d}.jpg")
    return target


# --- cost ------------------------------------------------------------------------------------------------------------


def costs(folder: Path, tools: Sequence[str], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of processor time a photograph, by tool and round; the tools take turns."""
    count, found = len(list(folder.iterdir())), defaultdict(list)
    for _ in range(rounds):
        for tool in tools:
            found[tool].append(peers.cost(tool, folder)[0] / count * 1000)
    return found


def settled_imread(folder: Path) -> float:
    """Milliseconds of `cv2.imread` in this process, whose allocator keeps what is freed; the best of five."""
    files, best = sorted(map(str, folder.iterdir())), float("inf")
    for _ in range(5):
        start = time.process_time()
        for file in files:
            cv2.imread(file)
        best = min(best, time.process_time() - start)
    return best / len(files) * 1000


def cost_table(tools: Sequence[str], rounds: int) -> str:
    """Of each tool and size: milliseconds, and the multiple of imread."""
    rows = []
    for size, folder in folders().items():
        with tempfile.TemporaryDirectory(dir=folder.parent) as top:
            found = costs(multiplied(folder, Path(top, "many"), COUNTS[size]), tools, rounds)
        base, ours = (statistics.median(found[tool]) for tool in (peers.IMREAD, peers.OURS))
        for tool, values in found.items():
            middle = statistics.median(values)
            ratio = [value / other for value, other in zip(values, found[peers.IMREAD], strict=True)]
            spread = f"{middle / base:.2f} ({min(ratio):.2f} to {max(ratio):.2f})"
            slower = f"{middle / ours:.1f}" if tool not in (peers.IMREAD, peers.OURS) else ""
            rows.append((size, peers.version(tool), f"{middle:.2f}", spread, slower))
        settled = settled_imread(folder)
        rows.append((size, "imread, settled", f"{settled:.2f}", f"{settled / base:.2f}", ""))
    return table(("size", "tool", "ms of processor", "times imread", "times ours"), rows)


# --- the command -----------------------------------------------------------------------------------------------------


def command(target: Path, home: str, processes: int = 1) -> float:
    """Seconds of the clock."""
    line = [sys.executable, "-m", "multimodal", "-q", "--home", home, "assess", str(target)]
    start = time.perf_counter()
    subprocess.run([*line, "-f", "jsonl", "-j", str(processes)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def start_up(home: str) -> float:
    """Seconds to the first result, the best of five: of one photograph, as the command ends with it."""
    photo = next(folders()["640x480"].iterdir())
    return min(command(photo, home) for _ in range(5))


def two_cores(home: str, rounds: int) -> list[float]:
    """By how much two processes are faster than one, round by round."""
    found = []
    with tempfile.TemporaryDirectory(dir=folders()["640x480"].parent) as top:
        many = multiplied(folders()["1920x1080"], Path(top, "many"), 2 * FEW)
        for _ in range(rounds):
            one, two = (command(many, home, processes) for processes in (1, 2))
            found.append(one / two)
    return found


def memory(home: str, counts: Iterable[int]) -> list[tuple[str, str]]:
    """The most megabytes that the command holds with so many photographs; each in a process that counts its child."""
    rows = []
    for count in counts:
        with tempfile.TemporaryDirectory(dir=folders()["640x480"].parent) as top:
            many = multiplied(folders()["640x480"], Path(top, "many"), count)
            measured = subprocess.run(
                [sys.executable, __file__, "--child", str(many), home], check=True, capture_output=True, text=True
            )
        rows.append((f"{count:,}", f"{float(measured.stdout):.0f}"))
    return rows


def child(target: Path, home: str) -> None:
    """Print the most megabytes of the command."""
    command(target, home)
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)


# --- where the time goes ---------------------------------------------------------------------------------------------


def parts(app: App) -> str:
    """Milliseconds by part, one thread, the best of nine; a measure that is shared is paid by who asks first."""
    columns = [parts_of(app, folder) for folder in folders().values()]
    return table(("part", *folders()), [(name, *(f"{one[name]:.2f}" for one in columns)) for name in columns[0]])


def parts_of(app: App, folder: Path) -> dict[str, float]:
    chosen, files = app.assessor.chosen(), sorted(folder.iterdir())[:8]
    total: dict[str, float] = defaultdict(float)
    for file in files:
        best: dict[str, float] = {}
        for _ in range(9):
            for name, seconds in timed(file, [(each.name, each.features.transform) for each in chosen]).items():
                best[name] = min(seconds, best.get(name, seconds))
        for name, seconds in best.items():
            total[name] += seconds / len(files) * 1000
    return total


def timed(file: Path, measures: Sequence[tuple[str, Callable[..., object]]]) -> dict[str, float]:
    """Seconds by part for one file."""
    marks = [("", time.process_time())]
    data = file.read_bytes()
    marks.append(("read", time.process_time()))
    sample = decode(data, file.name)
    marks.append(("decode", time.process_time()))
    for name, transform in measures:
        transform([sample])
        marks.append((name, time.process_time()))
    dict(sample.info)
    marks.append(("fingerprint", time.process_time()))
    return {name: end - start for (_, start), (name, end) in pairwise(marks)}


# --- the report ------------------------------------------------------------------------------------------------------


def report(options: argparse.Namespace, home: str) -> str:
    tools = (peers.IMREAD, peers.OURS, *options.peers)
    said = [cost_table(tools, options.rounds)]
    gain = two_cores(home, options.rounds)
    cores = f"Two processes are {statistics.median(gain):.2f} times as fast as one ({min(gain):.2f} to {max(gain):.2f})"
    said += [f"{cores}. The first result comes after {start_up(home):.2f} s."]
    said += [table(("photographs", "most MB"), memory(home, (FEW, options.many)))]
    if options.parts:
        settle()
        said += [parts(bootstrap())]
    return "\n\n".join(said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", nargs="*", default=["cleanvision", "dataeval"])
    parser.add_argument("--many", type=int, default=20_000)
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--docs", type=Path)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return child(Path(options.child[0]), options.child[1])
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as home:
        os.environ["MULTIMODAL_HOME"] = home
        said = report(options, home)
    print(said)
    if options.docs:
        write_page(options.docs, MARKS, said)
    return None


if __name__ == "__main__":
    main()
