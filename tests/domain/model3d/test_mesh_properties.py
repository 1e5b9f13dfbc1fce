"""Properties of meshes: clean ones pass, each defect is seen where it belongs, and benign edits change nothing."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from multimodal.domain.model3d import defects, surface_noise, wall_thickness, winding
from multimodal.domain.model3d.sample import MeshSample
from multimodal.domain.model3d.surface_noise import SurfaceNoiseExtractor
from multimodal.domain.model3d.triangle_quality import quality
from multimodal.domain.model3d.units import Units
from tests.examined3d import answers, catalog, clean, mesh, rejected
from tests.meshes import cube, mesh_of, sample, together

CLEAN = clean()
PROPERTY_OF = {label: asked.name for asked in catalog().properties.values() for label in asked.labels}


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_mesh_is_rejected_by_nothing(name):
    assert rejected(mesh(CLEAN[name])) == set()


@pytest.mark.parametrize("kind", defects.MESH)
@pytest.mark.parametrize("name", ["sphere", "torus"])
def test_each_defect_is_seen_by_its_property(name, kind):
    defect = defects.MESH[kind]
    middle = len(defect.strengths) // 2
    for strength in defect.strengths if name == "sphere" else defect.strengths[middle : middle + 1]:
        answer = answers(mesh(defect.apply(CLEAN[name], strength, rng())))[PROPERTY_OF[defect.label]]
        assert (answer.accepted, strength) == (False, strength)
        assert answer.label in {defect.label, "spiky", "rough"}
        assert answer.findings
        assert all(found.place for found in answer.findings if found.name != "implausible_size")


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_of_a_clean_mesh_is_coloured(name):
    whole = mesh(CLEAN[name])
    deciding = [asked for asked in catalog().properties.values() if asked.heat and asked.sample is MeshSample]
    assert {asked.name for asked in deciding if asked.name != "overhang" and asked.heat(whole).any()} == set()


def test_grain_is_told_where_it_is_strong_and_colours_the_whole():
    fine = trimesh.creation.icosphere(4)
    pushed = 0.006 * rng().normal(size=len(fine.vertices))
    grainy = sample(trimesh.Trimesh(fine.vertices * (1 + pushed)[:, None], fine.faces))
    (grain,) = surface_noise.findings(grainy)
    there = np.argmin(np.linalg.norm(grainy.vertices - grain.place, axis=1))
    assert abs(pushed[there]) > np.quantile(np.abs(pushed), 0.9)
    assert (surface_noise.heat(grainy) > 0).all()


@pytest.mark.parametrize("edit", defects.BENIGN)
@pytest.mark.parametrize("name", CLEAN)
def test_a_benign_edit_changes_no_verdict(name, edit):
    assert rejected(mesh(defects.BENIGN[edit](CLEAN[name], rng()))) == set()


@pytest.mark.parametrize("kind", ["hole", "crossing", "flipped", "spikes", "double_sheet"])
@pytest.mark.parametrize("edit", defects.BENIGN)
def test_a_defect_is_still_seen_after_a_benign_edit(kind, edit):
    defect = defects.MESH[kind]
    edited = defects.BENIGN[edit](defect.apply(CLEAN["sphere"], defect.strengths[1], rng()), rng(1))
    assert PROPERTY_OF[defect.label] in rejected(mesh(edited))


@pytest.mark.parametrize("kind", ["hole", "fin", "pinch", "inside_out", "floater", "repeated", "sliver", "crossing"])
def test_a_finding_has_count_place_and_severity(kind):
    defect = defects.MESH[kind]
    answer = answers(mesh(defect.apply(CLEAN["sphere"], defect.strengths[len(defect.strengths) // 2], rng())))[
        PROPERTY_OF[defect.label]
    ]
    assert answer.findings
    for finding in answer.findings:
        assert finding.count > 0
        assert finding.severity > 0
        assert len(finding.place) == 3


def test_a_cavity_is_not_inside_out_and_a_turned_part_is():
    inner = trimesh.creation.icosphere(2, radius=0.5)
    inner.invert()
    assert len(winding.inside_out(together(trimesh.creation.icosphere(2), inner))) == 0
    inner.apply_translation([5, 0, 0])
    assert len(winding.inside_out(together(trimesh.creation.icosphere(2), inner))) == 1


def test_a_sphere_with_a_small_hole_that_is_turned_is_inside_out_all_the_same():
    ball = trimesh.creation.icosphere(2)
    assert len(winding.inside_out(mesh_of(ball.vertices, ball.faces[3:, ::-1]))) == 1


def test_the_thickness_of_a_plate_is_its_thickness():
    plate = sample(trimesh.creation.box((1.0, 1.0, 0.004)))
    assert float(np.median(wall_thickness.thickness(plate))) == pytest.approx(0.004, rel=1e-6)


def test_grain_is_told_as_its_standard_deviation_in_edges():
    ball = defects.Solid(
        *(np.asarray(a) for a in (trimesh.creation.icosphere(5).vertices, trimesh.creation.icosphere(5).faces))
    )
    for strength in (0.05, 0.1):
        told = SurfaceNoiseExtractor().row(mesh(defects.grain(ball, strength, rng())))[1]
        assert told == pytest.approx(strength, rel=0.25)


def gear(teeth: int = 16) -> trimesh.Trimesh:
    """A prism over a star-shaped outline with teeth: at its inner corners edges bend inwards and outwards."""
    turn = np.linspace(0, 2 * np.pi, 4 * teeth, endpoint=False)
    radius = np.where(np.arange(4 * teeth) % 4 < 2, 1.2, 1.0)
    outline = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
    count = len(outline)
    rings = [np.column_stack([outline, np.full(count, height)]) for height in (0.0, 0.4)]
    one, after = np.arange(count), (np.arange(count) + 1) % count
    sides = np.concatenate(
        [np.column_stack([one, after, one + count]), np.column_stack([after, after + count, one + count])]
    )
    caps = [np.column_stack([after, one, np.full(count, 2 * count)])]
    caps.append(np.column_stack([one + count, after + count, np.full(count, 2 * count + 1)]))
    return trimesh.Trimesh(np.concatenate([*rings, [[0, 0, 0], [0, 0, 0.4]]]), np.concatenate([sides, *caps]))


@pytest.mark.parametrize(
    "made",
    [gear(), gear().subdivide(), trimesh.creation.cylinder(0.5, 1, sections=48).subdivide()],
    ids=["gear", "fine gear", "cylinder"],
)
def test_the_edges_of_a_machined_part_are_no_grain(made):
    assert rejected(sample(made)) == set()


def test_vertices_that_no_face_uses_have_no_say_about_the_scale():
    ball = trimesh.creation.icosphere(2)
    far = np.concatenate([ball.vertices, [[1e6, 0, 0]]])
    assert answers(replace(mesh_of(far, ball.faces), units=Units("m", 1.0, 1.0, "file")))["scale"].accepted


def test_an_equilateral_triangle_has_quality_one_and_a_needle_none():
    mesh = mesh_of([[0, 0, 0], [1, 0, 0], [0.5, 3**0.5 / 2, 0], [0.5, 1e-6, 0]], [[0, 1, 2], [0, 1, 3]])
    assert quality(mesh).tolist() == pytest.approx([1.0, 0.0], abs=1e-5)


def test_an_unknown_unit_is_asked_for_rather_than_judged():
    assert answers(sample(cube()))["scale"].label == "cannot_tell"


def test_a_mesh_whose_triangles_all_fall_away_gets_answers():
    for vertices in (np.zeros((3, 3)), np.full((3, 3), np.nan), [[0, 0, 0], [1, 1, 1], [2, 2, 2]]):
        told = answers(mesh_of(vertices, [[0, 1, 2]]))
        assert told["degenerate"].accepted is False


def test_one_triangle_gets_answers():
    assert answers(mesh_of([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]]))["watertight"].label == "open"
