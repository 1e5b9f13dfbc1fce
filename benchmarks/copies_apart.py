"""Copies of photographs, changed a little: which tool finds them, and which calls different photographs the same.

Each change is a folder of its own: the originals and one copy of each. So no copy is found by way of another one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path

import asking
import cv2
import numpy as np
import peers
from comparing import Figure, Rows
from figures import shown, signed, table
from pictures_apart import Picture, folder, render
from PIL import Image, ImageEnhance, ImageFilter
from scenes_apart import Scene, jpeg, opened

from multimodal.domain.shared.evaluation import Interval, cluster_interval

LARGEST = 1280
Pixels = np.ndarray


def resized(share: float, pixels: Pixels) -> Pixels:
    whole = Image.fromarray(pixels)
    return np.asarray(whole.resize([round(length * share) for length in whole.size], Image.Resampling.LANCZOS))


def cropped(share: float, pixels: Pixels) -> Pixels:
    """So much of width and height cut off, around a middle that is a little aside."""
    height, width = pixels.shape[:2]
    top, left = round(height * share * 0.3), round(width * share * 0.6)
    return pixels[top : top + round(height * (1 - share)), left : left + round(width * (1 - share))]


def blurred(sigma: float, pixels: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(sigma)))


def brighter(factor: float, pixels: Pixels) -> Pixels:
    return np.asarray(ImageEnhance.Brightness(Image.fromarray(pixels)).enhance(factor))


def noisy(pixels: Pixels) -> Pixels:
    cv2.setRNGSeed(1)
    return np.clip(pixels + cv2.randn(np.empty(pixels.shape, np.float32), 0, 10), 0, 255).astype(np.uint8)


CHANGES: dict[str, tuple[Callable[[Pixels], Pixels], int]] = {
    "same file": (lambda pixels: pixels, 0),
    "resized to 50 %": (partial(resized, 0.5), 90),
    "JPEG 40": (lambda pixels: pixels, 40),
    "mirrored": (lambda pixels: pixels[:, ::-1], 90),
    "turned 90 degrees": (lambda pixels: np.rot90(pixels), 90),
    "cropped 2 %": (partial(cropped, 0.02), 90),
    "cropped 5 %": (partial(cropped, 0.05), 90),
    "cropped 10 %": (partial(cropped, 0.1), 90),
    "blurred, sigma 3": (partial(blurred, 3), 90),
    "darker, x 0.6": (partial(brighter, 0.6), 90),
    "brighter, x 1.4": (partial(brighter, 1.4), 90),
    "noise, sigma 10": (noisy, 90),
}
"""What is done, and the quality at which it is saved; 0: the file is copied."""


@dataclass(frozen=True)
class Copies:
    """scenes: names. found: tool -> change -> whether the copy of each scene was found. wrong: tool -> for each scene,
    with how many others it was confused.
    """

    scenes: Sequence[str]
    found: Mapping[str, Mapping[str, Rows]]
    wrong: Mapping[str, Rows]

    def rows(self) -> Iterator[tuple[Figure, dict[str, Rows]]]:
        """Each figure, and a value a scene by tool: their mean is the figure."""
        for change in CHANGES:
            yield Figure(change, mean, 1, 2), {tool: found[change] for tool, found in self.found.items()}
        yield Figure("confused with another scene", mean, -1, 2), {tool: n > 0 for tool, n in self.wrong.items()}

    def gap(self, figure: Figure, values: Mapping[str, Rows]) -> Interval | None:
        """Ours minus the best peer."""
        others = [values[tool] for tool in values if tool != peers.OURS]
        if not others or peers.OURS not in values:
            return None
        best = max(others, key=lambda hits: figure.better * hits.mean())
        return interval(values[peers.OURS] - 1.0 * best, self.scenes)

    def table(self) -> str:
        """Share of copies found by change, and of scenes confused with another one, by tool."""
        rows = []
        for figure, values in self.rows():
            shares = (shown(interval(hits, self.scenes), 2) for hits in values.values())
            rows.append([figure.title, *shares, signed(self.gap(figure, values), 2)])
        pairs = len(self.scenes) * (len(self.scenes) - 1) // 2
        confused = ", ".join(f"{tool} {int(wrong.sum()) // 2}" for tool, wrong in self.wrong.items())
        head = ["copy", *self.found, "ours minus the best peer"]
        return f"{len(self.scenes)} scenes; of {pairs} pairs of different ones confused: {confused}.\n\n" + table(
            head, rows
        )

    def lost(self) -> list[str]:
        """Where ours is behind the best peer by more than chance."""
        gaps = [(figure, self.gap(figure, values)) for figure, values in self.rows()]
        return [f"{figure.title} ({signed(gap, 2)})" for figure, gap in gaps if gap and figure.lost(gap)]


def copies_apart(scenes: Sequence[Scene], tools: Sequence[str], home: Path | None) -> Copies:
    """What the tools that look for duplicates say of copies of these scenes, as far as they are small enough."""
    originals = [Picture(scene, 0, False) for scene in scenes if scene.side <= LARGEST and scene.slot.textured]
    render(originals, 1)
    folders = {name: folder_of(name, originals) for name in CHANGES}
    names = [one.name for one in originals]
    found = asking.each(tools, lambda tool: asking.sets(tool, list(folders.values()), home))
    hits = {
        tool: {change: np.array([together(sets[place], name) for name in names]) for change, place in folders.items()}
        for tool, sets in found.items()
    }
    pairs = {tool: {pair for sets in answers.values() for pair in mistaken(sets)} for tool, answers in found.items()}
    wrong = {tool: np.array([sum(name in pair for pair in some) for name in names]) for tool, some in pairs.items()}
    return Copies(names, hits, wrong)


def folder_of(change: str, originals: Sequence[Picture]) -> Path:
    alter, quality = CHANGES[change]
    place = folder("") / f"copies-{len(originals)}" / "".join(c if c.isalnum() else "-" for c in change)
    place.mkdir(parents=True, exist_ok=True)
    for one in originals:
        original, copy = place / f"{one.name}.jpg", place / f"{one.name}.copy.jpg"
        if not original.exists():
            os.link(one.path, original)
        if not copy.exists():
            data = one.path.read_bytes()
            copy.write_bytes(jpeg(alter(opened(data)), quality) if quality else data)
    return place.resolve()


def scene_of(file: str) -> str:
    return file.split(".")[0]


def together(sets: Iterable[set[str]], name: str) -> bool:
    return any({f"{name}.jpg", f"{name}.copy.jpg"} <= one for one in sets)


def mistaken(sets: Iterable[set[str]]) -> set[tuple[str, str]]:
    pairs = (pair for one in sets for pair in combinations(sorted({scene_of(file) for file in one}), 2))
    return set(pairs)


def mean(values: Rows) -> float:
    return float(values.mean())


def interval(values: Rows, scenes: Sequence[str]) -> Interval:
    return cluster_interval(lambda rows: mean(values[rows]), scenes)
