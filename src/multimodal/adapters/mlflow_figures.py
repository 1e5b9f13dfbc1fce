"""What of a run becomes parameters, metrics, tags and a data set in MLflow. Only the last needs MLflow.

run_metrics, params_of, run_tags ... of the run
trial_metrics, trial_tags .......... of one trial of its search
dataset_of ......................... what it learned from
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..domain.shared.bundle import Bundle
from ..domain.shared.recipe import Recipe, Step

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

LONGEST_DIGEST = 36  # that MLflow keeps
SOURCES = {"http": ("http", "url"), "https": ("http", "url"), "s3": ("s3", "uri")}  # scheme -> MLflow's type and key


@dataclass(frozen=True)
class Figure:
    """One metric. step: a fold's number, else 0."""

    name: str
    value: float
    step: int = 0


def milliseconds(moment: str) -> int:
    """Since 1970, of a moment in ISO 8601.

    >>> milliseconds("1970-01-01T00:00:01+00:00")
    1000
    """
    return round(1000 * datetime.fromisoformat(moment).timestamp())


def run_metrics(bundle: Bundle, facts: Mapping[str, Any]) -> Iterator[Figure]:
    """Each metric of each split (`test.roc_auc`) with its interval (`.low`, `.high`); undefined ones are left out."""
    for part, metrics in bundle.metrics.items():
        for name, values in metrics.items():
            for suffix, value in zip(("", ".low", ".high"), values, strict=True):
                if value is not None:
                    yield Figure(f"{part}.{name}{suffix}", value)
    if (best := best_of(facts)) and best["score"] is not None:
        yield Figure("search.score", best["score"])


def params_of(bundle: Bundle, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, and the values that came out; flat."""
    recipe, best = bundle.recipe, best_of(facts)
    return {
        "pipeline": recipe.name,
        "property": recipe.property,
        "estimator": recipe.estimator.kind,
        "features": len(bundle.data.get("features", ())),
        **steps("transformers", {str(i): step for i, step in enumerate(recipe.transformers)}),
        **steps("estimator", {step.name: step for step in recipe.estimator.steps}),
        **training(recipe),
        **{f"threshold.{name}": value for name, value in bundle.thresholds.to_dict().items()},
        **({"search.best_trial": best["number"]} if best else {}),
    }


def steps(group: str, named: Mapping[str, Step]) -> dict[str, Any]:
    """`GROUP.NAME` is the class, `GROUP.NAME.PARAMETER` a value of it."""
    values = {f"{group}.{name}": step.use for name, step in named.items()}
    for name, step in named.items():
        values |= {f"{group}.{name}.{key}": value for key, value in step.parameters.items()}
    return values


def training(recipe: Recipe) -> dict[str, Any]:
    """`training.ARGUMENT`, defaults included; `training.hyperparameters.NAME` is JSON where it is a search space."""
    if recipe.training is None:
        return {}
    asked = {f.name: getattr(recipe.training, f.name) for f in fields(recipe.training) if f.name != "hyperparameters"}
    asked |= {f"hyperparameters.{name}": value for name, value in recipe.training.hyperparameters.items()}
    return {
        f"training.{name}": json.dumps(dict(value)) if isinstance(value, Mapping) else value
        for name, value in asked.items()
    }


def run_tags(bundle: Bundle, facts: Mapping[str, Any]) -> dict[str, str]:
    """Where it ran, which model came out, and what the data set is called; MLflow's own names where it has some."""
    around = dict(facts["surroundings"])
    tags = {f"environment.{name}": value for name, value in around.items()}
    tags |= {"mlflow.source.type": "LOCAL", "mlflow.source.name": f"multimodal train {bundle.recipe.name}"}
    tags |= {"mlflow.source.git.commit": around["git.commit"]} if "git.commit" in around else {}
    return tags | {
        "multimodal.version": bundle.version,
        "multimodal.dataset": str(bundle.data.get("name", "")),
        "multimodal.dataset.digest": str(bundle.data.get("digest", "")),
    }


def trial_metrics(trial: Mapping[str, Any]) -> Iterator[Figure]:
    """The score, and that of each fold as a step."""
    if trial["score"] is not None:
        yield Figure("score", trial["score"])
    for number, value in enumerate(trial["steps"]):
        if value is not None:
            yield Figure("fold", value, number)


def trial_tags(trial: Mapping[str, Any]) -> dict[str, str]:
    """Its number, and whether it was given up."""
    return {"multimodal.trial": str(trial["number"]), "multimodal.pruned": str(trial["pruned"]).lower()}


def best_of(facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The best trial of the search, if there was one."""
    return next((trial for trial in facts["trials"] if trial["number"] == facts["best"]), None)


def dataset_of(bundle: Bundle, facts: Mapping[str, Any]) -> DatasetInput:
    """The data set with its digest, where it came from, and how many captures of each label are in each split."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    kind, key = SOURCES.get(urlsplit(facts["source"]).scheme, ("local", "uri"))
    return DatasetInput(
        Dataset(
            name=str(bundle.data.get("name") or bundle.recipe.name)[:500],
            digest=str(bundle.data.get("digest", ""))[:LONGEST_DIGEST],
            source_type=kind,
            source=json.dumps({key: facts["source"]}),
            profile=json.dumps(bundle.data.get("splits", {})),
        ),
        [InputTag("mlflow.data.context", "training")],
    )
