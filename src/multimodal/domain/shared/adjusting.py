"""Adjusting: a pipeline with the thresholds that its user wants, whatever its recipe or its training say.

    Threshold ......... one threshold in force, as a table shows it
    Own ............... a value that the user gave, and where
    threshold_names ... what can be set of a recipe: the limits of its rule, else the score's `accept` and `reject`;
                        and the ranges in which it can tell (`cannot_tell.MEASURE`)
    thresholds_of ..... those of a pipeline, as they are in force
    adjusted .......... the same pipeline with other values
    with_own_ranges ... the same recipe with other values of `cannot_tell`

A rule is set by its limits. A trained one has a calibration, which moves the place where its label flips; so its limit
in force is that place, not the parameter of its recipe. Once a limit is set the calibration's biases are left out and
the likeliest label decides: the label then flips exactly at the limit, and the scores go on falling towards it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from .calibration import Calibration, Thresholds
from .decision import Decision
from .errors import refuse_unknown
from .estimators import RuleBasedEstimator, RuleBasedModel, two_columns
from .limits import Limit, Side, crossing
from .making import tuned
from .pipelines import InferencePipeline
from .recipe import Abstention, Recipe, Resolve

SCORES = ("reject", "accept")
RANGE = "cannot_tell."
CERTAIN = 1e-6  # scores so near to 0 or 1 have no logarithm of their odds


@dataclass(frozen=True)
class Own:
    """A value that the user gave. source: where."""

    value: float
    source: str


@dataclass(frozen=True)
class Threshold:
    """One threshold of a pipeline as it is in force.

    measure: what is compared with it. rejects: on which side a capture is rejected (for `accept`: no longer accepted;
    for `cannot_tell`: not judged). source: `recipe`, `trained`, or where the user set it.
    """

    pipeline: str
    property: str
    name: str
    value: float
    unit: str
    measure: str
    rejects: Side
    source: str


def limits_of(recipe: Recipe, resolve: Resolve) -> Mapping[str, Limit]:
    """The limits that the recipe's rule declares; none for what is no rule."""
    if recipe.estimator.kind != "rule":
        return {}
    return dict(getattr(resolve(recipe.estimator.steps[0].use), "limits", {}))


def threshold_names(recipe: Recipe, resolve: Resolve) -> tuple[str, ...]:
    """What can be set of a recipe."""
    return (*(limits_of(recipe, resolve) or SCORES), *ranges(recipe))


def ranges(recipe: Recipe) -> Mapping[str, tuple[int, Side]]:
    """Name -> which abstention of the recipe, and which side of it; a measure with several says its side."""
    sides: tuple[Side, Side] = ("below", "above")
    found = [(i, side) for i, a in enumerate(recipe.cannot_tell) for side in sides if math.isfinite(getattr(a, side))]
    times = Counter(recipe.cannot_tell[i].measure for i, _ in found)
    return {_range_name(recipe.cannot_tell[i], side, times): (i, side) for i, side in found}


def _range_name(abstention: Abstention, side: Side, times: Mapping[str, int]) -> str:
    measure = abstention.measure
    return f"{RANGE}{measure}.{side}" if times[measure] > 1 else f"{RANGE}{measure}"


def with_own_ranges(recipe: Recipe, values: Mapping[str, float]) -> Recipe:
    """The recipe with these values of `cannot_tell.MEASURE`; other names are left alone."""
    abstentions = list(recipe.cannot_tell)
    for name, (number, side) in ranges(recipe).items():
        if name in values:
            changes: dict[str, float] = {side: values[name]}
            abstentions[number] = replace(abstentions[number], **changes)  # type: ignore[arg-type]
    return replace(recipe, cannot_tell=tuple(abstentions))


def thresholds_of(pipeline: InferencePipeline, own: Mapping[str, Own] | None = None) -> tuple[Threshold, ...]:
    """All thresholds of a pipeline as they are in force; `own` are those that the user set."""
    rule = _limited(pipeline)
    judged = _limits(pipeline, rule) if rule else _scores(pipeline)
    origin = "recipe" if pipeline.version == "rule" else "trained"
    found = (*judged, *_ranges(pipeline.recipe))
    sources = {t.name: "recipe" if t.name.startswith(RANGE) else origin for t in found}
    sources |= {name: mine.source for name, mine in (own or {}).items()}
    return tuple(replace(t, source=sources[t.name]) for t in found)


def adjusted(pipeline: InferencePipeline, values: Mapping[str, float]) -> InferencePipeline:
    """The pipeline with these thresholds; `UnknownName` for one that it has not, `ConfigError` for what cannot be.

    Of `accept` and `reject` one alone moves the other out of its way.
    """
    if not values:
        return pipeline
    known = {t.name: t.value for t in thresholds_of(pipeline)}
    refuse_unknown(f"threshold of {pipeline.name}", values, known)
    changed = replace(pipeline, recipe=with_own_ranges(pipeline.recipe, values), own={**pipeline.own, **values})
    judged = {name: value for name, value in values.items() if not name.startswith(RANGE)}
    if not judged:
        return changed
    return _with_limits(changed, judged) if _limited(pipeline) else _with_scores(changed, judged)


def _limited(pipeline: InferencePipeline) -> RuleBasedModel | None:
    """The pipeline's rule, if it has limits."""
    estimator = pipeline.estimator
    return estimator.rule if isinstance(estimator, RuleBasedEstimator) and estimator.rule.limits else None


def _limits(pipeline: InferencePipeline, rule: RuleBasedModel) -> list[Threshold]:
    recipe, names = pipeline.recipe, pipeline.features.names
    return [
        Threshold(recipe.name, recipe.property, name, value, recipe.unit, names[limit.column], limit.rejects, source="")
        for name, limit in rule.limits.items()
        for value in [_in_force(pipeline.decision, rule, name, limit)]
    ]


def _scores(pipeline: InferencePipeline) -> list[Threshold]:
    recipe, values = pipeline.recipe, pipeline.decision.thresholds.to_dict()
    return [
        Threshold(recipe.name, recipe.property, name, value, "", "score", "below", source="")
        for name, value in values.items()
    ]


def _ranges(recipe: Recipe) -> list[Threshold]:
    return [
        Threshold(recipe.name, recipe.property, name, getattr(abstention, side), "", abstention.measure, side, "")
        for name, (number, side) in ranges(recipe).items()
        for abstention in [recipe.cannot_tell[number]]
    ]


def _in_force(decision: Decision, rule: RuleBasedModel, name: str, limit: Limit) -> float:
    """The value at which the decision flips when nothing else is wrong; in a band, its middle."""
    good = next(i for i, label in enumerate(rule.labels) if label in decision.property.accepted)
    table = np.zeros((1, max(rule.columns, limit.column + 1)))

    def rise(value: float) -> float:
        table[0, limit.column] = value
        logits = two_columns(rule.margins(table))[0]
        return float(logits[limit.label] - logits[good])

    target = _margin(decision, rule.labels[limit.label], rule.labels[good])
    return crossing(rise, float(getattr(rule, name)), target)


def _margin(decision: Decision, bad: str, good: str) -> float:
    """How far a rejecting label has to be above the accepted one, in logits of the estimator, to be decided for."""
    if decision.by_label:
        return 0.0
    bias = dict(zip(decision.property.labels, decision.calibration.bias, strict=True))
    middle = (decision.thresholds.accept + decision.thresholds.reject) / 2
    odds = math.log(max(1 - middle, CERTAIN) / max(middle, CERTAIN))
    return (bias[good] - bias[bad] + odds) / decision.calibration.scale


def _with_limits(pipeline: InferencePipeline, values: Mapping[str, float]) -> InferencePipeline:
    """A rule with these limits; those that are not among them stay where they are in force."""
    rule = _limited(pipeline)
    assert rule is not None
    kept = {t.name: t.value for t in _limits(pipeline, rule)}
    limits = kept | dict(values)
    own = type(rule)(**(rule.get_params(deep=False) | limits))
    scale = pipeline.decision.calibration.scale
    calibration = Calibration(scale, (0.0,) * len(pipeline.decision.property.labels))
    decision = replace(pipeline.decision, calibration=calibration, thresholds=Thresholds(), by_label=True)
    return replace(
        pipeline, recipe=tuned(pipeline.recipe, limits), estimator=RuleBasedEstimator(own), decision=decision
    )


def _with_scores(pipeline: InferencePipeline, values: Mapping[str, float]) -> InferencePipeline:
    """The decision with these thresholds of the score."""
    reject, accept = pipeline.decision.thresholds.reject, pipeline.decision.thresholds.accept
    reject = values.get("reject", min(reject, values.get("accept", reject)))
    accept = values.get("accept", max(accept, reject))
    return replace(pipeline, decision=replace(pipeline.decision, thresholds=Thresholds(reject, accept)))
