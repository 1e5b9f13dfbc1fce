"""A pipeline is data: the recipe that a YAML file holds, as a frozen value.

pipeline: blur_laplacian            its name
property: image/blur                what it answers
decides: false                      whether it speaks for its property in the verdict
summary: ...                        one line for people
transformers: [{use: ..., parameter: value}]
estimator: {rule: ..., threshold: 100}   or   {sklearn: [{scaler: ...}, {classifier: ..., C: 1.0}]}
           or   {onnx: FILE.onnx, labels: [...]}   or   {torch: mlp, hidden: [64, 32]}
target: kind                        the fact to learn instead of the label (finer kinds of it)
value: {measure: width, unit: px}   the feature that a person would name
cannot_tell: [{measure: texture, below: 0.01, because: ...}]
training: {dataset, metric, trials, hyperparameters, ...}
gate: {calibration, latency, ...}   what a new version has to reach before it serves
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .arguments import TrainingArguments
from .errors import ConfigError, refuse_unknown
from .gate import Gate

Resolve = Callable[[str], Any]
KINDS = {
    "rule": "{rule: 'package.module:Class', ...}",
    "sklearn": "{sklearn: [{step: 'package.module:Class', ...}, ...]}",
    "onnx": "{onnx: FILE.onnx, labels: [...]}",
    "torch": "{torch: mlp, ...}",
}
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
    """Which estimator: `kind` is rule, sklearn, onnx or torch; all but sklearn have one step.

    The step of a rule uses a class, that of onnx a file, that of torch a network: `mlp`, `cnn` or a class. read: gives
    the bytes of the file; who read the recipe from a folder sets it.
    """

    kind: str
    steps: tuple[Step, ...]
    read: Callable[[], bytes] | None = field(default=None, compare=False, repr=False)

    @property
    def used_names(self) -> Iterator[str]:
        """The dotted names that it resolves."""
        return (step.use for step in self.steps if self.kind != "onnx" and ":" in step.use)


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
        return self.estimator.kind not in ("rule", "onnx")

    @builtins.property
    def has_graph(self) -> bool:
        """Whether it is served from an ONNX graph; a rule is served from its values."""
        return self.estimator.kind != "rule"

    @builtins.property
    def used_names(self) -> frozenset[str]:
        """All dotted names that it resolves."""
        return frozenset(step.use for step in self.transformers) | frozenset(self.estimator.used_names)

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
            "estimator": _estimator_dict(self.estimator),
        } | {key: value for key, value in optional.items() if value}


def strict(values: Any, allowed: Iterable[str], kind: str, required: Iterable[str] = ()) -> Mapping[str, Any]:
    """The mapping itself, when all its keys are known and none is missing."""
    known = tuple(allowed)
    if not isinstance(values, Mapping):
        raise ConfigError(f"Expected keys and values for each {kind}, got {type(values).__name__}.")
    refuse_unknown(kind, values, known)
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
    kinds = [kind for kind in KINDS if isinstance(values, Mapping) and kind in values]
    if len(kinds) != 1:
        raise ConfigError(f"An estimator is written as one of {', '.join(KINDS.values())}.")
    kind = kinds[0]
    if kind == "sklearn":
        strict(values, ("sklearn",), "key of an estimator")
        return EstimatorSpec("sklearn", tuple(_named_step(item) for item in values["sklearn"]))
    if kind == "onnx":
        strict(values, ("onnx", "labels", "output", "tensor"), "key of an ONNX file", required=("labels",))
    return EstimatorSpec(kind, (Step(str(values[kind]), {k: v for k, v in values.items() if k != kind}, kind),))


def _estimator_dict(estimator: EstimatorSpec) -> dict[str, Any]:
    steps = estimator.steps
    if estimator.kind == "sklearn":
        return {"sklearn": [{s.name: s.use, **s.parameters} for s in steps]}
    return {estimator.kind: steps[0].use, **steps[0].parameters}


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
