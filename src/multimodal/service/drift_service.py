"""Drift: what models saw (the observer counted it) beside what they were trained on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ..domain.shared.distributions import FEATURE, LABELS, SCORE, Histogram, Reference
from ..domain.shared.drift import ORDER, LabelShare, PipelineDrift, compare_all
from ..domain.shared.errors import ConfigError
from ..domain.shared.ports import ModelStore, TrafficStore
from ..domain.shared.recipe import Recipe
from .catalog import Catalog
from .references import References

DAYS = 7
LONGEST = 3660  # days
Seen = Mapping[str, NDArray[np.int64]]
Period = tuple[date, date]


class DriftService:
    """Compares the traffic of pipelines with their training."""

    def __init__(self, catalog: Catalog, models: ModelStore, references: References, store: TrafficStore) -> None:
        self.catalog = catalog
        self.models = models
        self.references = references
        self.store = store

    def drift(
        self, pipeline: str | None = None, *, days: int = DAYS, since: date | None = None, until: date | None = None
    ) -> tuple[PipelineDrift, ...]:
        """One entry for each version that serves or has answered in the period; those that moved most come first.

        Days are UTC. The period ends with `until` (default: today) and begins with `since`, else it has `days` days.

        Raises:
            UnknownName: no such pipeline. ConfigError: the period has no day, or too many.
        """
        recipes = self.catalog.recipes if pipeline is None else {pipeline: self.catalog.recipe(pipeline)}
        period = span(days, since, until)
        seen = self._seen(period)
        found = [
            self._of(recipe, version, seen.get((name, version), {}), period)
            for name, recipe in recipes.items()
            for version in self._versions(recipe, seen)
        ]
        return tuple(sorted(found, key=lambda d: (ORDER[d.status], -d.excess, d.pipeline)))

    def _seen(self, period: Period) -> dict[tuple[str, str], Seen]:
        """Counts by pipeline and version, the days added up."""
        seen: dict[tuple[str, str], dict[str, NDArray[np.int64]]] = {}
        for traffic in self.store.read(*period):
            found = seen.setdefault((traffic.pipeline, traffic.version), {})
            counts = np.array(traffic.counts, np.int64)
            found[traffic.what] = found[traffic.what] + counts if traffic.what in found else counts
        return dict(seen)

    def _versions(self, recipe: Recipe, seen: Mapping[tuple[str, str], Seen]) -> Iterator[str]:
        """The version that serves, then others that answered."""
        champion = self.models.champion(recipe.name)
        serving = champion.version if champion else "" if recipe.learned else "rule"
        if serving:
            yield serving
        yield from sorted(version for name, version in seen if name == recipe.name and version != serving)

    def _of(self, recipe: Recipe, version: str, seen: Seen, period: Period) -> PipelineDrift:
        model = f"{recipe.name}@{version}"
        reference = self.references.of(model)
        if reference is None:
            return PipelineDrift(recipe.name, model, "no reference", 0, *period)
        histograms = {
            what: Histogram(known.histogram.edges, tuple(fitting(seen, what, len(known.histogram.counts))))
            for what, known in reference.distributions().items()
        }
        units = {FEATURE + recipe.value: recipe.unit} if recipe.value else {}
        score, features = compare_all(reference, histograms, units)
        worst = min((score.status, *(feature.status for feature in features)), key=ORDER.__getitem__)
        captures, labels = histograms[SCORE].total, tuple(label_shares(reference, seen))
        return PipelineDrift(recipe.name, model, worst, captures, *period, score, features, labels)


def span(days: int, since: date | None, until: date | None) -> Period:
    """The first and the last day.

    >>> span(7, None, date(2026, 11, 25))
    (datetime.date(2026, 11, 19), datetime.date(2026, 11, 25))
    """
    last = until or datetime.now(UTC).date()
    if not 1 <= days <= LONGEST:
        raise ConfigError(f"A period has 1 to {LONGEST:,} days, got {days}.")
    first = since or last - timedelta(days=days - 1)
    if first > last:
        raise ConfigError(f"A period ends after it begins, got {first} to {last}. Swap them.")
    return first, last


def fitting(seen: Seen, what: str, bins: int) -> list[int]:
    """The counts of something; zeros when nothing was seen or what is there belongs to other bins."""
    counts = seen.get(what)
    return [0] * bins if counts is None or len(counts) != bins else counts.tolist()


def label_shares(reference: Reference, seen: Seen) -> Iterator[LabelShare]:
    """How often each label was given, in training and now."""
    now = fitting(seen, LABELS, len(reference.labels))
    before, after = max(sum(reference.labels.values()), 1), max(sum(now), 1)
    for (label, count), given in zip(reference.labels.items(), now, strict=True):
        yield LabelShare(label, round(count / before, 6), round(given / after, 6))
