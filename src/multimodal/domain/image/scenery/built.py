"""Scenes that somebody built or printed: pages, signs, walls of brick and tile, concrete, façades, steel, rooms."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ..light import Light
from .nature import leaves, sky
from .parts import (
    Canvas,
    Colour,
    Rng,
    Size,
    blobs,
    letters,
    lit,
    metered,
    octaves,
    palette,
    power_law,
    scattered,
    shade,
    tilt,
)


def page(rng: Rng, size: Size) -> Light:
    """A printed page, straight on or at an angle: paper with a slight tint, ink that is not quite black."""
    paper = Canvas(size, tuple(rng.uniform(200, 245, 3)), 0.15)
    height = max(size) * rng.uniform(0.012, 0.05)
    words = int(min(900, 0.12 * size[0] * size[1] / height**2))
    ink = letters(rng, size, height, words, rng.uniform(1.2, 2))
    if rng.uniform() < 0.7:
        ink = np.clip(tilt(ink, rng, 0.25, cv2.BORDER_CONSTANT), 0, 255)
    paper.print(ink, tuple(rng.uniform(10, 70, 3)))
    light = paper.light(octaves(rng, size, 0.8), 0.12)
    return metered(lit(light, rng, 0.6), mean=rng.uniform(0.3, 0.55))


def sign(rng: Rng, size: Size) -> Light:
    """A painted plate with a few large letters in front of whatever is there."""
    light = leaves(rng, size) if rng.uniform() < 0.5 else concrete(rng, size)
    plate = size[0] * 6 // 10, size[1] * 7 // 10
    colours = palette(rng, 2, vivid=0.9)
    board = Canvas(plate, colours[0], 0.1)
    height = plate[0] / rng.uniform(3, 7)
    board.print(letters(rng, plate, height, 12, 1.3), _contrast(colours[0]))
    cv2.rectangle(
        board.paint, (6, 6), (plate[1] - 7, plate[0] - 7), (*_contrast(colours[0]), 20), max(2, plate[0] // 80)
    )
    top, left = int(rng.integers(0, size[0] - plate[0])), int(rng.integers(0, size[1] - plate[1]))
    light[top : top + plate[0], left : left + plate[1]] = board.light(octaves(rng, plate, 1.2), 0.1) * np.float32(0.5)
    return metered(lit(np.asarray(tilt(light, rng, 0.1), np.float32), rng))


def bricks(rng: Rng, size: Size) -> Light:
    """Courses of brick, block or tile, each a little different, at an angle."""
    mortar = rng.uniform(60, 200)
    wall = Canvas(size, (mortar, mortar, mortar * 0.95), 0.6)
    high = max(size) * rng.uniform(0.02, 0.12)
    wide, joint = high * rng.uniform(1, 3.5), high * rng.uniform(0.03, 0.15)
    corners = _courses(rng, size, high, wide, joint)
    rough = rng.uniform(0, 1)
    wall.fill(
        corners,
        shade(rng, palette(rng, 1 if rng.uniform() < 0.7 else 3, 0.6), len(corners), rng.uniform(0.02, 0.2)),
        rough,
    )
    light = wall.light(octaves(rng, size, rng.uniform(0.8, 1.3)), 0.3)
    return metered(lit(np.asarray(np.maximum(tilt(light, rng, rng.uniform(0, 0.4)), 0), np.float32), rng))


def concrete(rng: Rng, size: Size) -> Light:
    """A cast wall: faint stains, pores, board joints with tie holes, now and then a crack."""
    grey = rng.uniform(110, 190)
    wall = Canvas(size, (grey, grey * 0.99, grey * rng.uniform(0.9, 1)), 1.0)
    pores = int(rng.integers(50, 900))
    radii = power_law(rng, pores, 0.6, max(size) * 0.006)
    wall.fill(blobs(rng, scattered(rng, pores, size), radii, 8), [(grey * 0.45,) * 3] * pores, 0.5)
    board = max(size) * rng.uniform(0.12, 0.5)
    for x in np.arange(rng.uniform(0, board), size[1], board):
        wall.stroke(np.array([[x, -5], [x + rng.normal(0, 2), size[0] + 5]]), (grey * 0.6,) * 3, max(size) / 500)
        holes = np.array([[x + board / 2, y] for y in np.arange(board / 2, size[0], board)]).reshape(-1, 2)
        wall.fill(blobs(rng, holes, np.full(len(holes), board * 0.04), 16, 0.0), [(40, 40, 40)] * len(holes))
    for _ in range(int(rng.integers(0, 3))):
        wall.stroke(_crack(rng, size), (grey * 0.35,) * 3, max(1, max(size) / 900))
    return metered(lit(wall.light(octaves(rng, size, rng.uniform(1, 1.4)), rng.uniform(0.04, 0.15)), rng), 0.25)


def facade(rng: Rng, size: Size) -> Light:
    """A house front: rows of windows with frames and reflections, edges of slabs, sky above."""
    colours = palette(rng, 3, vivid=0.35)
    front = Canvas(size, colours[0], 0.5)
    floor = max(size) * rng.uniform(0.06, 0.2)
    wide = floor * rng.uniform(0.5, 1.2)
    glass = shade(rng, [(40, 50, 62), (90, 110, 130), (20, 24, 28)], 4000, 0.3)
    frame = max(1.0, floor * 0.03)
    for row, y in enumerate(np.arange(0, size[0] + floor, floor)):
        front.stroke(np.array([[0, y], [size[1], y]]), colours[1], floor * 0.05)
        for column, x in enumerate(np.arange(0, size[1] + wide, wide)):
            pane = _box(x + wide * 0.2, y + floor * 0.25, wide * 0.6, floor * 0.55)
            front.fill([pane], [glass[(row * 61 + column) % 4000]], 0.1)
            front.stroke(np.concatenate([pane, pane[:1]]) / 16, colours[2], frame)
            front.stroke(
                np.array([[x + wide / 2, y + floor * 0.25], [x + wide / 2, y + floor * 0.8]]), colours[2], frame
            )
    light = np.maximum(tilt(front.light(octaves(rng, size, 1.1), 0.2), rng, 0.35), 0)
    if rng.uniform() < 0.5:
        roof = int(size[0] * rng.uniform(0.1, 0.4))
        light[:roof] = sky(rng, size)[:roof]
    return metered(lit(np.asarray(light, np.float32), rng))


def steel(rng: Rng, size: Size) -> Light:
    """Scaffold, rebar or fence: crossing tubes with a bright and a dark side before sky, concrete or leaves."""
    behind = [sky, concrete, leaves][int(rng.integers(0, 3))](rng, size)
    tubes = Canvas(size, (0, 0, 0), 0.0)
    mask = Canvas(size, (0, 0, 0), 0.0)
    pitch, thick = max(size) * rng.uniform(0.04, 0.25), max(size) * rng.uniform(0.003, 0.015)
    for turn in (
        rng.normal(0, 0.05),
        np.pi / 2 + rng.normal(0, 0.05),
        *([rng.uniform(0.5, 1)] if rng.uniform() < 0.5 else []),
    ):
        colour = shade(rng, [(150, 150, 155), (120, 80, 55), (70, 72, 75)], 1)[0]
        for line in _parallel(rng, size, turn, pitch):
            mask.stroke(line, (255, 255, 255), thick)
            _tube(tubes, line, colour, thick)
    share = mask.paint[..., :1].astype(np.float32) / 255
    light = metered(behind) * (1 - share) + tubes.light(octaves(rng, size, 1.0), 0.4) * share
    return metered(lit(np.asarray(light, np.float32), rng))


def room(rng: Rng, size: Size) -> Light:
    """Boxes and furniture: even faces that meet in edges, each with its own light; some of them printed."""
    colours = palette(rng, 7, vivid=0.5)
    space = Canvas(size, colours[0], 0.15)
    horizon = size[0] * rng.uniform(0.5, 0.8)
    space.fill([_box(-5, horizon, size[1] + 10, size[0])], [colours[1]], 0.5)
    for near in np.sort(rng.uniform(0, 1, int(rng.integers(4, 14)))):
        side = max(size) * rng.uniform(0.05, 0.2) * (0.5 + near)
        _crate(
            space, rng, (rng.uniform(0, size[1]), horizon + near * (size[0] - horizon)), side, shade(rng, colours, 1)[0]
        )
    if rng.uniform() < 0.6:
        space.print(letters(rng, size, max(size) * rng.uniform(0.012, 0.04), 25, 2.5), _contrast(colours[0]))
    return metered(lit(space.light(octaves(rng, size, 1.2), 0.15), rng, 0.9))


def ware(rng: Rng, size: Size) -> Light:
    """Something from a shelf: an even coat, a band or two, a printed label, a soft shine. Mostly smooth."""
    colours = palette(rng, 4, vivid=0.8)
    coat = Canvas(size, colours[0], 0.05)
    for colour in colours[1 : int(rng.integers(1, 4))]:
        coat.fill([_box(-5, rng.uniform(0, size[0]), size[1] + 10, size[0] * rng.uniform(0.03, 0.2))], [colour], 0.05)
    if rng.uniform() < 0.7:
        coat.print(letters(rng, size, max(size) * rng.uniform(0.05, 0.15), 12, 1.6), _contrast(colours[0]))
    shine = np.exp(-((np.linspace(-1, 1, size[1], dtype=np.float32)[None, :] - rng.uniform(-0.6, 0.6)) ** 2) / 0.02)
    light = coat.light(octaves(rng, size, 1.2), 0.1)
    return metered(np.asarray(light + np.float32(rng.uniform(0, 0.3)) * shine[..., None], np.float32))


def grain(rng: Rng, size: Size) -> Light:
    """Wood, brushed metal or woven cloth up close: fine, even, often of low contrast, and nothing else."""
    colour = np.array(palette(rng, 1, 0.5)[0]) / 255
    contrast = np.float32(rng.uniform(0.12, 0.4))
    field = octaves(rng, size, rng.uniform(0.8, 1.2), stretch=rng.uniform(3, 12))
    if rng.uniform() < 0.5:
        pitch = max(2.5, max(size) * rng.uniform(0.003, 0.012))
        weave = np.sin(np.arange(size[0])[:, None] * 6.28 / pitch) * np.sin(np.arange(size[1])[None, :] * 6.28 / pitch)
        field = octaves(rng, size, 0.9) * 0.5 + np.float32(1.5) * weave.astype(np.float32)
    light = np.maximum(1 + contrast * field, 0.05)[..., None] * (0.1 + colour)
    return metered(lit(np.asarray(np.maximum(tilt(light, rng, 0.2), 0), np.float32), rng, 0.8))


def _contrast(colour: Colour) -> Colour:
    return (20.0, 20.0, 24.0) if sum(colour) > 330 else (235.0, 232.0, 225.0)


def _box(x: float, y: float, width: float, height: float) -> npt.NDArray[Any]:
    corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    return np.asarray(np.rint(corners * 16), np.int32)


def _courses(rng: Rng, size: Size, high: float, wide: float, joint: float) -> list[npt.NDArray[Any]]:
    offset = rng.choice([0.0, 0.5])
    found = []
    for row in range(int(size[0] / high) + 2):
        for x in np.arange(-wide * (1 + (row % 2) * offset), size[1] + wide, wide):
            jitter = rng.integers(-6, 6, (4, 2)).astype(np.int32)
            found.append(_box(x, row * high, wide - joint, high - joint) + jitter)
    return found


def _crack(rng: Rng, size: Size) -> npt.NDArray[Any]:
    steps = rng.normal(0, 1, (120, 2)) + rng.normal(0, 1, 2)
    start = rng.uniform(0, 1, 2) * size[::-1]
    return np.asarray(start + np.cumsum(steps, axis=0) * max(size) / 250)


def _parallel(rng: Rng, size: Size, turn: float, pitch: float) -> list[npt.NDArray[Any]]:
    reach, centre = max(size), np.array(size[::-1]) / 2
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    offsets = np.arange(-reach, reach, pitch) + rng.normal(0, pitch * 0.04, len(np.arange(-reach, reach, pitch)))
    return [centre + across * offset + np.array([[-1.0], [1.0]]) * along * reach for offset in offsets]


def _tube(canvas: Canvas, line: npt.NDArray[Any], colour: Colour, thick: float) -> None:
    """Dark at the rim, bright along the middle, as light falls on anything round."""
    for part, tone in ((1.0, 0.4), (0.7, 0.8), (0.3, 1.25)):
        shine = [min(255.0, channel * tone) for channel in colour]
        canvas.stroke(line, (shine[0], shine[1], shine[2]), thick * part, 0.4)


def _crate(canvas: Canvas, rng: Rng, foot: tuple[float, float], side: float, colour: Colour) -> None:
    """A box that shows its front, its top and one side, and the shadow on the floor."""
    x, y = foot
    high, deep = side * rng.uniform(0.4, 1.6), side * rng.uniform(0.2, 0.5)
    away = np.rint(np.array([deep, -deep * 0.5]) * 16).astype(np.int32)
    front = _box(x, y - high, side, high)
    top = np.array([front[0], front[1], front[1] + away, front[0] + away])
    flank = np.array([front[1], front[2], front[2] + away, front[1] + away])
    shadow = front[[3, 2, 2, 3]] + np.array([[0, 0], [0, 0], [1, 0.15], [1, 0.15]]) * side * 12
    tones = [tuple(min(255.0, channel * tone) for channel in colour) for tone in (0.25, 1.0, 1.3, 0.6)]
    canvas.fill([shadow.astype(np.int32), front, top, flank], [(a, b, c) for a, b, c in tones], rng.uniform(0, 0.6))
