"""Spoiled copies of good photographs, for training without labels.

    spoil ...... a good photograph, perhaps with a fault, as the bytes of a file
    placed ..... the photograph at some usual size
    finished ... new noise and a camera's finish, then JPEG

Blur takes the photograph's own noise and JPEG traces away, exposure changes them. So every copy, with a fault or
without, is finished anew, and size, noise, sharpening and compression are drawn alike for all: they tell nothing.
Where they are what is asked for, nothing follows the fault but a file that hides nothing.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..shared.modality import Degradation
from .camera import Camera, Finish, Sensor
from .degradations import jpeg_bytes, resize_to
from .light import Pixels, linearise
from .sample import ImageSample

Rng = np.random.Generator

LONGEST = 1600
"""Long side in pixels of the largest copies: more would cost time and show nothing new at the working scale."""
SMALLEST = 400
"""Long side in pixels below which no copy is shrunk."""
SHRUNK, PLAIN, LOSSLESS = 0.4, 0.4, 0.04
"""Shares of the copies that are smaller than the photograph, that are hardly retouched, and that are PNG files."""
SPARED = 0.3
"""Share of PNG files where nothing else follows the fault."""


def spoil(
    sample: ImageSample, degradation: Degradation | None, strength: float, rng: Rng, *, bare: bool = False
) -> bytes:
    """A copy of a good photograph with this fault (None: without any), as a camera or a phone would write it.

    The size is settled first, so that a strength in pixels at a long side of 1024 is right for the copy. bare: nothing
    follows the fault but the file.
    """
    of_size, of_fault, of_finish = rng.spawn(3)  # the same number gives the same size and finish, whatever the fault
    pixels = placed(sample.pixels, of_size)
    if degradation is not None:
        pixels = np.asarray(degradation.apply(pixels, strength, of_fault), np.uint8)
    return faithful(pixels, of_finish) if bare else finished(pixels, of_finish)


def faithful(pixels: Pixels, rng: Rng) -> bytes:
    """A file that leaves hardly a trace: a JPEG of high quality, or a PNG."""
    if rng.uniform() < SPARED:
        return png_bytes(pixels)
    return jpeg_bytes(pixels, int(rng.integers(93, 99)), full_colour=True)


def png_bytes(pixels: Pixels) -> bytes:
    """The photograph as a PNG file."""
    return cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1].tobytes()


def placed(pixels: Pixels, rng: Rng) -> Pixels:
    """The photograph at its own size or smaller, no longer than `LONGEST`."""
    longest = max(pixels.shape)
    side = min(longest, LONGEST)
    if rng.uniform() < SHRUNK and side > SMALLEST:
        side = int(np.exp(rng.uniform(np.log(max(SMALLEST, side / 2)), np.log(side))))
    factor = side / longest
    size = max(1, round(pixels.shape[0] * factor)), max(1, round(pixels.shape[1] * factor))
    return pixels if factor == 1 else np.asarray(resize_to(pixels, size), np.uint8)


def finished(pixels: Pixels, rng: Rng) -> bytes:
    """The file of a photograph whose light was changed: some camera's noise, retouching and JPEG quality."""
    camera = plain_camera(rng) if rng.uniform() < PLAIN else Camera.random(rng)
    photo = camera.rephotograph(linearise(pixels), rng)
    if rng.uniform() < LOSSLESS:
        return png_bytes(photo)
    return jpeg_bytes(photo, camera.finish.quality, camera.finish.full_colour)


def plain_camera(rng: Rng) -> Camera:
    """A camera that leaves hardly a trace, as in large photographs that were shrunk."""
    sensor = Sensor(photons=float(np.exp(rng.uniform(np.log(8e3), np.log(2e5)))), read=1.0)
    return Camera(sensor=sensor, finish=Finish(sharpen=0.0, quality=int(rng.integers(80, 98))))
