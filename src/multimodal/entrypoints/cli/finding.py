"""What is to be assessed: files, folders, globs, a list of names, standard input -> captures.

A folder is walked in sorted order; hidden entries and links to other folders are left out (so no loop can occur), links
to files are followed. What is named itself is taken whatever it is called; each path is taken once.
"""

from __future__ import annotations

import glob
import hashlib
import os
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from ...domain.shared.errors import listing
from ...domain.shared.sample import Capture

STDIN = "-"


@dataclass(frozen=True, eq=False)
class Item:
    """One capture to assess. path: where it lies, None for standard input."""

    capture: Capture
    path: Path | None

    @classmethod
    def of(cls, path: str) -> Item:
        """A file."""
        return cls(Capture(readable(path), Path(path)), Path(path))

    @property
    def key(self) -> str:
        """Changes when the file does: size, last change in ns, path; for standard input the hash of its content."""
        if self.path is None:
            return hashlib.sha256(self.capture.read()).hexdigest()
        try:
            status = self.path.stat()
        except OSError:
            return f"missing {self.capture.name}"
        return f"{status.st_size} {status.st_mtime_ns} {self.capture.name}"


def find(paths: Iterable[str], lists: Iterable[str], suffixes: Collection[str], most: int) -> list[Item]:
    """All captures in a stable order. most: bytes that are read from standard input."""
    given = dict.fromkeys(paths)
    items = [item for path in given if path == STDIN for item in [from_stdin(most)]]
    found = dict.fromkeys(file for path in given if path != STDIN for file in files_of(path, suffixes))
    found |= dict.fromkeys(file for name in lists for file in listed(name))
    items += [Item.of(file) for file in found]
    if not items:
        raise click.UsageError(f"There is nothing to assess: no file there ends in {listing(suffixes, most=40)}.")
    return items


def files_of(path: str, suffixes: Collection[str]) -> Iterator[str]:
    """The files that a path on the command line stands for: itself, a folder's, or a pattern's."""
    if Path(path).is_dir():
        yield from walk(path, suffixes)
    elif os.path.lexists(path):
        yield path
    else:
        yield from matches(path, suffixes)


def matches(pattern: str, suffixes: Collection[str]) -> Iterator[str]:
    """The files of a pattern that the shell left as it was; `**` goes into folders."""
    has_magic = glob.has_magic(pattern)
    found = sorted(glob.iglob(pattern, recursive=True)) if has_magic else []  # noqa: PTH207  (it may be absolute)
    if not found:
        raise click.UsageError(f"There is no file or folder {readable(pattern)!r}.")
    in_folders = "**" in pattern
    for path in found:
        if not Path(path).is_dir():
            yield path
        elif not in_folders:
            yield from walk(path, suffixes)


def walk(folder: str, suffixes: Collection[str]) -> Iterator[str]:
    """The files below a folder that end in one of the suffixes: those of a folder first, then its folders, by name."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        click.echo(f"{readable(folder)}: {error.strerror}", err=True)
        return
    shown = [entry for entry in entries if not entry.name.startswith(".")]
    for entry in shown:
        if Path(entry.name).suffix.lower() in suffixes and Path(entry).is_file():  # False for a link to itself
            yield entry.path
    for entry in shown:
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path, suffixes)


def listed(name: str) -> Iterator[str]:
    """The paths in a file (`-`: standard input), one a line, or with zero bytes between them (`find -print0`)."""
    data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    lines = data.split(b"\0") if b"\0" in data else data.splitlines()
    yield from (os.fsdecode(line) for line in lines if line.strip())


def from_stdin(most: int) -> Item:
    """What comes in through a pipe, as one capture; a byte more than allowed is enough to refuse it."""
    return Item(Capture("stdin", sys.stdin.buffer.read(most + 1)), None)


def readable(path: str) -> str:
    r"""A path as Unicode text; bytes of a name that are no UTF-8 are written as \xff."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
