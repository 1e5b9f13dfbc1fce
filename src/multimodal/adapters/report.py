"""An examination as documents: one HTML page that needs nothing else, the same as JSON, and its plots.

    documents ... file name -> content; `report.html` comes last, so that who sees it sees all

Names of captures, groups and facts come from whoever made the data set: all is escaped, texts are cut, and the page
forbids its reader's browser to run or load anything.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import cv2
import numpy as np
import orjson
from numpy.typing import NDArray

from ..core import version
from ..domain.shared.errors import MissingExtra
from ..domain.shared.evaluation import METRICS, Interval
from ..domain.shared.examination import Examination
from .plots import plots

TEMPLATE = "report.html.j2"
QUALITY = 80  # of the thumbnails
LONGEST = 120  # characters of a name
ALT = {
    "roc.svg": "ROC curve",
    "precision_recall.svg": "Precision-recall curve",
    "reliability.svg": "Reliability diagram",
    "confusion.svg": "Confusion matrix",
    "scores.svg": "Histogram of the scores by true label",
    "comparison.svg": "Differences of the metrics",
}


def documents(examination: Examination, pictures: Mapping[int, NDArray[np.uint8]]) -> dict[str, bytes]:
    """The documents of an examination; pictures: RGB uint8 by position in the data set, for the contact sheet."""
    drawn = plots(examination)
    plain = orjson.dumps(examination.to_dict(), option=orjson.OPT_INDENT_2)
    return {"evaluation.json": plain, **drawn, "report.html": page(examination, drawn, pictures)}


def page(examination: Examination, drawn: Mapping[str, bytes], pictures: Mapping[int, NDArray[np.uint8]]) -> bytes:
    """The HTML page with everything inside it."""
    figures = [(ALT[name], uri(svg, "image/svg+xml")) for name, svg in drawn.items()]
    thumbnails = {position: uri(jpeg(picture), "image/jpeg") for position, picture in pictures.items()}
    values = {"made": datetime.now(UTC), "version": version(), "maximise": {n: m.maximise for n, m in METRICS.items()}}
    text = _template().render(e=examination, figures=figures, thumbnails=thumbnails, **values)
    return bytes(text.encode("utf-8", "replace"))


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    """An RGB picture as a JPEG file."""
    bgr = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


def uri(content: bytes, kind: str) -> str:
    """Content as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def number(value: float | None) -> str:
    """A figure for people.

    >>> number(0.98765), number(float("nan"))
    ('0.988', 'none')
    """
    return "none" if value is None or not math.isfinite(value) else f"{value:.3f}"


def interval(value: Interval) -> str:
    """A figure with its interval.

    >>> interval(Interval(0.9, 0.85, 0.95))
    '0.900 [0.850, 0.950]'
    """
    bounds = f" [{number(value.low)}, {number(value.high)}]" if math.isfinite(value.low) else ""
    return number(value.value) + bounds


def chance(p: float) -> str:
    """A p-value.

    >>> chance(0.0005), chance(0.25)
    ('< 0.001', '0.250')
    """
    return "< 0.001" if p < 0.001 else number(p)


def share(value: float) -> str:
    """A share in percent.

    >>> share(0.0525)
    '5.2 %'
    """
    return f"{value:.1%}".replace("%", " %")


def cut(text: object) -> str:
    """A text that fits on the page, without characters that turn or hide others."""
    clean = "".join(c if c.isprintable() else "�" for c in str(text))
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"


def _template() -> Any:
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        raise MissingExtra("train", "A report") from error
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": number, "interval": interval, "chance": chance, "share": share, "cut": cut}
    return environment.from_string(resources.files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8"))
