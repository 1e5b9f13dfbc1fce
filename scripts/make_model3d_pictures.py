"""Make the pictures of docs/model3d.md: `python scripts/make_model3d_pictures.py`.

    mesh_defects ... six defects of a torus, each as its property's evidence shows it
    cloud_defects .. four defects of a cloud, alike

Shapes and defects are made here; each picture is the evidence that the service gives, cut to its first view.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import trimesh
from PIL import Image, ImageDraw, ImageFont

from multimodal.bootstrap import bootstrap
from multimodal.domain.model3d.defects import MESH, Solid
from multimodal.domain.model3d.sample import CloudSample, MeshSample, Model3dSample
from multimodal.domain.shared.evidence import overlay

PLACE = Path(__file__).parents[1] / "assets" / "model3d"
DEFECTS = ("hole", "crossing", "double_sheet", "spikes", "floater", "flipped")
STRENGTHS = {"hole": 0.03, "crossing": 0.25, "double_sheet": 0.006, "spikes": 5.0, "floater": 0.04, "flipped": 0.02}
SIDE, LINE = 300, 26


def meshes() -> dict[str, tuple[str, Model3dSample]]:
    """Title -> property and sample."""
    made = trimesh.creation.torus(1, 0.35, major_sections=64, minor_sections=32)
    solid = Solid(np.asarray(made.vertices), np.asarray(made.faces, np.int64))
    homes = {label: one.name for one in scans().values() if one.sample is MeshSample for label in one.labels}
    found = {}
    for name in DEFECTS:
        faulty = MESH[name].apply(solid, STRENGTHS[name], np.random.default_rng(3))
        home = homes[MESH[name].label]
        found[f"{home}: {name.replace('_', ' ')}"] = (
            home,
            MeshSample(vertices=faulty.vertices, faces=faulty.faces.astype(np.int32)),
        )
    return found


def clouds() -> dict[str, tuple[str, Model3dSample]]:
    """Title -> property and sample."""
    rng = np.random.default_rng(7)
    torus = trimesh.creation.torus(1, 0.35, major_sections=96, minor_sections=48)
    points = np.asarray(trimesh.sample.sample_surface(torus, 30_000, seed=0)[0])
    seen = np.linalg.norm(points - [0.2, -1.1, 0.3], axis=1) > 0.3
    sparse = rng.uniform(size=len(points)) < np.where(points[:, 0] > 0, 1, 0.04)
    return {
        "coverage: hole": ("coverage", CloudSample(points=points[seen])),
        "outliers: points in the air": (
            "outliers",
            CloudSample(points=np.vstack([points, rng.uniform(-1.4, 1.4, (80, 3))])),
        ),
        "cloud_noise: scatter": ("cloud_noise", CloudSample(points=points + rng.normal(0, 0.02, points.shape))),
        "density: a sparse half": ("density", CloudSample(points=points[sparse])),
    }


def scans() -> Mapping[str, object]:
    return {n: one for n, one in bootstrap().catalog.properties.items() if n.startswith("model3d/")}


def sheet(samples: Mapping[str, tuple[str, Model3dSample]], columns: int) -> Image.Image:
    """The pictures side by side, a title under each."""
    rows = -(-len(samples) // columns)
    page = Image.new("RGB", (columns * SIDE, rows * (SIDE + LINE)), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size=14)
    known = scans()
    for number, (title, (name, sample)) in enumerate(samples.items()):
        evidence = known[f"model3d/{name}"].evidence(sample)  # type: ignore[attr-defined]
        whole = overlay(evidence)
        first = Image.fromarray(whole[: whole.shape[0] // 2, : whole.shape[1] // 2]).resize((SIDE, SIDE))
        left, top = number % columns * SIDE, number // columns * (SIDE + LINE)
        page.paste(first, (left, top))
        draw.text((left + SIDE // 2, top + SIDE + 4), title, "black", font, anchor="ma")
    return page


def main() -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    for name, samples, columns in (("mesh_defects", meshes(), 3), ("cloud_defects", clouds(), 4)):
        sheet(samples, columns).quantize(128).save(PLACE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
