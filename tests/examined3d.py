"""What the shipped rules say of meshes and clouds, and clean meshes to put defects into."""

from dataclasses import replace
from functools import cache

import numpy as np
import trimesh

from multimodal.bootstrap import read_recipes
from multimodal.domain.model3d.defects import Solid
from multimodal.domain.model3d.sample import CloudSample, MeshSample
from multimodal.domain.model3d.units import Units
from multimodal.domain.shared.pipelines import InferencePipeline
from multimodal.domain.shared.results import Prediction
from multimodal.service.catalog import Catalog, discover

METRES = Units("m", 1.0, 1.0, "file")


@cache
def catalog() -> Catalog:
    """All recipes."""
    return discover(read_recipes())


@cache
def pipelines(kind: type) -> dict[str, InferencePipeline]:
    """The rules that a mesh or a cloud can be asked about, by property."""
    found = {}
    for recipe in catalog().recipes.values():
        asked = catalog().properties[recipe.property]
        if recipe.modality == "model3d" and recipe.estimator.kind == "rule" and issubclass(kind, asked.sample):
            found[asked.name] = InferencePipeline.from_recipe(recipe, asked, catalog().resolve)
    return found


def answers(sample: MeshSample | CloudSample) -> dict[str, Prediction]:
    """All answers, by property."""
    return {
        name: replace(pipeline.predict([sample])[0], findings=tuple((asked.findings or nothing)(sample)))
        for name, pipeline in pipelines(type(sample)).items()
        for asked in [pipeline.decision.property]
    }


def nothing(sample):
    """Of a property that points at nothing."""
    return ()


def mesh(solid: Solid) -> MeshSample:
    """A mesh in metres."""
    return MeshSample(vertices=np.asarray(solid.vertices, float), faces=np.asarray(solid.faces, np.int32), units=METRES)


def rejected(sample: MeshSample | CloudSample) -> set[str]:
    """The properties whose deciding pipeline rejects."""
    return {name for name, answer in answers(sample).items() if answer.decides and answer.accepted is False}


def clean() -> dict[str, Solid]:
    """Meshes without a fault."""
    make = trimesh.creation
    found = {
        "sphere": make.icosphere(3),
        "torus": make.torus(1, 0.35, major_sections=48, minor_sections=24),
        "cylinder": make.cylinder(0.5, 2, sections=48),
        "box": make.box((1, 2, 3)).subdivide().subdivide().subdivide(),
        "annulus": make.annulus(0.4, 1, 0.7, sections=48),
    }
    return {name: Solid(np.asarray(m.vertices, float), np.asarray(m.faces, np.int64)) for name, m in found.items()}
