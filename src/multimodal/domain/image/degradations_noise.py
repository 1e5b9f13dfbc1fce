"""Noise as a fault: what too few photons leave in a file.

    high_iso ........... a camera at a high ISO setting: mosaic, interpolation, noise reduction, JPEG
    photons_of ......... how few photons make so much noise
    NOISE, HIGH_ISO .... plain sensor noise, and that of a camera; strengths in grey levels at mid-grey

Plain noise is independent from pixel to pixel and colour to colour. A camera's is not: it is interpolated from one
colour a pixel and smoothed, so that it is less fine, less coloured and less strong than the sensor's.
"""

from __future__ import annotations

import numpy as np

from ..shared.modality import Degradation
from .camera import Finish, Sensor
from .degradations import add_noise, compress_jpeg
from .light import MID_GREY, Pixels, encode, linearise

READ_SHARE = 0.3
"""Share of the variance at mid-grey that is read-out noise, as in `add_noise`."""
SLOPE = 255 * 1.055 / 2.4 * MID_GREY ** (1 / 2.4 - 1)
"""Grey levels of sRGB a unit of linear light at mid-grey."""
SMOOTHED = (0.3, 1.0)
"""Range of the camera's noise reduction over the sensor's noise."""


def high_iso(pixels: Pixels, sigma: float, rng: np.random.Generator) -> Pixels:
    """The photograph from a sensor with noise of `sigma` grey levels (of 255) at mid-grey, as its camera writes it."""
    photons = photons_of(sigma)
    read = np.sqrt(READ_SHARE / (1 - READ_SHARE) * MID_GREY * photons)
    counted = Sensor(photons, float(read), balance=(1.0, 1.0)).expose(linearise(pixels), rng)
    finish = Finish(denoise=sigma * rng.uniform(*SMOOTHED), sharpen=0.0)
    return compress_jpeg(finish.retouch(encode(counted)), int(rng.integers(88, 97)))


def photons_of(sigma: float) -> float:
    """Photons at white of a sensor whose noise is `sigma` grey levels at mid-grey.

    >>> round(photons_of(6.0)), round(photons_of(24.0))
    (664, 41)
    """
    return float((1 - READ_SHARE) ** -1 * MID_GREY * (SLOPE / sigma) ** 2)


NOISE = Degradation(
    "noise", "noisy", "grey levels at mid-grey", (6.0, 8.8, 12.8, 18.7, 27.4, 40.0), add_noise, unnoticed=1.5
)
HIGH_ISO = Degradation(
    "high_iso",
    "noisy",
    "grey levels at mid-grey, as the sensor counts",
    (24.0, 32.0, 42.0, 56.0),
    high_iso,
    unnoticed=4.0,
)
