"""What the gate judges by: a challenger beside the champion, on captures that neither has learned from."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np

from ..domain.shared import comparison
from ..domain.shared.bundle import Bundle, ModelRef
from ..domain.shared.curves import Reliability
from ..domain.shared.data import Dataset
from ..domain.shared.errors import CaptureError, DataError
from ..domain.shared.evaluation import get_metric
from ..domain.shared.examination import Examination
from ..domain.shared.gate import Difference, Findings
from ..domain.shared.pipelines import InferencePipeline
from ..domain.shared.ports import Progress, silent
from ..domain.shared.recipe import Recipe
from ..domain.shared.sample import Sample
from .evaluation_service import RULE, EvaluationService

TIMED = 15  # captures that the latency is measured on
DECISIONS = "balanced_accuracy"


class Gatekeeper:
    """Measures challengers."""

    def __init__(self, evaluator: EvaluationService) -> None:
        self.evaluator = evaluator

    def measure(
        self, challenger: ModelRef, champion: ModelRef | None, dataset: str | None = None, progress: Progress = silent
    ) -> Findings:
        """A challenger on its own data set (or another one) without all that it or the champion learned from.

        A rule that has no champion is compared with the rule as its recipe states it.
        """
        recipe = self.evaluator.catalog.recipe(challenger.name)
        candidate = self.evaluator.candidate(recipe, challenger.version)
        assert candidate.bundle is not None
        data = self._data(recipe, candidate.bundle, dataset, progress)
        against = champion.version if champion else None if recipe.learned else RULE
        found = self.evaluator.evaluate(
            recipe.name, dataset=data, version=challenger.version, against=against, progress=progress
        )
        if dataset is None:
            refuse_another(found, candidate.bundle)
        reliability = found.curves[0].reliability if found.curves else None
        return Findings(
            rows=found.rows,
            groups=found.groups.total,
            differences=differences(found, recipe),
            calibration=reliability.error if reliability else math.nan,
            chance=chance(reliability) if reliability else math.nan,
            latency=latency(candidate.pipeline, data),
        )

    def _data(self, recipe: Recipe, bundle: Bundle, dataset: str | None, progress: Progress) -> Dataset:
        data = self.evaluator.data
        return data.load(dataset, progress) if dataset else data.learned_from(bundle.data, recipe, progress)


def refuse_another(found: Examination, bundle: Bundle) -> None:
    """`DataError` when a data set of the same name is not what the version learned from: all would look new in it."""
    if bundle.data.get("seen") and not found.seen:
        raise DataError(
            f"{found.dataset} holds nothing any more of what {bundle.ref} learned from, so it cannot be told what is "
            "new to it. Train again, or name another data set with --dataset."
        )


def differences(found: Examination, recipe: Recipe) -> tuple[Difference, ...]:
    """The metric that the pipeline is tuned for, and that of its decisions, of both versions; none without two."""
    if found.comparison is None:
        return ()
    metrics = found.comparison.metrics
    names = dict.fromkeys([recipe.training.metric if recipe.training else DECISIONS, DECISIONS])
    return tuple(difference(name, metrics[name]) for name in names if name in metrics)


def difference(name: str, figures: comparison.Difference) -> Difference:
    """One metric as the gate judges it."""
    loss = figures.a - figures.b if get_metric(name).maximise else figures.b - figures.a
    return Difference(name, challenger=figures.b, champion=figures.a, loss=loss, worse=figures.p_worse)


def chance(reliability: Reliability) -> float:
    """The calibration error that a perfectly calibrated model would show with so many rows in each bin.

    The observed share of a bin is off by a normal error of variance p (1 - p) / rows, whose mean size is sqrt(2 / pi)
    of its standard deviation.

    >>> round(chance(Reliability((0.5,), (0.6,), (100,), 0.1)), 3)
    0.04
    """
    p, rows = np.array(reliability.predicted), np.array(reliability.rows, float)
    return float(np.sum(np.sqrt(2 / np.pi * p * (1 - p) / rows) * rows) / np.sum(rows))


def latency(pipeline: InferencePipeline, data: Dataset) -> float:
    """Median ms that the pipeline takes for one capture which is decoded already, the first one left out."""
    times = []
    for sample in islice(readable(data), TIMED + 1):
        began = time.perf_counter()
        pipeline.predict([sample])
        times.append(1000 * (time.perf_counter() - began))
    return float(np.median(times[1:] or times)) if times else math.nan


def readable(data: Dataset) -> Iterator[Sample]:
    """Fresh samples, broken captures left out."""
    for capture in data.captures:
        try:
            yield data.decode(replace(capture))
        except CaptureError:
            continue
