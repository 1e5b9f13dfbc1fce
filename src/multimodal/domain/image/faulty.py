"""Photographs with the faults of any property: what the rules of properties are tuned and calibrated on.

    FaultyPhoto ... the recipe of one photograph: label, group and facts at once, bytes when asked for
    captures ...... many of them, as `Capture`s

A scene or real photograph is taken by some camera, then spoiled by one of the property's degradations, or by none, or
by so little that nobody notices. A property that looks for traces of camera and file (noise, compression, enlargement)
gets photographs that have hardly any before they are spoiled. Each scene is seen twice sound and twice spoiled.

Blur and exposure have recipes of their own (synthetic.py), because they happen before the camera does its work.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..shared.modality import Degradation, Property
from ..shared.sample import Capture
from ..shared.spoiling import accepted_label
from .camera import Camera
from .degradations import jpeg_bytes, resize_to
from .light import Pixels
from .spoiling import faithful, plain_camera
from .synthetic import Mix, Slot

VARIANTS = 4
BORDERLINE = 0.15
"""Share of the spoiled ones between what nobody notices and what is a fault by itself; the middle decides the label."""
MIX = Mix(real=0.2, variants=VARIANTS)

Rng = np.random.Generator


@dataclass(frozen=True)
class FaultyPhoto:
    """The recipe of one photograph of a set; equal recipes give equal bytes, in whatever order they are asked for."""

    property_name: str
    index: int
    seed: int = 0
    mix: Mix = field(default_factory=lambda: MIX)

    def capture(self) -> Capture:
        """The photograph as a capture that is made when it is read."""
        name = f"{self.property_name}-{self.seed}-{self.index:06d}"
        facts = self.facts
        return Capture(name, self.read, label=facts["label"], group=self.group, facts=facts)

    @property
    def asked(self) -> Property:
        """What is asked of it."""
        found: Property = importlib.import_module(f"{__package__}.{self.property_name}").PROPERTY
        return found

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
    def facts(self) -> Mapping[str, Any]:
        """All that is known without making it: label, kind of scene, fault, strength and its unit, long side."""
        slot, (fault, strength, label) = self.slot, self._fault()
        return {
            "label": label,
            "kind": slot.kind,
            "source": "photo" if slot.real else "scene",
            "fault": fault.name if fault else "none",
            "strength": round(strength, 4),
            "unit": fault.unit if fault else "",
            "borderline": fault is not None and _is_between(fault, strength),
            "long_side": max(slot.size),
        }

    def read(self) -> bytes:
        """The file."""
        fault, strength, _ = self._fault()
        pixels = self.sound()
        if fault is not None and strength:
            pixels = np.asarray(fault.apply(pixels, strength, self._rng(5)), np.uint8)
        if self.asked.traces:
            return faithful(pixels, self._rng(6))
        finish = Camera.random(self._rng(3)).finish
        return jpeg_bytes(pixels, finish.quality, finish.full_colour)

    def sound(self) -> Pixels:
        """The photograph before it is spoiled."""
        slot, rng = self.slot, self._rng(4)
        camera = plain_camera(self._rng(3)) if self.asked.traces else Camera.random(self._rng(3))
        light = slot.light()
        photo = camera.rephotograph(light, rng) if slot.real else camera.photograph(light, rng)
        return photo if slot.scale == 1 else np.asarray(resize_to(photo, slot.size), np.uint8)

    def _fault(self) -> tuple[Degradation | None, float, str]:
        """Fault, strength and label: sound and spoiled in turn, all faults equally often."""
        rng, faults = self._rng(2), self.asked.degradations
        number, is_spoiled = divmod(self.index + self.index // self.mix.variants, 2)
        fault, sound = faults[number % len(faults)], accepted_label(self.asked)
        if not is_spoiled:
            slight = rng.uniform() * (fault.unnoticed or 0.0) if rng.uniform() < 0.5 else 0.0
            return (fault, slight, sound) if slight else (None, 0.0, sound)
        weakest, strongest = fault.strengths[0], fault.strengths[-1]
        if fault.unnoticed and rng.uniform() < BORDERLINE:
            strength = _on_the_way(fault.unnoticed, weakest, rng.uniform())
            return fault, strength, fault.label if abs(strength) >= abs(_middle(fault)) else sound
        return fault, _on_the_way(weakest, strongest, rng.uniform()), fault.label

    def _rng(self, purpose: int) -> Rng:
        return np.random.default_rng([self.seed, purpose, self.index])


def captures(property_name: str, count: int, *, seed: int = 0, mix: Mix | None = None) -> list[Capture]:
    """``count`` photographs with and without the faults of a property; nothing is made before it is read."""
    recipes = (
        FaultyPhoto(property_name, index, seed, replace(mix or MIX, variants=VARIANTS)) for index in range(count)
    )
    return [recipe.capture() for recipe in recipes]


def _middle(fault: Degradation) -> float:
    return _on_the_way(fault.unnoticed or fault.strengths[0], fault.strengths[0], 0.5)


def _is_between(fault: Degradation, strength: float) -> bool:
    return fault.unnoticed is not None and abs(fault.unnoticed) < abs(strength) < abs(fault.strengths[0])


def _on_the_way(first: float, last: float, share: float) -> float:
    """A strength between two of the same sign, evenly in logarithms.

    >>> _on_the_way(1.0, 4.0, 0.5)
    2.0
    """
    return float(first * (last / first) ** share)
