"""Examination: all that an evaluation finds about a pipeline on labelled captures, as one frozen value.

    Material ...... what it was examined on
    answers_of .... how a pipeline answers a feature table, exactly as it serves
    examine ....... answers + material -> Examination

Two views stand side by side. Metrics, classes, curves and comparison ask what the scores are worth: there the middle of
the thresholds decides every row. Confusion, abstention, breakdowns and mistakes show what is served: there
`cannot_tell` is an answer, and neither right nor wrong.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .breakdown import Groups, Marks, Slice, by_facts, by_group, shortened
from .comparison import Comparison
from .curves import Curves
from .data import FeatureTable
from .errors import DataError
from .estimators import Floats
from .evaluation import Interval
from .pipelines import InferencePipeline
from .resampling import Sheet, bootstrap, class_figures, even, intervals, spread
from .results import Prediction
from .sample import Capture
from .training import true_labels

ACCEPTED = "accepted"
MISTAKES = 60
HISTOGRAM = 20  # bins of the scores
RESAMPLES = 400


@dataclass(frozen=True)
class Material:
    """What a pipeline is examined on. captures: all of the data set. The counts: what of it was left out, and why."""

    name: str
    digest: str
    captures: Sequence[Capture]
    broken: int = 0
    seen: int = 0
    unlabelled: int = 0


@dataclass(frozen=True)
class ClassFigures:
    """How one label is recognised; support: rows that have it."""

    precision: Interval
    recall: Interval
    f1: Interval
    support: int


@dataclass(frozen=True)
class Abstentions:
    """How often there was no answer and why, and how often it was wrong when there was one."""

    undecided: int
    reasons: Mapping[str, int]
    decided_wrong: Interval


@dataclass(frozen=True)
class Mistake:
    """A wrong answer. position: in the data set. confidence: the probability that the pipeline gave its answer."""

    position: int
    name: str
    group: str
    label: str
    answer: str
    score: float
    confidence: float


@dataclass(frozen=True)
class Examination:
    """All that was found. scores: label -> counts in 20 equal bins of the score. confusion: label -> answer -> rows.

    calibration_error: of the score, from 0 (it means what it says) to 1; not-a-number where only one sort is there.
    """

    pipeline: str
    model: str
    property: str
    labels: tuple[str, ...]
    accepted: tuple[str, ...]
    dataset: str
    digest: str
    rows: int
    broken: int
    seen: int
    unlabelled: int
    groups: Groups
    metrics: Mapping[str, Interval]
    classes: Mapping[str, ClassFigures]
    confusion: Mapping[str, Mapping[str, int]]
    abstentions: Abstentions
    facts: Mapping[str, tuple[Slice, ...]] = field(default_factory=dict)
    curves: tuple[Curves, ...] = ()
    calibration_error: float = float("nan")
    scores: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()
    comparison: Comparison | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON: an interval is [value, low, high], not-a-number is None."""
        return {name: plain(value) for name, value in vars(self).items()}


@dataclass(frozen=True, eq=False)
class Answers:
    """A pipeline's answers to a table: as served, and the sheet that metrics are computed on."""

    pipeline: InferencePipeline
    table: FeatureTable
    served: Sequence[Prediction]
    sheet: Sheet

    @property
    def truth(self) -> NDArray[np.str_]:
        """The property's label of each row."""
        return np.array(self.sheet.labels)[self.sheet.truth]


def answers_of(pipeline: InferencePipeline, table: FeatureTable) -> Answers:
    """How the pipeline answers each row; `DataError` when there is none, or one without a label of the property."""
    if not len(table):
        raise DataError(f"There is no labelled capture to examine {pipeline.name} on.")
    decision = pipeline.decision
    truth = true_labels(decision.property, table)
    foreign = sorted({str(label) for label in truth if label not in decision.property.labels})
    if foreign:
        raise DataError(f"{foreign[0]!r} is no label of {pipeline.recipe.property}; leave such captures out.")
    served = pipeline.predict_features(table.features)
    probabilities = decision.predicted(pipeline.estimator, table.features)
    sheet = Sheet.of(
        decision.property.labels,
        truth,
        table.groups,
        given=decision.forced(probabilities),
        probabilities=probabilities,
        decided=np.array([answer.accepted is not None for answer in served]),
    )
    return Answers(pipeline, table, served, sheet)


def examine(answers: Answers, material: Material, comparison: Comparison | None = None) -> Examination:
    """Everything that can be found from a pipeline's answers to labelled rows."""
    pipeline, sheet, truth = answers.pipeline, answers.sheet, answers.truth
    labels = np.array([answer.label for answer in answers.served])
    undecided = ~sheet.decided
    scores = pipeline.decision.scores(sheet.probabilities)
    marks = Marks(sheet.decided & (labels != truth), undecided, scores)
    good = np.isin(truth, list(pipeline.decision.property.accepted))
    curves = _curves(sheet, scores, good)
    return Examination(
        pipeline=pipeline.name,
        model=pipeline.model,
        property=pipeline.recipe.property,
        labels=sheet.labels,
        accepted=tuple(sorted(pipeline.decision.property.accepted)),
        dataset=material.name,
        digest=material.digest,
        rows=len(sheet),
        broken=material.broken,
        seen=material.seen,
        unlabelled=material.unlabelled,
        groups=by_group(marks, answers.table.groups),
        metrics=intervals(sheet, resamples=RESAMPLES),
        classes=_classes(sheet),
        confusion=_confusion(truth, labels),
        abstentions=_abstentions(answers, marks),
        facts=by_facts(marks, answers.table.facts),
        curves=curves,
        calibration_error=curves[0].reliability.error if curves else float("nan"),
        scores=_histogram(sheet, truth, scores),
        mistakes=_mistakes(answers, marks, material),
        comparison=comparison,
    )


def _curves(sheet: Sheet, scores: Floats, good: NDArray[np.bool_]) -> tuple[Curves, ...]:
    """Acceptance first; with more than two labels each of them against the rest; none where all rows are alike."""
    wanted = [(ACCEPTED, scores, good)]
    if len(sheet.labels) > 2:
        wanted += [(name, sheet.probabilities[:, i], sheet.truth == i) for i, name in enumerate(sheet.labels)]
    return tuple(
        Curves.of(name, np.clip(column, 0, 1), positive)
        for name, column, positive in wanted
        if positive.any() and not positive.all()
    )


def _classes(sheet: Sheet) -> dict[str, ClassFigures]:
    weights = np.concatenate([even(sheet), bootstrap(sheet.groups, RESAMPLES, seed=0)])
    found = class_figures(sheet, weights)
    support = np.bincount(sheet.truth, minlength=len(sheet.labels)).tolist()
    return {
        label: ClassFigures(**{name: spread(v[0, i], v[1:, i]) for name, v in found.items()}, support=support[i])
        for i, label in enumerate(sheet.labels)
    }


def _confusion(truth: NDArray[np.str_], answers: NDArray[np.str_]) -> dict[str, dict[str, int]]:
    counts = Counter(zip(truth.tolist(), answers.tolist(), strict=True))
    return {
        label: {answer: counts[label, answer] for answer in np.unique(answers).tolist() if counts[label, answer]}
        for label in np.unique(truth).tolist()
    }


def _abstentions(answers: Answers, marks: Marks) -> Abstentions:
    silent = [answer for answer in answers.served if answer.accepted is None]
    reasons = Counter(answer.reason or "the score lies between the thresholds" for answer in silent)
    return Abstentions(len(silent), dict(reasons.most_common()), _decided_wrong(answers.sheet, marks))


def _decided_wrong(sheet: Sheet, marks: Marks) -> Interval:
    """The share of wrong answers among those that were given, with its interval over groups."""
    weights = np.concatenate([even(sheet), bootstrap(sheet.groups, RESAMPLES, seed=0)])
    wrong, given = (weights @ np.bincount(sheet.group, column, sheet.groups) for column in (marks.wrong, sheet.decided))
    shares = np.divide(wrong, given, out=np.full(len(given), np.nan), where=given > 0)
    return spread(shares[0], shares[1:])


def _histogram(sheet: Sheet, truth: NDArray[np.str_], scores: Floats) -> dict[str, tuple[int, ...]]:
    return {
        label: tuple(np.histogram(np.clip(scores[truth == label], 0, 1), HISTOGRAM, (0.0, 1.0))[0].tolist())
        for label in sheet.labels
    }


def _mistakes(answers: Answers, marks: Marks, material: Material) -> tuple[Mistake, ...]:
    """The most confident ones first."""
    truth, table, served = answers.truth, answers.table, answers.served
    index = (table.index if len(table.index) else np.arange(len(table))).tolist()
    found = [
        Mistake(
            position=index[row],
            name=material.captures[index[row]].name,
            group=shortened(str(table.groups[row])),
            label=str(truth[row]),
            answer=served[row].label,
            score=served[row].score,
            confidence=served[row].probabilities[served[row].label],
        )
        for row in np.flatnonzero(marks.wrong).tolist()
    ]
    return tuple(sorted(found, key=lambda m: (-m.confidence, m.position))[:MISTAKES])


def plain(value: Any) -> Any:
    """A frozen value as dicts, lists, texts and numbers."""
    if isinstance(value, Interval):
        return [plain(number) for number in (value.value, value.low, value.high)]
    if is_dataclass(value):
        return {name: plain(part) for name, part in vars(value).items()}
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(part) for key, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(part) for part in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()  # names of files may hold what is no UTF-8
    return None if isinstance(value, float) and not math.isfinite(value) else value
