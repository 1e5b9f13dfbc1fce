"""How fast meshes and clouds are checked: ours beside trimesh and Open3D, in one run, as ratios.

    python benchmarks/model3d.py [--rounds 3] [--alone] [--docs FILE] [--parts]

mesh ..... all properties of a mesh of 1.3 million triangles, self-intersection included, over what trimesh takes for
           topology alone: merging vertices, watertight, winding, parts, Euler number, degenerate and repeated triangles
cloud .... all properties of a cloud of a million points over the same answers from Open3D: points without coordinates,
           duplicates, spacing, outliers, noise (covariances and their eigenvalues), normals, rims of holes
files .... reading a binary PLY and a binary STL of the mesh to a sample, over reading the file's bytes and sorting as
           many keys as it has triangles, once
again .... the mesh and the cloud without libigl and small-gicp, over with them

Each tool works in a process of its own, one after the other in turns, on arrays that are in memory; the best round of
each counts. Both have the same allocator settings, as `multimodal serve` has them. The shapes: a sphere with waves, its
vertices in single precision, in an order that tells nothing; points drawn from it at random.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import peers
import trimesh
from figures import table, write_page

MARKS = ("<!-- speed: made by benchmarks/model3d.py -->", "<!-- end of speed -->")
SETTLED = {"MALLOC_MMAP_THRESHOLD_": "268435456", "MALLOC_TRIM_THRESHOLD_": "268435456"}
POINTS = 1_000_000


def shapes(folder: Path) -> None:
    """The mesh (npz, PLY, STL) and the cloud (npy)."""
    rng = np.random.default_rng(0)
    ball = trimesh.creation.icosphere(8)
    at = ball.vertices * (1 + 0.1 * np.sin(5 * ball.vertices[:, :1]) * np.cos(4 * ball.vertices[:, 1:2]))
    number = rng.permutation(len(at))
    vertices = np.empty(at.shape, np.float32)
    vertices[number] = at
    faces = number[ball.faces][rng.permutation(len(ball.faces))].astype(np.int32)
    np.savez(folder / "mesh.npz", vertices=vertices, faces=faces)
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    for kind in ("ply", "stl"):
        mesh.export(folder / f"mesh.{kind}")
    points, _ = trimesh.sample.sample_surface(mesh, POINTS, seed=0)
    np.save(folder / "cloud.npy", np.asarray(points) + rng.normal(0, 2e-4, (POINTS, 3)))


# --- what runs in a process of its own -------------------------------------------------------------------------------


def once(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ours(folder: Path, kind: str) -> dict[str, float]:
    """Seconds of each property, in their order, and of all."""
    from multimodal.bootstrap import bootstrap
    from multimodal.domain.model3d.sample import CloudSample, MeshSample

    app = bootstrap()
    if kind == "mesh":
        loaded = np.load(folder / "mesh.npz")
        arrays = {"vertices": loaded["vertices"], "faces": loaded["faces"]}
        sample, small = MeshSample(**arrays), MeshSample(**ball_of(2))
    else:
        ball = ball_of(4)["vertices"]
        holed = ball[np.linalg.norm(ball - ball[0], axis=1) > 0.3]
        sample, small = CloudSample(points=np.load(folder / "cloud.npy")), CloudSample(points=holed)
    ready = [app.assessor.pipeline(name) for name, one in app.catalog.recipes.items() if one.modality == "model3d"]
    rules = [one for one in ready if one is not None and isinstance(sample, one.decision.property.sample)]
    for rule in rules:  # imports
        rule.predict([small])
    found = {rule.decision.property.name: once(partial(judged, rule, sample)) for rule in rules}
    return found | {"all": sum(found.values())}


def judged(rule: Any, sample: Any) -> None:
    rule.predict([sample])
    if rule.decision.property.findings:
        rule.decision.property.findings(sample)


def ball_of(subdivisions: int) -> dict[str, np.ndarray]:
    ball = trimesh.creation.icosphere(subdivisions)
    return {"vertices": np.asarray(ball.vertices, np.float32), "faces": np.asarray(ball.faces, np.int32)}


def by_trimesh(folder: Path, kind: str) -> dict[str, float]:
    loaded = np.load(folder / "mesh.npz")
    vertices, faces = loaded["vertices"], loaded["faces"]
    warm = trimesh.creation.icosphere(2)
    for mesh in (warm,):
        topology(mesh)
    made: list[trimesh.Trimesh] = []
    found = {"merge": once(lambda: made.append(trimesh.Trimesh(vertices, faces, process=True)))}
    found |= topology(made[0])
    return found | {"all": sum(found.values())}


def topology(mesh: trimesh.Trimesh) -> dict[str, float]:
    return {
        "watertight and winding": once(lambda: (mesh.is_watertight, mesh.is_winding_consistent)),
        "parts": once(lambda: mesh.body_count),
        "euler": once(lambda: mesh.euler_number),
        "degenerate": once(mesh.nondegenerate_faces),
        "repeated": once(mesh.unique_faces),
    }


def files(folder: Path, kind: str) -> dict[str, float]:
    """Seconds to decode a file, and to read it and sort once."""
    from multimodal.domain.model3d.sample import decode
    from multimodal.domain.shared.modality import Limits

    path, limits = folder / f"mesh.{kind}", Limits(2**30)
    path.read_bytes()
    keys = np.random.default_rng(0).integers(0, 1 << 62, 1_310_720, dtype=np.uint64)
    return {
        "decode": min(once(lambda: decode(path.read_bytes(), limits=limits)) for _ in range(3)),
        "floor": min(once(lambda: (path.read_bytes(), np.sort(keys))) for _ in range(3)),
    }


def alone(folder: Path, kind: str) -> dict[str, float]:
    """Ours without the libraries that it has a fallback for."""
    for module in ("igl", "igl.predicates", "small_gicp"):
        sys.modules[module] = None  # type: ignore[assignment]
    return ours(folder, kind)


WORKERS = {"ours": ours, "trimesh": by_trimesh, "files": files, "alone": alone}


# --- the run ---------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="without Open3D")
    parser.add_argument("--parts", action="store_true", help="also where the time goes")
    parser.add_argument("--docs", type=Path, help="write the figures into this page")
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        name, folder, kind = given.work
        print(json.dumps(WORKERS[name](Path(folder), kind)))
        return
    with tempfile.TemporaryDirectory() as place:
        shapes(Path(place))
        text = "\n".join(report(Path(place), given))
    print(text)
    if given.docs:
        write_page(given.docs, MARKS, text)


def report(folder: Path, given: argparse.Namespace) -> Iterator[str]:
    jobs = {("ours", "mesh"), ("trimesh", "mesh"), ("ours", "cloud"), ("files", "ply"), ("files", "stl")}
    jobs |= {("alone", "mesh"), ("alone", "cloud")}
    if not given.alone:
        jobs.add(("open3d", "cloud"))
    best: dict[tuple[str, str], dict[str, float]] = {}
    for _ in range(given.rounds):
        for job in sorted(jobs):
            found = asked(folder, *job)
            if job not in best or total(found) < total(best[job]):
                best[job] = found
    mesh, cloud = total(best["ours", "mesh"]), total(best["ours", "cloud"])
    rows = [["mesh, all properties / trimesh's topology", f"{mesh / total(best['trimesh', 'mesh']):.2f}"]]
    if not given.alone:
        rows.append(
            ["cloud, the same answers from Open3D / all properties", f"{total(best['open3d', 'cloud']) / cloud:.1f}"]
        )
    for kind in ("ply", "stl"):
        found = best["files", kind]
        rows.append(
            [f"binary {kind.upper()} to a sample / its bytes and one sort", f"{found['decode'] / found['floor']:.2f}"]
        )
    for kind, own in (("mesh", mesh), ("cloud", cloud)):
        rows.append([f"{kind} without libigl and small-gicp / with them", f"{total(best['alone', kind]) / own:.2f}"])
    yield table(["what", "ratio"], rows)
    if given.parts:
        for job, found in sorted(best.items()):
            yield f"{' '.join(job)}: " + ", ".join(f"{name} {seconds:.3f} s" for name, seconds in found.items())


def total(found: dict[str, float]) -> float:
    return found.get("all") or sum(found.values())


def asked(folder: Path, tool: str, kind: str) -> dict[str, float]:
    if tool == "open3d":
        line = [str(peers.environment("scans")), "-W", "ignore", str(peers.HERE / "ask_scans.py"), "cloud"]
        line.append(str(folder / "cloud.npy"))
    else:
        line = [sys.executable, __file__, "--work", tool, str(folder), kind]
    done = subprocess.run(line, capture_output=True, text=True, check=True, env=os.environ | SETTLED)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
