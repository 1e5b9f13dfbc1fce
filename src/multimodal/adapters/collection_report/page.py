"""The page put together: parts, pictures, table, style and script in one HTML file.

    page ... Showcase -> the bytes of the file

What a browser may run or load is fixed by hashes of our own style and script; everything else on the page is text.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from ...core import version
from ...domain.shared.showcase import Showcase
from . import sections
from .pictures import Gallery
from .places import Places
from .table import FIRST, Table
from .text import counted, packed, plain

SOURCES = 3
"""Named above; of more there is a count."""


def page(showcase: Showcase) -> bytes:
    """The HTML file."""
    values = {**_head(showcase), **_parts(showcase), **_code()}
    text: str = _template().render(values)
    return text.encode("utf-8", "replace")


def _head(showcase: Showcase) -> dict[str, Any]:
    found = sections.verdicts(showcase.collection.gathered.verdicts)
    names = [plain(source) for source in showcase.sources[:SOURCES]]
    more = len(showcase.sources) - len(names)
    return {
        "heading": f"Quality of {counted(len(showcase.collection.gathered.verdicts), 'capture')}",
        "made": datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0"),
        "version": version(),
        "sources": ", ".join([*names, *([f"{more:,} more"] if more else [])]),
        "verdicts": found,
        "verdict_summary": ", ".join(f"{v.count:,} {v.words}" for v in found),
        "problems": [plain(sentence) for sentence in showcase.collection.problems],
    }


def _parts(showcase: Showcase) -> dict[str, Any]:
    places = Places(showcase.collection.gathered.names, showcase.paths, showcase.folder)
    gallery, table = Gallery(showcase, places), Table.of(showcase, places)
    parts = {
        "cards": list(sections.cards(showcase)),
        "charts": list(sections.charts(showcase.answers)),
        "examples": list(sections.examples(showcase, gallery)),
        "kinds": list(sections.kinds(showcase.collection, gallery)),
        "lists": list(sections.lists(showcase.collection, gallery)),
    }
    shown = min(FIRST, len(table.order))
    return {
        **parts,
        "images": list(gallery.images()),
        "links": _links(parts),
        "columns": _columns(showcase),
        "rows": list(table.first()),
        "table_note": counted(table.total, "capture"),
        "limited": f"The first {shown:,} of {table.total:,}, the worst first." if shown < table.total else "",
        "models": list(sections.models(showcase.answers)),
        "data": packed(table.values(sections.findings(showcase.collection))),
    }


def _links(parts: dict[str, Any]) -> list[dict[str, str]]:
    """The sections that there are."""
    fixed = {
        "cards": ("issues", "What is wrong"),
        "charts": ("distributions", "Distributions"),
        "examples": ("examples", "Worst examples"),
    }
    links = [{"key": key, "title": title} for part, (key, title) in fixed.items() if parts[part]]
    links += [{"key": kind.key, "title": kind.title} for kind in (*parts["kinds"], *parts["lists"])]
    return [*links, {"key": "captures", "title": "All captures"}]


def _columns(showcase: Showcase) -> list[dict[str, str]]:
    """The table's head."""
    fixed = [("name", "name", "name"), ("verdict", "verdict", ""), ("why", "what is wrong", ""), ("size", "size", "n")]
    columns = [{"key": key, "title": title, "kind": kind, "unit": "", "explained": ""} for key, title, kind in fixed]
    for number, each in enumerate(showcase.answers):
        unit = plain(each.unit) if each.has_value else "score"
        columns.append(
            {
                "key": str(number),
                "title": plain(each.title),
                "kind": "n",
                "unit": unit,
                "explained": plain(each.summary),
            }
        )
    return columns


def _code() -> dict[str, Any]:
    """Style and script, and the policy that lets a browser use these and nothing else."""
    style, script = _resource("page.css"), _resource("page.js")
    allowed = f"img-src data:; style-src {_hash(style)}; script-src {_hash(script)}"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    return {"style": style, "script": script, "policy": policy}


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _resource(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _template() -> Any:
    from jinja2 import Environment, StrictUndefined  # it takes 50 ms, which serving need not pay

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_resource("page.html.j2"))
