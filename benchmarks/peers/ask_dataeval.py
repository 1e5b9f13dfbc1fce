"""DataEval's equivalent of our checks: what its Outliers and Duplicates compute by default, from one decode.

Where issues are named, only what tells of them is computed; for `duplicates` its D4 hashes (mirrors and turns) are
added to the default ones, since ours finds those. Pictures are decoded by Pillow. Sharpness, brightness (lower
quartile), darkness (upper quartile) and contrast are its names.
"""

import numpy as np
from dataeval.core import compute_stats
from dataeval.flags import ImageStats
from dataeval.quality import Duplicates, Outliers
from PIL import Image, ImageOps
from speaking import photographs, speak

DEFAULT = ImageStats.PIXEL | ImageStats.VISUAL | ImageStats.DIMENSION | ImageStats.HASH_DUPLICATES_BASIC
TURNED = ImageStats.HASH_DUPLICATES_BASIC | ImageStats.HASH_DUPLICATES_D4
TOLD = (
    ImageStats.PIXEL_MEAN | ImageStats.PIXEL_STD | ImageStats.PIXEL_ENTROPY | ImageStats.VISUAL | ImageStats.DIMENSION
)


class Pictures:
    """Decoded one after the other, channels first."""

    def __init__(self, paths):
        self.paths = paths

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        with Image.open(self.paths[index]) as picture:
            return np.asarray(ImageOps.exif_transpose(picture).convert("RGB")).transpose(2, 0, 1)


def scored(stats, i):
    """Where several of its numbers speak of a fault, each is a measure; what is too much and too little, both ways."""

    def of(name):
        return float(np.atleast_1d(stats[name])[i])

    light = {name: of(name) for name in ("mean", "brightness", "darkness")}
    return {
        "blur/sharpness": of("sharpness"),
        **{f"dark/{name}": value for name, value in light.items()},
        **{f"bright/{name}": -value for name, value in light.items()},
        "contrast/contrast": of("contrast"),
        "contrast/std": of("std"),
        "information/entropy": of("entropy"),
        "size": min(of("width"), of("height")),
        "aspect": -abs(of("aspect_ratio")),
    }


def ask(folder, wanted):
    paths = photographs(folder)
    if not wanted.issues:
        return asked(paths, DEFAULT, ImageStats.HASH_DUPLICATES_BASIC)
    return asked(paths, TURNED, TURNED) if "duplicates" in wanted.issues else asked(paths, TOLD, None)


def asked(paths, stats, hashes):
    result = compute_stats(Pictures(paths), stats=stats)
    scores = {}
    if "mean" in result["stats"]:
        Outliers().from_stats(result)
        scores = {path.name: scored(result["stats"], i) for i, path in enumerate(paths)}
    if hashes is None:
        return scores, [], []
    found = Duplicates(flags=hashes).from_stats(result)
    near = [[paths[i].name for i in members] for members, _ in found.near]
    return scores, near, [[paths[i].name for i in members] for members in found.exact]


if __name__ == "__main__":
    speak(ask)
