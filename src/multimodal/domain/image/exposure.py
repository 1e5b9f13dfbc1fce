"""Measures of exposure: how the light of a photograph lies between black and white, and where it is lost.

    STOPS .............. luma 0 to 255 -> stops of linear light from mid-grey
    levels ............. percentiles of the light
    content ............ percentiles of the light of what has structure: subjects, not backdrops
    blown, crushed ..... thumbnail masks of regions without highlights' or shadows' detail
    backdrop ........... how much of the frame is a white background on purpose

A stop doubles the light. Zero is mid-grey (18 %), white +2.5; black ends at -7.4, below which 8 bits hold only noise.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .light import MID_GREY, srgb_to_linear
from .measures import luma_histogram, thumbnail
from .sample import ImageSample

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]

PERCENTILES = (1, 5, 25, 50, 75, 95, 99, 99.9)
CONTENT_PERCENTILES = (10, 50, 90)
BLACK_LUMA, WHITE_LUMA = 5, 250
"""Luma up to which, and from which on, no detail is left to see."""

_FLOOR = 0.001
_FULL_CONTRAST = 0.7
_SKY_BORDER, _BACKDROP_BORDER = 0.6, 0.9


def stops_of(light: NDArray[np.float32]) -> Floats:
    """Stops from mid-grey of linear light 0 to 1, with a soft floor so that black is finite.

    >>> stops_of(np.array([0.18, 0.36], np.float32)).round(2).tolist()
    [0.0, 1.0]
    """
    return np.asarray(np.log2((light + _FLOOR) / (MID_GREY + _FLOOR)), np.float32)


def stops_table() -> Floats:
    """Stops of each luma, float32 (256,)."""
    return stops_of(srgb_to_linear(np.arange(256) / 255))


STOPS = stops_table()
STOPS.flags.writeable = False


def percentiles(histogram: NDArray[Any], shares: tuple[float, ...]) -> Floats:
    """Stops below which these percentages of a luma histogram lie."""
    running = np.cumsum(histogram, dtype=np.float64)
    places = np.searchsorted(running, np.array(shares) / 100 * running[-1])
    return np.asarray(STOPS[np.minimum(places, 255)], np.float32)


@measure
def levels(sample: ImageSample) -> Floats:
    """Stops at `PERCENTILES` of all pixels, float32 (8,)."""
    return percentiles(luma_histogram(sample), PERCENTILES)


@measure
def contrast(sample: ImageSample) -> Floats:
    """Local standard deviation of the light in stops, 5 x 5 thumbnail pixels: the same at any exposure."""
    light = cv2.LUT(thumbnail(sample), STOPS)
    mean = cv2.blur(light, (5, 5))
    variance = cv2.blur(light * light, (5, 5)) - mean * mean
    return np.asarray(np.sqrt(np.maximum(variance, 0)), np.float32)


@measure
def content(sample: ImageSample) -> Floats:
    """Stops at `CONTENT_PERCENTILES` of the thumbnail, weighed by local contrast, and the mean weight; float32 (4,).

    An even backdrop, white or black, hardly counts. Without any contrast every pixel counts the same.
    """
    weights = np.minimum(contrast(sample) / _FULL_CONTRAST, 1) + 1e-4
    histogram = np.bincount(thumbnail(sample).ravel(), weights.ravel(), 256)
    return np.append(percentiles(histogram, CONTENT_PERCENTILES), weights.mean()).astype(np.float32)


@measure
def blown(sample: ImageSample) -> Gray:
    """1 where the thumbnail is white, else 0."""
    return (thumbnail(sample) >= WHITE_LUMA).astype(np.uint8)


@measure
def crushed(sample: ImageSample) -> Gray:
    """1 where the thumbnail is black, else 0."""
    return (thumbnail(sample) <= BLACK_LUMA).astype(np.uint8)


def layout(mask: Gray) -> tuple[float, float, float]:
    """How a mask lies in the frame: shares of the border, of the middle, and of the largest region (of the frame).

    >>> layout(np.ones((8, 8), np.uint8))
    (1.0, 1.0, 1.0)
    """
    if not mask.any():
        return 0.0, 0.0, 0.0
    edge = border_mask(mask.shape)
    on_edge, area = float(mask[edge].sum()), float(mask.sum())
    middle = mask.size - float(edge.sum())
    return on_edge / float(edge.sum()), (area - on_edge) / max(middle, 1.0), float(regions(mask)[1].max() / mask.size)


@measure
def backdrop(sample: ImageSample) -> float:
    """Share of the frame that is a white backdrop: one white region that holds most of the border, as in a studio.

    A blown sky holds the upper half of the border, a backdrop nearly all: in between it counts in part.
    """
    mask = blown(sample)
    edge = border_mask(mask.shape)
    if mask[edge].mean() <= _SKY_BORDER:
        return 0.0
    labels, sizes = regions(mask)
    held = np.bincount(labels[edge], minlength=len(sizes)) / edge.sum()
    held[0] = 0
    widest = int(held.argmax())
    certainty = np.clip((held[widest] - _SKY_BORDER) / (_BACKDROP_BORDER - _SKY_BORDER), 0, 1)
    return float(certainty * sizes[widest] / mask.size)


def regions(mask: Gray) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Connected regions of a mask: labels (h, w), and sizes in pixels by label (0 for what is outside of all)."""
    count, labels = cv2.connectedComponents(mask, connectivity=8)
    sizes = np.bincount(labels.ravel(), minlength=count)
    sizes[0] = 0
    return np.asarray(labels, np.int32), sizes


def border_mask(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """True within a twentieth of the sides (one pixel at least) of the frame."""
    height, width = shape[:2]
    reach = max(1, round(min(height, width) / 20))
    edge = np.ones((height, width), bool)
    edge[reach:-reach, reach:-reach] = False
    return edge
