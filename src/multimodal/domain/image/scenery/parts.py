"""The parts that scenes are made of.

    octaves, ramp ................. textures with a natural spectrum; even gradients
    Canvas ........................ paint shapes with colour and roughness; `light` makes linear light of them
    blobs, blades ................. outlines by the thousand: stones and leaves, grass and needles
    palette, shade ................ colours that belong together
    tilt, letters, lit, metered ... perspective, text, illumination, exposure

Convention: sizes are (height, width) in pixels; colours are 8-bit sRGB, light is linear float32 RGB, 1.0 just white.
The same seed gives the same scene at the same size.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from ..light import Light, linearise

Field = npt.NDArray[np.float32]
Outlines = npt.NDArray[np.int32]
Colour = tuple[float, float, float]
Size = tuple[int, int]
Rng = np.random.Generator

SHIFT = 4
"""Outlines are in sixteenths of a pixel, so that edges fall between pixels as they do in the world."""

SYLLABLES = (
    "ba",
    "co",
    "de",
    "fi",
    "gu",
    "ha",
    "in",
    "jo",
    "ka",
    "lu",
    "me",
    "no",
    "or",
    "qui",
    "ra",
    "se",
    "ti",
    "un",
    "ver",
)


def octaves(rng: Rng, size: Size, fall: float = 1.0, stretch: float = 1.0, coarsest: int = 7) -> Field:
    """A texture of mean 0 and deviation 1 whose amplitude falls as 1/frequency**fall (natural surfaces: 0.8 to 1.4).

    A sum of octaves of smooth noise. ``stretch`` > 1 draws it out along the rows, as wood grain or brushed steel.
    """
    total = np.zeros(size, np.float32)
    power = 0.0
    for octave in range(coarsest + 1):
        cell, weight = 2.0**octave, 2.0 ** (octave * (fall - 1))
        grid = max(3, int(size[0] / cell) + 2), max(3, int(size[1] / (cell * stretch)) + 2)
        noise = rng.standard_normal(grid, np.float32)
        total += np.float32(weight) * cv2.resize(noise, size[::-1], interpolation=cv2.INTER_LINEAR)
        power += weight**2 * (1.0 if octave == 0 else 0.45)
    return np.asarray(total / np.sqrt(power), np.float32)


def ramp(rng: Rng, size: Size, contrast: float) -> Field:
    """An even gradient in a random direction around 1, ``contrast`` from end to end."""
    turn = rng.uniform(0, 2 * np.pi)
    rows = np.linspace(-0.5, 0.5, size[0], dtype=np.float32)[:, None] * np.sin(turn)
    columns = np.linspace(-0.5, 0.5, size[1], dtype=np.float32)[None, :] * np.cos(turn)
    return np.asarray(1 + contrast * (rows + columns), np.float32)


class Canvas:
    """A surface to paint on: colour, and how rough each spot is (0 smooth to 1)."""

    def __init__(self, size: Size, colour: Colour, rough: float = 0.3) -> None:
        self.size = size
        self.paint = np.empty((*size, 4), np.uint8)
        self.paint[:] = _ink(colour, rough)

    def fill(self, outlines: Iterable[Any], colours: Iterable[Colour], rough: float = 0.3) -> None:
        """Fill convex outlines one after the other: later ones hide earlier ones."""
        for outline, colour in zip(outlines, colours, strict=False):
            cv2.fillConvexPoly(self.paint, outline, _ink(colour, rough), cv2.LINE_AA, SHIFT)

    def stroke(self, points: npt.NDArray[Any], colour: Colour, width: float, rough: float = 0.1) -> None:
        """A line through points (n, 2) in pixels."""
        line = np.rint(points * 2**SHIFT).astype(np.int32)
        cv2.polylines(self.paint, [line], False, _ink(colour, rough), max(1, round(width)), cv2.LINE_AA, SHIFT)

    def print(self, coverage: npt.NDArray[np.uint8], colour: Colour) -> None:
        """Colour the surface where ``coverage`` (height, width) is 255."""
        share = (coverage.astype(np.float32) / 255)[..., None]
        self.paint[..., :3] = np.rint(self.paint[..., :3] * (1 - share) + np.array(colour, np.float32) * share)

    def light(self, texture: Field, depth: float = 0.25) -> Light:
        """Linear light of the surface under even illumination; the texture modulates it where it is rough."""
        light = linearise(np.ascontiguousarray(self.paint[..., :3]))
        relief = self.paint[..., 3].astype(np.float32) * np.float32(depth / 255) * texture
        return np.asarray(light * np.maximum(1 + relief, 0.05)[..., None], np.float32)


def blobs(
    rng: Rng, centres: npt.NDArray[Any], radii: npt.NDArray[Any], corners: int = 12, angular: float = 0.3
) -> Outlines:
    """Outlines (n, corners, 2) of roundish, randomly squeezed and turned things around centres (n, 2) in pixels."""
    count = len(radii)
    around = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.uniform(0, 1, (count, 1))
    reach = radii[:, None] * (1 + angular * rng.uniform(-0.5, 0.5, (count, corners)))
    squeeze = rng.uniform(0.35, 1, (count, 1))
    return _turned(rng, centres, np.cos(around) * reach, np.sin(around) * reach * squeeze)


def blades(rng: Rng, roots: npt.NDArray[Any], lengths: npt.NDArray[Any], lean: float = 0.3) -> Outlines:
    """Outlines (n, 4, 2) of upright blades from roots (n, 2), leaning by ``lean`` radians or so."""
    turn = rng.normal(0, lean, len(lengths)) - np.pi / 2
    along = np.stack([np.cos(turn), np.sin(turn)], axis=1) * lengths[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * rng.uniform(0.02, 0.08, (len(lengths), 1))
    corners = [roots - across, roots + 0.5 * along - across * 0.8, roots + along, roots + 0.5 * along + across * 0.8]
    return _fixed(np.stack(corners, axis=1))


def power_law(rng: Rng, count: int, smallest: float, largest: float) -> npt.NDArray[Any]:
    """Radii with density r**-3, as in nature: the picture looks the same at every scale (Lee, Mumford, Huang 2001)."""
    share = rng.uniform(0, 1, count)
    return np.asarray(1 / np.sqrt(share / largest**2 + (1 - share) / smallest**2))


def scattered(rng: Rng, count: int, size: Size, margin: float = 0.1) -> npt.NDArray[Any]:
    """Points (count, 2) all over a picture and a little beyond its border."""
    return np.asarray(rng.uniform(-margin, 1 + margin, (count, 2)) * np.array(size[::-1]))


def palette(rng: Rng, count: int = 6, vivid: float = 0.5) -> list[Colour]:
    """Colours that belong together: a few near hues and now and then the opposite one."""
    hue = rng.uniform(0, 1)
    hues = hue + rng.normal(0, 0.08, count) + 0.5 * (rng.uniform(0, 1, count) < 0.2)
    saturations, values = vivid * rng.beta(2, 2, count), rng.uniform(0.12, 0.95, count)
    return [_rgb(*hsv) for hsv in zip(hues, saturations, values, strict=True)]


def shade(rng: Rng, colours: list[Colour], count: int, spread: float = 0.15) -> list[Colour]:
    """``count`` colours drawn from a palette, each a little lighter or darker than its origin."""
    chosen = np.array(colours)[rng.integers(0, len(colours), count)]
    varied = np.clip(chosen * (1 + spread * rng.standard_normal((count, 1))), 0, 255)
    return [tuple(colour) for colour in varied.tolist()]


def greens(rng: Rng, count: int = 6) -> list[Colour]:
    """The colours of one plant, from shade to sun."""
    hue, dry = rng.uniform(0.14, 0.32), rng.uniform(0.25, 0.65)
    return [_rgb(hue + rng.normal(0, 0.015), dry, value) for value in np.linspace(0.1, rng.uniform(0.45, 0.75), count)]


def tilt(
    picture: npt.NDArray[Any], rng: Rng, strength: float, border: int = cv2.BORDER_REFLECT_101
) -> npt.NDArray[Any]:
    """The picture seen at an angle: a perspective moves its corners outwards by up to ``strength`` of its size."""
    height, width = picture.shape[:2]
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    away = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * rng.uniform(0, strength, (4, 2)) * [width, height]
    matrix = cv2.getPerspectiveTransform(frame, (frame + away).astype(np.float32))
    warped = cv2.warpPerspective(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=border)
    return np.asarray(warped)


def letters(rng: Rng, size: Size, height: float, words: int, spacing: float = 1.5) -> npt.NDArray[np.uint8]:
    """Coverage 0..255 of lines of made-up words, ``height`` pixels high, from the upper left."""
    page = Image.new("L", size[::-1], 0)
    font = ImageFont.load_default(max(6.0, height))
    across = max(1, int(size[1] / (height * 0.55)))
    text = wrapped([word(rng) for _ in range(words)], across)
    ImageDraw.Draw(page).multiline_text((height, height), text, fill=255, font=font, spacing=height * (spacing - 1))
    return np.asarray(page)


def word(rng: Rng) -> str:
    """A made-up word or number."""
    if rng.uniform() < 0.12:
        return str(rng.integers(1, 9999))
    made = "".join(SYLLABLES[i] for i in rng.integers(0, len(SYLLABLES), rng.integers(1, 5)))
    return made.capitalize() if rng.uniform() < 0.15 else made


def wrapped(words: list[str], across: int) -> str:
    """Words in lines of at most ``across`` letters, and a paragraph here and there."""
    lines = [""]
    for each in words:
        if len(lines[-1]) + len(each) >= across - 2:
            lines.append("")
        lines[-1] += each + " "
    return "\n".join(lines)


def lit(light: Light, rng: Rng, contrast: float = 0.5) -> Light:
    """The light under uneven illumination of a warm or cool tint, in every third scene with shadows across it."""
    size = (light.shape[0], light.shape[1])
    field = np.maximum(ramp(rng, size, rng.uniform(0, contrast)), 0.1)
    if rng.uniform() < 0.35:
        field = field * _shadows(rng, size)
    tint = 1 + rng.normal(0, 0.05, 3)
    return np.asarray(light * field[..., None] * tint.astype(np.float32), np.float32)


def _shadows(rng: Rng, size: Size) -> Field:
    """Something tall stands in the sun: a factor that is low in its shadow; the penumbra is narrow or wide."""
    small = size[0] // 4 + 1, size[1] // 4 + 1
    shadow = np.zeros(small, np.uint8)
    for outline in blobs(rng, scattered(rng, 3, small), rng.uniform(0.15, 0.5, 3) * max(small), 9, 0.5):
        cv2.fillPoly(shadow, [outline], (255,), cv2.LINE_AA, SHIFT)
    soft = cv2.GaussianBlur(shadow.astype(np.float32), (0, 0), max(small) * rng.uniform(0.002, 0.03))
    return np.asarray(1 - cv2.resize(soft, size[::-1]) * np.float32(rng.uniform(0.3, 0.75) / 255), np.float32)


def metered(light: Light, mean: float = 0.18, white: float = 1.0) -> Light:
    """The light exposed as a camera would: its mean at mid-grey, unless more than 1 % would pass ``white``."""
    sparse = light[::8, ::8].mean(axis=2)
    gain = min(mean / max(float(sparse.mean()), 1e-4), white / max(float(np.quantile(sparse, 0.99)), 1e-4))
    return np.asarray(light * np.float32(gain), np.float32)


def _turned(rng: Rng, centres: npt.NDArray[Any], x: npt.NDArray[Any], y: npt.NDArray[Any]) -> Outlines:
    turn = rng.uniform(0, np.pi, (len(x), 1))
    cos, sin = np.cos(turn), np.sin(turn)
    return _fixed(np.stack([x * cos - y * sin, x * sin + y * cos], axis=2) + centres[:, None, :])


def _fixed(points: npt.NDArray[Any]) -> Outlines:
    return np.asarray(np.rint(points * 2**SHIFT), np.int32)


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, float(np.clip(saturation, 0, 1)), float(np.clip(value, 0, 1)))
    return red * 255, green * 255, blue * 255


def _ink(colour: Colour, rough: float) -> tuple[float, float, float, float]:
    return (*colour, rough * 255)
