"""What a job may be asked for: `checked` refuses everything else before anything runs.

A request names pipelines and data sets that this installation knows by name (never a path or a URL), and numbers
within limits. It may narrow what a pipeline searches, never widen it: how a pipeline is made is said in its YAML alone.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..domain.shared.arguments import Suggestion
from ..domain.shared.errors import ConfigError, InvalidJob, UnknownName, listing
from ..domain.shared.estimators import flatten
from ..domain.shared.evaluation import CLASSIFICATION
from ..domain.shared.recipe import Recipe

DEEPEST = 4  # levels of nested hyperparameters


@dataclass(frozen=True)
class Range:
    """Numbers that an argument may have; `whole` ones only, or any."""

    low: float
    high: float
    whole: bool = False

    def checked(self, name: str, value: Any) -> float:
        """The value, or `InvalidJob`.

        >>> Range(2, 20, whole=True).checked("folds", 5)
        5
        """
        kinds = int if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not self.low <= value <= self.high:
            kind = "whole number" if self.whole else "number"
            raise InvalidJob(f"{name} is a {kind} from {self.low:,} to {self.high:,}, got {shown(value)}.")
        return value


NUMBERS: Mapping[str, Range] = {
    "trials": Range(0, 10_000, whole=True),
    "minutes": Range(0, 1_440),
    "seed": Range(0, 2**31 - 1, whole=True),
    "folds": Range(2, 20, whole=True),
    "validation": Range(0.01, 0.9),
    "test": Range(0.01, 0.9),
    "wrong": Range(0, 1),
    "undecided": Range(0, 1),
}
KEYS: Mapping[str, tuple[str, ...]] = {
    "train": ("pipeline", "dataset", *NUMBERS, "metric", "hyperparameters"),
    "evaluate": ("pipeline", "dataset"),
}


def checked(
    kind: str, arguments: Mapping[str, Any], *, recipes: Mapping[str, Recipe], datasets: Collection[str]
) -> dict[str, Any]:
    """The arguments as plain JSON values without those that are None, or `InvalidJob` with the nearest right word."""
    try:
        one_of("kind of job", kind, KEYS)
        given = {one_of(f"argument of {kind}", key, KEYS[kind]): v for key, v in arguments.items() if v is not None}
        recipe = recipes[one_of("pipeline", given.get("pipeline", ""), recipes)]
        return {key: _checked_one(key, value, recipe, datasets) for key, value in _complete(kind, given, recipe)}
    except UnknownName as error:
        raise InvalidJob(str(error)) from error


def _complete(kind: str, given: Mapping[str, Any], recipe: Recipe) -> Collection[tuple[str, Any]]:
    """The given arguments; a data set is needed, unless the pipeline's YAML names the one to train on."""
    named = recipe.training.dataset if recipe.training and kind == "train" else ""
    if "dataset" not in given and not named:
        raise InvalidJob(f"dataset is missing: name the data set to {kind} on.")
    return given.items()


def _checked_one(key: str, value: Any, recipe: Recipe, datasets: Collection[str]) -> Any:
    if key in NUMBERS:
        return NUMBERS[key].checked(key, value)
    if key == "hyperparameters":
        return narrowed(value, recipe.training.space if recipe.training else {})
    known = {"dataset": datasets, "metric": CLASSIFICATION, "pipeline": (recipe.name,)}[key]
    return one_of({"dataset": "data set"}.get(key, key), value, known)


def narrowed(values: Any, spaces: Mapping[str, Suggestion]) -> dict[str, Any]:
    """Flat hyperparameters, each a value or a search space inside the one that the pipeline has for it."""
    require_shallow(values)
    flat = flatten(values)
    return {name: _inside(name, flat[name], spaces[one_of("hyperparameter", name, spaces)]) for name in flat}


def _inside(name: str, value: Any, space: Suggestion) -> Any:
    if isinstance(value, Mapping):
        return narrower(name, value, space).to_dict()
    if space.suggest == "categorical":
        return choice(name, value, space)
    return _limits(space).checked(name, value)


def narrower(name: str, values: Mapping[str, Any], space: Suggestion) -> Suggestion:
    """A search space inside another: of the same kind and step, on the same scale."""
    keys = ("suggest", "choices") if space.choices else ("suggest", "low", "high", "log")
    for key in values:
        one_of(f"key of the search space of {name}", key, keys)
    one_of("kind of search space here", values.get("suggest"), (space.suggest,))
    return _fewer_choices(name, values, space) if space.choices else _smaller_range(name, values, space)


def _fewer_choices(name: str, values: Mapping[str, Any], space: Suggestion) -> Suggestion:
    chosen = values.get("choices")
    if not isinstance(chosen, list | tuple) or not chosen:
        raise InvalidJob(f"{name}: choices is a list of some of {listing(map(str, space.choices))}.")
    return Suggestion("categorical", choices=tuple(choice(name, value, space) for value in chosen))


def _smaller_range(name: str, values: Mapping[str, Any], space: Suggestion) -> Suggestion:
    if values.get("log", space.log) is not space.log:
        raise InvalidJob(f"{name} is searched with log={space.log}; that cannot be changed here.")
    low, high = (_limits(space).checked(name, values.get(end, getattr(space, end))) for end in ("low", "high"))
    try:
        return Suggestion(space.suggest, low=low, high=high, log=space.log, step=space.step)
    except ConfigError as error:
        raise InvalidJob(f"{name}: {error}") from error


def choice(name: str, value: Any, space: Suggestion) -> Any:
    """The pipeline's own choice that equals a value."""
    for known in space.choices:
        if type(known) is type(value) and known == value:
            return known
    raise InvalidJob(f"{name} is one of {listing(map(str, space.choices))}; got {shown(value)}.")


def _limits(space: Suggestion) -> Range:
    low, high = (math.inf if end is None else end for end in (space.low, space.high))
    return Range(low, high, whole=space.suggest == "int")


def require_shallow(values: Any, levels: int = DEEPEST) -> None:
    """Refuse what is no mapping of text to plain values and mappings, or is nested too deeply."""
    if not isinstance(values, Mapping) or not levels:
        raise InvalidJob(f"hyperparameters are names with values or search spaces, at most {DEEPEST} levels deep.")
    for inner in values.values():
        if isinstance(inner, Mapping):
            require_shallow(inner, levels - 1)


def one_of(kind: str, value: Any, known: Collection[str]) -> str:
    """The value, when it is one of the known words; else `InvalidJob`, or `UnknownName` with the nearest one."""
    if not isinstance(value, str):
        raise InvalidJob(f"A {kind} is text, got {shown(value)}.")
    if value not in known:
        raise UnknownName(kind, value[:80], known)
    return value


def shown(value: Any, most: int = 60) -> str:
    """The start of a value, as a message may show it."""
    text = repr(value) if isinstance(value, str | int | float | bool | None) else f"a {type(value).__name__}"
    return text if len(text) <= most else f"{text[:most]}..."
