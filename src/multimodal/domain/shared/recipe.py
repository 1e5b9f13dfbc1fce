"""A pipeline is data: the recipe that a YAML file holds, as a frozen value.

pipeline: blur_laplacian            its name
property: image/blur                what it answers
decides: false                      whether it speaks for its property in the verdict
summary: ...                        one line for people
transformers: [{use: ..., parameter: value}]
estimator: {rule: ..., threshold: 100}   or   {sklearn: [{scaler: ...}, {classifier: ..., C: 1.0}]}
target: kind                        the fact to learn instead of the label (finer kinds of it)
value: {measure: width, unit: px}   the feature that a person would name
cannot_tell: [{measure: texture, below: 0.01, because: ...}]
training: {dataset, metric, trials, hyperparameters, ...}
gate: {calibration, latency, ...}   what a new version has to reach before it serves
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .arguments import TrainingArguments
from .errors import ConfigError, UnknownName
from .gate import Gate

Resolve = Callable[[str], Any]
KEYS = (
    "pipeline",
    "property",
    "decides",
    "summary",
    "transformers",
    "estimator",
    "target",
    "value",
    "cannot_tell",
    "training",
    "gate",
)


@dataclass(frozen=True)
class Step:
    """A class by its dotted name (`package.module:Class`) and its parameters."""

    use: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    def build(self, resolve: Resolve) -> Any:
        """An instance with these parameters."""
        cls = resolve(self.use)
        try:
            return cls(**self.parameters)
        except TypeError as error:
            raise ConfigError(f"{self.use} cannot be made: {error}.") from error


@dataclass(frozen=True)
class EstimatorSpec:
    """Which estimator: `kind` is rule or sklearn; a rule has one step."""

    kind: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Abstention:
    """A measure outside of its range means that the pipeline cannot tell."""

    measure: str
    below: float = float("-inf")
    above: float = float("inf")
    because: str = ""

    def __post_init__(self) -> None:
        if self.below >= self.above:
            raise ConfigError(
                f"cannot_tell: {self.measure} abstains everywhere (below {self.below}, above {self.above})."
            )


@dataclass(frozen=True)
class Recipe:
    """How a pipeline is made. `modality` and the property's short name are the two halves of `property`."""

    name: str
    property: str
    transformers: tuple[Step, ...]
    estimator: EstimatorSpec
    summary: str = ""
    decides: bool = False
    target: str = ""
    value: str = ""
    unit: str = ""
    cannot_tell: tuple[Abstention, ...] = ()
    training: TrainingArguments | None = None
    gate: Gate = field(default_factory=Gate)

    @builtins.property
    def modality(self) -> str:
        """The first half of the property's full name."""
        return self.property.partition("/")[0]

    @builtins.property
    def learned(self) -> bool:
        """Whether it must be trained before it can answer."""
        return self.estimator.kind != "rule"

    @builtins.property
    def used_names(self) -> frozenset[str]:
        """All dotted names that it resolves."""
        return frozenset(step.use for step in (*self.transformers, *self.estimator.steps))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """A recipe from plain values; an unknown key is an error with the nearest word."""
        strict(values, KEYS, "key of a pipeline", required=("pipeline", "property", "transformers", "estimator"))
        modality, _, short = str(values["property"]).partition("/")
        if not (modality and short):
            raise ConfigError(f"property: {values['property']!r} must be MODALITY/PROPERTY, as in image/blur.")
        value = strict(values.get("value") or {}, ("measure", "unit"), "key of value")
        training = values.get("training")
        return cls(
            name=str(values["pipeline"]),
            property=str(values["property"]),
            transformers=tuple(_step(item) for item in values["transformers"]),
            estimator=_estimator(values["estimator"]),
            summary=str(values.get("summary", "")),
            decides=bool(values.get("decides", False)),
            target=str(values.get("target", "")),
            value=str(value.get("measure", "")),
            unit=str(value.get("unit", "")),
            cannot_tell=tuple(_abstention(item) for item in values.get("cannot_tell") or ()),
            training=TrainingArguments.from_dict(training) if training is not None else None,
            gate=Gate.from_dict(values.get("gate") or {}),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values; `Recipe.from_dict` reads them back to an equal recipe."""
        steps = self.estimator.steps
        rule = self.estimator.kind == "rule"
        optional = {
            "summary": self.summary,
            "target": self.target,
            "value": {"measure": self.value, "unit": self.unit} if self.value else None,
            "cannot_tell": [_abstention_dict(a) for a in self.cannot_tell],
            "training": self.training.to_dict() if self.training else None,
            "gate": self.gate.to_dict(),
        }
        return {
            "pipeline": self.name,
            "property": self.property,
            "decides": self.decides,
            "transformers": [{"use": s.use, **s.parameters} for s in self.transformers],
            "estimator": {"rule": steps[0].use, **steps[0].parameters}
            if rule
            else {self.estimator.kind: [{s.name: s.use, **s.parameters} for s in steps]},
        } | {key: value for key, value in optional.items() if value}


def strict(values: Any, allowed: Iterable[str], kind: str, required: Iterable[str] = ()) -> Mapping[str, Any]:
    """The mapping itself, when all its keys are known and none is missing."""
    known = tuple(allowed)
    if not isinstance(values, Mapping):
        raise ConfigError(f"Expected keys and values for each {kind}, got {type(values).__name__}.")
    for key in values:
        if key not in known:
            raise UnknownName(kind, str(key), known)
    missing = [key for key in required if key not in values]
    if missing:
        raise ConfigError(f"Missing {kind}: {', '.join(missing)}.")
    return values


def _step(item: Any) -> Step:
    if isinstance(item, str):
        return Step(item)
    if not isinstance(item, Mapping) or "use" not in item:
        raise ConfigError(f"A transformer is written {{use: 'package.module:Class', parameter: value}}, got {item!r}.")
    return Step(str(item["use"]), {key: value for key, value in item.items() if key != "use"})


def _estimator(values: Any) -> EstimatorSpec:
    if not isinstance(values, Mapping) or ("rule" in values) == ("sklearn" in values):
        raise ConfigError(
            "An estimator is written {rule: 'package.module:Class', ...} or {sklearn: [{step: ...}, ...]}."
        )
    if "rule" in values:
        return EstimatorSpec(
            "rule", (Step(str(values["rule"]), {k: v for k, v in values.items() if k != "rule"}, "rule"),)
        )
    strict(values, ("sklearn",), "key of an estimator")
    return EstimatorSpec("sklearn", tuple(_named_step(item) for item in values["sklearn"]))


def _named_step(item: Any) -> Step:
    if not isinstance(item, Mapping) or not item:
        raise ConfigError(f"A step is written {{name: 'package.module:Class', parameter: value}}, got {item!r}.")
    (name, use), *parameters = item.items()
    return Step(str(use), dict(parameters), str(name))


def _abstention(item: Any) -> Abstention:
    values = strict(item, ("measure", "below", "above", "because"), "key of cannot_tell", required=("measure",))
    return Abstention(**values)


def _abstention_dict(abstention: Abstention) -> dict[str, Any]:
    plain = {
        "measure": abstention.measure,
        "below": abstention.below,
        "above": abstention.above,
        "because": abstention.because,
    }
    return {key: value for key, value in plain.items() if value not in ("", float("inf"), float("-inf"))}
