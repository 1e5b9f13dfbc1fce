"""Calibration: log-probabilities become probabilities that mean what they say, and two thresholds a decision.

    Calibration ... softmax(scale * log_proba + bias): Platt scaling for two labels, its generalisation for more
    Thresholds .... accepted above one, rejected below the other, `cannot_tell` between

Sources: Platt (1999), "Probabilistic outputs for support vector machines"; Guo et al. (2017), "On calibration of
modern neural networks" (temperature and vector scaling).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import ConfigError, TrainingError
from .estimators import Floats, log_softmax

STRENGTH = 1.0  # of the pull towards "no change", in rows: matters only on tiny validation sets


@dataclass(frozen=True)
class Calibration:
    """softmax(scale * log_proba + bias), one bias a label (they sum to 0).

    >>> Calibration.identity(2).apply(np.log(np.array([[0.2, 0.8]]))).round(3).tolist()
    [[0.2, 0.8]]
    """

    scale: float
    bias: tuple[float, ...]

    def __post_init__(self) -> None:
        if not (np.isfinite(self.scale) and np.isfinite(self.bias).all() and self.scale > 0):
            raise ConfigError(f"A calibration needs a positive scale and finite biases, got {self.scale}, {self.bias}.")

    @classmethod
    def identity(cls, labels: int) -> Calibration:
        """The calibration that changes nothing."""
        return cls(1.0, (0.0,) * labels)

    @classmethod
    def fit(cls, log_proba: Floats, targets: NDArray[np.intp], weights: Floats | None = None) -> Calibration:
        """The one with the best likelihood of `targets` (column numbers), by Newton's method on a convex loss."""
        n, k = log_proba.shape
        share = np.ones(n) if weights is None else weights
        theta = np.concatenate([[1.0], np.zeros(k - 1)])
        for _ in range(100):
            gradient, hessian = _derivatives(theta, log_proba, targets, share)
            step = np.linalg.solve(hessian, gradient)
            theta -= step * min(1.0, 2.0 / max(float(np.abs(step).max()), TINY_STEP))
            if np.abs(step).max() < 1e-9:
                break
        if not theta[0] > 0:
            raise TrainingError(
                "The model ranks validation data the wrong way round; it learned nothing that transfers."
            )
        bias = np.concatenate([[0.0], theta[1:]])
        return cls(float(theta[0]), tuple(float(b) for b in bias - bias.mean()))

    def apply(self, log_proba: Floats) -> Floats:
        """Calibrated probabilities (n, k)."""
        return np.exp(log_softmax(self.scale * log_proba + np.array(self.bias)))

    def followed_by(self, other: Calibration) -> Calibration:
        """Both in one: the other one reads the logarithms of what this one gives.

        >>> Calibration(2.0, (1.0, -1.0)).followed_by(Calibration(0.5, (0.0, 0.0)))
        Calibration(scale=1.0, bias=(0.5, -0.5))
        """
        pairs = zip(self.bias, other.bias, strict=True)
        return Calibration(self.scale * other.scale, tuple(other.scale * mine + theirs for mine, theirs in pairs))

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"scale": self.scale, "bias": list(self.bias)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Calibration:
        """The inverse of `to_dict`."""
        return cls(float(values["scale"]), tuple(float(b) for b in values["bias"]))


TINY_STEP = 1e-12


def _derivatives(theta: Floats, log_proba: Floats, targets: NDArray[np.intp], share: Floats) -> tuple[Floats, Floats]:
    """Gradient and Hessian of the weighted log loss in (scale, bias of all labels but the first)."""
    n, k = log_proba.shape
    logits = theta[0] * log_proba + np.concatenate([[0.0], theta[1:]])
    p = np.exp(log_softmax(logits))
    inputs = np.zeros((n, k, k))  # how each logit depends on each parameter
    inputs[:, :, 0] = log_proba
    inputs[:, np.arange(1, k), np.arange(1, k)] = 1.0
    expected = np.einsum("nk,nkp->np", p, inputs)
    gradient = share @ (expected - inputs[np.arange(n), targets]) + STRENGTH * (theta - np.eye(k)[0])
    spread = np.einsum("n,nk,nkp,nkq->pq", share, p, inputs, inputs) - np.einsum(
        "n,np,nq->pq", share, expected, expected
    )
    return gradient, spread + STRENGTH * np.eye(k)


@dataclass(frozen=True)
class Thresholds:
    """Accepted at `accept` and above, rejected at `reject` and below, `cannot_tell` between.

    Both are scores from 0 to 1.

    >>> Thresholds(reject=0.3, accept=0.7).decide(0.5) is None
    True
    """

    reject: float = 0.5
    accept: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.reject <= self.accept <= 1:
            raise ConfigError(f"Thresholds need 0 <= reject <= accept <= 1, got {self.reject} and {self.accept}.")

    def decide(self, score: float) -> bool | None:
        """Whether a capture with this score is accepted; None between the thresholds."""
        if score >= self.accept:
            return True
        return False if score <= self.reject else None

    @classmethod
    def choose(
        cls, scores: Floats, accepted: NDArray[np.bool_], *, wrong: float = 0.05, undecided: float = 0.10
    ) -> Thresholds:
        """From validation data: decide as well as possible, then leave open what is too often wrong.

        The middle maximises balanced accuracy. The band grows from there until at most a share `wrong` of what is
        accepted (and of what is rejected) is so wrongly, but never over more than a share `undecided` of the data.
        """
        middle = best_threshold(scores, accepted)
        below, above = np.sort(scores[scores < middle])[::-1], np.sort(scores[scores >= middle])
        most = int(undecided * len(scores) / 2)
        accept = _edge(above, lambda edge: np.mean(~accepted[scores >= edge]), wrong, most, middle)
        reject = _edge(below, lambda edge: np.mean(accepted[scores <= edge]), wrong, most, middle)
        return cls(reject=min(reject, middle), accept=max(accept, middle))

    def towards(self, other: Thresholds, share: float) -> Thresholds:
        """A share 0..1 of the way from these to the others.

        >>> Thresholds(0.25, 0.75).towards(Thresholds(0.5, 0.5), 0.5)
        Thresholds(reject=0.375, accept=0.625)
        """
        reject, accept = (a + share * (b - a) for a, b in ((self.reject, other.reject), (self.accept, other.accept)))
        return Thresholds(reject, max(reject, accept))

    def to_dict(self) -> dict[str, float]:
        """Plain values."""
        return {"reject": self.reject, "accept": self.accept}


def best_threshold(scores: Floats, accepted: NDArray[np.bool_]) -> float:
    """The score, halfway between two neighbours, that separates good from bad with the best balanced accuracy."""
    order = np.argsort(scores, kind="stable")
    ranked, good = scores[order], accepted[order]
    if good.all() or not good.any():
        return 0.5
    missed = np.concatenate([[0], np.cumsum(good)]) / good.sum()
    caught = np.concatenate([[0], np.cumsum(~good)]) / (~good).sum()
    possible = np.concatenate([[True], ranked[1:] > ranked[:-1], [True]])
    gain = np.where(possible, caught - missed, -np.inf)
    ties = np.flatnonzero(gain >= gain.max() - 1e-12)
    between = (ranked[1:] + ranked[:-1]) / 2
    apart = np.where(between > ranked[:-1], between, ranked[1:])  # neighbours may have no number between them
    edges = np.concatenate([[0.0], apart, [1.0]])
    return float(edges[ties[len(ties) // 2]])


def _edge(candidates: Sequence[float] | Floats, error: Any, wrong: float, most: int, middle: float) -> float:
    """The first candidate, going away from the middle, beyond which few enough are wrong.

    At most `most` are given up.
    """
    if not len(candidates) or error(candidates[0]) <= wrong:
        return middle
    for edge in candidates[: most + 1]:
        if error(edge) <= wrong:
            return float(edge)
    return float(candidates[min(most, len(candidates) - 1)])
