"""Agreement: how a challenger, which only watches, answers beside the champion that serves."""

from __future__ import annotations

from dataclasses import dataclass, fields

from .results import Prediction


@dataclass(frozen=True)
class Agreement:
    """Counts over captures that both answered, of one champion and one challenger of a pipeline; counts can be added.

    same_label, same_acceptance: answers that agree (both may leave it open). accepts_rejected, rejects_accepted: the
    challenger decides the opposite of the champion. difference: the sum of the absolute differences of the scores.
    dropped: captures that were not compared, because the machine had more important things to do. failed: captures
    that the challenger could not answer.
    """

    pipeline: str
    champion: str
    challenger: str
    seen: int = 0
    same_label: int = 0
    same_acceptance: int = 0
    accepts_rejected: int = 0
    rejects_accepted: int = 0
    difference: float = 0.0
    dropped: int = 0
    failed: int = 0

    @classmethod
    def of(cls, champion: Prediction, challenger: Prediction) -> Agreement:
        """What one capture says."""
        decided = (champion.accepted, challenger.accepted)
        return cls(
            champion.pipeline,
            version_of(champion.model),
            version_of(challenger.model),
            seen=1,
            same_label=int(champion.label == challenger.label),
            same_acceptance=int(champion.accepted == challenger.accepted),
            accepts_rejected=int(decided == (False, True)),
            rejects_accepted=int(decided == (True, False)),
            difference=abs(champion.score - challenger.score),
        )

    @property
    def key(self) -> tuple[str, str, str]:
        """Who is compared: pipeline, champion, challenger."""
        return self.pipeline, self.champion, self.challenger

    @property
    def mean_difference(self) -> float | None:
        """Mean absolute difference of the scores, 0 to 1; None before the first capture."""
        return self.difference / self.seen if self.seen else None

    def __add__(self, other: Agreement) -> Agreement:
        """Both together; they are about the same versions."""
        if self.key != other.key:
            raise ValueError(f"{self.key} and {other.key} are not the same versions.")
        return Agreement(*self.key, *(getattr(self, name) + getattr(other, name) for name in COUNTS))


COUNTS = tuple(field.name for field in fields(Agreement))[3:]


def version_of(model: str) -> str:
    """The version of `name@version`.

    >>> version_of("blur_laplacian@rule")
    'rule'
    """
    return model.rpartition("@")[2]
