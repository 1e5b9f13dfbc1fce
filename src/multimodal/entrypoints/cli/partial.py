r"""What a run has done so far: `FILE.partial` beside the file that it writes.

The first line says which models answer; each following one is a result, written at once:

    {"multimodal": "0.1.0", "models": ["blur_laplacian@rule"]}
    {"key": "81342 1700000000000000000 photos/a.jpg", "assessment": {...}}

A run that is killed at any moment leaves whole lines and at most one torn one at the end, which the next run cuts off.
Results of other models or of another version are not mixed in: such a file is begun anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from ...domain.shared.errors import Conflict
from .documents import Document

Header = Mapping[str, Any]


class Partial:
    """The results of an unfinished run, kept on disk; only their places are in memory."""

    def __init__(self, path: Path, header: Header, *, resume: bool = True) -> None:
        self.path = path
        self.places: dict[str, tuple[int, int]] = {}  # key -> offset and length of its line
        self.file: BinaryIO = path.open("a+b")
        lock(self.file, path.name)
        self.end = self._read(header) if resume else 0
        self.file.truncate(self.end)
        if not self.end:
            self._append(orjson.dumps(header) + b"\n")

    def __len__(self) -> int:
        return len(self.places)

    def __contains__(self, key: object) -> bool:
        return key in self.places

    def add(self, key: str, encoded: bytes) -> None:
        """Keep one result; it is with the operating system when this returns."""
        start = self.end
        self._append(b'{"key":' + orjson.dumps(key) + b',"assessment":' + encoded + b"}\n")
        self.places[key] = (start, self.end - start)

    def __getitem__(self, key: str) -> Document:
        start, size = self.places[key]
        self.file.seek(start)
        document: Document = orjson.loads(self.file.read(size))["assessment"]
        return document

    def remove(self) -> None:
        """Forget it: the work is finished."""
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file; another run may go on."""
        self.file.close()

    def _append(self, line: bytes) -> None:
        self.file.write(line)
        self.file.flush()
        self.end += len(line)

    def _read(self, header: Header) -> int:
        """Note the places of all results; where the last whole one ends, 0 when there is nothing of use."""
        self.file.seek(0)
        if entry(self.file.readline()) != header:
            return 0
        end = self.file.tell()
        for line in self.file:
            found = entry(line)
            if found is None:
                break
            self.places[found["key"]] = (end, len(line))
            end += len(line)
        return end


def entry(line: bytes) -> dict[str, Any] | None:
    """The values of a whole line; None for a torn one."""
    with suppress(orjson.JSONDecodeError):
        values = orjson.loads(line)
        if line.endswith(b"\n") and isinstance(values, dict):
            return values
    return None


def lock(file: BinaryIO, name: str) -> None:
    """Refuse a second run that writes the same results at the same time (where the system has such locks)."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise Conflict(f"Another run is writing {name}. Wait for it, or name another file.") from error
