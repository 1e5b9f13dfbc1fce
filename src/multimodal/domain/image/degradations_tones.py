"""What spoils the tones and colours of a photograph, each with a strength that a photographer can read.

    haze, flatten ........ a veil of light, and tones squeezed into a narrow range; in shares of the contrast lost
    tint ................. a wrong white balance; in Delta E (CIE 1976) between white and what is left of it
    fade, tone ........... colour lost, and a single colour put in its place; in shares of the chroma lost
    exaggerate ........... too much colour; in times the chroma
    flare ................ the sun, a lamp or a flash reflected; in per cent of the frame that it turns white

Veils, white balance and sources of light act on linear light, as in the air, the raw converter and the lens.
Photographs are uint8 RGB arrays (height, width, 3); the input is never changed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.modality import Degradation
from .colours import light_of
from .light import Pixels, encode, linearise

Rng = np.random.Generator
Floats = NDArray[np.float32]

AIRLIGHT = (0.55, 0.9)
"""Luminance of haze: from a grey day to white fog."""
HUES = {"warm": 75.0, "cool": 265.0, "green": 145.0, "magenta": 330.0}
"""Hue angles in CIELAB: a wrong colour temperature runs from 265 to 75 degrees, a wrong tint across it."""


# --- contrast --------------------------------------------------------------------------------------------------------


def haze(pixels: Pixels, lost: float, rng: Rng) -> Pixels:
    """A veil of bright air: each point keeps a share of its light, the rest is the air's (Koschmieder 1924).

    ``lost``: share of the contrast lost, the mean over the frame; half of the veils are thicker above than below.
    """
    air = rng.uniform(*AIRLIGHT) * np.array([1 - rng.uniform(0, 0.12), 0.96, 1.0], np.float32)
    kept = _transmission(pixels.shape[0], lost, 1.0 if rng.uniform() < 0.5 else rng.uniform(3, 6))
    return encode(linearise(pixels) * kept + air * (1 - kept))


def flatten(pixels: Pixels, lost: float, rng: Rng) -> Pixels:
    """Tones squeezed to 1 - ``lost`` of their range, as in a flat scan; somewhere in the middle of the range."""
    darkest = 255 * lost * rng.uniform(0.35, 0.85)
    return np.asarray(np.rint(darkest + pixels * (1 - lost)), np.uint8)


def _transmission(rows: int, lost: float, times: float) -> Floats:
    """Share of the light that passes, float32 (rows, 1, 1); above, the way is ``times`` as long as below."""
    depth = np.linspace(times, 1, rows)
    thin, thick = 0.0, 50.0
    for _ in range(40):
        density = (thin + thick) / 2
        thin, thick = (density, thick) if 1 - np.exp(-density * depth).mean() < lost else (thin, density)
    return np.exp(-density * depth).astype(np.float32)[:, None, None]


# --- colour ----------------------------------------------------------------------------------------------------------


def tint(hue: float, pixels: Pixels, distance: float, rng: Rng) -> Pixels:
    """White turned ``distance`` Delta E towards a hue in degrees (give or take 12): gains on linear light.

    Some converters keep the light of the whole, so that the stronger channels clip, others the highlights.
    """
    angle = np.radians(hue + rng.uniform(-12, 12))
    gains = light_of(distance * float(np.cos(angle)), distance * float(np.sin(angle)))
    return encode(linearise(pixels) * (gains / gains.max() ** rng.uniform()).astype(np.float32))


def fade(pixels: Pixels, lost: float, rng: Rng) -> Pixels:
    """Chroma times 1 - ``lost``; the lightness stays."""
    return _with_chroma(pixels, 1 - lost)


def tone(pixels: Pixels, lost: float, rng: Rng) -> Pixels:
    """Faded, then toned in one colour as in sepia or cyanotype; strongest in the middle tones."""
    angle, most = rng.uniform(0, 2 * np.pi), rng.uniform(6, 25)
    picture = _lab(_with_chroma(pixels, 1 - lost))
    strength = most * lost * 4 * (picture[..., 0] / 100) * (1 - picture[..., 0] / 100)
    picture[..., 1] += strength * np.float32(np.cos(angle))
    picture[..., 2] += strength * np.float32(np.sin(angle))
    return _rgb(picture)


def exaggerate(pixels: Pixels, times: float, rng: Rng) -> Pixels:
    """Chroma ``times`` as much; what no screen can show clips."""
    return _with_chroma(pixels, times)


def _with_chroma(pixels: Pixels, times: float) -> Pixels:
    picture = _lab(pixels)
    picture[..., 1:] *= np.float32(times)
    return _rgb(picture)


def _lab(pixels: Pixels) -> Floats:
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def _rgb(picture: Floats) -> Pixels:
    light = np.clip(np.asarray(cv2.cvtColor(picture, cv2.COLOR_LAB2RGB)), 0, 1)
    return np.rint(light * 255).astype(np.uint8)


# --- light sources ---------------------------------------------------------------------------------------------------


def flare(pixels: Pixels, share: float, rng: Rng) -> Pixels:
    """One to three sources of light, or their reflections, that turn ``share`` per cent of the frame white.

    Each is a point of light as a lens spreads it: its light falls with a power of the distance (1.8 to 3: clean glass,
    or a greasy one), some have the rays of an aperture's blades.
    """
    light = linearise(pixels)
    glow = _glow(light.shape[:2], rng)
    before = light.min(axis=2)[::4, ::4]
    weak, strong = 0.0, 64.0
    for _ in range(24):
        power = (weak + strong) / 2
        whiter = np.mean((before + power * glow[::4, ::4] >= 1) & (before < 1))
        weak, strong = (power, strong) if 100 * whiter < share else (weak, power)
    warm = np.array([1.0, rng.uniform(0.93, 1.0), rng.uniform(0.8, 1.0)], np.float32)
    return encode(light + np.float32(power) * glow[..., None] * warm)


def _glow(shape: tuple[int, ...], rng: Rng) -> Floats:
    """Light of the sources, float32 (h, w): 1 at a tenth of the short side from each, more inside."""
    height, width = shape
    total = np.zeros(shape, np.float32)
    fall = rng.uniform(1.8, 3)
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        size = min(shape) / 10 * rng.uniform(0.5, 1)
        down, across = np.ogrid[:height, :width]
        y = np.asarray((down - rng.uniform(0.1, 0.9) * height) / size, np.float32)
        x = np.asarray((across - rng.uniform(0.1, 0.9) * width) / size, np.float32)
        far = np.sqrt(x * x + y * y) + np.float32(0.05)
        total += far ** np.float32(-fall) * (1 + _rays(x, y, far, rng))
    return total


def _rays(x: Floats, y: Floats, far: Floats, rng: Rng) -> Floats:
    """How much brighter the rays of a star are: as wide as a tenth of the source, none for most sources."""
    if rng.uniform() < 0.6:
        return np.zeros(1, np.float32)
    spokes, turn = int(rng.choice([2, 3, 4])), rng.uniform(0, np.pi)
    angle = (np.arctan2(y, x) - turn) * spokes
    away = np.abs(np.sin(angle)) / spokes * far
    return np.asarray(3 * np.exp(-((away / 0.12) ** 2)), np.float32)


# --- the catalogue ---------------------------------------------------------------------------------------------------


def _graded(weakest: float, strongest: float, count: int = 6) -> tuple[float, ...]:
    return tuple(float(strength) for strength in np.geomspace(weakest, strongest, count).round(3))


def _cast(name: str, hue: float) -> Degradation:
    apply: Callable[[Pixels, float, Rng], Pixels] = partial(tint, hue)
    return Degradation(f"{name}_cast", name, "Delta E", _graded(20, 32), apply, unnoticed=4.0)


HAZE = Degradation("haze", "low_contrast", "share of contrast lost", _graded(0.45, 0.85), haze, unnoticed=0.05)
FLAT_TONES = Degradation(
    "flat_tones", "low_contrast", "share of contrast lost", _graded(0.6, 0.85), flatten, unnoticed=0.1
)
FADE = Degradation("fade", "grayscale", "share of chroma lost", _graded(0.97, 1.0), fade, unnoticed=0.2)
TONE = Degradation("tone", "monochrome", "share of chroma lost", _graded(0.93, 1.0), tone, unnoticed=0.05)
EXAGGERATION = Degradation(
    "exaggeration", "oversaturated", "times the chroma", _graded(2.2, 5), exaggerate, unnoticed=1.15
)
FLARE = Degradation("flare", "glare", "% of the frame turned white", _graded(1.5, 15), flare, unnoticed=0.1)
CASTS = tuple(_cast(name, hue) for name, hue in HUES.items())
