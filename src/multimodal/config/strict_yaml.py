"""YAML, strictly: what looks like a mistake is an error that names its line.

    read_yaml ... text or file -> dict

Against plain `yaml.safe_load`: a key given twice is refused, and so are tags; aliases cannot multiply (a "billion
laughs") or contain themselves; size and depth are limited; scalars follow YAML 1.2, so `no` and `on` are words, `1e-4`
is a number, `12:30` and `2026-01-01` are text.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

from ..domain.shared.errors import ConfigError

MOST_BYTES = 2**20
MOST_NODES = 100_000
DEEPEST = 50  # libyaml recurses on the C stack


TAG = "tag:yaml.org,2002:"
SCALARS = {  # YAML 1.2, core schema: pattern, and the characters that one can start with
    "null": (r"~|null|Null|NULL|", [*"~nN", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    "int": (r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+", [*"-+0123456789"]),
    "float": (r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan", [*"-+.0123456789"]),
    "merge": (r"<<", ["<"]),
}


def resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """First character -> which scalars may start with it, in PyYAML's form."""
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for name, (pattern, starts) in SCALARS.items():
        for start in starts:
            found.setdefault(start, []).append((TAG + name, re.compile(rf"^(?:{pattern})$")))
    return found


def whole(loader: SafeConstructor, node: yaml.ScalarNode) -> int:
    """Decimal, 0x and 0o numbers; a leading zero means nothing."""
    text = str(loader.construct_scalar(node))
    return int(text, 0) if text[:2] in ("0x", "0o") else int(text)


def real(loader: SafeConstructor, node: yaml.ScalarNode) -> float:
    """Decimal numbers, infinity and not-a-number."""
    return float(str(loader.construct_scalar(node)).replace(".inf", "inf").replace(".nan", "nan"))


class StrictLoader(yaml.CSafeLoader):
    """Plain values only, each key once, scalars as in YAML 1.2."""

    yaml_implicit_resolvers = resolvers()
    yaml_constructors = SafeConstructor.yaml_constructors | {f"{TAG}int": whole, f"{TAG}float": real}

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping, refused when a key stands there twice or is no plain word."""
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise ConstructorError(None, None, "found a key that is no plain word", key.start_mark)
            if key.value in seen:
                raise ConstructorError(None, None, f"found {key.value!r} twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read_yaml(source: str | Path) -> dict[str, Any]:
    r"""The mapping that a YAML text or file holds.

    >>> read_yaml("low: 1e-4\nlabels: [yes, no]")
    {'low': 0.0001, 'labels': ['yes', 'no']}

    Raises:
        ConfigError: unreadable, not YAML, not a mapping of words to values, or larger than any configuration is.
    """
    name = source.name if isinstance(source, Path) else "The text"
    text = read_text(source) if isinstance(source, Path) else source
    if len(text) > MOST_BYTES:
        raise ConfigError(f"{name} is too large for a configuration: at most {MOST_BYTES:,} characters are read.")
    try:
        refuse_bombs(text)
        values = yaml.load(text, Loader=StrictLoader)
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{name} is not valid YAML: {explained(error)}.") from error
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise ConfigError(f"{name} has to be a mapping of names to values, such as `pipeline: blur_laplacian`.")
    return values


def read_text(path: Path) -> str:
    """The text of a file that is not too large."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigError(f"{path.name} is too large for a configuration: at most {MOST_BYTES:,} bytes are read.")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be read; it has to be readable UTF-8 text.") from error


class Sizes:
    """Counts the values of a document from its events, aliases in full, before anything is built."""

    def __init__(self) -> None:
        self.total = 0
        self.anchors: dict[str, int] = {}  # finished ones only: an alias inside its own anchor is unknown
        self.open: list[tuple[str | None, int]] = []  # anchor, total before it

    def count(self, event: Any) -> None:
        """Add one event."""
        match event:
            case yaml.AliasEvent() if event.anchor not in self.anchors:
                raise yaml.YAMLError(f"the alias *{event.anchor} is unknown or contains itself")
            case yaml.AliasEvent():
                self.total += self.anchors[str(event.anchor)]
            case yaml.CollectionStartEvent() | yaml.ScalarEvent():
                self.open.append((event.anchor, self.total))
                self.total += 1
        if isinstance(event, yaml.CollectionEndEvent | yaml.ScalarEvent):
            anchor, before = self.open.pop()
            self.anchors |= {anchor: self.total - before} if anchor else {}


def refuse_bombs(text: str) -> None:
    """Refuse tags, and what would grow too large or too deep."""
    sizes = Sizes()
    for event in yaml.parse(text, Loader=StrictLoader):
        if getattr(event, "tag", None):
            raise yaml.YAMLError(f"the tag {getattr(event, 'tag', '')} is not allowed: plain values only")
        sizes.count(event)
        if sizes.total > MOST_NODES or len(sizes.open) > DEEPEST:
            raise yaml.YAMLError(f"it holds more than {MOST_NODES:,} values or is nested deeper than {DEEPEST} levels")


def explained(error: Exception) -> str:
    """What is wrong, and in which line, on one line."""
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return where + " ".join(str(getattr(error, "problem", None) or error).split())
