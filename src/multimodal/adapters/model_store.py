"""Where trained pipelines live.

`FOLDER/NAME/VERSION/` (see serialization.py); beside the versions one file `champion` with the version that serves, and
`promotions.jsonl` with what served since when, and why.

LocalModelStore ... a folder that is written
LayeredStore ...... the user's folder in front of the default models that the package carries
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from ..domain.shared.bundle import Bundle, ModelRef
from ..domain.shared.errors import NotFound
from ..domain.shared.ports import ModelStore
from ..domain.shared.promotion import Promotion
from .serialization import read_bundle, write_bundle

NAME = re.compile(r"[a-z0-9][a-z0-9_\-]{0,63}")
VERSION = re.compile(r"[0-9a-f]{6,64}")
CHAMPION = "champion"
PROMOTIONS = "promotions.jsonl"


class LocalModelStore:
    """Trained pipelines in a folder. Versions are immutable.

    The champion is the name in a small file, replaced atomically.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, bundle: Bundle) -> ModelRef:
        """Keep a bundle; the same content gives the same reference."""
        version = write_bundle(bundle, self._of(bundle.recipe.name))
        return ModelRef(bundle.recipe.name, version)

    def load(self, ref: ModelRef) -> Bundle:
        """The bundle, checked; `NotFound` or `ArtifactError`."""
        folder = self.path(ref)
        if not folder.is_dir():
            raise NotFound(f"There is no model {ref}.")
        return replace(read_bundle(folder), version=ref.version)

    def champion(self, name: str) -> ModelRef | None:
        """The version that serves, if there is one."""
        try:
            version = (self._of(name) / CHAMPION).read_text().strip()
        except FileNotFoundError:
            return None
        return ModelRef(name, valid(version, VERSION))

    def challenger(self, name: str) -> ModelRef | None:
        """The newest version, unless it is or was the champion."""
        served = {promotion.version for promotion in self.history(name)}
        newest = next(iter(self.versions(name)[::-1]), None)
        is_new = newest is not None and newest != self.champion(name) and newest.version not in served
        return newest if is_new else None

    def promote(self, ref: ModelRef, promotion: Promotion | None = None) -> None:
        """Make a version the champion, and remember why."""
        if ref not in self.versions(ref.name):
            raise NotFound(f"There is no model {ref}.")
        folder = self._of(ref.name)
        earlier = b"" if (folder / PROMOTIONS).exists() else b"".join(map(_line, self._unwritten(ref.name)))
        with (folder / PROMOTIONS).open("ab") as file:
            file.write(earlier + _line(promotion or Promotion.now(ref.version)))
        self.serve(ref)

    def serve(self, ref: ModelRef) -> None:
        """Make a version the champion without a word about why; it may come later than its name."""
        folder = self._of(ref.name)
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".champion-")
        with os.fdopen(descriptor, "w") as file:
            file.write(ref.version + "\n")
        Path(temporary).chmod(0o644)
        Path(temporary).replace(folder / CHAMPION)

    def history(self, name: str) -> Sequence[Promotion]:
        """All promotions of a name, oldest first."""
        try:
            lines = (self._of(name) / PROMOTIONS).read_bytes().splitlines()
        except FileNotFoundError:
            return self._unwritten(name)
        return tuple(Promotion.from_dict(orjson.loads(line)) for line in lines)

    def versions(self, name: str) -> Sequence[ModelRef]:
        """All versions of a name, oldest first."""
        folder = self._of(name)
        if not folder.is_dir():
            return ()
        found = [entry for entry in folder.iterdir() if entry.is_dir() and VERSION.fullmatch(entry.name)]
        return tuple(ModelRef(name, entry.name) for entry in sorted(found, key=_age))

    def names(self) -> Sequence[str]:
        """All names that have a version."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(e.name for e in self.folder.iterdir() if NAME.fullmatch(e.name) and self.versions(e.name)))

    def _unwritten(self, name: str) -> Sequence[Promotion]:
        """A champion without a history: it came with the package."""
        champion, file = self.champion(name), self._of(name) / CHAMPION
        if champion is None:
            return ()
        at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        return (Promotion(champion.version, at, "the first one"),)

    def only(self, ref: ModelRef) -> None:
        """Make a version the champion and the only one, without a history: as the package carries its models."""
        for other in self.versions(ref.name):
            if other != ref:
                shutil.rmtree(self.path(other))
        (self._of(ref.name) / PROMOTIONS).unlink(missing_ok=True)
        self.serve(ref)

    def path(self, ref: ModelRef) -> Path:
        """Where a version lies, or would lie."""
        return self._of(ref.name) / valid(ref.version, VERSION)

    def _of(self, name: str) -> Path:
        return self.folder / valid(name, NAME)


class LayeredStore:
    """One store that is written in front of one that is only read; a champion of the first hides that of the second."""

    def __init__(self, own: ModelStore, defaults: ModelStore) -> None:
        self.own = own
        self.defaults = defaults

    def save(self, bundle: Bundle) -> ModelRef:
        """Keep a bundle in the own store."""
        return self.own.save(bundle)

    def load(self, ref: ModelRef) -> Bundle:
        """The bundle from whichever store has it."""
        return (self.own if ref in self.own.versions(ref.name) else self.defaults).load(ref)

    def champion(self, name: str) -> ModelRef | None:
        """The own champion, else the default one."""
        return self.own.champion(name) or self.defaults.champion(name)

    def challenger(self, name: str) -> ModelRef | None:
        """The own challenger."""
        return self.own.challenger(name)

    def promote(self, ref: ModelRef, promotion: Promotion | None = None) -> None:
        """Make a version the own champion; a default version is copied first."""
        if ref not in self.own.versions(ref.name):
            self.own.save(self.defaults.load(ref))
        self.own.promote(ref, promotion)

    def history(self, name: str) -> Sequence[Promotion]:
        """Promotions of default versions, then the own ones."""
        return (*self.defaults.history(name), *self.own.history(name))

    def versions(self, name: str) -> Sequence[ModelRef]:
        """Default versions, then the own ones."""
        own = self.own.versions(name)
        return (*(ref for ref in self.defaults.versions(name) if ref not in own), *own)

    def names(self) -> Sequence[str]:
        """Names of both stores."""
        return tuple(sorted({*self.own.names(), *self.defaults.names()}))


def valid(text: str, pattern: re.Pattern[str]) -> str:
    """The text itself, when it can be a folder's name of this store and nothing else."""
    if not pattern.fullmatch(text):
        raise NotFound(f"{text[:80]!r} is no name of a model or version.")
    return text


def _line(promotion: Promotion) -> bytes:
    return orjson.dumps(promotion.to_dict()) + b"\n"


def _age(folder: Path) -> tuple[float, str]:
    return (folder.stat().st_mtime, folder.name)
