"""Pictures and answers that the tests of tones and colours share."""

from pathlib import Path

import cv2
import numpy as np

from multimodal.bootstrap import read_recipe
from multimodal.domain.image.blur import resolve
from multimodal.domain.image.faulty import captures
from multimodal.domain.image.sample import decode, sample_from_pixels
from multimodal.domain.image.synthetic import Mix
from multimodal.domain.shared.pipelines import InferencePipeline

CONFIG = Path(__file__).parents[1] / "src/multimodal/config/image"
SMALL = Mix(sides=((300, 400, 1.0),), real=0.5)
ODD_SHAPES = [(1, 1), (3, 5), (1, 5000), (5000, 1), (17, 40)]


def pipeline_of(name, asked):
    """A rule as its recipe states it."""
    return InferencePipeline.from_recipe(read_recipe(CONFIG / f"{name}.yaml"), asked, resolve)


def measured(extractor, pixels):
    """Measures by name."""
    return dict(zip(extractor.names, extractor.row(sample_from_pixels(pixels)), strict=True))


def answer(pipeline, pixels):
    """The prediction for a picture."""
    return pipeline.predict([sample_from_pixels(pixels)])[0]


def colourful(seed=0, shape=(300, 400), vivid=0.1):
    """Patches of many colours and greys, from black to white, with texture on them; half of them have a colour."""
    rng = np.random.default_rng(seed)
    rows, columns = shape[0] // 25 + 1, shape[1] // 25 + 1
    grey = rng.integers(5, 250, (rows, columns, 1))
    colour = rng.normal(0, vivid, (rows, columns, 3)) * rng.choice([0, 0, 1, 2], (rows, columns, 1))
    patches = np.clip(grey * (1 + colour), 0, 255).astype(np.uint8)
    whole = cv2.resize(patches, None, fx=25, fy=25, interpolation=cv2.INTER_NEAREST)[: shape[0], : shape[1]]
    return np.clip(whole + rng.normal(0, 3, (*shape, 1)), 0, 255).astype(np.uint8)


def turned(pixels):
    """The picture mirrored, upside down and on its side."""
    return [np.ascontiguousarray(each) for each in (pixels[:, ::-1], pixels[::-1], np.rot90(pixels))]


def answers(pipeline, asked, count=32, seed=7):
    """Pairs of label and answer for small photographs with the property's faults; what people differ about left out."""
    made = [capture for capture in captures(asked.name, count, seed=seed, mix=SMALL) if not capture.facts["borderline"]]
    samples = [decode(capture.read()) for capture in made]
    return [(c.label, p.label) for c, p in zip(made, pipeline.predict(samples), strict=True)]
