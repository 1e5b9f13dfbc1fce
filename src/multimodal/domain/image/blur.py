"""Blur: is a photograph sharp where it matters?

    extract_gradients_from_image, extract_laplacian_from_image ... plain functions of arrays
    LaplacianExtractor, GradientExtractor, SharpnessExtractor .... samples -> feature tables
    LaplacianBlurModel ............................................ the rule everybody knows
    create_blur_estimator, create_blur_training_pipeline, create_blur_inference_pipeline
    PROPERTY

`python -m multimodal.domain.image.blur PHOTO` shows the measures of one photograph.

A photograph is sharp when its subject is: the sharpest parts are judged, so a background out of focus does no harm.
`edges.py` and `sharpness.py` say how.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.bundle import Bundle
from ..shared.data import FeatureExtractor
from ..shared.errors import CaptureError
from ..shared.estimators import Estimator, Floats, RuleBasedModel
from ..shared.limits import Limit
from ..shared.making import make_estimator
from ..shared.modality import Property
from ..shared.pipelines import InferencePipeline, TrainingPipeline
from ..shared.ports import Tuner
from ..shared.recipe import Recipe
from ..shared.results import Prediction
from ..shared.sample import Capture
from . import sharpness
from .degradations import BLURS
from .edges import edge_tiles, laplacian_energy
from .raster import to_rgb
from .sample import ImageSample, decode

LABELS = ("blurred", "sharp")
Signed = NDArray[np.int16]


def extract_gradients_from_image(image: NDArray[Any]) -> tuple[Signed, Signed]:
    """Derivatives of the luma along the rows and down the columns, int16 (h, w) each, in grey levels a pixel times 8.

    image: gray (h, w) or RGB (h, w, 3). The operator is Sobel's, 3 x 3; the border is mirrored.
    """
    luma = _luma(image)
    across, down = cv2.Sobel(luma, cv2.CV_16S, 1, 0), cv2.Sobel(luma, cv2.CV_16S, 0, 1)
    return np.asarray(across, np.int16), np.asarray(down, np.int16)


def extract_laplacian_from_image(image: NDArray[Any]) -> Signed:
    """The Laplacian of the luma, int16 (h, w), in grey levels a pixel²; its variance is the classic focus measure.

    image: gray (h, w) or RGB (h, w, 3). Source: Pech-Pacheco et al. (2000), "Diatom autofocusing in brightfield
    microscopy". The operator is the cross of four neighbours; the border is mirrored.
    """
    return np.asarray(cv2.Laplacian(_luma(image), cv2.CV_16S), np.int16)


def laplacian_variance(image: NDArray[Any]) -> float:
    """Variance of the Laplacian, 0 for a picture without any detail."""
    _, deviation = cv2.meanStdDev(extract_laplacian_from_image(image))
    return float(deviation[0, 0] ** 2)


class LaplacianExtractor(FeatureExtractor):
    """Variance of the Laplacian at the canonical scale (short side 480), grey levels² (its mean is zero)."""

    names: ClassVar[tuple[str, ...]] = ("laplacian_variance",)

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The variance of one photograph."""
        return (laplacian_energy(sample),)


class GradientExtractor(FeatureExtractor):
    """Statistics of the gradient, in grey levels a pixel, over tiles and octaves; noise counts as detail here.

    mean: root mean square. high, peak: of the tiles' means, quantiles 0.9 and 0.99. steepness: peak over mean.
    kept_1, kept_2, kept_3: logarithm of the energy at each octave over that of the next; blur lowers it. peak_kept_*:
    the same for the 0.99 quantiles.
    """

    names: ClassVar[tuple[str, ...]] = (
        *("mean", "high", "peak", "steepness", "kept_1", "kept_2", "kept_3"),
        *("peak_kept_1", "peak_kept_2", "peak_kept_3"),
    )

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The statistics of one photograph."""
        gradient = edge_tiles(sample).gradient
        energy = np.sort((gradient[:, 0] + gradient[:, 1]).reshape(len(gradient), -1), axis=1) + 1e-2
        last = energy.shape[1] - 1
        high, peak, mean = energy[:, round(0.9 * last)], energy[:, round(0.99 * last)], energy.mean(axis=1)
        size = np.sqrt((mean[0], high[0], peak[0]))
        kept, peak_kept = (np.log(e[:-1] / e[1:]) for e in (mean, peak))
        return (*size.tolist(), float(size[2] / size[0]), *kept.tolist(), *peak_kept.tolist())


class SharpnessExtractor(FeatureExtractor):
    """How sharp the sharpest parts are, whatever the size, the contrast and how busy the scene is.

    width: blur in px at 1024. texture: strength of coarse structure, which blur leaves. noise, grain: its deviation in
    grey levels at octaves 0 and 1. structure, edges: shares of tiles with any, with strong edges. clarity: how far the
    edges stand above noise. acuity_*, fine_*, middle, coarse: quantiles over strong tiles of the finest measure and of
    octaves 0, 1, 2 against the next. *_top, *_high: the same where energy counts. along_*, across_*: what octaves keep
    of each other along the most and the least blurred direction, in the sharpest tenth (_10) and third (_30).
    """

    names: ClassVar[tuple[str, ...]] = (
        *("width", "texture", "noise", "grain", "structure", "edges", "clarity"),
        *(f"acuity_{q}" for q in ("99", "95", "85", "50")),
        *(f"fine_{q}" for q in ("99", "95", "85", "50")),
        *("acuity_top", "acuity_high", "fine_top", "fine_high", "middle_high", "coarse_high"),
        *(
            f"{way}_{pair}_{part}"
            for part in ("10", "30")
            for pair in ("01", "02", "12", "13")
            for way in ("along", "across")
        ),
    )

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The features of one photograph."""
        return (
            sharpness.width(sample),
            *sharpness.surroundings(sample),
            *sharpness.quantiles(sample),
            *sharpness.weighted(sample),
            *sharpness.directions(sample),
        )


class LaplacianBlurModel(RuleBasedModel):
    """Sharp from a variance of the Laplacian of `threshold` on; a factor e in the variance is `slope` logits."""

    labels: ClassVar[tuple[str, ...]] = LABELS
    limits: ClassVar[Mapping[str, Limit]] = {"threshold": Limit(rejects="below")}

    def __init__(self, threshold: float = 100.0, slope: float = 1.5) -> None:
        self.threshold = threshold
        self.slope = slope

    def margins(self, table: Floats) -> Floats:
        """Margins in logits, (n,)."""
        variance = np.maximum(table[:, 0], 1e-6)
        return np.asarray(self.slope * np.log(variance / self.threshold))


def create_blur_estimator(recipe: Recipe, values: Mapping[str, Any] | None = None) -> Estimator:
    """The unfitted estimator of a blur recipe; `values` replace parameters (`threshold`, `classifier__max_iter`)."""
    return make_estimator(recipe, values or {}, resolve)


def create_blur_training_pipeline(recipe: Recipe, tuner: Tuner) -> TrainingPipeline:
    """What trains a blur recipe."""
    return TrainingPipeline(recipe, PROPERTY, resolve, tuner)


def create_blur_inference_pipeline(source: Recipe | Bundle) -> InferencePipeline:
    """What answers: a rule as its recipe states it, or a trained pipeline from its bundle."""
    if isinstance(source, Bundle):
        return InferencePipeline.from_bundle(source, PROPERTY, resolve)
    return InferencePipeline.from_recipe(source, PROPERTY, resolve)


def resolve(dotted: str) -> Any:
    """What `module:Name` stands for. The caller vouches for the recipe; `Catalog.resolve` is for those who cannot."""
    module, _, name = dotted.partition(":")
    return getattr(importlib.import_module(module), name)


def _luma(image: NDArray[Any]) -> NDArray[np.uint8]:
    if image.ndim == 2 and image.dtype == np.uint8:
        return image
    return np.asarray(cv2.cvtColor(to_rgb(image), cv2.COLOR_RGB2GRAY), np.uint8)


PROPERTY = Property(
    name="blur",
    labels=LABELS,
    accepted=frozenset({"sharp"}),
    summary="Is the photograph sharp where it matters?",
    kinds={"defocus": "blurred", "motion": "blurred"},
    degradations=BLURS,
    evidence=sharpness.sharpness_evidence,
)


def main(arguments: Sequence[str]) -> int:
    """Show the blur measures of one photograph, and what each blur pipeline makes of them; the exit status."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python -m multimodal.domain.image.blur PHOTO\n")
        return 2
    try:
        sample = decode(Capture(arguments[0], Path(arguments[0])).read(), arguments[0])
    except CaptureError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(report(sample, _blur_pipelines()))
    return 0


def report(sample: ImageSample, pipelines: Sequence[InferencePipeline]) -> str:
    """A table of the pipelines' answers, and one of all measures."""
    answers = [pipeline.predict([sample])[0] for pipeline in pipelines]
    lines = [f"{sample.name}: {sample.size[0]} x {sample.size[1]}, {sample.format}", ""]
    lines += [f"{a.pipeline:16} {_verdict(a):20} score {a.score:.3f}  {a.reason}".rstrip() for a in answers]
    for answer in answers:
        lines += ["", f"{answer.pipeline} measures"]
        lines += [f"  {name:20} {value:10.3f}" for name, value in answer.measures.items()]
    return "\n".join(lines) + "\n"


def _verdict(answer: Prediction) -> str:
    kind = answer.details.get("kind")
    return f"{answer.label} ({kind})" if kind else answer.label


def _blur_pipelines() -> list[InferencePipeline]:
    """The blur pipelines as they serve. Only a program does this: the domain itself knows nothing above it."""
    app = importlib.import_module("multimodal.bootstrap").bootstrap()
    names = [name for name, recipe in app.catalog.recipes.items() if recipe.property == "image/blur"]
    return [pipeline for name in names if (pipeline := app.assessor.pipeline(name)) is not None]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
