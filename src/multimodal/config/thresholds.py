"""The user's thresholds.yaml: read strictly, changed without losing what else stands in it.

read_thresholds .... target -> name -> value
merged ............. its text with other values for some targets; comments elsewhere stay
write_thresholds ... the same in the file, whole or not at all
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from ..domain.shared.errors import ConfigError
from .strict_yaml import read_text, read_yaml

NAME = "thresholds.yaml"
HEADER = """\
# Your thresholds; they go over those of recipes and trained models. `multimodal config thresholds` shows all there are.
"""
Written = Mapping[str, Mapping[str, float]]


def read_thresholds(folder: Path) -> dict[str, Any]:
    """What stands in the file of a configuration folder; nothing where there is none."""
    path = folder / NAME
    return values_of(read_text(path)) if path.is_file() else {}


def values_of(text: str) -> dict[str, Any]:
    """The values of its text; one of comments alone holds none."""
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return {}
    try:
        return read_yaml(text)
    except ConfigError as error:
        raise ConfigError(f"{NAME}: {str(error).removeprefix('The text ')}") from error


def merged(text: str, values: Written) -> str:
    r"""The text with these values; a target that stands there keeps its other values and its place.

    >>> merged("# mine\nimage/noise: {threshold: 6.0}\n", {"blur_laplacian": {"threshold": 80.0}})
    '# mine\nimage/noise: {threshold: 6.0}\nblur_laplacian: {threshold: 80.0}\n'
    """
    before = values_of(text)
    for target in values:
        if not isinstance(before.get(target, {}), Mapping):
            raise ConfigError(f"{NAME}: {target} is written {{threshold: 6.0}}, got {before[target]!r}.")
    after = before | {target: {**before.get(target, {}), **some} for target, some in values.items()}
    blocks = {target: line_of(target, after[target]) for target in values}
    kept = "".join(blocks.pop(target, block) for target, block in blocks_of(text or HEADER))
    new = kept + "\n" * bool(kept and not kept.endswith("\n")) + "".join(blocks.values())
    return new if _says(new, after) else HEADER + yaml.safe_dump(after, sort_keys=False)


def _says(text: str, values: Mapping[str, Any]) -> bool:
    try:
        return values_of(text) == values
    except ConfigError:  # a line more does not fit every way to write YAML
        return False


def line_of(target: str, values: Mapping[str, Any]) -> str:
    """One target as one line."""
    return yaml.safe_dump({target: dict(values)}, default_flow_style=None, sort_keys=False, width=10_000)


def blocks_of(text: str) -> Iterator[tuple[str, str]]:
    """The text in parts: each target with its lines, and what stands between them with an empty name."""
    target, lines = "", ""
    for line in text.splitlines(keepends=True):
        begins = re.match(r"""["']?([^\s#"'][^"']*?)["']?\s*:(?:\s|$)""", line)
        if begins or not line.startswith((" ", "\t")):
            yield target, lines
            target, lines = (begins[1] if begins else ""), ""
        lines += line
    yield target, lines


def write_thresholds(path: Path, values: Written) -> Path:
    """Put values into a file, which is made with its folder if need be; the file."""
    text = merged(read_text(path) if path.is_file() else "", values)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
