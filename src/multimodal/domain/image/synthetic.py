"""Synthetic photographs with known faults: endless, labelled without a doubt, the same for the same seed and index.

    Mix ............ what a set is mixed of: sizes, share of real photographs, borderline cases
    Slot ........... one scene or real photograph at one size, seen by a few photographs
    SpoiledPhoto ... the recipe of one photograph: label, group and facts at once, bytes when asked for
    captures ....... many of them, as `Capture`s

The order of physics is kept: scene, blur and exposure in linear light, camera (lens, mosaic, noise, tones, noise
reduction, sharpening), resizing, JPEG. A real photograph is brought back to light, blurred, given new noise and
finished again; so is each one that stays sharp: neither noise nor compression tells the classes apart.

Where is the line between sharp and blurred? Where a person says so who looks at the photograph at a long side of
1024 pixels, or at its own pixels when it is smaller. Side by side at one screen pixel a pixel (text, façades, faces
and real photographs, each through an ordinary lens), a disk of 2 pixels is not told from its sharp twin, one of 3 looks
soft beside it, one of 4 to 5 looks blurred by itself; for even motion that is a line of 2.5 to 3, of 4, and of 6
pixels (a disk spreads as a Gaussian of sigma diameter / 4, a line as one of length / 3.5 in its direction). So: sharp
is a disk up to 2.2 or a line up to 3, blurred is a disk from 4.5 or a line from 6.5, and what lies between is left out
unless ``Mix.borderline`` asks for it; its facts then say so. A shallow focus with a sharp subject (5 to 60 % of the
picture) is sharp. Walls and skies without texture are `cannot_tell`, whatever was done to them.
The lines of exposure depend on the scene (`scenes.Kind`): a night that is dark is well exposed. Cameras and tastes
differ: what is good varies by 1.6 stops, and faults begin a little beyond the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from ..shared.sample import Capture
from . import photos, scenes
from .camera import Camera
from .degradations import jpeg_bytes, own_pixels, resize_to
from .light import Light, Pixels, linearise
from .optics import Kernel, aperture_kernel, arc, convolve, disk_kernel, path_kernel, shake

Rng = np.random.Generator
Size = tuple[int, int]

LINES: Mapping[str, tuple[float, float, float]] = {"defocus": (2.2, 4.5, 32.0), "motion": (3.0, 6.5, 48.0)}
"""Strengths in pixels at 1024: sharp up to the first, blurred from the second, none beyond the third."""

FAULTS: Mapping[str, tuple[str, ...]] = {
    "blur": ("none", "defocus", "motion", "none", "defocus", "motion", "none"),
    "brightness": ("none", "under_exposure", "over_exposure", "none"),
}
"""The faults that photographs of one slot take in turn, by property."""


@dataclass(frozen=True)
class Mix:
    """What a set is mixed of.

    sides: (from, to, share) of the long side in pixels. real: share of slots that show a real photograph.
    borderline: share of blur faults drawn from between the lines. variants: photographs a slot. png: share of files
    that are not JPEG.
    """

    sides: tuple[tuple[int, int, float], ...] = (
        (300, 640, 0.35),
        (640, 1024, 0.3),
        (1024, 1600, 0.22),
        (1600, 2200, 0.08),
        (2200, 3000, 0.05),
    )
    real: float = 0.15
    borderline: float = 0.0
    variants: int = 4
    png: float = 0.04

    def side(self, rng: Rng) -> int:
        """A long side in pixels; small ones are more frequent within a range, too."""
        shares = np.array([share for _, _, share in self.sides])
        low, high, _ = self.sides[int(rng.choice(len(self.sides), p=shares / shares.sum()))]
        return int(np.exp(rng.uniform(np.log(low), np.log(high))))


@dataclass(frozen=True)
class Slot:
    """One scene (or real photograph) at one size.

    kind: of the scene, or the photograph's name. scale: sensor pixels a final pixel, 1 or more. crop: share of a real
    photograph that is shown; mirrored: whether left is right.
    """

    kind: str
    real: bool
    seed: int
    size: Size
    scale: float
    crop: float = 1.0
    mirrored: bool = False

    @classmethod
    def random(cls, rng: Rng, mix: Mix) -> Slot:
        """A slot as the mix says."""
        seed = int(rng.integers(0, 2**31))
        if rng.uniform() < mix.real:
            return cls._photo(rng, seed)
        side = mix.side(rng)
        scale = rng.uniform(1.1, min(2.5, 1600 / side)) if side < 1024 and rng.uniform() < 0.5 else 1.0
        return cls(scenes.random_kind(rng), False, seed, _shape(rng, side), scale)

    @classmethod
    def _photo(cls, rng: Rng, seed: int) -> Slot:
        name = str(rng.choice(list(photos.SHARP)))
        crop, largest = rng.uniform(0.65, 1), photos.SHARP[name].sharp_side
        side = int(rng.uniform(min(300, largest * crop), largest * crop))
        return cls(name, True, seed, (side, side), 1.0, crop, bool(rng.uniform() < 0.5))

    @property
    def limits(self) -> tuple[float, float]:
        """The stops from which it is under- and over-exposed."""
        known = photos.SHARP[self.kind] if self.real else scenes.KINDS[self.kind]
        return known.darkened, known.lightened

    @property
    def textured(self) -> bool:
        """Whether anybody can tell if it is sharp."""
        return self.real or scenes.KINDS[self.kind].textured

    def light(self) -> Light:
        """The linear light before the camera, at the sensor's size."""
        if self.real:
            return linearise(self._cropped())
        return scenes.draw(self.kind, self.seed, (round(self.size[0] * self.scale), round(self.size[1] * self.scale)))

    def _cropped(self) -> Pixels:
        whole, rng = photos.load(self.kind), np.random.default_rng(self.seed)
        height, width = (round(length * self.crop) for length in whole.shape[:2])
        top, left = rng.integers(0, whole.shape[0] - height + 1), rng.integers(0, whole.shape[1] - width + 1)
        part = whole[top : top + height, left : left + width]
        factor = self.size[0] / max(height, width)
        shown = resize_to(part, (round(height * factor), round(width * factor)))
        return np.ascontiguousarray(shown[:, ::-1] if self.mirrored else shown)


@dataclass(frozen=True)
class SpoiledPhoto:
    """The recipe of one photograph of a set; equal recipes give equal bytes, in whatever order they are asked for.

    property_name: `blur` (sharp, blurred, cannot_tell) or `brightness` (under_exposed, good, over_exposed).
    """

    property_name: str
    index: int
    seed: int = 0
    mix: Mix = field(default_factory=Mix)

    def __post_init__(self) -> None:
        if self.property_name not in FAULTS:
            raise ValueError(
                f"There are no synthetic photographs for {self.property_name!r}, only for {', '.join(FAULTS)}."
            )

    def capture(self) -> Capture:
        """The photograph as a capture that is made when it is read."""
        name = f"{self.property_name}-{self.seed}-{self.index:06d}"
        facts = self.facts
        return Capture(name, self.read, label=facts["label"], group=self.group, facts=facts)

    @property
    def slot(self) -> Slot:
        """What stands in front of the camera."""
        return Slot.random(np.random.default_rng([self.seed, 1, self.index // self.mix.variants]), self.mix)

    @property
    def group(self) -> str:
        """What must not be split between training and test: the real photograph, or the scene."""
        slot = self.slot
        return f"photo-{slot.kind}" if slot.real else f"scene-{self.seed}-{self.index // self.mix.variants:06d}"

    @property
    def facts(self) -> dict[str, Any]:
        """All that is known without making it: label, kind, fault, strength (px at 1024, or stops), long side, ...

        `fine_label` is the label, or the kind of fault behind it where the property knows kinds.
        """
        slot, rng = self.slot, self._rng(2)
        fault, strength, borderline = self._graded(slot, self._turn(FAULTS[self.property_name]), rng)
        label = self._label(slot, fault, strength)
        return {
            "label": label,
            "fine_label": fault if label == "blurred" else label,
            "kind": slot.kind,
            "source": "photo" if slot.real else "scene",
            "fault": fault,
            "strength": round(strength, 3),
            "unit": "px at 1024" if self.property_name == "blur" else "stops",
            "borderline": borderline,
            "long_side": max(slot.size),
        }

    def read(self) -> bytes:
        """The file: JPEG, or now and then PNG."""
        camera, pixels = Camera.random(self._rng(3)), self.pixels()
        if self._rng(4).uniform() < self.mix.png:
            return cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1].tobytes()
        return jpeg_bytes(pixels, camera.finish.quality, camera.finish.full_colour)

    def pixels(self) -> Pixels:
        """The photograph as it is before the file is written."""
        slot, facts, rng = self.slot, self.facts, self._rng(5)
        light = slot.light()
        kernel = self._kernel(facts, rng, own_pixels(1.0, slot.size) * slot.scale)
        light = convolve(light, kernel) * np.float32(2.0 ** self._stops(facts, rng))
        camera = Camera.random(self._rng(3))
        photo = camera.rephotograph(light, rng) if slot.real else camera.photograph(light, rng)
        return photo if slot.scale == 1 else np.asarray(resize_to(photo, slot.size), np.uint8)

    def _rng(self, purpose: int) -> Rng:
        return np.random.default_rng([self.seed, purpose, self.index])

    def _turn(self, faults: tuple[str, ...]) -> str:
        """The faults of a slot follow each other from a random one on, so that each scene is seen sharp and spoiled."""
        slot, position = divmod(self.index, self.mix.variants)
        first = int(np.random.default_rng([self.seed, 6, slot]).integers(0, len(faults)))
        return faults[(first + position) % len(faults)]

    def _graded(self, slot: Slot, fault: str, rng: Rng) -> tuple[str, float, bool]:
        if self.property_name == "brightness":
            return *_exposure(slot, fault, rng), False
        if fault == "none":
            return _slight(rng)
        _, weakest, strongest = LINES[fault]
        if rng.uniform() < self.mix.borderline:
            return fault, rng.uniform(LINES[fault][0], weakest), True
        return fault, float(np.exp(rng.uniform(np.log(weakest), np.log(strongest)))), False

    def _label(self, slot: Slot, fault: str, strength: float) -> str:
        if self.property_name == "brightness":
            return {"none": "good", "under_exposure": "under_exposed", "over_exposure": "over_exposed"}[fault]
        if not slot.textured:
            return "cannot_tell"
        return "blurred" if fault != "none" and strength > np.mean(LINES[fault][:2]) else "sharp"

    def _kernel(self, facts: Mapping[str, Any], rng: Rng, unit: float) -> Kernel:
        if self.property_name == "brightness":
            return disk_kernel(rng.uniform(0, 1.8) * unit)
        strength = facts["strength"] * unit
        moved = facts["fault"] == "motion" or (facts["fault"] == "none" and rng.uniform() < 0.4)
        return _moving(strength, rng) if moved else _out_of_focus(strength, rng)

    def _stops(self, facts: Mapping[str, Any], rng: Rng) -> float:
        return (
            float(facts["strength"])
            if self.property_name == "brightness"
            else float(np.clip(rng.normal(-0.1, 0.5), -2, 1))
        )


def captures(property_name: str, count: int, *, seed: int = 0, mix: Mix | None = None) -> list[Capture]:
    """``count`` photographs with known faults for a property; nothing is made before it is read."""
    recipes = (SpoiledPhoto(property_name, index, seed, mix or Mix()) for index in range(count))
    return [recipe.capture() for recipe in recipes]


def _shape(rng: Rng, side: int) -> Size:
    other = round(side / float(rng.choice([4 / 3, 4 / 3, 3 / 2, 16 / 9, 1.0])))
    return (side, other) if rng.uniform() < 0.3 else (other, side)


def _slight(rng: Rng) -> tuple[str, float, bool]:
    """No fault: at most what nobody sees."""
    return "none", rng.uniform(0, LINES["defocus"][0]) if rng.uniform() < 0.5 else 0.0, False


def _exposure(slot: Slot, fault: str, rng: Rng) -> tuple[str, float]:
    darkened, lightened = slot.limits
    if fault == "under_exposure" and np.isfinite(darkened):
        return fault, darkened - rng.uniform(0.2, 3.2)
    if fault == "over_exposure" and np.isfinite(lightened):
        return fault, lightened + rng.uniform(0.3, 2.8)
    return "none", rng.uniform(-0.9, 0.75)


def _out_of_focus(diameter: float, rng: Rng) -> Kernel:
    """The spot of some lens: an even disk, a polygon of blades, or the soft one of a lens with aberrations."""
    shape = rng.uniform()
    if shape < 0.45:
        return disk_kernel(diameter)
    if shape < 0.8:
        return aperture_kernel(diameter, int(rng.integers(5, 10)), rng.uniform(0, 2))
    line = cv2.getGaussianKernel(2 * int(np.ceil(diameter)) + 1, max(diameter / 4, 1e-3))
    return np.asarray(line @ line.T, np.float32)


def _moving(length: float, rng: Rng) -> Kernel:
    """An even pan, perhaps a little bent, or an unsteady hand."""
    if rng.uniform() < 0.5:
        return path_kernel(arc(length, rng.uniform(0, 180), rng.normal(0, 20)))
    return path_kernel(shake(length, rng))
