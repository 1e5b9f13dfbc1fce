"""Small pictures of bounded size, to be carried inside a page."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

QUALITIES = (72, 45, 25, 10)
"""WebP qualities that are tried, best first."""


def to_webp(picture: NDArray[np.uint8], *, side: int, most: int) -> bytes:
    """An RGB picture (h, w, 3) as a WebP file of at most `side` pixels and `most` bytes, at the best quality that fits.

    Where even the poorest quality is too large, the picture gets smaller.
    """
    shown = fitted(picture, side)
    for quality in QUALITIES:
        data = _encoded(shown, quality)
        if len(data) <= most:
            return data
    return to_webp(shown, side=max(1, side // 2), most=most) if side > 1 else data


def fitted(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The picture with no side longer than this many pixels, areas averaged."""
    height, width = picture.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return picture
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _encoded(picture: NDArray[np.uint8], quality: int) -> bytes:
    bgr = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2BGR)
    return cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
