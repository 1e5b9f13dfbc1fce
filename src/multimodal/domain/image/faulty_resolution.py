"""Photographs in detail and enlarged ones, for the rules and models of resolution.

    ResolutionPhoto ... the recipe of one photograph
    captures .......... many of them, as `Capture`s

What is like an enlargement and is none must be among the sound ones: photographs out of focus, moved, noisy, smoothed,
sharpened, shrunk, and saved before at a low quality. So the camera is any camera, a third of the sound ones is blurred,
before or after the sensor's noise, and some were compressed hard. No file is compressed so hard that nobody can tell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..shared.sample import Capture
from .camera import Camera
from .degradations import BLURS, compress_jpeg, jpeg_bytes, resize_to
from .faulty import MIX, VARIANTS, FaultyPhoto, Rng
from .light import Pixels, linearise
from .spoiling import png_bytes
from .synthetic import Mix

BLURRED, SAVED, LOSSLESS = 0.3, 0.1, 0.1
"""Shares of the sound photographs that are blurred, or were saved at a low quality; share of all files that are PNG."""
LEAST_QUALITY = 65
"""Quality of a JPEG below which it hides what is asked for."""


@dataclass(frozen=True)
class ResolutionPhoto(FaultyPhoto):
    """The recipe of one photograph of a set."""

    def read(self) -> bytes:
        """The file."""
        fault, strength, label = self._fault()
        rng, finish = self._rng(6), Camera.random(self._rng(3)).finish
        pixels = self.sound()
        if fault is not None:
            pixels = np.asarray(fault.apply(pixels, strength, self._rng(5)), np.uint8)
        if label in self.asked.accepted:
            pixels = self.doubtful(pixels, rng)
        quality = max(finish.quality, LEAST_QUALITY)
        return png_bytes(pixels) if rng.uniform() < LOSSLESS else jpeg_bytes(pixels, quality, finish.full_colour)

    def sound(self) -> Pixels:
        """The photograph of any camera, in all its detail."""
        slot, rng, camera = self.slot, self._rng(4), Camera.random(self._rng(3))
        light = slot.light()
        photo = camera.rephotograph(light, rng) if slot.real else camera.photograph(light, rng)
        return photo if slot.scale == 1 else np.asarray(resize_to(photo, slot.size), np.uint8)

    def doubtful(self, pixels: Pixels, rng: Rng) -> Pixels:
        """The photograph, perhaps blurred, or as it comes back from a file of low quality."""
        chance = rng.uniform()
        if chance < BLURRED:
            return self.blurred(pixels, rng)
        return compress_jpeg(pixels, int(rng.integers(20, LEAST_QUALITY))) if chance < BLURRED + SAVED else pixels

    def blurred(self, pixels: Pixels, rng: Rng) -> Pixels:
        """The photograph with some blur, half of the time from a sensor that counts after it."""
        blur = BLURS[int(rng.integers(len(BLURS)))]
        strength = float(np.exp(rng.uniform(np.log(blur.unnoticed or 1.0), np.log(blur.strengths[-1]))))
        soft = np.asarray(blur.apply(pixels, strength, rng), np.uint8)
        return Camera.random(rng).rephotograph(linearise(soft), rng) if rng.uniform() < 0.5 else soft


def captures(count: int, *, seed: int = 0, mix: Mix | None = None) -> list[Capture]:
    """``count`` photographs, about half of them enlarged; nothing is made before it is read."""
    chosen = replace(mix or MIX, variants=VARIANTS)
    return [ResolutionPhoto("resolution", index, seed, chosen).capture() for index in range(count)]
