"""Evidence as a picture that anybody can open.

    overlay ... the heat over the gray picture, uint8 RGB
    to_png .... the same as a PNG file

The colours are Inferno (van der Walt and Smith 2015): even steps to the eye, in print and for the colour-blind. Where
there is no heat the gray picture is seen as it is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .results import Evidence

LONG_SIDE = 768
"""Longest side of an overlay in pixels."""

_STRONGEST = 0.8  # some of the picture shines through even the strongest heat
_DARKEST = 0.25  # Inferno begins in black, which no dark picture would show


def overlay(evidence: Evidence) -> NDArray[np.uint8]:
    """The heat over the gray picture, uint8 RGB (h, w, 3), in the picture's aspect, its long side at most 768."""
    picture = _fit(evidence.picture)
    size = (picture.shape[1], picture.shape[0])
    heat = np.clip(np.nan_to_num(_resize(evidence.heat.astype(np.float32), size)), 0, 1)[..., None]
    cover = heat * _STRONGEST
    mixed = _gray(picture) * (1 - cover) + _coloured(heat) * cover
    return np.asarray(np.rint(mixed), np.uint8)


def to_png(evidence: Evidence) -> bytes:
    """The overlay as a PNG file."""
    bgr = cv2.cvtColor(overlay(evidence), cv2.COLOR_RGB2BGR)
    return cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1].tobytes()


def _fit(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    factor = min(1.0, LONG_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _resize(heat: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    shrinks = heat.size > size[0] * size[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(heat, size, interpolation=way), np.float32)


def _gray(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)


def _coloured(heat: NDArray[np.float32]) -> NDArray[np.uint8]:
    levels = np.rint((_DARKEST + (1 - _DARKEST) * heat) * 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB), np.uint8)
