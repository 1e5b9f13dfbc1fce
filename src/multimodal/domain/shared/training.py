"""Training: tune, refit, calibrate, score once, track.

    TrainingArguments .. what to search, on which data, how long, for which metric (see arguments.py)
    Trainer ............ a feature table and an estimator in, a `Trained` model out

The trainer splits by group. It tunes by cross-validation inside the training part, refits there, calibrates and chooses
the thresholds on the validation part, and scores once on the test part, which nothing before has seen. What came out is
tracked here and nowhere above.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arguments import Suggestion, TrainingArguments
from .calibration import Calibration, Thresholds
from .data import FeatureTable
from .decision import Decision
from .errors import MissingExtra
from .estimators import Estimator, safe_log
from .evaluation import Interval, Metric, get_metric, group_folds, split_by_group
from .modality import Property
from .ports import Plan, Progress, Search, Tracker, TrainingRun, Tuner, silent
from .resampling import Sheet, intervals

TOOLS = ("sklearn", "optuna", "skl2onnx", "jinja2", "matplotlib")
RESAMPLES = 400
FEW = 60
"""Groups of the training part below which a known estimator is taken over unseen, see docs/training.md."""
USUAL = 40
"""Groups that move thresholds half the way from what was known to what was found."""

__all__ = ["Suggestion", "Trained", "Trainer", "TrainingArguments"]


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training gives: the fitted estimator, how its answers are read, and what it reached.

    metrics: part -> metric -> figure with interval. splits: row numbers of the table, by part. taken_over: whether the
    estimator is the known one, which nothing of this table has changed; only how its answers are read was learned.
    """

    estimator: Estimator
    values: Mapping[str, Any]
    decision: Decision
    metrics: Mapping[str, Mapping[str, Interval]]
    splits: Mapping[str, NDArray[np.intp]]
    search: Search | None
    taken_over: bool = False


@dataclass(frozen=True, eq=False)
class Known:
    """A fitted estimator that has seen nothing of a table, and how its answers are read so far."""

    estimator: Estimator
    decision: Decision


Make = Callable[[Mapping[str, Any]], Estimator]
Keep = Callable[[Trained], TrainingRun]


class Trainer:
    """Tunes by cross-validation, refits, calibrates on validation data, scores once on untouched test data.

    study: what the search is about, so that it can be resumed.
    """

    def __init__(
        self,
        arguments: TrainingArguments,
        property: Property,
        tuner: Tuner,
        progress: Progress = silent,
        *,
        study: str = "",
        resume: bool = False,
    ) -> None:
        self.arguments = arguments
        self.property = property
        self.tuner = tuner
        self.progress = progress
        self.study = study
        self.resume = resume

    def train(
        self, make: Make, table: FeatureTable, keep: Keep, tracker: Tracker, known: Known | None = None
    ) -> TrainingRun:
        """`fit`, then let `keep` say what is worth remembering, and have it remembered."""
        run = keep(self.fit(make, table, known))
        tracker.log_run(run)
        return run

    def fit(self, make: Make, table: FeatureTable, known: Known | None = None) -> Trained:
        """The best model that the search finds; `make(values)` gives an unfitted estimator with these parameters.

        known: where its estimator does better in the cross-validation than what can be learned here, or the training
        part has fewer than `FEW` groups, it is taken over as it is; then the training part serves to calibrate it, too.
        """
        splits = self.split(table)
        inside = table.rows(splits["train"])
        search = self._search(make, inside)
        values = {**self.arguments.fixed, **(search.best.values if search else {})}
        taken = known if known is not None and self._is_better(known.estimator, make(values), inside) else None
        if taken is not None:
            estimator: Estimator = taken.estimator
            decision = self._adjusted(taken, table.rows(np.concatenate([splits["train"], splits["validation"]])))
        else:
            estimator = make(values).fit(inside.features, inside.labels)
            decision = self._calibrate(estimator, table.rows(splits["validation"]))
        metrics = {
            part: score(estimator, decision, table.rows(rows), resamples=RESAMPLES if part == "test" else 0)
            for part, rows in splits.items()
        }
        return Trained(estimator, values, decision, metrics, splits, search, taken is not None)

    def split(self, table: FeatureTable) -> dict[str, NDArray[np.intp]]:
        """Row numbers of train, validation and test: as the data set says, else stratified by group."""
        a = self.arguments
        test, held = table.splits == "test", table.splits == "validation"
        if not test.any():
            free = np.flatnonzero(table.splits == "")
            test[free[split_by_group(table.labels[free], table.groups[free], a.test, a.seed)]] = True
        rest = np.flatnonzero(~test)
        if not held.any():
            share = a.validation / (1 - a.test)
            held[rest[split_by_group(table.labels[rest], table.groups[rest], share, a.seed + 1)]] = True
        parts = {"train": ~(test | held), "validation": held, "test": test}
        return {name: np.flatnonzero(mask) for name, mask in parts.items()}

    def _search(self, make: Make, table: FeatureTable) -> Search | None:
        a = self.arguments
        if not a.space or not a.trials:
            return None
        folds, metric = self._folds(table), get_metric(a.metric)

        def objective(values: Mapping[str, Any]) -> Iterator[float]:
            for fold in folds:
                yield self._fold(make({**a.fixed, **values}), metric, table, fold)

        study = f"{self.study}/{about(a, table)}" if self.study else ""
        plan = Plan(metric.maximise, a.trials, a.minutes, a.seed, study, self.resume)
        return self.tuner.search(a.space, objective, plan, self.progress)

    def _folds(self, table: FeatureTable) -> list[NDArray[np.intp]]:
        a = self.arguments
        return group_folds(table.labels, table.groups, min(a.folds, len(np.unique(table.groups))), a.seed)

    def _is_better(self, known: Estimator, other: Estimator, table: FeatureTable) -> bool:
        """Whether a fitted estimator beats one that is fitted anew in each fold, on average over the folds.

        With few groups it is taken to do so: what was learned from them knows their faults by the way they were made.
        """
        if len(np.unique(table.groups)) < FEW:
            return True
        metric, plain = get_metric(self.arguments.metric), Decision.plain(self.property)
        folds = self._folds(table)
        theirs = float(np.mean([figure(metric, plain, known, table.rows(fold)) for fold in folds]))
        ours = float(np.mean([self._fold(other, metric, table, fold) for fold in folds]))
        return theirs > ours if metric.maximise else theirs < ours

    def _fold(self, estimator: Estimator, metric: Metric, table: FeatureTable, held_out: NDArray[np.intp]) -> float:
        mask = np.ones(len(table), bool)
        mask[held_out] = False
        inside, outside = table.rows(mask), table.rows(held_out)
        decision = Decision.plain(self.property)
        return figure(metric, decision, estimator.fit(inside.features, inside.labels), outside)

    def _adjusted(self, known: Known, table: FeatureTable) -> Decision:
        """How a known estimator's answers are read here: few groups change little of how they were read so far."""
        before = known.decision
        groups = len(np.unique(table.groups))
        log_proba = safe_log(before.predicted(known.estimator, table.features))
        truth = true_labels(self.property, table)
        targets = np.array([self.property.labels.index(label) for label in truth])
        change = Calibration.fit(log_proba, targets, np.full(len(table), groups / len(table)))
        calibration = before.calibration.followed_by(change)
        scores = before.scores(change.apply(log_proba))
        a = self.arguments
        good = np.isin(truth, list(self.property.accepted))
        own = Thresholds.choose(scores, good, wrong=a.wrong, undecided=a.undecided)
        return Decision(self.property, calibration, before.thresholds.towards(own, groups / (groups + USUAL)))

    def _calibrate(self, estimator: Estimator, table: FeatureTable) -> Decision:
        plain = Decision.plain(self.property)
        log_proba = plain.collapse(estimator.log_proba(table.features), estimator.classes_)
        truth = true_labels(self.property, table)
        calibration = Calibration.fit(log_proba, np.array([self.property.labels.index(label) for label in truth]))
        scores = plain.scores(calibration.apply(log_proba))
        good = np.isin(truth, list(self.property.accepted))
        a = self.arguments
        return Decision(
            self.property, calibration, Thresholds.choose(scores, good, wrong=a.wrong, undecided=a.undecided)
        )


def require_tools() -> None:
    """`MissingExtra` where what a training needs is not installed: to be asked before anything is measured."""
    if not all(find_spec(package) for package in TOOLS):
        raise MissingExtra("train", "Training")


def about(arguments: TrainingArguments, table: FeatureTable) -> str:
    """What a search depends on, in a few letters: its arguments but for its length, and the table."""
    plain = arguments.but(trials=0, minutes=None).to_dict()
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode())
    for part in (table.features, table.labels, table.groups, table.splits):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:16]


def true_labels(property: Property, table: FeatureTable) -> NDArray[np.str_]:
    """The property's label of each row, finer kinds brought together."""
    return np.array([property.label_of(str(label)) for label in table.labels])


def figure(metric: Metric, decision: Decision, estimator: Estimator, table: FeatureTable) -> float:
    """One metric of a fitted estimator on a table."""
    probabilities = decision.predicted(estimator, table.features)
    given = decision.forced(probabilities) if metric.needs == "labels" else probabilities
    return metric(true_labels(decision.property, table), given, decision.property.labels)


def score(
    estimator: Estimator, decision: Decision, table: FeatureTable, *, resamples: int = RESAMPLES
) -> dict[str, Interval]:
    """All classification metrics, and the share of rows that is decided at all, with intervals over groups."""
    probabilities = decision.predicted(estimator, table.features)
    sheet = Sheet.of(
        decision.property.labels,
        true_labels(decision.property, table),
        table.groups,
        given=decision.forced(probabilities),
        probabilities=probabilities,
        decided=decision.decided(probabilities),
    )
    return intervals(sheet, resamples=resamples)
