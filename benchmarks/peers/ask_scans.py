"""What Open3D says of meshes and clouds, and the meshes that PyVista makes; runs in the Python of these tools.

python ask_scans.py meshes FOLDER .... PyVista's clean meshes as npz files (vertices, faces)
python ask_scans.py judge FOLDER ..... a line of JSON for each npz file there: Open3D's answers
python ask_scans.py cloud FILE ....... seconds that Open3D takes for the same answers about a cloud (npy)
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

LARGEST = 6000
"""Triangles of the largest mesh that Open3D is asked for self-intersections of: it compares all with all."""


def meshes(folder):
    import pyvista

    made = {
        "pv_sphere": pyvista.Sphere(),
        "pv_cylinder": pyvista.Cylinder(resolution=48).triangulate().subdivide(1),
        "pv_torus": pyvista.ParametricTorus(u_res=40, v_res=40, w_res=40),
        "pv_nut": pyvista.examples.load_nut(),
    }
    for name, mesh in made.items():
        surface = mesh.extract_surface(algorithm="dataset_surface").triangulate().clean()
        faces = surface.faces.reshape(-1, 4)[:, 1:]
        np.savez(Path(folder, f"{name}.npz"), vertices=np.asarray(surface.points, float), faces=faces)


def judge(folder):
    import open3d

    for path in sorted(Path(folder).glob("*.npz")):
        loaded = np.load(path)
        mesh = open3d.geometry.TriangleMesh(
            open3d.utility.Vector3dVector(loaded["vertices"]), open3d.utility.Vector3iVector(loaded["faces"])
        )
        mesh.remove_duplicated_vertices()
        before = len(mesh.triangles)
        _, sizes, _ = mesh.cluster_connected_triangles()
        told = {
            "watertight": mesh.is_watertight() if before <= LARGEST else None,
            "edge_manifold": mesh.is_edge_manifold(allow_boundary_edges=True),
            "closed": mesh.is_edge_manifold(allow_boundary_edges=False),
            "vertex_manifold": mesh.is_vertex_manifold(),
            "orientable": mesh.is_orientable(),
            "self_intersecting": mesh.is_self_intersecting() if before <= LARGEST else None,
            "parts": len(sizes),
            "degenerate": before - len(mesh.remove_degenerate_triangles().triangles),
            "duplicate": before - len(mesh.remove_duplicated_triangles().triangles),
        }
        print(json.dumps({"name": path.stem, **told}), flush=True)


def cloud(file):
    import open3d

    points = np.load(file)
    seconds = {}

    def timed(name, work):
        start = time.perf_counter()
        found = work()
        seconds[name] = time.perf_counter() - start
        return found

    made = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(points))
    timed("invalid", lambda: made.remove_non_finite_points())
    timed("duplicates", lambda: made.remove_duplicated_points())
    timed("spacing", lambda: made.compute_nearest_neighbor_distance())
    timed("outliers", lambda: made.remove_statistical_outlier(8, 2.0))
    covariances = timed("noise", lambda: made.estimate_covariances(open3d.geometry.KDTreeSearchParamKNN(17)))
    timed("eigenvalues", lambda: np.linalg.eigvalsh(np.asarray(made.covariances)))
    timed("normals", lambda: made.estimate_normals(open3d.geometry.KDTreeSearchParamKNN(17)))
    tensor = open3d.t.geometry.PointCloud(open3d.core.Tensor(points.astype(np.float32)))
    tensor.estimate_normals(17)
    radius = 4 * float(np.median(np.asarray(made.compute_nearest_neighbor_distance())))
    timed("rims", lambda: tensor.compute_boundary_points(radius, 30, 125.0))
    del covariances
    print(json.dumps(seconds))


if __name__ == "__main__":
    {"meshes": meshes, "judge": judge, "cloud": cloud}[sys.argv[1]](sys.argv[2])
