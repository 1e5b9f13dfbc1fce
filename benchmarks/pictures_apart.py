"""The files of accuracy_images.py: each scene as good photographs and spoiled, made once.

    Picture ........ one file: of a scene, good or with a fault
    pictures ....... all that are made of some scenes and faults
    render ......... makes those that are missing

Files lie in the folder for temporary files, under a digest of the code that makes them.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from faults_apart import Fault
from scenes_apart import TAKES, Scene, developed, photo

import multimodal.domain.image as image

HERE = Path(__file__).parent
LARGE = 2000


@dataclass(frozen=True)
class Picture:
    """A file: of a scene, good (fault None) or spoiled at a level (0 the weakest)."""

    scene: Scene
    take: int
    traceless: bool
    fault: Fault | None = None
    level: int = -1

    @property
    def name(self) -> str:
        maker = "good" if self.fault is None else "".join(c if c.isalnum() else "-" for c in self.fault.maker)
        return f"{self.scene.name}-{maker}-{self.level}-{self.take}"

    @property
    def path(self) -> Path:
        kind = ("traceless" if self.traceless else "ordinary") if self.fault is None else self.fault.name
        suffix = self.fault.suffix if self.fault else ".jpg"
        return folder(self.fault.module if self.fault else "") / kind / f"{self.name}{suffix}"

    def read(self) -> bytes:
        if self.fault is None:
            return developed(self.scene, self.take, self.traceless, photo(self.scene, self.take, self.traceless))
        rng = self.scene.rng(self.fault.name, self.fault.maker, self.level)
        cv2.setRNGSeed(int(rng.integers(2**31)))
        return self.fault.make(self.scene, self.take, self.fault.strengths[self.level], rng)


@cache
def folder(module: str) -> Path:
    """Where pictures lie that the code as it is now makes; module: whose code spoils them, if not this folder's."""
    here = Path(image.__file__).parent
    code = [HERE / "scenes_apart.py", HERE / "faults_apart.py"]
    code += [
        *(here / f"{name}.py" for name in ("light", "optics", "camera", "scenes")),
        *sorted(here.glob("scenery/*.py")),
    ]
    if module:
        code += [*sorted(here.glob("degradations*.py")), Path(str(sys.modules[module].__file__))]
    digest = sha256(b"".join(path.read_bytes() for path in code)).hexdigest()[:12]
    return Path(tempfile.gettempdir(), "multimodal-accuracy", f"{module.rpartition('.')[2] or 'apart'}-{digest}")


def pictures(some: Sequence[Scene], wanted: Sequence[Fault]) -> list[Picture]:
    """Each scene as good photographs, and spoiled in each way at one strength, another one from scene to scene.

    Of a large scene there is one good photograph, since it costs as much as twenty small ones.
    """
    kinds = sorted({fault.traceless for fault in wanted})
    found = [Picture(scene, take, kind) for scene in some for kind in kinds for take in range(copies_of(scene))]
    for fault in wanted:
        start = crc32(f"{fault.name} {fault.maker}".encode())  # whatever else is wanted
        for scene in some:
            if fits(fault, scene):
                level = (scene.number + start) % len(fault.strengths)
                found.append(Picture(scene, level % copies_of(scene), fault.traceless, fault, level))
    return found


def copies_of(scene: Scene) -> int:
    return 1 if scene.side > LARGE else TAKES


def fits(fault: Fault, scene: Scene) -> bool:
    """Whether anybody could tell that the fault is there."""
    if fault.label in ("under_exposed", "over_exposed"):
        return bool(np.isfinite(scene.slot.limits[fault.label == "over_exposed"]))
    return fault.anywhere or scene.slot.textured


def render(wanted: Sequence[Picture], processes: int) -> None:
    """Make what is missing, scene by scene, in some processes."""
    missing = sorted((one for one in wanted if not one.path.exists()), key=lambda one: one.scene.name)
    sides = {one.scene.name: one.scene.side for one in missing}
    names = sorted(sides, key=lambda name: -sides[name])  # large ones first: the processes end together
    context = multiprocessing.get_context("fork")  # faults are functions that only this process knows
    shares = [[one for one in missing if one.scene.name in names[start::processes]] for start in range(processes)]
    started = [context.Process(target=write, args=(share,)) for share in shares if share]
    for process in started:
        process.start()
    for process in started:
        process.join()
    if any(process.exitcode for process in started):
        raise RuntimeError("Pictures could not be made; see above.")


def write(some: Sequence[Picture]) -> None:
    cv2.setNumThreads(1)
    for one in some:
        one.path.parent.mkdir(parents=True, exist_ok=True)
        part = one.path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(one.read())
        part.replace(one.path)
