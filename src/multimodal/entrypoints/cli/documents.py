"""Assessments as plain values, and their flat rows.

encode, decode ... an assessment <-> JSON
Columns .......... which pipelines and properties a table has
flat ............. a document -> one row of a table file
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ...domain.shared.results import Assessment

Document = Mapping[str, Any]
FIELDS: Mapping[str, type] = {"label": str, "accepted": bool, "score": float, "value": float}  # of each pipeline


@dataclass(frozen=True)
class Columns:
    """What stands in a row. properties: by full name, those of the pipelines."""

    pipelines: tuple[str, ...]
    properties: tuple[str, ...]

    @property
    def flat(self) -> dict[str, type]:
        """The columns of a table file and what is in them."""
        each = {f"{name}_{field}": kind for name in self.pipelines for field, kind in FIELDS.items()}
        return {"path": str, "verdict": str, **each, "failure": str}


def encode(assessment: Assessment) -> bytes:
    """The assessment as one line of JSON."""
    return orjson.dumps(assessment, default=plain, option=orjson.OPT_SERIALIZE_NUMPY)


def plain(value: Any) -> Any:
    """What orjson does not know by itself: mappings that are no dict."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form.")


def flat(document: Document, columns: Columns) -> dict[str, Any]:
    """One row: a value for each column, None where there is none."""
    row: dict[str, Any] = dict.fromkeys(columns.flat)
    row |= {"path": document["name"], "verdict": document["verdict"], "failure": failures(document)}
    for prediction in document["predictions"]:
        row |= {f"{prediction['pipeline']}_{field}": prediction[field] for field in FIELDS}
    return row


def failures(document: Document) -> str | None:
    """Why there is no answer, or None."""
    return "; ".join(failure["message"] for failure in document["failures"]) or None


def issues(document: Document) -> list[str]:
    """What is wrong with the capture: rejected labels, and the codes of failures."""
    rejected = [p["label"] for p in document["predictions"] if p["decides"] and p["accepted"] is False]
    return rejected + [failure["code"] for failure in document["failures"]]
