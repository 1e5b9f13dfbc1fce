"""Point spreads: what a lens out of focus or a moving camera makes of a single point of light.

    disk_kernel ............... out of focus; aperture_kernel with the blades of the diaphragm
    arc, shake ................ paths of a moving camera; path_kernel draws them
    convolve .................. every point of the light becomes the kernel

Convention: lengths in pixels of the photograph at hand; kernels are float32, odd-sided and weigh 1 in sum.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .light import Light

Kernel = npt.NDArray[np.float32]
Path = npt.NDArray[np.float64]


def convolve(light: Light, kernel: Kernel) -> Light:
    """Spread every point of the light over the kernel; the border is mirrored."""
    if kernel.size == 1:
        return light
    flipped = np.ascontiguousarray(kernel[::-1, ::-1])
    return np.asarray(cv2.filter2D(light, cv2.CV_32F, flipped, borderType=cv2.BORDER_REFLECT_101), np.float32)


def disk_kernel(diameter: float, fine: int = 8) -> Kernel:
    """A disk of unit weight, each pixel weighed by the area covered (``fine``² points a pixel).

    >>> disk_kernel(1.0).shape, disk_kernel(3.0).shape
    ((1, 1), (3, 3))
    """
    if diameter <= 1:
        return np.ones((1, 1), np.float32)
    reach = math.ceil((diameter - 1) / 2)
    side = 2 * reach + 1
    axis = (np.arange(side * fine) + 0.5) / fine - side / 2
    inside = np.hypot(axis[:, None], axis[None, :]) <= diameter / 2
    return _unit(inside.reshape(side, fine, side, fine).mean(axis=(1, 3)))


def aperture_kernel(diameter: float, blades: int, turn: float = 0.0, fine: int = 8) -> Kernel:
    """The spot of a lens stopped down to a polygon of ``blades`` blades, as large in area as a disk of ``diameter``."""
    if diameter <= 1:
        return np.ones((1, 1), np.float32)
    corner = diameter / 2 * math.sqrt(2 * math.pi / (blades * math.sin(2 * math.pi / blades)))
    reach = math.ceil(corner - 0.5)
    side = 2 * reach + 1
    axis = (np.arange(side * fine) + 0.5) / fine - side / 2
    angle = np.arctan2(axis[:, None], axis[None, :]) + turn
    within = np.mod(angle, 2 * np.pi / blades) - np.pi / blades
    inside = np.hypot(axis[:, None], axis[None, :]) * np.cos(within) <= corner * math.cos(math.pi / blades)
    return _unit(inside.reshape(side, fine, side, fine).mean(axis=(1, 3)))


def arc(length: float, angle: float, bend: float = 0.0) -> Path:
    """Points (x, y) along an arc of ``length`` pixels, evenly spaced, centred on the origin."""
    count = max(2, math.ceil(length * 8))
    heading = np.radians(angle + bend * (np.linspace(0, 1, count) - 0.5))
    steps = np.stack([np.cos(heading), -np.sin(heading)], axis=1) * (length / (count - 1))
    points = np.cumsum(steps, axis=0)
    return np.asarray(points - (points[0] + points[-1]) / 2, np.float64)


def shake(length: float, rng: np.random.Generator) -> Path:
    """The path of an unsteady hand, ``length`` pixels between its farthest points along its main direction.

    A drift with tremor: velocity is a steady part and a slowly changing random part, as recorded hand motions show.
    """
    count = max(16, math.ceil(length * 8))
    tremor = cv2.GaussianBlur(rng.standard_normal((count, 2)), (1, 0), 1, sigmaY=count / 8)
    tremor *= rng.uniform(0.2, 1.2) / (tremor.std() + 1e-9)
    turn = rng.uniform(0, 2 * np.pi)
    points = np.cumsum(tremor + np.array([np.cos(turn), np.sin(turn)]), axis=0)
    points -= points.mean(axis=0)
    along = points @ np.linalg.svd(points, full_matrices=False)[2][0]
    return np.asarray(points * (length / np.ptp(along)), np.float64)


def path_kernel(points: Path) -> Kernel:
    """The unit-weight kernel of a camera that moves along the points, each shared between its four nearest pixels."""
    reach = math.ceil(np.abs(points).max() - 1e-6)
    kernel = np.zeros((2 * reach + 2, 2 * reach + 2))
    whole = np.floor(points).astype(int)
    part = points - whole
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
        weight = np.abs(1 - dx - part[:, 0]) * np.abs(1 - dy - part[:, 1])
        np.add.at(kernel, (whole[:, 1] + reach + dy, whole[:, 0] + reach + dx), weight)
    return _unit(kernel[:-1, :-1])


def _unit(kernel: npt.NDArray[Any]) -> Kernel:
    return np.asarray(kernel / kernel.sum(), np.float32)
