"""What spoils a photograph, each with a strength that a photographer can read.

    gaussian_blur, defocus_blur, motion_blur, shake_blur ... detail lost to the lens or a moving hand; in pixels
    expose ................................................. too little or too much light; in stops
    add_noise .............................................. too few photons; in grey levels at mid-grey
    compress_jpeg, rescale, enlarge ........................ what happens to the file afterwards

Light adds up in the sensor, not in the file: blur, exposure and noise act on linear light, which is then encoded back
to sRGB (IEC 61966-2-1) and rounded. Photographs are uint8 RGB arrays (height, width, 3); the input is never changed.

A blur of "8 pixels" says nothing until one knows how large the photograph is. All strengths are in the photograph's own
pixels unless ``at`` states the long side (in pixels) at which they were measured; `own_pixels` converts. The
`Degradation` values at the end state blur at `REFERENCE_SIDE`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ..shared.modality import Degradation
from .light import MID_GREY, Pixels, encode, linearise, roll_off, sensor_noise
from .optics import Kernel, arc, convolve, disk_kernel, path_kernel, shake

REFERENCE_SIDE = 1024
"""The long side in pixels at which people look at a photograph, and at which blur strengths are stated."""


def own_pixels(strength: float, shape: tuple[int, ...], at: int = REFERENCE_SIDE) -> float:
    """A strength stated at a long side of ``at`` pixels, in pixels of a photograph of this shape.

    A photograph smaller than ``at`` is looked at pixel by pixel, never enlarged: its strength stays as stated.

    >>> own_pixels(4, (1536, 2048, 3)), own_pixels(4, (480, 640, 3))
    (8.0, 4.0)
    """
    return strength * max(1.0, max(shape[:2]) / at)


# --- blur ------------------------------------------------------------------------------------------------------------


def gaussian_blur(pixels: Pixels, sigma: float, at: int | None = None) -> Pixels:
    """Blur by a Gaussian of standard deviation ``sigma`` pixels."""
    sigma = _resolve(sigma, pixels, at)
    if sigma <= 0:
        return pixels.copy()
    return encode(_array(cv2.GaussianBlur(linearise(pixels), (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)))


def defocus_blur(pixels: Pixels, diameter: float, at: int | None = None) -> Pixels:
    """Blur by a lens that is out of focus: each point becomes a disk of ``diameter`` pixels."""
    return _blurred(pixels, disk_kernel(_resolve(diameter, pixels, at)))


def motion_blur(pixels: Pixels, length: float, angle: float, bend: float = 0.0, at: int | None = None) -> Pixels:
    """Blur by an even motion of ``length`` pixels; ``angle`` in degrees, 0 along the rows, 90 along the columns.

    ``bend`` is the turn in degrees between the beginning and the end of the motion.
    """
    return _blurred(pixels, path_kernel(arc(_resolve(length, pixels, at), angle, bend)))


def shake_blur(pixels: Pixels, length: float, rng: np.random.Generator, at: int | None = None) -> Pixels:
    """Blur by an unsteady hand whose path is ``length`` pixels across."""
    return _blurred(pixels, path_kernel(shake(_resolve(length, pixels, at), rng)))


# --- exposure and noise ----------------------------------------------------------------------------------------------


def expose(pixels: Pixels, stops: float, shoulder: float = 0.0) -> Pixels:
    """Expose by ``stops`` more (or less, when negative): each stop doubles the light, what passes white clips.

    ``shoulder`` 0..1 rolls highlights off as cameras do instead of clipping them: 0 clips hard, 1 saves them all.
    """
    return encode(roll_off(linearise(pixels) * np.float32(2.0**stops), 2.0 ** (max(stops, 0.0) * shoulder)))


def add_noise(pixels: Pixels, sigma: float, rng: np.random.Generator, read_share: float = 0.3) -> Pixels:
    """Add sensor noise of ``sigma`` grey levels (of 255) at mid-grey.

    Poisson-Gaussian (Foi 2008): the variance grows with the light (photons) above a constant part (read-out), which
    makes up ``read_share`` of the variance at mid-grey.
    """
    slope = 255 * 1.055 / 2.4 * MID_GREY ** (1 / 2.4 - 1)
    variance = (sigma / slope) ** 2
    read = math.sqrt(variance * read_share)
    return encode(sensor_noise(linearise(pixels), variance * (1 - read_share) / MID_GREY, read, rng))


# --- the file --------------------------------------------------------------------------------------------------------


def compress_jpeg(pixels: Pixels, quality: float, full_colour: bool = False) -> Pixels:
    """What is left after JPEG at ``quality`` 1..100, colours at half the resolution (4:2:0) unless ``full_colour``."""
    return _array(cv2.imdecode(np.frombuffer(jpeg_bytes(pixels, quality, full_colour), np.uint8), cv2.IMREAD_COLOR_RGB))


def jpeg_bytes(pixels: Pixels, quality: float, full_colour: bool = False) -> bytes:
    """The photograph as a baseline JPEG file."""
    sampling = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444 if full_colour else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
    options = [cv2.IMWRITE_JPEG_QUALITY, round(quality), cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
    return cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)[1].tobytes()


def rescale(pixels: Pixels, factor: float) -> Pixels:
    """The photograph ``factor`` times as large: averaged when it shrinks, bicubic when it grows."""
    height, width = pixels.shape[:2]
    return resize_to(pixels, (max(1, round(height * factor)), max(1, round(width * factor))))


def enlarge(pixels: Pixels, factor: float) -> Pixels:
    """The photograph at its size, but with the detail of one ``factor`` times smaller: shrunk and enlarged again."""
    return resize_to(rescale(pixels, 1 / factor), pixels.shape[:2])


def resize_to(pixels: Pixels, size: tuple[int, ...]) -> Pixels:
    """The photograph at (height, width)."""
    shrinks = size[0] * size[1] < pixels.shape[0] * pixels.shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return _array(cv2.resize(pixels, (size[1], size[0]), interpolation=way))


# --- the catalogue: strengths in pixels at REFERENCE_SIDE ------------------------------------------------------------


Blur = Callable[[Pixels, float, np.random.Generator], Pixels]


def _random_motion(pixels: Pixels, length: float, rng: np.random.Generator) -> Pixels:
    return motion_blur(pixels, length, rng.uniform(0, 180), bend=rng.normal(0, 15), at=REFERENCE_SIDE)


def _spread(blur: Callable[..., Pixels], pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    return blur(pixels, strength, at=REFERENCE_SIDE)


def _plain(change: Callable[..., Pixels], pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    return change(pixels, strength)


def _graded(weakest: float, strongest: float, count: int = 6) -> tuple[float, ...]:
    """Strengths from the first that is a fault by itself to one past which nothing new is learned."""
    return tuple(float(strength) for strength in np.geomspace(weakest, strongest, count).round(2))


def _fewer(weakest: float, strongest: float) -> tuple[float, ...]:
    return tuple(-step for step in _graded(weakest, strongest))


def _lens(name: str, unit: str, strengths: tuple[float, ...], blur: Blur, unnoticed: float) -> Degradation:
    return Degradation(name, "blurred", f"px {unit} at 1024", strengths, blur, "defocus", unnoticed)


def _hand(name: str, unit: str, strengths: tuple[float, ...], blur: Blur, unnoticed: float) -> Degradation:
    return Degradation(name, "blurred", f"px {unit} at 1024", strengths, blur, "motion", unnoticed)


# What nobody notices, and what is a fault by itself: synthetic.py says how that was judged, scenes.py for exposure.
GAUSSIAN = _lens("gaussian", "sigma", _graded(1.12, 10), partial(_spread, gaussian_blur), 0.55)
DEFOCUS = _lens("defocus", "diameter", _graded(4.5, 32), partial(_spread, defocus_blur), 2.2)
MOTION = _hand("motion", "length", _graded(6.5, 48), _random_motion, 3.0)
SHAKE = _hand("shake", "across", _graded(6.5, 40), partial(shake_blur, at=REFERENCE_SIDE), 3.0)
UNDER_EXPOSURE = Degradation(
    "under_exposure", "under_exposed", "stops", _fewer(1.8, 5), partial(_plain, expose), unnoticed=-0.9
)
OVER_EXPOSURE = Degradation(
    "over_exposure", "over_exposed", "stops", _graded(1.3, 4), partial(_plain, expose), unnoticed=0.75
)
NOISE = Degradation("noise", "noisy", "grey levels at mid-grey", _graded(3, 40), add_noise)

BLURS = (GAUSSIAN, DEFOCUS, MOTION, SHAKE)
EXPOSURES = (UNDER_EXPOSURE, OVER_EXPOSURE)


# --- small helpers ---------------------------------------------------------------------------------------------------


def _blurred(pixels: Pixels, kernel: Kernel) -> Pixels:
    return pixels.copy() if kernel.size == 1 else encode(convolve(linearise(pixels), kernel))


def _resolve(strength: float, pixels: Pixels, at: int | None) -> float:
    return strength if at is None else own_pixels(strength, pixels.shape, at)


def _array(values: Any) -> npt.NDArray[Any]:
    return np.asarray(values)
