"""The user's thresholds: what they write becomes a value for each threshold of each pipeline.

    Layer ...... one source of them: {"image/noise": {"threshold": 6.0}, "blur_laplacian": {"threshold": 80}}
    assigned ... `noise.threshold=6` -> such a mapping
    with_own ... the catalogue whose pipelines are put in place with the user's thresholds

A target is a property (`image/noise`, or `noise`) or a pipeline. A property's value goes to all of its pipelines that
have a threshold of that name; a pipeline's own goes over it, and a later layer goes over an earlier one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..domain.shared.adjusting import Own, threshold_names
from ..domain.shared.errors import ConfigError, QualityError, UnknownName
from ..domain.shared.recipe import Recipe
from .catalog import Catalog

DECIDES = "decides"
Values = Mapping[str, float | bool]
FORM = "A threshold is set as PROPERTY.NAME=VALUE, such as noise.threshold=6"


@dataclass(frozen=True)
class Layer:
    """What one source says: target -> name -> value."""

    source: str
    values: Mapping[str, Values]


def assigned(texts: Iterable[str]) -> dict[str, dict[str, float | bool]]:
    """Targets and values of `TARGET.NAME=VALUE`; the last one of the same name holds.

    >>> assigned(["noise.threshold=6", "image/blur.cannot_tell.texture=1.0", "saturation.decides=false"])
    {'noise': {'threshold': 6.0}, 'image/blur': {'cannot_tell.texture': 1.0}, 'saturation': {'decides': False}}
    """
    found: dict[str, dict[str, float | bool]] = {}
    for text in texts:
        left, equals, right = (part.strip() for part in text.partition("="))
        target, dot, name = left.partition(".")
        if not (equals and dot and target and name):
            raise ConfigError(f"{FORM}; got {text!r}.")
        found.setdefault(target, {})[name] = value_of(right, text)
    return found


def value_of(word: str, text: str) -> float | bool:
    """A number, or true or false."""
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    try:
        return float(word)
    except ValueError:
        raise ConfigError(f"{FORM}; {word!r} in {text!r} is no number.") from None


def flat(values: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Names with dots for nested ones.

    >>> flat({"cannot_tell": {"texture": 1.0}, "accept": 0.7})
    {'cannot_tell.texture': 1.0, 'accept': 0.7}
    """
    found: dict[str, object] = {}
    for name, value in values.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {prefix + name: value}
    return found


def layer(source: str, written: Mapping[str, object]) -> Layer:
    """What a file says as a layer; `ConfigError` for what is no mapping of names to numbers."""
    values: dict[str, Values] = {}
    for target, entry in written.items():
        if not isinstance(entry, Mapping):
            raise ConfigError(f"{source}: {target} is written {{threshold: 6.0}}, got {entry!r}.")
        values[target] = {name: checked(f"{source}: {target}.{name}", value) for name, value in flat(entry).items()}
    return Layer(source, values)


def checked(name: str, value: object) -> float | bool:
    """A finite number, or true or false."""
    if isinstance(value, bool) or (isinstance(value, int | float) and math.isfinite(value)):
        return value
    raise ConfigError(f"{name} is a number, got {value!r}.")


def with_own(catalog: Catalog, layers: Sequence[Layer]) -> Catalog:
    """The catalogue with the user's thresholds; a mistake is a `ConfigError` that says where and what there is."""
    own: dict[str, dict[str, Own]] = {}
    recipes = dict(catalog.recipes)
    for one in layers:
        try:
            for recipe, name, value in _in_order(catalog, one.values):
                if name == DECIDES:
                    recipes[recipe.name] = replace(recipes[recipe.name], decides=bool(value))
                else:
                    own.setdefault(recipe.name, {})[name] = Own(float(value), one.source)
        except QualityError as error:
            raise ConfigError(f"{one.source}: {error}") from error
    return replace(catalog, recipes=recipes, own=own)


def _in_order(catalog: Catalog, values: Mapping[str, Values]) -> Iterator[tuple[Recipe, str, float | bool]]:
    """Each value with each recipe that it goes to: those of properties first, so that a pipeline's own go over them."""
    for target in sorted(values, key=lambda name: name in catalog.recipes):
        recipes = targets(catalog, target)
        names = {recipe.name: threshold_names(recipe, catalog.resolve) for recipe in recipes}
        for name, value in values[target].items():
            yield from ((recipe, name, value) for recipe in _takers(recipes, names, target, (name, value)))


def targets(catalog: Catalog, target: str) -> Sequence[Recipe]:
    """The recipes that a name stands for: those of a property, or one pipeline; `UnknownName` with the nearest."""
    full = [name for name in catalog.properties if target in (name, name.partition("/")[2])]
    if target in catalog.recipes and catalog.recipes[target].property not in full:
        return [catalog.recipes[target]]
    if len(full) > 1:
        raise ConfigError(f"{target!r} can be each of {', '.join(full)}. Write the full name.")
    if not full:
        short = [name.partition("/")[2] for name in catalog.properties]
        raise UnknownName("property or pipeline", target, [*catalog.properties, *short, *catalog.recipes])
    return [recipe for recipe in catalog.recipes.values() if recipe.property == full[0]]


def _takers(
    recipes: Sequence[Recipe], names: Mapping[str, Sequence[str]], target: str, given: tuple[str, float | bool]
) -> Sequence[Recipe]:
    """Those of the recipes that have such a threshold."""
    name, value = given
    if (name == DECIDES) != isinstance(value, bool):
        wanted = "true or false" if name == DECIDES else "a number"
        raise ConfigError(f"{target}.{name} is {wanted}, got {value!r}.")
    if name == DECIDES:
        return _deciding(recipes, target)
    takers = [recipe for recipe in recipes if name in names[recipe.name]]
    if not takers:
        known = dict.fromkeys(known for recipe in recipes for known in names[recipe.name])
        raise UnknownName(f"threshold of {target}", name, [*known, DECIDES])
    return takers


def _deciding(recipes: Sequence[Recipe], target: str) -> Sequence[Recipe]:
    """Who is meant when a property shall decide or shall not: the one that does, else the only one."""
    chosen = [recipe for recipe in recipes if recipe.decides] or list(recipes)
    if len(chosen) > 1 and not chosen[0].decides:
        names = ", ".join(recipe.name for recipe in chosen)
        raise ConfigError(f"{target} has several pipelines and none decides. Name one of {names}.")
    return chosen
