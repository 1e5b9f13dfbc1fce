"""Real photographs that come with scikit-image and scikit-learn: sharp ones, and one that is not.

All were judged by eye at their own pixels; `sharp_side` is the largest long side at which each may count as sharp
(it is shrunk to that). Left out: clock_motion as a sharp one (a true motion blur: see `BLURRED`), moon, text and page
(soft), retina, cell and microaneurysms (microscopes), hubble_deep_field (a telescope), motorcycle_right (the scene of
the left one), and everything drawn.

Licences, as the packages' own notes state them: astronaut (NASA) and rocket (SpaceX), public domain; camera (Lav
Varshney), chelsea (Stéfan van der Walt), coffee (Rachel Michetti), brick and gravel (CC0 Textures), grass (Linolafett),
CC0; coins (Brooklyn Museum), no known restriction; motorcycle (Middlebury stereo data, Scharstein et al. 2014); china
(danielbuechele) and flower (vultilion), CC BY 2.0. The packages are needed for training only, and are looked for only
when a photograph is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np

from ..shared.errors import MissingExtra
from .degradations import resize_to
from .light import Pixels

SKIMAGE, SKLEARN = "skimage/data", "sklearn/datasets/images"


@dataclass(frozen=True)
class Photo:
    """A photograph in a package.

    folder: of the package, starting with its name. sharp_side: the largest long side in pixels at which it is sharp.
    darkened, lightened: the stops from which a viewer calls it under- or over-exposed.
    """

    folder: str
    file: str
    sharp_side: int
    darkened: float = -1.8
    lightened: float = 1.3

    def path(self) -> Path:
        """The file; the package is found, not imported (that would take seconds)."""
        package, *inner = self.folder.split("/")
        found = find_spec(package)
        if found is None or found.origin is None:
            raise MissingExtra("train", f"The photograph {self.file}")
        return Path(found.origin).parent.joinpath(*inner, self.file)

    def pixels(self) -> Pixels:
        """The photograph as RGB, no larger than it is sharp."""
        data = np.frombuffer(self.path().read_bytes(), np.uint8)
        full = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), np.uint8)
        factor = min(1.0, self.sharp_side / max(full.shape))
        size = round(full.shape[0] * factor), round(full.shape[1] * factor)
        return full if factor == 1 else np.asarray(resize_to(full, size), np.uint8)


SHARP: Mapping[str, Photo] = MappingProxyType(
    {
        "astronaut": Photo(SKIMAGE, "astronaut.png", 512),
        "brick": Photo(SKIMAGE, "brick.png", 384),
        "camera": Photo(SKIMAGE, "camera.png", 512),
        "chelsea": Photo(SKIMAGE, "chelsea.png", 400),
        "coffee": Photo(SKIMAGE, "coffee.png", 480),
        "coins": Photo(SKIMAGE, "coins.png", 384, darkened=-2.2, lightened=1.8),
        "grass": Photo(SKIMAGE, "grass.png", 512),
        "gravel": Photo(SKIMAGE, "gravel.png", 512),
        "motorcycle": Photo(SKIMAGE, "motorcycle_left.png", 741),
        "rocket": Photo(SKIMAGE, "rocket.jpg", 640, darkened=-2.5, lightened=2.5),
        "china": Photo(SKLEARN, "china.jpg", 640),
        "flower": Photo(SKLEARN, "flower.jpg", 640),
    }
)

BLURRED: Mapping[str, Photo] = MappingProxyType({"clock_motion": Photo(SKIMAGE, "clock_motion.png", 400)})
"""A clock moved during the exposure: true motion blur (kept out of training; a test of what was learned)."""


def load(name: str) -> Pixels:
    """The photograph of this name as uint8 RGB."""
    known = {**SHARP, **BLURRED}
    if name not in known:
        raise ValueError(f"No photograph is called {name!r}. Known: {', '.join(known)}.")
    return known[name].pixels()
