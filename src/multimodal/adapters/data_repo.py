"""Data sets from files and recipes, on this machine or at a URL (see storage.py).

a name ............... of a YAML file under config/datasets (the package's or the user's)
FILE.yaml ............ the same form anywhere: folder | manifest | synthetic | join, data_label_mapping, ...
FILE.csv|jsonl|parquet a manifest (see manifest.py)
FOLDER ............... one folder a class; what lies in `FOLDER/CLASS/GROUP/` shares a group

`join` holds several of these: names, places, or mappings of the same form with a `data_label_mapping` of their own.
Captures are called `PART/NAME` then; a group is the same in all parts.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from ..domain.shared.data import Dataset
from ..domain.shared.errors import CaptureError, ConfigError, DataError, UnknownName
from ..domain.shared.modality import Limits, Modality
from ..domain.shared.ports import Progress, Renderer, silent
from ..domain.shared.recipe import strict
from ..domain.shared.sample import Capture, Sample
from ..domain.shared.source_code import code_digest
from .manifest import READERS, manifest_captures
from .storage import Place, content, listed, located, read

SOURCES = ("folder", "manifest", "synthetic", "join")
KEYS = ("dataset", "modality", *SOURCES, "data_label_mapping", "class_names", "in_memory", "summary")
YAML = (".yaml", ".yml")
MOST_YAML = 2**20


@dataclass(frozen=True)
class FileDatasetSource:
    """The DatasetSource port on files.

    described: name -> (values of the YAML, the folder that relative paths start from). read_yaml: a strict reader of a
    file or text. resolve: what a dotted name of a described (so trusted) YAML stands for.
    """

    modalities: Mapping[str, Modality]
    described: Mapping[str, tuple[Mapping[str, Any], Path]]
    read_yaml: Callable[[Path | str], Mapping[str, Any]]
    resolve: Callable[[str], Any]
    limits: Limits
    renderer: Renderer

    def names(self) -> Sequence[str]:
        """Names that need no path."""
        return tuple(sorted(self.described))

    def load(self, reference: str, progress: Progress = silent) -> Dataset:
        """The data set of a name, a YAML file, a manifest or a folder; `DataError` or `UnknownName` else."""
        return self._dataset(Reading(self, progress=progress).part(reference))

    def good_captures(self, reference: str, progress: Progress = silent) -> Dataset:
        """The same without labels: of a folder all captures anywhere below, those of a folder inside it as a group."""
        part = Reading(self, labelled=False, progress=progress).part(reference)
        captures = [replace(capture, label=None, split=None) for capture in part.captures]
        return self._dataset(replace(part, captures=captures, class_names=None))

    def suffixes(self) -> frozenset[str]:
        """How files of any modality end."""
        return frozenset().union(*(m.suffixes for m in self.modalities.values()))

    def _dataset(self, part: Part) -> Dataset:
        if not len(part.captures):
            raise DataError(f"The data set {part.name!r} is empty.")
        return Dataset(
            part.captures,
            partial(self._decode, modality=part.modality),
            class_names=part.class_names,
            in_memory=part.in_memory,
            name=part.name,
            limit=self.limits.bytes,
        )

    def _decode(self, capture: Capture, *, modality: str | None = None) -> Sample:
        data = capture.read(self.limits.bytes)
        chosen = self.modalities[modality] if modality else self._recognised(data)
        return chosen.decode(data, capture.name, self.limits)

    def _recognised(self, data: bytes) -> Modality:
        fitting = (m for m in self.modalities.values() if m.recognises(data))
        return next(fitting, next(iter(self.modalities.values())))


@dataclass(frozen=True)
class Part:
    """Captures that were found under one name. modality: its name, where a YAML says it."""

    name: str
    captures: Sequence[Capture]
    modality: str | None = None
    in_memory: bool = False
    class_names: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Reading:
    """Reads one reference with all that it joins.

    labelled: whether the folders of a folder are its classes. seen: names and YAML files read so far: none is read
    twice, so that they cannot go round in circles, or multiply.
    """

    source: FileDatasetSource
    labelled: bool = True
    progress: Progress = silent
    seen: set[str] = field(default_factory=set)

    def part(self, reference: str, base: Place | None = None) -> Part:
        """What a name, path or URL stands for."""
        if reference in self.source.described:
            self._see(reference, reference)
            return self._described(*self.source.described[reference], trusted=True)
        place = located(reference, base)
        if is_folder(place):
            return Part(place.name, self._folder(place))
        if isinstance(place, Path) and not place.is_file():
            raise UnknownName("data set (nor is there a file or folder)", reference, self.source.described)
        if place.suffix.lower() in YAML:
            self._see(str(place.resolve() if isinstance(place, Path) else place), place.name)
            return self._described(self._yaml(place), place.parent, trusted=False)
        return Part(Path(place.name).stem, manifest_captures(place, self.source.limits.bytes))

    def _see(self, key: str, name: str) -> None:
        if key in self.seen:
            raise ConfigError(f"{name!r} joins itself, or is joined twice. Name each data set once.")
        self.seen.add(key)

    def _yaml(self, place: Place) -> Mapping[str, Any]:
        if isinstance(place, Path):
            return self.source.read_yaml(place)
        try:
            return self.source.read_yaml(read(place, MOST_YAML).decode("utf-8-sig"))
        except (CaptureError, ConfigError, UnicodeDecodeError) as error:
            raise ConfigError(f"{place.name}: {error}") from error

    def _described(self, values: Mapping[str, Any], base: Place, *, trusted: bool) -> Part:
        strict(values, KEYS, "key of a data set", required=("dataset",))
        name = str(values["dataset"])
        sources = [key for key in SOURCES if key in values]
        if len(sources) != 1:
            raise ConfigError(f"Data set {name!r}: give exactly one of {', '.join(SOURCES)}.")
        if values.get("modality") is not None and values["modality"] not in self.source.modalities:
            raise UnknownName("modality", str(values["modality"]), self.source.modalities)
        parts = list(self._parts(sources[0], values, base, trusted=trusted))
        modalities = {part.modality for part in parts}
        captures = [capture for part in parts for capture in part.captures]
        return Part(
            name,
            list(self._relabelled(captures, values)),
            modality=values.get("modality") or (modalities.pop() if len(modalities) == 1 else None),
            in_memory=bool(values.get("in_memory", False)),
            class_names=tuple(map(str, values["class_names"])) if values.get("class_names") else None,
        )

    def _parts(self, kind: str, values: Mapping[str, Any], base: Place, *, trusted: bool) -> Iterator[Part]:
        if kind == "join":
            yield from self._joined(values["join"], base, trusted=trusted)
        elif kind == "folder":
            yield Part("", self._folder(located(str(values["folder"]), base)))
        elif kind == "manifest":
            yield Part("", manifest_captures(located(str(values["manifest"]), base), self.source.limits.bytes))
        elif not trusted:
            raise ConfigError(
                "A synthetic data set runs code, so its YAML must lie in the package or the configuration folder."
            )
        else:
            yield Part("", self._synthetic(dict(values["synthetic"])))

    def _synthetic(self, values: dict[str, Any]) -> Sequence[Capture]:
        """What a function makes of the values, made once for these values and this code."""
        use = str(values.pop("use", ""))
        make = self.source.resolve(use)
        about = json.dumps([code_digest([make.__module__]), make.__qualname__, values], sort_keys=True, default=str)
        try:
            captures = make(**values)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"{use} cannot make captures: {error}.") from error
        return self.source.renderer.render(captures, hashlib.sha256(about.encode()).hexdigest(), self.progress)

    def _joined(self, items: Any, base: Place, *, trusted: bool) -> Iterator[Part]:
        if not isinstance(items, list) or not items:
            raise ConfigError("join: is a list of names, places, or data sets written in full.")
        parts = []
        for number, item in enumerate(items, start=1):
            if isinstance(item, Mapping):
                parts.append(self._described({"dataset": f"part {number}", **item}, base, trusted=trusted))
            else:
                parts.append(self.part(str(item), base))
        for name, part in zip(unique(part.name for part in parts), parts, strict=True):
            yield replace(part, captures=[replace(c, name=f"{name}/{c.name}") for c in part.captures])

    def _folder(self, folder: Place) -> list[Capture]:
        captures = list(folder_captures(folder, self.source.suffixes(), self.source.limits.bytes, self.labelled))
        if not captures:
            where = "has no folder a class with captures in it" if self.labelled else "has no captures in it"
            raise DataError(f"The folder {folder.name!r} {where} ({', '.join(sorted(self.source.suffixes()))}).")
        return captures

    def _relabelled(self, captures: Sequence[Capture], values: Mapping[str, Any]) -> Iterator[Capture]:
        mapping = values.get("data_label_mapping")
        if not mapping:
            yield from captures
            return
        if not isinstance(mapping, Mapping):
            raise ConfigError(f"Data set {values['dataset']!r}: data_label_mapping is written {{yours: ours, ...}}.")
        names = {str(yours): str(ours) for yours, ours in mapping.items()}
        for capture in captures:
            if capture.label is not None and capture.label in names:
                yield replace(capture, label=names[capture.label])
            elif capture.label is None and not self.labelled:
                yield capture


def folder_captures(folder: Place, suffixes: frozenset[str], limit: int, labelled: bool) -> Iterator[Capture]:
    """Captures of a folder, by name.

    labelled: it has one folder a class, and what lies in a folder of that shares a group; captures outside are left
    out. Else there are no labels, and the folder that a capture lies in is its group.
    """
    depth = 1 if labelled else 0
    for name, place in listed(folder):
        *above, file = name.split("/")
        if Path(file).suffix.lower() in suffixes and len(above) >= depth:
            group = "/".join(above) if len(above) > depth else None
            label = above[0] if labelled else None
            yield Capture(name, content(place, limit), label=label, group=group)


def is_folder(place: Place) -> bool:
    """Whether it is a folder; a remote one is whatever does not end as a file of ours does."""
    return place.is_dir() if isinstance(place, Path) else place.suffix.lower() not in (*YAML, *READERS)


def unique(names: Iterable[str]) -> list[str]:
    """Names, numbered from the second of the same on.

    >>> unique(["a", "b", "a"])
    ['a', 'b', 'a 2']
    """
    count: Counter[str] = Counter()
    found = []
    for name in names:
        count[name] += 1
        found.append(name if count[name] == 1 else f"{name} {count[name]}")
    return found
