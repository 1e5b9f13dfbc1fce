"""Estimators from recipes.

make_estimator ... of any kind, unfitted: a rule, a scikit-learn pipeline, an ONNX file, a network
served ........... the estimator that answers from the ONNX graph of a bundle or of a file
tuned ............ the recipe with the values that a search found
check_labels ..... refuses an ONNX file whose labels the property does not know
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .errors import ArtifactError, ConfigError, UnknownName
from .estimators import Estimator, RuleBasedEstimator, RuleBasedModel, SklearnPipeEstimator
from .modality import Property
from .onnx import OnnxEstimator, Reading
from .recipe import Recipe, Resolve, Step
from .torch_estimator import TorchEstimator
from .torch_networks import NETWORKS


def make_rule(recipe: Recipe, resolve: Resolve, values: Mapping[str, Any] | None = None) -> RuleBasedEstimator:
    """The recipe's rule with its parameters, some replaced by `values`."""
    step = recipe.estimator.steps[0]
    rule = replace(step, parameters={**step.parameters, **(values or {})}).build(resolve)
    if not isinstance(rule, RuleBasedModel):
        raise ConfigError(f"{step.use} is no RuleBasedModel.")
    return RuleBasedEstimator(rule)


def make_estimator(
    recipe: Recipe, values: Mapping[str, Any], resolve: Resolve, *, columns: int | None = None
) -> Estimator:
    """An unfitted estimator of the recipe's kind with these flat parameters; `columns` features will come in."""
    if recipe.estimator.kind == "rule":
        return make_rule(recipe, resolve, values)
    if recipe.estimator.kind == "onnx":
        return make_onnx(recipe, values, columns)
    try:
        if recipe.estimator.kind == "torch":
            return make_torch(recipe, values, resolve)
        estimator = SklearnPipeEstimator([(step.name, step.build(resolve)) for step in recipe.estimator.steps])
        return estimator.set_params(**values)
    except ValueError as error:
        raise ConfigError(f"{recipe.name}: {error}") from error


def tuned(recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    """The recipe with the tuned values in its estimator."""
    steps = tuple(
        replace(step, parameters={**step.parameters, **_of_step(step, values, recipe)})
        for step in recipe.estimator.steps
    )
    return replace(recipe, estimator=replace(recipe.estimator, steps=steps))


def _of_step(step: Step, values: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    if recipe.estimator.kind != "sklearn":
        return dict(values)
    prefix = f"{step.name}__"
    return {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}


def make_onnx(recipe: Recipe, values: Mapping[str, Any], columns: int | None = None) -> OnnxEstimator:
    """The estimator of a recipe's ONNX file; `ConfigError` when it does not fit the labels and the features."""
    if values:
        raise ConfigError(f"{recipe.name}: an ONNX file has nothing to tune; take {', '.join(values)} out of its YAML.")
    if recipe.estimator.read is None:
        raise ConfigError(f"{recipe.name}: an ONNX file is found only from the YAML that names it.")
    try:
        return served(recipe, recipe.estimator.read(), labels_of(recipe), columns)
    except ArtifactError as error:
        raise ConfigError(f"{recipe.name}: {error}") from error


def make_torch(recipe: Recipe, values: Mapping[str, Any], resolve: Resolve) -> TorchEstimator:
    """The unfitted network of a recipe with these flat parameters; an unknown one is a `ValueError`."""
    (step,) = recipe.estimator.steps
    network = step.use if step.use in NETWORKS else resolve(step.use)
    return TorchEstimator(network).set_params(**{**step.parameters, **values})


def served(recipe: Recipe, model: bytes, classes: Sequence[str], columns: int | None) -> OnnxEstimator:
    """The estimator that answers from the graph of this recipe; our own exports give probabilities."""
    (*_, step) = recipe.estimator.steps
    told = step.parameters if recipe.estimator.kind == "onnx" else {}
    reading = Reading(**{key: told[key] for key in ("output", "tensor") if key in told})
    return OnnxEstimator(model, classes, reading=reading, columns=columns)


def labels_of(recipe: Recipe) -> tuple[str, ...]:
    """The labels that a recipe gives to the columns of its ONNX file."""
    labels = recipe.estimator.steps[0].parameters["labels"]
    if not isinstance(labels, list | tuple) or len(labels) < 2 or len({*map(str, labels)}) < len(labels):
        raise ConfigError(f"{recipe.name}: `labels` is a list of two or more different labels, got {labels!r}.")
    return tuple(map(str, labels))


def check_labels(recipe: Recipe, property: Property) -> None:
    """Refuse a recipe whose ONNX file tells apart what the property does not know."""
    known = (*property.labels, *property.kinds)
    for label in labels_of(recipe) if recipe.estimator.kind == "onnx" else ():
        if label not in known:
            raise UnknownName(f"label or kind of {property.name}", label, known)
