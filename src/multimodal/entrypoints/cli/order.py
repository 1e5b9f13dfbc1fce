"""What `assess` was told to do, and what is impossible in it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

SUFFIXES = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
    ".txt": "table",
}


@dataclass(frozen=True)
class Order:
    """The command's options."""

    paths: tuple[str, ...]
    lists: tuple[str, ...]
    pipelines: tuple[str, ...]
    form: str | None
    out: Path | None
    resume: bool
    store: bool
    workers: int | None
    fail_on: str
    thresholds: tuple[str, ...] = ()
    report: Path | None = None
    collection: Path | None = None
    together: bool = True
    turned: bool = False
    cropped: bool = False

    @property
    def format(self) -> str:
        """What was asked for, else what the name of the file says, else a table."""
        named = self.form or (SUFFIXES.get(self.out.suffix.lower()) if self.out else "table")
        if named is None:
            raise click.UsageError(f"--out {self.out}: name it {', '.join(SUFFIXES)}, or give --format.")
        if named == "parquet" and self.out is None and sys.stdout.isatty():
            raise click.UsageError("Parquet is binary: name a file with --out, or send the output through a pipe.")
        return named

    @property
    def files(self) -> dict[str, Path]:
        """The files that are written when all is done: option -> path."""
        given = {"--out": self.out, "--report": self.report, "--collection": self.collection}
        return {option: path for option, path in given.items() if path is not None}

    @property
    def is_resumable(self) -> bool:
        """Whether the results go to a file (not to a device or a pipe with a name)."""
        return self.out is not None and (self.out.is_file() or not self.out.exists())


def refuse_impossible(order: Order) -> None:
    """Notice wrong usage before anything is loaded."""
    if not order.paths and not order.lists:
        raise click.UsageError("Name a file, a folder or a pattern to assess.")
    if order.collection is not None and not order.together:
        raise click.UsageError("--collection needs what --no-collection leaves out.")
    if order.cropped and not order.together and order.report is None:
        raise click.UsageError("--cropped looks for what --no-collection leaves out.")
    taken: dict[Path, str] = {}
    for option, path in order.files.items():
        if not path.absolute().parent.is_dir():
            raise click.UsageError(f"{option} {path}: there is no folder {path.parent}.")
        if path.absolute() in taken:
            raise click.UsageError(f"{option} {path}: this is also what {taken[path.absolute()]} names.")
        if option != "--out" and path.exists() and not path.is_file():
            raise click.UsageError(f"{option} {path}: this is no file that could be replaced.")
        taken[path.absolute()] = option
    _ = order.format
