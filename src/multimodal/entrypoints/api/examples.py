"""Pictures and bodies of /docs, made by code; sending them works."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import cv2
import numpy as np
import orjson
import simplejpeg
from numpy.typing import NDArray

from ...domain.shared.distributions import Distribution, Histogram
from ...domain.shared.drift import LabelShare, PipelineDrift, compare
from .answers import to_json

BINARY = {"schema": {"type": "string", "format": "binary"}}
IMAGES = ("image/jpeg", "image/png", "image/webp", "image/tiff", "image/bmp", "image/heic", "image/avif")
FORM = {
    "schema": {
        "type": "object",
        "required": ["files"],
        "properties": {"files": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}},
    }
}


def raw_body() -> dict[str, Any]:
    """The OpenAPI entry of a file sent as it is."""
    return {"requestBody": {"required": True, "content": dict.fromkeys(("application/octet-stream", *IMAGES), BINARY)}}


def upload() -> dict[str, Any]:
    """The OpenAPI entry of one file as it is, or many in a form."""
    content = {**raw_body()["requestBody"]["content"], "multipart/form-data": FORM}
    return {"requestBody": {"required": True, "content": content}}


def base64_body(modality: str) -> dict[str, Any]:
    """The OpenAPI entry of a capture as base64 in JSON, with one that can be sent where there is one."""
    text = {
        "type": "string",
        "description": "The file's bytes in base64; a `data:...;base64,` prefix may stand before.",
    }
    schema = {"type": "object", "required": [modality], "properties": {modality: text}}
    content: dict[str, Any] = {"schema": schema}
    if modality in EXAMPLES:
        content["example"] = {modality: base64.b64encode(EXAMPLES[modality]()).decode()}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def job_body(schema: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI entry of a job that is asked for, with one of each kind that can be sent."""
    train = {"kind": "train", "pipeline": "blur_laplacian", "trials": 20, "minutes": 10}
    evaluate = {"kind": "evaluate", "pipeline": "blur_laplacian", "dataset": "blur_synthetic"}
    cases = {"train": {"value": train}, "evaluate": {"value": evaluate}}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "examples": cases}}}}


def example_photo() -> bytes:
    """A small JPEG: a house before hills under a blue sky."""
    return bytes(simplejpeg.encode_jpeg(scene(), quality=70))


def example_model3d() -> bytes:
    """A small ASCII STL: a cube with a hole, one of its twelve triangles is missing."""
    corners = np.array([[x, y, z] for x in (0, 20) for y in (0, 20) for z in (0, 20)])
    sides = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    triangles = [half for a, b, c, d in sides for half in ((a, b, c), (a, c, d))][:-1]
    facets = []
    for triangle in triangles:
        lines = "".join(f"vertex {x} {y} {z}\n" for x, y, z in corners[list(triangle)])
        facets.append(f"facet normal 0 0 0\nouter loop\n{lines}endloop\nendfacet\n")
    return f"solid cube in mm\n{''.join(facets)}endsolid\n".encode()


EXAMPLES: Mapping[str, Callable[[], bytes]] = {"image": example_photo, "model3d": example_model3d}
"""What /docs sends, by modality."""


def drift() -> list[dict[str, Any]]:
    """What `/v1/drift` answers when cameras have lost their focus: blur twice as wide."""
    width = Distribution(Histogram((0.4, 1.1, 1.8, 2.6), (8, 390, 210, 184, 8)), 760)
    score = Distribution(Histogram((0.2, 0.4, 0.6, 0.8), (170, 20, 20, 30, 160)), 390)
    moved = replace(compare(width, Histogram(width.histogram.edges, (0, 60, 90, 310, 140)), "px"), name="width")
    lower = replace(compare(score, Histogram(score.histogram.edges, (240, 190, 60, 40, 70))), name="score")
    found = PipelineDrift(
        pipeline="blur_sharpness",
        model="blur_sharpness@b0b0fc4f33a1",
        status=moved.status,
        captures=600,
        since=date(2026, 11, 19),
        until=date(2026, 11, 25),
        score=lower,
        features=(moved,),
        labels=(LabelShare("sharp", 0.48, 0.17), LabelShare("blurred", 0.52, 0.83)),
    )
    document: dict[str, Any] = orjson.loads(to_json(found))
    return [document]


def scene(width: int = 256, height: int = 192) -> NDArray[np.uint8]:
    """The example's pixels, RGB uint8; the same each time."""
    rng = np.random.default_rng(7)
    rows = np.linspace(0, 1, height)[:, None, None]
    pixels = (np.array([90, 140, 210]) * (1 - rows) + np.array([215, 225, 235]) * rows) * np.ones((1, width, 1))
    pixels = pixels.astype(np.uint8)
    ground = np.array([[0, 120], [60, 96], [130, 118], [200, 88], [255, 110], [255, 191], [0, 191]], np.int32)
    cv2.fillPoly(pixels, [ground], (86, 122, 62))
    cv2.rectangle(pixels, (88, 84), (168, 150), (196, 170, 140), -1)
    cv2.fillPoly(pixels, [np.array([[80, 86], [128, 52], [176, 86]], np.int32)], (140, 60, 48))
    for left in (98, 140):
        cv2.rectangle(pixels, (left, 98), (left + 18, 118), (40, 50, 70), -1)
        cv2.rectangle(pixels, (left, 98), (left + 18, 118), (240, 235, 225), 2)
    cv2.rectangle(pixels, (119, 118), (137, 150), (90, 60, 40), -1)
    grass = np.zeros((height, width), np.uint8)
    cv2.fillPoly(grass, [ground], 4)
    noise = rng.normal(0, 1, (height, width)) * (1 + grass)
    return np.clip(pixels + noise[..., None], 0, 255).astype(np.uint8)
