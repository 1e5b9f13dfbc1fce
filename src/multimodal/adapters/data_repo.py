"""Data sets on disk and from recipes.

a name ............... of a YAML file under config/datasets (the package's or the user's)
FILE.yaml ............ the same form anywhere: folder | manifest | synthetic, data_label_mapping, in_memory
FILE.csv|jsonl|parquet a manifest: path, label, and optionally group and split; paths are relative to the manifest
FOLDER ............... one folder a class; what lies in `FOLDER/CLASS/GROUP/` shares a group
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from ..domain.shared.data import Dataset
from ..domain.shared.errors import ConfigError, DataError, UnknownName
from ..domain.shared.modality import Limits, Modality
from ..domain.shared.ports import Progress, silent
from ..domain.shared.recipe import strict
from ..domain.shared.sample import Capture, Sample

KEYS = (
    "dataset",
    "modality",
    "folder",
    "manifest",
    "synthetic",
    "data_label_mapping",
    "class_names",
    "in_memory",
    "summary",
)
COLUMNS = ("path", "label", "group", "split")
SPLITS = ("train", "validation", "test")
Rows = Iterator[Mapping[str, Any]]


@dataclass(frozen=True)
class FileDatasetSource:
    """The DatasetSource port on files.

    described: name -> (values of the YAML, the folder that relative paths start from). read_yaml: a strict reader.
    resolve: what a dotted name of a described (so trusted) YAML stands for.
    """

    modalities: Mapping[str, Modality]
    described: Mapping[str, tuple[Mapping[str, Any], Path]]
    read_yaml: Callable[[Path], Mapping[str, Any]]
    resolve: Callable[[str], Any]
    limits: Limits

    def names(self) -> Sequence[str]:
        """Names that need no path."""
        return tuple(sorted(self.described))

    def load(self, reference: str, progress: Progress = silent) -> Dataset:
        """The data set of a name, a YAML file, a manifest or a folder; `DataError` or `UnknownName` else."""
        if reference in self.described:
            values, base = self.described[reference]
            return self._described(values, base, trusted=True)
        path = Path(reference).expanduser()
        if path.is_dir():
            return self._dataset(folder_captures(path, self._suffixes()), path.name)
        if path.is_file() and path.suffix in (".yaml", ".yml"):
            return self._described(self.read_yaml(path), path.parent, trusted=False)
        if path.is_file():
            return self._dataset(manifest_captures(path), path.stem)
        raise UnknownName("data set (nor is there a file or folder)", reference, self.described)

    def _described(self, values: Mapping[str, Any], base: Path, *, trusted: bool) -> Dataset:
        strict(values, KEYS, "key of a data set", required=("dataset",))
        sources = [key for key in ("folder", "manifest", "synthetic") if key in values]
        if len(sources) != 1:
            raise ConfigError(f"Data set {values['dataset']!r}: give exactly one of folder, manifest and synthetic.")
        captures = self._captures(sources[0], values, base, trusted=trusted)
        dataset = self._dataset(captures, str(values["dataset"]), values.get("modality"))
        dataset.in_memory = bool(values.get("in_memory", False))
        mapping = values.get("data_label_mapping")
        return dataset.relabel({str(k): str(v) for k, v in mapping.items()}) if mapping else dataset

    def _captures(self, kind: str, values: Mapping[str, Any], base: Path, *, trusted: bool) -> Sequence[Capture]:
        if kind == "folder":
            return folder_captures(base / values["folder"], self._suffixes())
        if kind == "manifest":
            return manifest_captures(base / values["manifest"])
        if not trusted:
            raise ConfigError(
                "A synthetic data set runs code, so its YAML must lie in the package or the configuration folder."
            )
        made = dict(values["synthetic"])
        captures: Sequence[Capture] = self.resolve(made.pop("use"))(**made)
        return captures

    def _dataset(self, captures: Sequence[Capture], name: str, modality: Any = None) -> Dataset:
        if not len(captures):
            raise DataError(f"The data set {name!r} is empty.")
        decode = partial(self._decode, modality=modality)
        return Dataset(captures, decode, name=name, limit=self.limits.bytes)

    def _decode(self, capture: Capture, *, modality: str | None = None) -> Sample:
        data = capture.read(self.limits.bytes)
        chosen = self.modalities[modality] if modality else self._recognised(data)
        return chosen.decode(data, capture.name, self.limits)

    def _recognised(self, data: bytes) -> Modality:
        fitting = (m for m in self.modalities.values() if m.recognises(data))
        return next(fitting, next(iter(self.modalities.values())))

    def _suffixes(self) -> frozenset[str]:
        return frozenset().union(*(m.suffixes for m in self.modalities.values()))


def folder_captures(folder: Path, suffixes: frozenset[str]) -> list[Capture]:
    """Captures of a folder with one folder a class; a further folder below it is the group."""
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder.name!r}.")
    files = sorted(p for p in folder.glob("*/**/*") if p.suffix.lower() in suffixes and p.is_file())
    if not files:
        raise DataError(
            f"The folder {folder.name!r} has no folder a class with captures in it ({', '.join(sorted(suffixes))})."
        )
    return [_in_folder(path, path.relative_to(folder)) for path in files]


def _in_folder(path: Path, inside: Path) -> Capture:
    group = inside.parent.as_posix() if len(inside.parts) > 2 else None
    return Capture(inside.as_posix(), path, label=inside.parts[0], group=group)


def manifest_captures(path: Path) -> list[Capture]:
    """Captures of a manifest; each mistake is a `DataError` that names the row."""
    if not path.is_file():
        raise DataError(f"There is no manifest {path.name!r}.")
    captures = [_from_row(row, number, path.parent) for number, row in enumerate(_rows(path), start=1)]
    missing = [c.name for c in captures if isinstance(c.content, Path) and not c.content.is_file()]
    if missing:
        shown = ", ".join(missing[:3])
        raise DataError(f"{len(missing)} of {len(captures)} files of {path.name!r} are missing, such as {shown}.")
    return captures


def _from_row(row: Mapping[str, Any], number: int, base: Path) -> Capture:
    values: dict[str, Any] = {key: str(row[key]) for key in COLUMNS if row.get(key) not in (None, "")}
    if "path" not in values:
        raise DataError(f"Row {number} of the manifest has no path. Columns: {', '.join(COLUMNS)}.")
    if values.get("split", "train") not in SPLITS:
        raise DataError(f"Row {number} of the manifest: split is one of {', '.join(SPLITS)}, got {values['split']!r}.")
    facts = {str(key): value for key, value in row.items() if key not in COLUMNS and value not in (None, "")}
    name = values.pop("path")
    return replace(Capture(name, base / name, facts=facts), **values)


def _rows(path: Path) -> Rows:
    readers: dict[str, Callable[[Path], Rows]] = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}
    if path.suffix.lower() not in readers:
        raise DataError(f"A manifest is one of {', '.join(readers)}, got {path.name!r}.")
    try:
        yield from readers[path.suffix.lower()](path)
    except (UnicodeDecodeError, ValueError, OSError, csv.Error) as error:
        raise DataError(f"The manifest {path.name!r} cannot be read: {error}.") from error


def _csv(path: Path) -> Rows:
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def _jsonl(path: Path) -> Rows:
    with path.open(encoding="utf-8") as file:
        for line in filter(str.strip, file):
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError("each line is an object")
            yield row


def _parquet(path: Path) -> Rows:
    import pyarrow.parquet

    yield from pyarrow.parquet.read_table(path).to_pylist()
