"""How many defects of meshes are seen, and how often a clean mesh is called faulty: ours beside trimesh and Open3D.

    python benchmarks/accuracy_model3d.py [--alone] [--docs FILE]

Twelve clean meshes (trimesh's and, where its environment can be made, PyVista's) get twenty kinds of defect, one each,
of a medium strength, and four edits that change nothing that matters. Ours sees a defect when the property that it
belongs to rejects, and gives a false alarm when any property that decides rejects a benign edit. The peers have no
verdict, so they are given the benefit of the doubt: a defect is seen when any of their answers differs from what they
say of the clean mesh, an alarm is the same for a benign edit. The seed of each defect is its number.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import peers
import trimesh
from figures import table, write_page

from multimodal.bootstrap import bootstrap
from multimodal.domain.model3d.defects import BENIGN, MESH, Solid
from multimodal.domain.model3d.sample import MeshSample
from multimodal.domain.model3d.units import Units
from multimodal.domain.shared.alarms import share_of

METRES = Units("m", 1.0, 1.0, "file")
LEFT_OUT = ("missing", "wrong_unit")
"""Two of the twenty-two kinds: the first is like `hole`, the second no fault of the mesh."""
KINDS = tuple(name for name in MESH if name not in LEFT_OUT)
MARKS = ("<!-- figures: made by benchmarks/accuracy_model3d.py -->", "<!-- end of figures -->")
PEERS = "scans"
Told = Mapping[str, Any]


def clean(alone: bool) -> dict[str, Solid]:
    """Twelve clean meshes."""
    make = trimesh.creation
    wavy = make.icosphere(4)
    at = wavy.vertices.copy()
    wavy.vertices *= 1 + 0.15 * np.sin(4 * at[:, :1]) * np.cos(3 * at[:, 1:2])
    found = {
        "sphere": make.icosphere(3),
        "torus": make.torus(1, 0.35, major_sections=48, minor_sections=24),
        "capsule": make.capsule(2, 0.5, count=[24, 24]),
        "cylinder": make.cylinder(0.5, 2, sections=48),
        "box": make.box((1, 2, 3)).subdivide().subdivide().subdivide(),
        "annulus": make.annulus(0.4, 1, 0.7, sections=48),
        "wavy": wavy,
        "ellipsoid": make.icosphere(4).apply_scale([1, 0.6, 0.3]),
        "cone": make.cone(0.6, 1.5, sections=48),
        "uv_sphere": make.uv_sphere(1, count=[32, 32]),
        "slab": make.box((3, 2, 0.2)).subdivide().subdivide().subdivide(),
        "fine_torus": make.torus(1, 0.2, major_sections=64, minor_sections=32),
    }
    solids = {name: Solid(np.asarray(m.vertices, float), np.asarray(m.faces, np.int64)) for name, m in found.items()}
    more = {} if alone else pyvista_meshes()
    kept = list(solids.items())[: 12 - len(more)]
    return dict(kept) | more


def pyvista_meshes() -> dict[str, Solid]:
    with tempfile.TemporaryDirectory() as folder:
        ask("meshes", folder)
        loaded = {path.stem: np.load(path) for path in sorted(Path(folder).glob("*.npz"))}
        return {name: Solid(one["vertices"], one["faces"].astype(np.int64)) for name, one in loaded.items()}


def ask(*words: str) -> str:
    line = [str(peers.environment(PEERS)), "-W", "ignore", str(peers.HERE / "ask_scans.py"), *words]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout


def cases(solids: Mapping[str, Solid]) -> dict[tuple[str, str], Solid]:
    """By kind and mesh: the clean ones (kind ""), those with a defect, those with a benign edit."""
    found = {("", name): solid for name, solid in solids.items()}
    for number, kind in enumerate(KINDS):
        defect = MESH[kind]
        strength = defect.strengths[len(defect.strengths) // 2]
        for name, solid in solids.items():
            found[kind, name] = defect.apply(solid, strength, np.random.default_rng(number))
    for number, (kind, edit) in enumerate(BENIGN.items()):
        for name, solid in solids.items():
            found[kind, name] = edit(solid, np.random.default_rng(number))
    return found


def ours() -> Callable[[Solid], set[str]]:
    """What rejects a mesh: properties, and those that only inform in brackets."""
    app = bootstrap()
    ready = [app.assessor.pipeline(name) for name, one in app.catalog.recipes.items() if one.modality == "model3d"]
    rules = [one for one in ready if one is not None and issubclass(MeshSample, one.decision.property.sample)]

    def rejecting(solid: Solid) -> set[str]:
        sample = MeshSample(vertices=solid.vertices, faces=solid.faces.astype(np.int32), units=METRES)
        told = [(one, one.predict([sample])[0]) for one in rules]
        bad = [(one.decision.property.name, answer.decides) for one, answer in told if answer.accepted is False]
        return {name if decides else f"({name})" for name, decides in bad}

    return rejecting


def by_trimesh(solid: Solid) -> Told:
    """All that trimesh says of a mesh, after its own merging of vertices."""
    finite = np.isfinite(solid.vertices).all()
    mesh = trimesh.Trimesh(solid.vertices, solid.faces, process=bool(finite))
    return {
        "finite": bool(finite),
        "watertight": mesh.is_watertight,
        "winding": mesh.is_winding_consistent,
        "volume": bool(mesh.volume > 0) if finite else None,
        "euler": mesh.euler_number,
        "parts": mesh.body_count,
        "degenerate": int((~mesh.nondegenerate_faces()).sum()) if finite else None,
        "repeated": int((~mesh.unique_faces()).sum()),
    }


def by_open3d(all_cases: Mapping[tuple[str, str], Solid]) -> dict[tuple[str, str], Told]:
    with tempfile.TemporaryDirectory() as folder:
        names = {f"{number:04d}": key for number, key in enumerate(all_cases)}
        for name, key in names.items():
            np.savez(Path(folder, f"{name}.npz"), vertices=all_cases[key].vertices, faces=all_cases[key].faces)
        lines = [json.loads(line) for line in ask("judge", folder).splitlines()]
    return {names[line.pop("name")]: line for line in lines}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alone", action="store_true", help="without Open3D and PyVista")
    parser.add_argument("--docs", type=Path, help="write the figures into this page")
    given = parser.parse_args()
    solids = clean(given.alone)
    all_cases = cases(solids)
    rejecting = ours()
    found = {key: rejecting(solid) for key, solid in all_cases.items()}
    tools: dict[str, dict[tuple[str, str], Told]] = {"trimesh": {k: by_trimesh(s) for k, s in all_cases.items()}}
    if not given.alone:
        tools["open3d"] = by_open3d(all_cases)
    text = report(solids, found, tools)
    print(text)
    if given.docs:
        write_page(given.docs, MARKS, text)


def report(solids: Mapping[str, Solid], found: Mapping[Any, set[str]], tools: Mapping[str, Mapping[Any, Told]]) -> str:
    """The tables."""
    sizes = [len(solid.faces) for solid in solids.values()]
    targets = {kind: target_of(kind) for kind in KINDS}
    pairs = [(kind, name) for kind in KINDS for name in solids]
    seen = {"multimodal": {(k, n): bool({targets[k], f"({targets[k]})"} & found[k, n]) for k, n in pairs}}
    seen |= {tool: {(k, n): told[k, n] != told["", n] for k, n in pairs} for tool, told in tools.items()}
    rows = [
        [kind, targets[kind], *(str(sum(one[kind, name] for name in solids)) for one in seen.values())]
        for kind in KINDS
    ]
    rows.append(["**all**", f"of {len(pairs)}", *(interval(one) for one in seen.values())])
    alarms = [
        [
            kind or "none",
            str(sum(any(one[0] != "(" for one in found[kind, name]) for name in solids)),
            *(str(sum(told[kind, name] != told["", name] for name in solids)) for told in tools.values()),
        ]
        for kind in ("", *BENIGN)
    ]
    missed = [f"{kind} on {name}" for (kind, name), one in seen["multimodal"].items() if not one]
    parts = [
        f"{len(solids)} meshes of {min(sizes):,} to {max(sizes):,} triangles: {', '.join(solids)}.",
        "",
        table(["defect", "property", *seen], rows),
        f"Missed: {', '.join(missed) or 'none'}.",
        "",
        table([f"alarms of {len(solids)} after", *seen], alarms),
    ]
    return "\n".join(parts)


def target_of(kind: str) -> str:
    """The property of meshes that a defect belongs to."""
    catalog = bootstrap().catalog.properties.values()
    fitting = (asked for asked in catalog if issubclass(MeshSample, asked.sample))
    return next(asked.name for asked in fitting if MESH[kind].label in asked.labels)


def interval(seen: Mapping[tuple[str, str], bool]) -> str:
    """How many, and the share with a 95 % interval over meshes: the defects of a mesh are not independent."""
    found = share_of(np.array(list(seen.values())), np.array([name for _, name in seen]))
    return f"**{sum(seen.values())}** ({found.value:.3f}, {found.low:.3f} to {found.high:.3f})"


if __name__ == "__main__":
    main()
