"""Scans of procedural shapes, sound and spoiled: what `scan_quality` learns from without any file.

    FaultyScan ... the recipe of one scan: label, group and facts at once, bytes when asked for
    captures ..... many of them, as `Capture`s

Shapes are trimesh's with random proportions, some with waves; half are meshes, half clouds of points drawn from them
with a little noise. Each shape is seen twice sound and twice spoiled, by one of the property's degradations.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..shared.errors import MissingExtra
from ..shared.modality import Degradation, Property
from ..shared.sample import Capture
from ..shared.spoiling import accepted_label
from .defects import Solid
from .degradations import Cloud, Scan, shuffled, written

VARIANTS = 4
SHAPES = ("ball", "torus", "capsule", "cylinder", "box", "annulus")
Rng = np.random.Generator


@dataclass(frozen=True)
class FaultyScan:
    """The recipe of one scan of a set; equal recipes give equal bytes, in whatever order they are asked for."""

    property_name: str
    index: int
    seed: int = 0

    def capture(self) -> Capture:
        """The scan as a capture that is made when it is read."""
        facts = self.facts
        name = f"{self.property_name}-{self.seed}-{self.index:06d}"
        return Capture(name, self.read, label=facts["label"], group=self.group, facts=facts)

    @property
    def asked(self) -> Property:
        """What is asked of it."""
        found: Property = importlib.import_module(f"{__package__}.{self.property_name}").PROPERTY
        return found

    @property
    def slot(self) -> int:
        """The number of its shape."""
        return self.index // VARIANTS

    @property
    def group(self) -> str:
        """What must not be split between training and test: the shape."""
        return f"shape-{self.seed}-{self.slot:06d}"

    @property
    def facts(self) -> Mapping[str, Any]:
        """All that is known without making it."""
        fault, strength, label = self._fault()
        return {
            "label": label,
            "kind": "cloud" if self.slot % 2 else "mesh",
            "shape": SHAPES[self.slot // 2 % len(SHAPES)],
            "fault": fault.name if fault else "none",
            "strength": round(strength, 4),
            "unit": fault.unit if fault else "",
        }

    def read(self) -> bytes:
        """The file, a PLY."""
        fault, strength, _ = self._fault()
        scan = self.sound()
        if fault is not None:
            scan = fault.apply(scan, strength, self._rng(3))
        return written(shuffled(scan, self._rng(4)))

    def sound(self) -> Scan:
        """The scan before it is spoiled."""
        rng = np.random.default_rng([self.seed, 1, self.slot])
        solid = shape(SHAPES[self.slot // 2 % len(SHAPES)], rng)
        return solid if self.slot % 2 == 0 else cloud_of(solid, rng)

    def _fault(self) -> tuple[Degradation | None, float, str]:
        """Fault, strength and label: sound and spoiled in turn, all faults equally often."""
        rng, faults = self._rng(2), self.asked.degradations
        number, is_spoiled = divmod(self.index + self.slot, 2)
        fault = faults[(number + self.slot // 2) % len(faults)]
        if not is_spoiled:
            slight = fault.unnoticed is not None and rng.uniform() < 0.4
            strength = float(rng.uniform() * (fault.unnoticed or 0.0))
            return (fault if slight else None), strength if slight else 0.0, accepted_label(self.asked)
        weakest, strongest = fault.strengths[0], fault.strengths[-1]
        return fault, float(weakest * (strongest / weakest) ** rng.uniform()), fault.label

    def _rng(self, purpose: int) -> Rng:
        return np.random.default_rng([self.seed, purpose, self.index])


def captures(property_name: str, count: int, *, seed: int = 0) -> list[Capture]:
    """``count`` scans with and without the faults of a property; nothing is made before it is read."""
    return [FaultyScan(property_name, index, seed).capture() for index in range(count)]


def shape(name: str, rng: Rng) -> Solid:
    """A closed shape of some thousand triangles, of random proportions."""
    try:
        import trimesh
    except ImportError as error:
        raise MissingExtra("scan", "Making synthetic scans") from error
    make: Any = trimesh.creation
    ratio = float(rng.uniform(0.3, 1.0))
    fine = int(rng.integers(20, 48))
    mesh = {
        "ball": lambda: make.icosphere(int(rng.integers(3, 5))),
        "torus": lambda: make.torus(1, 0.2 + 0.4 * ratio, major_sections=2 * fine, minor_sections=fine),
        "capsule": lambda: make.capsule(2 * ratio, 0.5, count=[fine, fine]),
        "cylinder": lambda: make.cylinder(0.5, 2 * ratio, sections=fine).subdivide().subdivide(),
        "box": lambda: make.box((1, 2 * ratio, 1.5)).subdivide().subdivide().subdivide().subdivide(),
        "annulus": lambda: make.annulus(0.2 + 0.5 * ratio, 1, 0.6, sections=fine).subdivide().subdivide(),
    }[name]()
    vertices = np.asarray(mesh.vertices, float) * rng.uniform(0.6, 1.4, 3)
    if rng.uniform() < 0.5:  # waves
        phase, height = rng.uniform(0, 6, 3), rng.uniform(0.02, 0.12)
        vertices *= 1 + height * np.sin(3 * vertices[:, [1]] + phase[0]) * np.cos(2 * vertices[:, [2]] + phase[1])
    return Solid(vertices * float(np.exp(rng.uniform(-2, 4))), np.asarray(mesh.faces, np.int64))


def cloud_of(solid: Solid, rng: Rng) -> Cloud:
    """Points drawn evenly from a surface, with at most a twentieth of a spacing of noise."""
    a, b, c = (solid.vertices[solid.faces[:, i]] for i in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    count = int(rng.integers(4_000, 14_000))
    face = rng.choice(len(area), count, p=area / area.sum())
    u, v = rng.uniform(size=(2, count))
    over = u + v > 1
    u[over], v[over] = 1 - u[over], 1 - v[over]
    points = a[face] + u[:, None] * (b - a)[face] + v[:, None] * (c - a)[face]
    spacing = float(np.sqrt(area.sum() / count))
    return Cloud(points + rng.normal(size=points.shape) * rng.uniform(0, 0.05) * spacing)
