"""Linear light: what the sensor counts, before a file makes sRGB of it.

    linearise, encode ......... 8-bit photographs to linear light and back (sRGB, IEC 61966-2-1), exactly
    roll_off .................. how a camera brings highlights below white
    sensor_noise .............. photons and read-out (Poisson-Gaussian; Foi et al. 2008)

Convention: light is float32, 1.0 is what just clips at the photograph's exposure; photographs are uint8 RGB.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Light = npt.NDArray[np.float32]

MID_GREY = 0.18
"""Linear light of the photographer's grey card; sRGB 118."""


def srgb_to_linear(values: npt.NDArray[Any]) -> Light:
    """Linear light 0..1 of sRGB values 0..1 (IEC 61966-2-1)."""
    low, high = values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4
    return np.where(values <= 0.04045, low, high).astype(np.float32)


def linear_to_srgb(light: npt.NDArray[Any]) -> Light:
    """Values 0..1 in sRGB of linear light 0..1 (IEC 61966-2-1)."""
    low, high = light * 12.92, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(light <= 0.0031308, low, high).astype(np.float32)


def linearise(pixels: Pixels) -> Light:
    """Linear light 0..1, float32, of an 8-bit photograph.

    >>> float(linearise(np.full((1, 1, 3), 255, np.uint8)).max())
    1.0
    """
    table = srgb_to_linear(np.arange(256) / 255)
    return np.asarray(cv2.LUT(pixels, table), np.float32)


def encode(light: Light) -> Pixels:
    """The 8-bit photograph of linear light; what lies outside 0..1 clips. Undoes `linearise` exactly."""
    table = np.rint(linear_to_srgb(np.arange(65536) / 65535) * 255).astype(np.uint8)
    return table[np.rint(np.clip(light, 0, 1) * 65535).astype(np.uint16)]


def roll_off(light: Light, white: float, knee: float = 0.5) -> Light:
    """Bring light up to ``white`` >= 1 down to 1: untouched below ``knee``, extended Reinhard (2002) above it."""
    if white <= 1:
        return light
    above, top = np.maximum(light - knee, 0) / (1 - knee), (white - knee) / (1 - knee)
    rolled = above * (1 + above / top**2) / (1 + above)
    return np.where(light > knee, knee + (1 - knee) * rolled, light).astype(np.float32)


def sensor_noise(light: Light, shot: float, read: float, rng: np.random.Generator) -> Light:
    """Light with noise of variance ``shot * light + read**2`` (one over photons at white; share of white, squared)."""
    noise = rng.standard_normal(light.shape, np.float32)
    noise *= np.sqrt(np.float32(shot) * np.maximum(light, 0) + np.float32(read**2))
    return light + noise
