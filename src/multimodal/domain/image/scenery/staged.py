"""Scenes that a photographer arranges by light and focus: one subject, a studio, a shallow focus, the night.

lone, studio, portrait ... one subject before next to nothing
shallow .................. a sharp subject, and a background thrown out of focus: a good photograph
night, backlit ........... mostly dark on purpose
wall ..................... nothing to see: even light on an even surface; nobody can tell whether it is sharp
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ..light import Light
from ..optics import aperture_kernel, convolve
from .built import bricks, facade, page, room, ware
from .nature import foliage, leaves, sky, stones
from .parts import (
    SHIFT,
    Canvas,
    Colour,
    Field,
    Rng,
    Size,
    blobs,
    letters,
    lit,
    metered,
    octaves,
    palette,
    ramp,
    scattered,
    shade,
)

SURFACES: tuple[Callable[[Rng, Size], Light], ...] = (leaves, stones, bricks, page, foliage, ware, ware)
DISTANCES: tuple[Callable[[Rng, Size], Light], ...] = (leaves, foliage, facade, room, stones)

HAIR: tuple[Colour, ...] = ((40, 30, 25), (110, 80, 50), (180, 160, 120), (120, 120, 122))


def lone(rng: Rng, size: Size) -> Light:
    """One small thing in front of an even wall or sky."""
    behind = sky(rng, size) if rng.uniform() < 0.5 else wall(rng, size)
    subject, mask = thing(rng, size, rng.uniform(0.05, 0.16))
    return metered(_over(behind, subject, mask), mean=0.25)


def studio(rng: Rng, size: Size) -> Light:
    """A product on white: the background just clips, as it is meant to; a soft shadow below the subject."""
    subject, mask = thing(rng, size, rng.uniform(0.15, 0.35))
    below = cv2.copyMakeBorder(mask, size[0] // 25, 0, 0, 0, cv2.BORDER_CONSTANT)[: size[0]]
    shadow = cv2.GaussianBlur(below, (0, 0), max(size) / 60)
    white = np.float32(rng.uniform(0.92, 1.1)) * (1 - np.float32(rng.uniform(0.1, 0.5)) * shadow)[..., None]
    return _over(np.repeat(white, 3, axis=2), metered(subject, mean=rng.uniform(0.1, 0.3)), mask)


def portrait(rng: Rng, size: Size) -> Light:
    """Smooth round forms with fine hair on top: little detail but where it counts."""
    skin = Canvas(size, (0, 0, 0), 0.25)
    centre, reach = np.array(size[::-1]) * rng.uniform(0.4, 0.6, 2), min(size) * rng.uniform(0.2, 0.38)
    tone = np.array([224, 172, 140]) * rng.uniform(0.35, 1.05)
    mask = np.zeros(size, np.uint8)
    body = _ellipse(centre + np.array([0, reach * 2.2]), reach * 1.7, reach * 1.5)
    face = _ellipse(centre, reach * 0.75, reach)
    for outline, colour in ((body, shade(rng, palette(rng, 3), 1)[0]), (face, tuple(np.clip(tone, 0, 255)))):
        skin.fill([outline], [colour], 0.35)
        cv2.fillConvexPoly(mask, outline, (255,), cv2.LINE_AA, SHIFT)
    _features(skin, rng, centre, reach)
    hair = Canvas(size, (0, 0, 0), 0.0)
    _hair(hair, rng, centre, reach)
    coverage = np.asarray(np.maximum(mask, hair.paint[..., 3]) / 255, np.float32)
    drawn = np.where(hair.paint[..., 3:] > 40, hair.paint, skin.paint)
    skin.paint[:] = drawn
    subject = skin.light(octaves(rng, size, 1.3), 0.12) * ramp(rng, size, 1.2)[..., None]
    return metered(lit(_over(backdrop(rng, size), metered(subject, 0.1, 0.9), coverage), rng, 0.3))


def shallow(rng: Rng, size: Size) -> Light:
    """A sharp subject (5 to 60 % of the picture) before a background far out of focus, perhaps with lights in it."""
    subject, mask = thing(rng, size, rng.uniform(0.16, 0.45))
    return metered(_over(backdrop(rng, size), metered(subject, rng.uniform(0.1, 0.3)), mask))


def backdrop(rng: Rng, size: Size) -> Light:
    """Any scene out of focus by a disk of 1 to 6 % of the picture; every other time with lights that become disks."""
    small = max(16, size[0] // 4), max(16, size[1] // 4)
    light = DISTANCES[int(rng.integers(0, len(DISTANCES)))](rng, small)
    if rng.uniform() < 0.5:
        places = scattered(rng, int(rng.integers(3, 40)), small, 0.0).astype(int)
        hues = np.array(palette(rng, 5, 0.8))[rng.integers(0, 5, len(places))] / 255
        strength = rng.uniform(3, 40, (len(places), 1))
        light[np.minimum(places[:, 1], small[0] - 1), np.minimum(places[:, 0], small[1] - 1)] = hues * strength
    kernel = aperture_kernel(max(small) * rng.uniform(0.012, 0.06), int(rng.integers(5, 10)), rng.uniform(0, 1))
    soft = cv2.resize(convolve(light, kernel), size[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.maximum(soft, 0), np.float32)


def night(rng: Rng, size: Size) -> Light:
    """Dark streets with lit windows, signs and lamps that glow: dark in the mean, and well exposed."""
    front = facade(rng, size) * np.float32(rng.uniform(0.02, 0.15))
    lamps = Canvas(size, (0, 0, 0), 0.0)
    count = int(rng.integers(20, 150))
    high = max(size) * rng.uniform(0.012, 0.045)
    for x, y in scattered(rng, count, size, 0.0):
        pane = np.rint(np.array([[x, y], [x + high, y], [x + high, y + 1.4 * high], [x, y + 1.4 * high]]) * 16)
        lamps.fill(
            [pane.astype(np.int32)], shade(rng, [(255, 190, 110), (250, 225, 180), (160, 190, 230)], 1, 0.3), 0.5
        )
    if rng.uniform() < 0.6:
        lamps.print(letters(rng, size, max(size) * rng.uniform(0.02, 0.08), 8, 3), (240, 60, 70))
    glow = lamps.light(octaves(rng, size, 1.0), 0.5) * np.float32(rng.uniform(0.5, 1.6))
    coarse = cv2.resize(glow, (size[1] // 8 + 1, size[0] // 8 + 1), interpolation=cv2.INTER_AREA)
    halo = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), max(size) / 8 / 40), size[::-1])
    return np.asarray(front + glow + halo * np.float32(0.25), np.float32)


def backlit(rng: Rng, size: Size) -> Light:
    """Branches, masts and wires, black against a bright sky: a silhouette on purpose."""
    light = metered(sky(rng, size), mean=rng.uniform(0.35, 0.6))
    shape = Canvas(size, (255, 255, 255), 0.0)
    for _ in range(int(rng.integers(1, 5))):
        _branch(
            shape, rng, np.array([rng.uniform(0, size[1]), size[0]]), -np.pi / 2, max(size) * rng.uniform(0.1, 0.25)
        )
    edge = size[0] * rng.uniform(0.75, 0.95) + octaves(rng, (3, size[1]), 1.8, coarsest=8)[1] * size[0] * 0.03
    ground = np.arange(size[0], dtype=np.float32)[:, None] > edge[None, :]
    open_sky = np.where(ground, 0, shape.paint[..., 0]).astype(np.float32)[..., None] / 255
    return np.asarray(light * (open_sky * np.float32(0.985) + np.float32(0.015)), np.float32)


def wall(rng: Rng, size: Size) -> Light:
    """An even wall under soft light: a faint gradient, nothing that could be sharp or blurred."""
    colour = np.array(palette(rng, 1, 0.4)[0]) / 255
    light = ramp(rng, size, rng.uniform(0.1, 1.2))[..., None] * ramp(rng, size, rng.uniform(0, 0.5))[..., None]
    stains = cv2.GaussianBlur(octaves(rng, (24, 32), 1.5, coarsest=4), (0, 0), 2)
    soft = cv2.resize(stains, size[::-1], interpolation=cv2.INTER_CUBIC)[..., None] * np.float32(rng.uniform(0, 0.06))
    return metered(np.asarray(np.maximum(light, 0.05) * (1 + soft) * (0.2 + colour), np.float32), rng.uniform(0.1, 0.5))


def thing(rng: Rng, size: Size, reach: float) -> tuple[Light, Field]:
    """A subject and where it covers the picture (0..1): a textured, printed or striped body with round shading."""
    centre = np.array(size[::-1]) * rng.uniform(0.35, 0.65, 2)
    radius = reach * np.sqrt(size[0] * size[1])
    mask = np.zeros(size, np.uint8)
    outline = blobs(rng, centre[None], np.array([radius * 1.2]), int(rng.integers(3, 24)), rng.uniform(0, 0.3))
    cv2.fillPoly(mask, [outline[0]], (255,), cv2.LINE_AA, SHIFT)
    left, top, width, height = cv2.boundingRect(mask)
    surface = SURFACES[int(rng.integers(0, len(SURFACES)))](rng, (height, width))
    rows = (np.arange(top, top + height, dtype=np.float32)[:, None] - np.float32(centre[1])) / np.float32(radius)
    columns = (np.arange(left, left + width, dtype=np.float32)[None, :] - np.float32(centre[0])) / np.float32(radius)
    round_shade = np.clip(1.1 - 0.45 * np.hypot(rows + 0.4, columns + 0.4), 0.15, 2)
    body = np.full((*size, 3), float(surface.mean()), np.float32)
    body[top : top + height, left : left + width] = surface * round_shade[..., None]
    return body, np.asarray(mask, np.float32) / np.float32(255)


def _over(behind: Light, front: Light, coverage: Field) -> Light:
    share = coverage[..., None]
    return np.asarray(behind * (1 - share) + front * share, np.float32)


def _ellipse(centre: npt.NDArray[Any], across: float, down: float) -> npt.NDArray[np.int32]:
    around = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    points = np.stack([np.cos(around) * across, np.sin(around) * down], axis=1) + centre
    return np.asarray(np.rint(points * 2**SHIFT), np.int32)


def _features(canvas: Canvas, rng: Rng, centre: npt.NDArray[Any], reach: float) -> None:
    """Eyes, brows, mouth: the small contrasts that a viewer looks at first."""
    iris = shade(rng, [(70, 50, 35), (80, 110, 140), (90, 110, 70)], 1)[0]
    for side in (-1, 1):
        eye = centre + np.array([side * reach * 0.3, -reach * 0.1])
        for colour, radius, high in (
            ((225, 220, 215), 0.12, 0.6),
            (iris, 0.06, 1),
            ((8, 8, 8), 0.03, 1),
            ((250,) * 3, 0.01, 1),
        ):
            canvas.fill([_ellipse(eye, reach * radius, reach * radius * high)], [colour], 0.0)
        brow = (
            eye
            + np.stack([np.linspace(-0.17, 0.17, 9), -0.17 - 0.04 * np.cos(np.linspace(-1.5, 1.5, 9))], axis=1) * reach
        )
        canvas.stroke(brow, (45, 32, 25), reach * 0.03)
    mouth = (
        centre + np.stack([np.linspace(-0.25, 0.25, 9), 0.45 + 0.03 * np.cos(np.linspace(-3, 3, 9))], axis=1) * reach
    )
    canvas.stroke(mouth, (120, 60, 60), reach * 0.06)


def _hair(canvas: Canvas, rng: Rng, centre: npt.NDArray[Any], reach: float) -> None:
    tone = HAIR[int(rng.integers(0, len(HAIR)))]
    colours = shade(rng, [tone], 900, 0.35)
    length = rng.uniform(0.4, 1.6)
    for colour, start in zip(colours, rng.uniform(np.pi * 1.02, np.pi * 1.98, 900), strict=True):
        root = centre + np.array([np.cos(start) * 0.72, np.sin(start) * 0.95]) * reach * rng.uniform(0.8, 1.1)
        side = np.sign(np.cos(start)) * np.linspace(0, 1, 8) ** 0.6 * rng.uniform(0.1, 0.5)
        fall = np.linspace(0, 1, 8) ** 1.5 * length * rng.uniform(0.5, 1) * abs(np.cos(start))
        canvas.stroke(root + np.stack([side, fall], axis=1) * reach, colour, max(1.0, reach / 150), 1.0)


def _branch(canvas: Canvas, rng: Rng, start: npt.NDArray[Any], heading: float, length: float) -> None:
    """A branch that divides until it is a twig."""
    if length < 4:
        return
    end = start + np.array([np.cos(heading), np.sin(heading)]) * length
    canvas.stroke(np.array([start, end]), (0, 0, 0), length * 0.07, 0.0)
    for turn in (rng.normal(-0.4, 0.2), rng.normal(0.4, 0.2)):
        _branch(canvas, rng, end, heading + turn, length * rng.uniform(0.6, 0.82))
