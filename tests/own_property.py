"""A property of one's own, as a user would add it: one module and one YAML in a configuration folder.

It can be watched: each assessment adds a line to `work.log`, and one of a capture whose name has `gate` in it waits
while the named pipe `gate` is there, until somebody has opened it for writing and closed it again; one with `killer`
in its name ends the process at once.
"""

import errno
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import cv2
import numpy as np

MODULE = '''
"""Blueness: is a picture blue all over, as behind a lens cap of blue plastic?"""

import os
from pathlib import Path

import numpy as np

from multimodal.domain.shared.data import FeatureExtractor
from multimodal.domain.shared.estimators import RuleBasedModel
from multimodal.domain.shared.modality import Degradation, Property

LOG = Path(__file__).with_name("work.log")
GATE = Path(__file__).with_name("gate")


class BluenessExtractor(FeatureExtractor):
    """The share of blue in all light, 0 to 1."""

    names = ("blueness",)

    def row(self, sample):
        with LOG.open("a") as log:
            log.write(Path(sample.name).name + "\\n")
        if "killer" in sample.name:
            os._exit(9)
        if "gate" in sample.name and GATE.exists():
            GATE.read_text()
        red, green, blue = sample.pixels.reshape(-1, 3).mean(axis=0)
        return (float(blue / max(red + green + blue, 1.0)),)


class BluenessRule(RuleBasedModel):
    """Blue above a share."""

    labels = ("blue", "natural")

    def __init__(self, threshold=0.6):
        self.threshold = threshold

    def margins(self, table):
        return 40.0 * (self.threshold - table[:, 0])


def behind_filter(pixels, strength, rng):
    return np.clip(pixels * np.array([1 - strength, 1 - strength, 1]) + [0, 0, 60 * strength], 0, 255).astype(np.uint8)


FILTER = Degradation(
    "filter", "blue", "share of red and green lost", (0.6, 0.75, 0.9), behind_filter, unnoticed=0.1
)
PROPERTY = Property(
    name="blueness", labels=("blue", "natural"), accepted=frozenset({"natural"}), degradations=(FILTER,)
)
'''
PIPELINE = """
pipeline: blueness_rule
property: image/blueness
decides: true
summary: Share of blue in all light
transformers:
  - {use: "image.blueness:BluenessExtractor"}
estimator: {rule: "image.blueness:BluenessRule", threshold: 0.6}
value: {measure: blueness, unit: share}
training:
  dataset: ""
  trials: 4
  folds: 2
  hyperparameters:
    threshold: {suggest: float, low: 0.3, high: 0.9}
"""
RED, GREEN, BLUE = (200, 30, 30), (40, 160, 60), (10, 10, 220)


def write_own_property(folder: Path) -> Path:
    """Make the configuration folder; the place of its module."""
    place = folder / "image"
    place.mkdir(parents=True)
    (place / "blueness.py").write_text(MODULE, encoding="utf-8")
    (place / "blueness_rule.yaml").write_text(PIPELINE, encoding="utf-8")
    return place


def work(place: Path) -> list[str]:
    """The names of all captures that were assessed."""
    log = place / "work.log"
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def close_gate(place: Path) -> Path:
    """From now on a capture with `gate` in its name waits."""
    os.mkfifo(place / "gate")
    return place / "gate"


@contextmanager
def at_gate(process: "subprocess.Popen[bytes]", gate: Path) -> Iterator[None]:
    """Inside, the process waits at the gate; afterwards it may pass."""
    with os.fdopen(opened_for(process, gate), "w"):
        yield


def opened_for(process: "subprocess.Popen[bytes]", gate: Path) -> int:
    """The gate's other end, once the process is there; an error when it ends before."""
    while True:
        try:
            return os.open(gate, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        with suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"It ended with {process.wait(0.05)} before it came to the gate.")


def write_picture(path: Path, colour: tuple[int, int, int] = GREEN, seed: int = 0) -> Path:
    """A small picture in about one colour (RGB)."""
    noise = np.random.default_rng(seed).integers(-8, 9, (48, 64, 3))
    pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), pixels[..., ::-1]):
        raise OSError(f"{path.name} cannot be written")
    return path


def write_pictures(folder: Path, shares: Iterable[float]) -> Path:
    """Pictures with about these shares of blue in all light, from 0 to 1."""
    for number, share in enumerate(shares):
        rest = int(200 * (1 - share) / 2)
        write_picture(folder / f"{number:03}.png", (rest + 10, rest + 10, int(200 * share) + 10), seed=number)
    return folder
