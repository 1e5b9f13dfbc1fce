"""XYZ, PTS, TXT and CSV: a point a line.

A line of names says what the columns are. Without one: x y z, then intensity (4 columns), colour or normal (6),
intensity and colour (7, PTS), colour and normal (9).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...shared.errors import BrokenCapture
from ...shared.modality import Limits
from ...shared.parsed import Parsed
from . import text
from .formats import POINT_TITLE
from .parsed import colours_of, refuse_elements

BLANKS = bytes.maketrans(b",;\t\r", b"    ")
WORD = re.compile(rb"[A-Za-z_][A-Za-z_0-9]*")
NAMES: Mapping[str, str] = {
    **dict.fromkeys(("intensity", "i", "reflectance", "scalar_intensity"), "intensity"),
    **dict.fromkeys(("red", "r"), "red"),
    **dict.fromkeys(("green", "g"), "green"),
    **dict.fromkeys(("blue", "b"), "blue"),
    **dict.fromkeys(("nx", "normal_x", "normalx"), "nx"),
    **dict.fromkeys(("ny", "normal_y", "normaly"), "ny"),
    **dict.fromkeys(("nz", "normal_z", "normalz"), "nz"),
    **dict.fromkeys(("scan", "scan_id", "scanid", "station"), "scan"),
}
COLOUR, NORMAL = ["red", "green", "blue"], ["nx", "ny", "nz"]


def read(data: bytes, limits: Limits) -> Parsed:
    """The cloud of a text file."""
    lines = [line for line in data.removeprefix(b"\xef\xbb\xbf").translate(BLANKS).splitlines() if line.strip()]
    title: list[str] = []
    if lines and POINT_TITLE.match(lines[0]):
        title = [word.decode("ascii").lower() for word in WORD.findall(lines[0])]
        lines = lines[1:]
    lines = [line for line in lines if not line.lstrip().startswith((b"#", b"//"))]
    if len(lines) > 1 and len(lines[0].split()) == 1:  # PTS says first how many points there are
        lines = lines[1:]
    refuse_elements(len(lines), limits)
    if not lines:
        raise BrokenCapture("The file holds no points.")
    table = text.table(lines)
    if table.shape[1] < 3:
        raise BrokenCapture("The file's lines have fewer than three numbers.")
    return Parsed(arrays_of(table, title[: table.shape[1]] or usual(table)), {"format": "XYZ"})


def usual(table: NDArray[np.float64]) -> list[str]:
    """The names of columns that have none."""
    more = table[:, 3:]
    if more.shape[1] == 1:
        return ["x", "y", "z", "intensity"]
    if more.shape[1] == 3:
        return ["x", "y", "z", *(NORMAL if np.nanmin(more) < 0 else COLOUR)]
    if more.shape[1] == 4:
        return ["x", "y", "z", "intensity", *COLOUR]
    return ["x", "y", "z", *COLOUR, *NORMAL] if more.shape[1] == 6 else ["x", "y", "z"]


def arrays_of(table: NDArray[np.float64], names: list[str]) -> dict[str, NDArray[Any]]:
    """The arrays of named columns."""
    columns = {NAMES.get(name, name): table[:, i] for i, name in enumerate(names)}
    if not {"x", "y", "z"} <= columns.keys():
        raise BrokenCapture("The file's title line does not name x, y and z.")
    arrays: dict[str, NDArray[Any]] = {"vertices": np.column_stack([columns[name] for name in "xyz"])}
    if columns.keys() >= {*COLOUR}:
        arrays["colours"] = colours_of([columns[name] for name in COLOUR])
    if columns.keys() >= {*NORMAL}:
        arrays["normals"] = np.column_stack([columns[name] for name in NORMAL])
    if "intensity" in columns:
        arrays["intensity"] = columns["intensity"]
    if "scan" in columns:
        arrays["scans"] = np.nan_to_num(columns["scan"])
    return arrays
