"""The Renderer port: captures that have to be made first (synthetic, spoiled) are made once, and then lie in a folder.

    FOLDER/KEY/NAME ... one file a capture; a key stands for one data set and the code that makes it

Drawing a scene is mostly Python, which threads do not speed up, so many captures are made by several processes. Each
file appears whole or not at all; an interrupted rendering goes on where it was. The folder is a cache: what is deleted
there is made again.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

from ..domain.shared.ports import Progress, silent
from ..domain.shared.sample import Capture
from ..domain.shared.source_code import USER_MODULES

FEW = 64  # captures for which no process is started
CHUNK = 8


class FolderRenderer:
    """Renders below a folder with so many processes."""

    def __init__(self, folder: Path, processes: int) -> None:
        self.folder = folder
        self.processes = processes

    def render(self, captures: Sequence[Capture], key: str, progress: Progress = silent) -> list[Capture]:
        """The captures, those to be made in a file each; what is a file or bytes already stays as it is."""
        folder = self.folder / key[:32]
        folder.mkdir(parents=True, exist_ok=True)
        missing = [c for c in captures if callable(c.content) and not (folder / file_name(c.name)).exists()]
        for done, _ in enumerate(self._made(folder, missing), start=1):
            progress("rendering", done, len(missing))
        return [replace(c, content=folder / file_name(c.name)) if callable(c.content) else c for c in captures]

    def _made(self, folder: Path, captures: Sequence[Capture]) -> Iterator[None]:
        work = partial(write, folder)
        if self.processes < 2 or len(captures) < FEW or not all(map(portable, captures)):
            yield from map(work, captures)
            return
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.processes, mp_context=context, initializer=one_thread) as pool:
            try:
                yield from pool.map(work, captures, chunksize=CHUNK)
            finally:
                pool.shutdown(cancel_futures=True)


def write(folder: Path, capture: Capture) -> None:
    """Make one capture, whole or not at all."""
    path = folder / file_name(capture.name)
    started = path.with_suffix(f".{os.getpid()}.part")
    started.write_bytes(capture.read())
    started.replace(path)


def file_name(name: str) -> str:
    """A file's name for whatever a capture is called.

    >>> file_name("blur-0-000001")
    'blur-0-000001'
    """
    plain = name.replace("-", "").replace("_", "").isalnum() and name.isascii() and len(name) <= 100
    return name if plain else hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def portable(capture: Capture) -> bool:
    """Whether another process can make it: it would not find the functions of a user's module."""
    try:
        sent = bytes(ForkingPickler.dumps(capture))
    except Exception:  # noqa: BLE001  (whatever cannot be sent is made here)
        return False
    return USER_MODULES.encode() not in sent


def one_thread() -> None:
    """One process a core needs no threads of its own."""
    import cv2

    cv2.setNumThreads(1)
