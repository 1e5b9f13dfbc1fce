"""LAS, LAZ and E57: clouds of surveyors, read by laspy and pye57 after their promises were checked (extra `scan`)."""

from __future__ import annotations

import io
import struct
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...shared.errors import BrokenCapture, MissingExtra
from ...shared.modality import Limits
from ...shared.parsed import Parsed
from .parsed import colours_of, refuse_elements, refuse_promises

LAS_HEADER = 227
VLR = 54
"""Bytes of the smallest variable length record."""
COLOURS = ("red", "green", "blue")


def read_las(data: bytes, limits: Limits) -> Parsed:
    """The cloud of a LAS or LAZ file."""
    packed = refuse_las(data, limits)
    try:
        import laspy
    except ImportError as error:
        raise MissingExtra("scan", "Reading LAS and LAZ files") from error
    cloud = laspy.read(io.BytesIO(data))
    dimensions = {*cloud.point_format.dimension_names}
    arrays: dict[str, NDArray[Any]] = {"vertices": np.asarray(cloud.xyz, np.float64)}
    if dimensions >= {*COLOURS}:
        arrays["colours"] = colours_of([np.asarray(cloud[name]) for name in COLOURS])
    arrays["intensity"] = np.asarray(cloud["intensity"])
    arrays["scans"] = np.asarray(cloud["point_source_id"])
    return Parsed(arrays, {"format": "LAZ" if packed else "LAS"})


def refuse_las(data: bytes, limits: Limits) -> bool:
    """Raise an error for a header that promises what is not there; whether the points are packed."""
    if len(data) < LAS_HEADER:
        raise BrokenCapture("The LAS file ends within its header.")
    minor, size = data[25], struct.unpack_from("<H", data, 94)[0]
    start, records, form, length, count = struct.unpack_from("<IIBHI", data, 96)
    if minor >= 4 and len(data) >= 255:
        count = max(count, struct.unpack_from("<Q", data, 247)[0])
    if data[24] != 1 or minor > 4 or not LAS_HEADER <= size <= start <= len(data) or length < 20:
        raise BrokenCapture("The LAS file's header is damaged.")
    refuse_elements(count, limits)
    refuse_promises(records, VLR, start - size, "records")
    if not form & 0x80:
        refuse_promises(count, length, len(data) - start, "points")
    return bool(form & 0x80)


def read_e57(data: bytes, limits: Limits) -> Parsed:
    """The cloud of all scans of an E57 file, each where its pose puts it."""
    try:
        import pye57
    except ImportError as error:
        raise MissingExtra("scan", "Reading E57 files") from error
    if len(data) < 48 or struct.unpack_from("<Q", data, 16)[0] != len(data):
        raise BrokenCapture("The E57 file is not as long as it says.")
    with tempfile.TemporaryDirectory(prefix="multimodal-") as folder:  # the library reads from files only
        path = Path(folder, "capture.e57")
        path.write_bytes(data)
        file = pye57.E57(str(path))
        try:
            counts = [file.get_header(number).point_count for number in range(file.scan_count)]
            refuse_elements(sum(counts), limits)
            scans = [scan(file, number) for number, count in enumerate(counts) if count]
        finally:
            file.close()
    if not scans:
        raise BrokenCapture("The E57 file holds no points.")
    return Parsed(together(scans), {"format": "E57", "unit": "m", "unit_source": "format"})


def scan(file: Any, number: int) -> dict[str, NDArray[Any]]:
    """The arrays of one scan."""
    fields = {*file.get_header(number).point_fields}
    told = file.read_scan(
        number,
        intensity="intensity" in fields,
        colors={"colorRed", "colorGreen", "colorBlue"} <= fields,
        ignore_missing_fields=True,
    )
    points = np.column_stack([told["cartesianX"], told["cartesianY"], told["cartesianZ"]])
    arrays: dict[str, NDArray[Any]] = {"vertices": points, "scans": np.full(len(points), number)}
    if "colorRed" in told:
        arrays["colours"] = colours_of([told["colorRed"], told["colorGreen"], told["colorBlue"]])
    if "intensity" in told:
        arrays["intensity"] = np.asarray(told["intensity"], np.float32)
    return arrays


def together(scans: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """The arrays of all scans, one after the other; what one of them lacks is left out."""
    names = set.intersection(*({*arrays} for arrays in scans))
    return {name: np.concatenate([arrays[name] for arrays in scans]) for name in sorted(names)}
