"""Copies of photographs, changed a little: which tool finds them, and which calls different photographs the same.

Each change is a folder of its own: the originals and one copy of each. So no copy is found by way of another one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path

import asking
import cv2
import numpy as np
from figures import shown, table
from pictures_apart import Picture, folder, render
from PIL import Image, ImageEnhance, ImageFilter
from scenes_apart import Scene, jpeg, opened

from multimodal.domain.shared.evaluation import cluster_interval

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


def copies(scenes: Sequence[Scene], tools: Sequence[str], home: Path | None) -> str:
    """Share of copies found a change, and pairs of different scenes that were called the same, by tool."""
    originals = [Picture(scene, 0, False) for scene in scenes if scene.side <= LARGEST and scene.slot.textured]
    render(originals, 1)
    folders = {name: folder_of(name, originals) for name in CHANGES}
    able = [tool for tool in tools if tool != "classic"]
    found = asking.each(able, lambda tool: asking.sets(tool, list(folders.values()), home))
    names = [one.name for one in originals]
    rows = []
    for change, place in folders.items():
        hits = {tool: [together(sets[place], name) for name in names] for tool, sets in found.items()}
        rows.append([change, *(shown(rate(np.array(hits[tool]), names), 2) for tool in found)])
    wrong = {tool: {pair for sets in answers.values() for pair in mistaken(sets)} for tool, answers in found.items()}
    rows.append(["different scenes called the same, pairs", *(str(len(wrong[tool])) for tool in found)])
    pairs = len(names) * (len(names) - 1) // 2
    return f"{len(names)} scenes, {pairs} pairs of different ones.\n\n" + table(["copies found", *found], rows)


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


def rate(hits: np.ndarray, names: Sequence[str]):
    return cluster_interval(lambda rows: float(hits[rows].mean()), names)
