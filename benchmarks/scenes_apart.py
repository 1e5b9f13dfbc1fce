"""Scenes that no training has seen, and good photographs of them.

Scene .......... what stands in front of the camera, at one size
photo .......... a photograph of it: of one of some cameras (`take`), as it is before the file is written
developed ...... the file that this camera would write

ordinary ....... any camera as they are met: noise reduction, sharpening, JPEG quality 35 to 97
traceless ...... a camera in good light that compresses little (88 to 97): good for noise, compression, resolution
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256

import numpy as np
from PIL import Image

from multimodal.domain.image import scenes
from multimodal.domain.image.camera import Camera
from multimodal.domain.image.light import Light, Pixels
from multimodal.domain.image.synthetic import Slot

SEED = 7000
"""Training uses 0, the other benchmarks 1000."""
SIDES = {640: 0.34, 1280: 0.32, 1920: 0.24, 4000: 0.1}
"""Long sides, and the share of scenes that has each."""
TAKES = 2
Rng = np.random.Generator


@dataclass(frozen=True)
class Scene:
    """A slot with its number."""

    number: int
    slot: Slot

    @property
    def name(self) -> str:
        return f"scene-{self.number:04d}"

    @property
    def side(self) -> int:
        return max(self.slot.size)

    def rng(self, *purpose: object) -> Rng:
        digits = int.from_bytes(sha256(repr(purpose).encode()).digest()[:8], "little")
        return np.random.default_rng([SEED, self.number, digits])

    def unit(self) -> float:
        """Pixels for one at a long side of 1024."""
        return max(1.0, self.side / 1024)


def scenes_apart(count: int) -> list[Scene]:
    """So many procedural scenes; each kind of scene and each size in turn, so that a few are a fair choice, too."""
    names = [name for name, kind in scenes.KINDS.items() for _ in range(max(1, round(3 * kind.share)))]
    names = list(np.random.default_rng(SEED).permutation(names))
    shares = np.cumsum(list(SIDES.values()))
    found = []
    for number in range(count):
        rng = np.random.default_rng([SEED, number])
        # the golden ratio spreads sizes evenly over any number of scenes
        side = list(SIDES)[int(np.searchsorted(shares, (number * 0.61803 + 0.1) % 1, side="right"))]
        other = round(side / float(rng.choice([4 / 3, 4 / 3, 3 / 2, 16 / 9])))
        size = (side, other) if rng.uniform() < 0.3 else (other, side)
        found.append(Scene(number, Slot(str(names[number % len(names)]), False, int(rng.integers(2**31)), size, 1.0)))
    return found


@lru_cache(maxsize=1)
def light(scene: Scene) -> Light:
    return scene.slot.light()


def camera(scene: Scene, take: int, traceless: bool) -> Camera:
    rng = scene.rng("camera", take, traceless)
    chosen = Camera.random(rng)
    if not traceless:
        return chosen
    finish = replace(chosen.finish, quality=int(rng.integers(88, 98)), denoise=min(chosen.finish.denoise, 8))
    sensor = replace(chosen.sensor, photons=float(np.exp(rng.uniform(np.log(10_000), np.log(60_000)))), read=2.0)
    return replace(chosen, sensor=sensor, finish=finish)


def taken(scene: Scene, take: int, traceless: bool, seen: Light) -> Pixels:
    """The photograph of this light."""
    return camera(scene, take, traceless).photograph(seen, scene.rng("noise", take, traceless))


@lru_cache(maxsize=2 * TAKES)
def photo(scene: Scene, take: int, traceless: bool) -> Pixels:
    found = taken(scene, take, traceless, light(scene))
    found.flags.writeable = False
    return found


def jpeg(pixels: Pixels, quality: int, full_colour: bool = False, **options: object) -> bytes:
    return saved(pixels, "JPEG", quality=int(quality), subsampling=0 if full_colour else 2, **options)


def saved(pixels: Pixels, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, kind, **options)
    return file.getvalue()


def opened(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def developed(scene: Scene, take: int, traceless: bool, pixels: Pixels) -> bytes:
    """As this camera would write it."""
    finish = camera(scene, take, traceless).finish
    return jpeg(pixels, finish.quality, finish.full_colour)
