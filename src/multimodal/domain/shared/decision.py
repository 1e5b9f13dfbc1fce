"""Decision: how an estimator's answers become a property's label, acceptance and score.

log_proba of the estimator's classes  ->  collapsed to the property's labels  ->  calibrated  ->  score  ->  label
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .calibration import Calibration, Thresholds
from .estimators import Estimator, Floats
from .modality import Property
from .results import CANNOT_TELL

IMPOSSIBLE = 1e-13


@dataclass(frozen=True)
class Decision:
    """Reads the answers of one estimator for one property.

    The columns of all tables are the property's labels in order. by_label: the likeliest label decides, whatever the
    thresholds of the score; an accepted one wins a draw.
    """

    property: Property
    calibration: Calibration
    thresholds: Thresholds
    by_label: bool = False

    @classmethod
    def plain(cls, property: Property) -> Decision:
        """No calibration, one threshold in the middle: a rule as it stands."""
        return cls(property, Calibration.identity(len(property.labels)), Thresholds())

    def collapse(self, log_proba: Floats, classes: Sequence[str] | NDArray[np.str_]) -> Floats:
        """Log-probabilities of the estimator's classes (kinds, labels in any order) as those of the labels, (n, k).

        A label without any class is (almost) impossible.
        """
        names = [str(name) for name in classes]
        if names == [*self.property.labels]:
            return log_proba
        belongs = [[self.property.label_of(name) == label for label in self.property.labels] for name in names]
        return np.asarray(np.log(np.exp(log_proba) @ np.array(belongs, float) + IMPOSSIBLE))

    def probabilities(self, log_proba: Floats, classes: Sequence[str] | NDArray[np.str_]) -> Floats:
        """Calibrated probability of each label, (n, k)."""
        return self.calibration.apply(self.collapse(log_proba, classes))

    def scores(self, probabilities: Floats) -> Floats:
        """Probability that the capture is acceptable, (n,)."""
        return np.asarray(probabilities @ np.array(self._good, float))

    def answer(self, probabilities: Sequence[float], score: float) -> tuple[str, bool | None]:
        """Label and acceptance for one row of probabilities (k,) and its score."""
        accepted = self._prefers(probabilities) if self.by_label else self.thresholds.decide(score)
        if accepted is None:
            return CANNOT_TELL, None
        return self._likeliest(probabilities, accepted=accepted), accepted

    def decided(self, probabilities: Floats) -> NDArray[np.bool_]:
        """Which rows get an answer other than `cannot_tell`."""
        rows = zip(probabilities.tolist(), self.scores(probabilities).tolist(), strict=True)
        return np.array([self.answer(row, score)[1] is not None for row, score in rows])

    def forced(self, probabilities: Floats) -> NDArray[np.str_]:
        """The label of each row when abstaining is not allowed: the middle of the two thresholds decides."""
        rows = zip(probabilities.tolist(), self._forced_acceptance(probabilities), strict=True)
        return np.array([self._likeliest(row, accepted=accepted) for row, accepted in rows])

    def predicted(self, estimator: Estimator, features: Floats) -> Floats:
        """Calibrated probabilities that an estimator gives a table, (n, k)."""
        return self.probabilities(estimator.log_proba(features), estimator.classes_)

    def _forced_acceptance(self, probabilities: Floats) -> list[bool]:
        if self.by_label:
            return [self._prefers(row) for row in probabilities.tolist()]
        middle = (self.thresholds.accept + self.thresholds.reject) / 2
        return [bool(score >= middle) for score in self.scores(probabilities)]

    def _prefers(self, row: Sequence[float]) -> bool:
        """Whether no label that is not accepted is likelier than the accepted ones."""
        return max(row[place] for place in self._places[True]) >= max(row[place] for place in self._places[False])

    def _likeliest(self, row: Sequence[float], *, accepted: bool) -> str:
        return self.property.labels[max(self._places[accepted], key=row.__getitem__)]

    @cached_property
    def _good(self) -> list[bool]:
        return [label in self.property.accepted for label in self.property.labels]

    @cached_property
    def _places(self) -> dict[bool, list[int]]:
        """Columns of the labels that are accepted, and of those that are not."""
        return {good: [place for place, each in enumerate(self._good) if each == good] for good in (True, False)}
