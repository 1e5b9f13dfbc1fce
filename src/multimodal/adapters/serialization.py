"""A bundle as a folder, without pickle.

    bundle.json ........ schema, name, kind, when and by which version it was made, sha256 and size of every other file
    pipeline.yaml ...... the recipe with the tuned values
    model.onnx ......... the estimator (all but rules)
    calibration.json ... calibration, thresholds and the classes they belong to
    metrics.json ....... part -> metric -> [value, low, high]
    data.json .......... what it learned from
    distributions.json . what its inputs and scores looked like there
    selftest.json ...... rows and the answers that it must give
    card.md ............ the same for people

Reading checks names, sizes and checksums before anything is parsed. Writing is atomic: a temporary folder, then one
rename.
"""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import yaml

from ..core import version as package_version
from ..domain.shared.bundle import VERSION_LENGTH, Bundle
from ..domain.shared.calibration import Calibration, Thresholds
from ..domain.shared.errors import ArtifactError, ConfigError
from ..domain.shared.recipe import Recipe

SCHEMA = 1
MANIFEST = "bundle.json"
TEXT_LIMIT = 4 * 2**20
MODEL_LIMIT = 512 * 2**20
REQUIRED = frozenset({"pipeline.yaml", "calibration.json", "metrics.json", "data.json", "card.md"})
OPTIONAL = {"distributions.json": "distributions", "selftest.json": "selftest"}  # file -> field of a bundle
KNOWN = REQUIRED | {"model.onnx", *OPTIONAL}


def write_bundle(bundle: Bundle, folder: Path) -> str:
    """Publish a bundle as `folder / version` and answer the version; the same content is written once only."""
    files = bundle_files(bundle)
    return _published(files, _manifest(bundle, files), folder)


def adopt_bundle(source: Path, folder: Path) -> str:
    """Publish a copy of a bundle's folder as `folder / version`, checked and otherwise as it is; the version."""
    return _published(_checked_files(source), _read(source / MANIFEST, TEXT_LIMIT), folder)


def read_bundle(folder: Path) -> Bundle:
    """The bundle in a folder; `ArtifactError` when it is foreign, incomplete, damaged or was tampered with."""
    files = _checked_files(folder)
    try:
        return _parse(files, content_version(files))
    except (KeyError, TypeError, ValueError, RecursionError, ConfigError, yaml.YAMLError) as error:
        raise ArtifactError(f"The artifact {folder.name!r} cannot be understood: {_first_line(error)}") from error


def _published(files: Mapping[str, bytes], manifest: bytes, folder: Path) -> str:
    version = content_version(files)
    target = folder / version
    if target.exists():
        return version
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as temporary:
        fresh = Path(temporary) / version
        fresh.mkdir()
        for name, data in {**files, MANIFEST: manifest}.items():
            _write(fresh / name, data)
        _publish(fresh, target)
    return version


def bundle_files(bundle: Bundle) -> dict[str, bytes]:
    """All files but the manifest, by name; the same bundle gives the same bytes."""
    reading = {
        "classes": list(bundle.classes),
        **bundle.calibration.to_dict(),
        "thresholds": bundle.thresholds.to_dict(),
    }
    files = {
        "pipeline.yaml": dump_yaml(bundle.recipe.to_dict()).encode(),
        "calibration.json": _json(reading),
        "metrics.json": _json(bundle.metrics),
        "data.json": _json(bundle.data),
        "card.md": bundle.card.encode(),
    }
    files |= {name: _json(value) for name, field in OPTIONAL.items() if (value := getattr(bundle, field))}
    return files | ({"model.onnx": bundle.model} if bundle.model else {})


def content_version(files: Mapping[str, bytes]) -> str:
    """The start of the sha256 over all names and contents."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()[:VERSION_LENGTH]


def dump_yaml(values: Mapping[str, Any]) -> str:
    """Plain values as readable YAML, in the order given."""
    return str(yaml.safe_dump(plain(values), sort_keys=False, allow_unicode=True, width=120))


class _PlainLoader(yaml.SafeLoader):
    """Safe YAML without aliases, so that a small file cannot stand for a huge value."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed here")
        return super().compose_node(parent, index)


def _parse(files: Mapping[str, bytes], version: str) -> Bundle:
    recipe = Recipe.from_dict(yaml.load(files["pipeline.yaml"], _PlainLoader))
    reading = orjson.loads(files["calibration.json"])
    if recipe.has_graph != ("model.onnx" in files):
        raise ValueError("a rule has no model.onnx, everything else has one")
    return Bundle(
        recipe=recipe,
        classes=tuple(map(str, reading["classes"])),
        calibration=Calibration.from_dict(reading),
        thresholds=Thresholds(**reading["thresholds"]),
        model=files.get("model.onnx", b""),
        metrics=orjson.loads(files["metrics.json"]),
        data=orjson.loads(files["data.json"]),
        card=files["card.md"].decode(),
        **{field: orjson.loads(files[name]) for name, field in OPTIONAL.items() if name in files},
        version=version,
    )


def _manifest(bundle: Bundle, files: Mapping[str, bytes]) -> bytes:
    return _json(
        {
            "schema": SCHEMA,
            "name": bundle.recipe.name,
            "kind": bundle.recipe.estimator.kind,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "made_by": package_version(),
            "files": {
                name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in files.items()
            },
        }
    )


def _checked_files(folder: Path) -> dict[str, bytes]:
    """The bytes of all files, when they are exactly those of the manifest, unchanged."""
    manifest = _read_manifest(folder)
    listed = manifest["files"]
    if not REQUIRED <= set(listed) <= KNOWN:
        raise ArtifactError(f"The artifact {folder.name!r} is foreign: it lists other files than a bundle has.")
    present = {entry.name for entry in folder.iterdir()} - {MANIFEST}
    if present != set(listed):
        raise ArtifactError(f"The artifact {folder.name!r} was tampered with: its files are not those of its manifest.")
    return {name: _checked_file(folder / name, facts) for name, facts in listed.items()}


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = orjson.loads(_read(folder / MANIFEST, TEXT_LIMIT))
        if manifest["schema"] != SCHEMA:
            raise ArtifactError(
                f"The artifact {folder.name!r} has schema {manifest['schema']!r}; this version reads {SCHEMA}."
            )
        if not all(isinstance(f["size"], int) and isinstance(f["sha256"], str) for f in manifest["files"].values()):
            raise TypeError("sizes and checksums")
    except (KeyError, TypeError, AttributeError, orjson.JSONDecodeError) as error:
        raise ArtifactError(f"The artifact {folder.name!r} is foreign: its {MANIFEST} is not one of ours.") from error
    return dict(manifest)


def _checked_file(path: Path, facts: Mapping[str, Any]) -> bytes:
    data = _read(path, MODEL_LIMIT if path.suffix == ".onnx" else TEXT_LIMIT)
    if len(data) != facts["size"] or hashlib.sha256(data).hexdigest() != facts["sha256"]:
        raise ArtifactError(
            f"The artifact {path.parent.name!r} was tampered with: {path.name} does not match its checksum."
        )
    return data


def _read(path: Path, limit: int) -> bytes:
    try:
        if path.is_symlink() or not path.is_file():
            raise ArtifactError(f"The artifact {path.parent.name!r} has no regular file {path.name}.")
        if path.stat().st_size > limit:
            raise ArtifactError(
                f"The artifact {path.parent.name!r} is refused: {path.name} is larger than {limit:,} bytes."
            )
        return path.read_bytes()
    except OSError as error:
        raise ArtifactError(
            f"{path.name} of the artifact {path.parent.name!r} cannot be read: {error.strerror}."
        ) from error


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _publish(fresh: Path, target: Path) -> None:
    try:
        fresh.rename(target)
    except OSError:
        if not target.exists():  # else somebody published the same content at the same moment
            raise
        shutil.rmtree(fresh)


def plain(value: Any) -> Any:
    """Numpy scalars and tuples as Python's own values, not-a-number as nothing."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    own = value.item() if hasattr(value, "item") else value
    return None if isinstance(own, float) and math.isnan(own) else own


def _json(value: Any) -> bytes:
    return orjson.dumps(plain(value), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
