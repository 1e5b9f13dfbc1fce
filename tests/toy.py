"""A modality small enough to see through: a capture is a few numbers as text; are they calm or wild?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from multimodal.domain.shared.bundle import Bundle
from multimodal.domain.shared.calibration import Calibration, Thresholds
from multimodal.domain.shared.data import Dataset, FeatureExtractor
from multimodal.domain.shared.errors import BrokenCapture
from multimodal.domain.shared.estimators import RuleBasedModel
from multimodal.domain.shared.modality import Degradation, Limits, Modality, Property
from multimodal.domain.shared.recipe import Recipe
from multimodal.domain.shared.sample import Capture, Sample, measure

HEADER = b"numbers:"


@dataclass(frozen=True, eq=False, kw_only=True)
class NumbersSample(Sample):
    """Some numbers."""

    values: np.ndarray


def decode(data: bytes, name: str = "capture", limits: Limits | None = None) -> NumbersSample:
    try:
        values = np.array([float(word) for word in data.removeprefix(HEADER).split()])
    except ValueError as error:
        raise BrokenCapture(f"{name} holds something that is no number.") from error
    return NumbersSample(name=name, values=values)


def decode_capture(capture: Capture) -> NumbersSample:
    return decode(capture.read(), capture.name)


@measure
def spread(sample: NumbersSample) -> float:
    return float(np.std(sample.values)) if len(sample.values) else 0.0


class SpreadExtractor(FeatureExtractor):
    """Spread and count."""

    names: ClassVar[tuple[str, ...]] = ("spread", "count")

    def row(self, sample: NumbersSample) -> Sequence[float]:
        return spread(sample), float(len(sample.values))


class CalmRule(RuleBasedModel):
    """Calm below a spread."""

    labels: ClassVar[tuple[str, ...]] = ("wild", "calm")

    def __init__(self, threshold: float = 1.0) -> None:
        self.threshold = threshold

    def margins(self, table):
        return 4.0 * (math.log(self.threshold) - np.log(np.maximum(table[:, 0], 1e-6)))


def wilder(values: np.ndarray, factor: float, rng: np.random.Generator) -> np.ndarray:
    return values * factor


def written(values: np.ndarray) -> bytes:
    return HEADER + " ".join(f"{v:.6f}" for v in values).encode()


def spoil(
    sample: NumbersSample,
    degradation: Degradation | None,
    strength: float,
    rng: np.random.Generator,
    *,
    bare: bool = False,
) -> bytes:
    """The numbers, spoiled, with a little noise that all copies get."""
    values = sample.values if degradation is None else degradation.apply(sample.values, strength, rng)
    return written(values * math.exp(0.05 * rng.normal()))


SHAKY = Degradation("shaky", "wild", "times", (4.0, 12.0), wilder, unnoticed=1.5)
EXPLOSIVE = Degradation("blast", "wild", "times", (20.0, 80.0), wilder, kind="explosive")
MODALITY = Modality("numbers", frozenset({".txt"}), lambda data: data.startswith(HEADER), decode, spoil=spoil)
PROPERTY = Property(
    name="calmness",
    labels=("wild", "calm"),
    accepted=frozenset({"calm"}),
    kinds={"shaky": "wild", "explosive": "wild"},
    degradations=(SHAKY, EXPLOSIVE),
)
RULE = {
    "pipeline": "calm_rule",
    "property": "numbers/calmness",
    "decides": True,
    "transformers": [{"use": "tests.toy:SpreadExtractor"}],
    "estimator": {"rule": "tests.toy:CalmRule", "threshold": 1.0},
    "value": {"measure": "spread", "unit": "units"},
    "cannot_tell": [{"measure": "count", "below": 2.0, "because": "one number has no spread"}],
    "training": {
        "dataset": "toy",
        "metric": "balanced_accuracy",
        "trials": 12,
        "hyperparameters": {"threshold": {"suggest": "float", "low": 0.01, "high": 100.0, "log": True}},
    },
}
LEARNED = {
    "pipeline": "calm_learned",
    "property": "numbers/calmness",
    "transformers": [{"use": "tests.toy:SpreadExtractor"}],
    "estimator": {
        "sklearn": [
            {"scaler": "sklearn.preprocessing:StandardScaler"},
            {"classifier": "sklearn.linear_model:LogisticRegression"},
        ]
    },
    "training": {
        "dataset": "toy",
        "trials": 3,
        "hyperparameters": {"classifier": {"C": {"suggest": "float", "low": 0.01, "high": 10.0, "log": True}}},
    },
}


def resolve(dotted: str):
    module, _, name = dotted.partition(":")
    return getattr(__import__(module, fromlist=[name]), name)


def capture(name: str, values: Sequence[float], label: str | None = None, **more) -> Capture:
    return Capture(name, written(np.asarray(values)), label=label, **more)


def dataset(groups: int = 24, each: int = 8, seed: int = 0, kinds: bool = False) -> Dataset:
    """Calm captures have a spread around 0.5, wild ones around 4 (shaky) or 40 (explosive), with some overlap."""
    rng = np.random.default_rng(seed)
    captures = []
    for group in range(groups):
        for number in range(each):
            kind = ("calm", "shaky", "calm", "explosive")[number % 4]
            scale = {"calm": 0.5, "shaky": 4.0, "explosive": 40.0}[kind] * math.exp(0.6 * rng.normal())
            label = kind if kinds or kind == "calm" else "wild"
            values = scale * rng.normal(size=30)
            captures.append(capture(f"{group}-{number}", values, label, group=f"scene {group}", facts={"kind": kind}))
    return Dataset(captures, lambda c: decode(c.read(), c.name), name="toy")


def bundle(**changes) -> Bundle:
    """A trained rule as a value."""
    made = Bundle(
        recipe=Recipe.from_dict(RULE),
        classes=("wild", "calm"),
        calibration=Calibration(1.5, (0.25, -0.25)),
        thresholds=Thresholds(0.25, 0.75),
        metrics={"test": {"roc_auc": [0.9, 0.8, 1.0], "f1": [float("nan")] * 3}},
        data={"digest": "abc", "features": ["spread", "count"]},
        card="# calm_rule\n",
    )
    return replace(made, **changes)
