"""Counts of an assessment: the summary for people, the exit code for scripts."""

from __future__ import annotations

from collections import Counter

from ...domain.shared.results import CANNOT_TELL
from .documents import Document, issues

VERDICTS = ("good", "bad", CANNOT_TELL, "failed")
FAIL_ON = {"never": (), "failed": ("failed",), "bad": ("failed", "bad"), CANNOT_TELL: ("failed", "bad", CANNOT_TELL)}


class Tally:
    """Verdicts and issues of the documents seen so far."""

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self.issues: Counter[str] = Counter()

    def add(self, document: Document) -> None:
        """Count one document."""
        self.verdicts[document["verdict"]] += 1
        self.issues.update(issues(document))

    def fails(self, level: str) -> bool:
        """Whether a verdict occurred that is as grave as `level`, in the order failed, bad, cannot_tell."""
        return any(self.verdicts[verdict] for verdict in FAIL_ON[level])

    def summary(self, assessed: int, seconds: float) -> str:
        """The counts on one line, with the rate of those that were assessed in this run."""
        counts = [f"{self.verdicts[v]:,} {v.replace('_', ' ')}" for v in VERDICTS if self.verdicts[v]]
        found = [f"{label.replace('_', ' ')} {count:,}" for label, count in self.issues.most_common()]
        total = sum(self.verdicts.values())
        parts = [f"{total:,} assessed: {', '.join(counts)}", ", ".join(found), rate(assessed, seconds)]
        return " | ".join(part for part in parts if part)


def rate(count: int, seconds: float) -> str:
    """How fast it went.

    >>> rate(120, 10.0)
    '12.0/s in 10.0 s'
    """
    return f"{count / seconds:,.1f}/s in {seconds:,.1f} s" if count and seconds > 0 else ""
