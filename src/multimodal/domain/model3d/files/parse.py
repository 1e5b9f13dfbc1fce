"""The one door to files of meshes and clouds: bytes -> `Parsed`, or a `CaptureError`.

What comes through it is untrusted, so that it is best called in a process that may die (adapters/sandbox.py).
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from ...shared.errors import BrokenCapture, QualityError, TooManyPixels, UnsupportedFormat
from ...shared.modality import Limits, Parse
from ...shared.parsed import Parsed
from .formats import sniff

READERS: Mapping[str, str] = {  # by format: module and function, imported when a file of that kind comes
    "PLY": "ply:read",
    "STL": "stl:read",
    "OBJ": "obj:read",
    "OFF": "off:read",
    "GLB": "scenes:read_glb",
    "GLTF": "scenes:read_gltf",
    "3MF": "scenes:read_3mf",
    "DAE": "scenes:read_dae",
    "XYZ": "xyz:read",
    "PCD": "pcd:read",
    "LAS": "survey:read_las",
    "E57": "survey:read_e57",
}


def parse(data: bytes, limits: Limits) -> Parsed:
    """The arrays of a file.

    Raises `UnsupportedFormat`, `TooManyPixels` or `BrokenCapture`, and `MissingExtra` for a format whose library is not
    installed.
    """
    kind = sniff(data)
    if kind is None:
        raise UnsupportedFormat("The bytes are no mesh and no point cloud that can be read.")
    try:
        return reader(kind)(data, limits)
    except QualityError:
        raise
    except MemoryError as error:
        raise TooManyPixels(f"Reading the {kind} file takes more memory than is allowed.") from error
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # lazrs' PanicException is no Exception
        raise BrokenCapture(f"The {kind} file is damaged ({type(error).__name__}).") from error


def reader(kind: str) -> Parse:
    """The function that reads a format."""
    module, _, name = READERS[kind].partition(":")
    found: Parse = getattr(importlib.import_module(f".{module}", __package__), name)
    return found
