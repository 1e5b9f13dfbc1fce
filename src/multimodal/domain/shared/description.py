"""What is in a data set, and what is wrong with it.

describe ...... what was measured of a data set -> Description
Description ... counts, sizes, near-duplicates, leakage; its `problems` say in sentences what is wrong
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bursts import burst_links
from .data import Dataset
from .duplicates import Torn, clusters, joined, torn
from .extraction import Measured
from .gathered import Gathered
from .near import Link
from .oddities import odd, unusual
from .sample import Capture

EXAMPLES = 5


@dataclass(frozen=True)
class Spread:
    """The least, the middle and the largest of some numbers."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one number.

        >>> Spread.of([3, 1, 2, 10])
        Spread(least=1, median=2.5, most=10)
        """
        return cls(min(values), median(values), max(values))


@dataclass(frozen=True)
class Broken:
    """A capture that cannot be read, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Cluster:
    """Captures that show the same.

    names: the first few. groups: how many groups the data set itself puts them in. same: whether their bytes are the
    same. labels: label -> captures.
    """

    captures: int
    names: tuple[str, ...]
    groups: int
    labels: Mapping[str, int]
    same: bool

    @property
    def disagrees(self) -> bool:
        """Whether their labels differ."""
        return len(self.labels) > 1


@dataclass(frozen=True)
class Leak:
    """A group that lies in more than one split. counts: split -> captures, examples: split -> the first few names."""

    group: str
    counts: Mapping[str, int]
    examples: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Unusual:
    """A capture that is unlike the rest, and how."""

    name: str
    why: str


@dataclass(frozen=True)
class Description:
    """A data set in figures; a label or split is "" where a capture has none.

    captures: all; what follows is of those that can be read. labels: label -> captures. splits: split -> label ->
    captures. groups: how many, near-duplicates taken together; group_sizes: captures in each. bytes: of the files.
    info: what samples know of themselves in numbers (width, height). clusters: the largest first. bursts: names of
    shots of one scene within moments. odd, outliers: see oddities.py; outliers are of `info` and of bytes.
    """

    name: str
    digest: str
    captures: int
    broken: tuple[Broken, ...]
    labels: Mapping[str, int]
    splits: Mapping[str, Mapping[str, int]]
    groups: int
    group_sizes: Spread
    bytes: Spread
    info: Mapping[str, Spread]
    clusters: tuple[Cluster, ...]
    leakage: tuple[Leak, ...]
    bursts: tuple[tuple[str, ...], ...] = ()
    odd: tuple[Unusual, ...] = ()
    outliers: tuple[Unusual, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, each as a sentence or two that say what it leads to and how to mend it."""
        labels = (self._leaking(), self._copies(), self._similar(), self._unlabelled())
        return tuple(filter(None, (self._broken(), *labels, self._bursts(), self._unusual())))

    def _broken(self) -> str:
        if not self.broken:
            return ""
        first = self.broken[0]
        return f"{_count(len(self.broken), 'capture')} cannot be read, such as {first.name!r}: {first.why}"

    def _leaking(self) -> str:
        if not self.leakage:
            return ""
        leak = self.leakage[0]
        places = " and ".join(f"{examples[0]!r} ({split or 'no split'})" for split, examples in leak.examples.items())
        return (
            f"Leakage: {_count(len(self.leakage), 'group')} in more than one split, such as {places}. What was learned "
            "is tested on the same things, so figures come out too good. Put each group into one split."
        )

    def _copies(self) -> str:
        found = [cluster for cluster in self.clusters if cluster.same and cluster.disagrees]
        if not found:
            return ""
        return (
            f"{_count(len(found), 'capture')} more than once with different labels, such as "
            f"{_listed(found[0].names)} ({_listed(found[0].labels)}). One of the labels is wrong."
        )

    def _similar(self) -> str:
        found = [cluster for cluster in self.clusters if not cluster.same and cluster.disagrees]
        if not found:
            return ""
        return (
            f"{_count(len(found), 'set')} of near-duplicates with different labels, such as {_listed(found[0].names)} "
            f"({_listed(found[0].labels)}). That is right where the fault makes the difference, else a label is wrong."
        )

    def _bursts(self) -> str:
        if not self.bursts:
            return ""
        return f"{_count(len(self.bursts), 'burst')} of shots within moments, such as {_listed(self.bursts[0])}."

    def _unusual(self) -> str:
        found = {each.name: each.why for each in (*self.outliers, *self.odd)}
        if not found:
            return ""
        name, why = next(iter(found.items()))
        return f"{_count(len(found), 'capture')} unlike the rest, such as {name!r}: {why}"

    def _unlabelled(self) -> str:
        none = self.labels.get("", 0)
        return (
            f"{_count(none, 'capture')} without a label, among others that have one."
            if none and len(self.labels) > 1
            else ""
        )


def describe(measured: Measured, links: Sequence[Link], infos: Sequence[Mapping[str, object]]) -> Description:
    """A data set in figures. links: between captures that show the same. infos: what each sample knows of itself."""
    whole, dataset = measured.dataset, measured.dataset.subset(measured.index.tolist())
    groups = joined(dataset.groups, links)
    splits = [capture.split or "" for capture in dataset.captures]
    labels = [label or "" for label in dataset.labels]
    return Description(
        name=whole.name,
        digest=measured.digest,
        captures=len(whole),
        broken=tuple(Broken(whole.captures[i].name, str(error)) for i, error in measured.broken.items()),
        labels=_counts(labels),
        splits={
            split: _counts(label for label, own in zip(labels, splits, strict=True) if own == split)
            for split in sorted(set(splits))
        },
        groups=len(set(groups)),
        group_sizes=Spread.of(list(Counter(groups).values())),
        bytes=Spread.of(measured.sizes),
        info=_spreads(infos),
        clusters=_clusters(dataset, measured.contents, links),
        leakage=tuple(_leak(found, dataset) for found in torn(groups, splits)),
        **_together(dataset, measured, links, infos),
    )


def _together(
    dataset: Dataset, measured: Measured, links: Sequence[Link], infos: Sequence[Mapping[str, object]]
) -> dict[str, Any]:
    """Bursts, odd sizes and outliers."""
    gathered = Gathered()
    names = [capture.name for capture in dataset.captures]
    for name, content, info in zip(names, measured.contents, infos, strict=True):
        gathered.add_info(name, content, info)
    shots = burst_links(gathered)
    begun = {member for i, j, _ in shots for member in (i, j)}
    scenes = [members for members in clusters([*shots, *links]) if not begun.isdisjoint(members)]
    far = [oddity for key, row in _columns(infos, measured.sizes) for oddity in unusual(row, key, key, "")]
    return {
        "bursts": tuple(tuple(names[member] for member in members) for members in scenes),
        "odd": tuple(Unusual(names[oddity.member], oddity.sentence) for oddity in odd(gathered)),
        "outliers": tuple(Unusual(names[oddity.member], oddity.sentence) for oddity in far),
    }


def _columns(infos: Sequence[Mapping[str, object]], sizes: Sequence[int]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """The bytes of each capture, and what it knows of itself in numbers but for its size in pixels; NaN: nothing."""
    yield "bytes", np.array(sizes, np.float64)
    for key in sorted(_spreads(infos).keys() - {"width", "height"}):
        values = [info.get(key) for info in infos]
        yield key, np.array([v if isinstance(v, int | float) else np.nan for v in values], np.float64)


def _counts(labels: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(labels).items()))


def _spreads(infos: Sequence[Mapping[str, object]]) -> dict[str, Spread]:
    numbers: dict[str, list[float]] = {}
    for info in infos:
        for key, value in info.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                numbers.setdefault(key, []).append(value)
    return {key: Spread.of(values) for key, values in numbers.items()}


def _clusters(dataset: Dataset, contents: Sequence[str], links: Sequence[Link]) -> tuple[Cluster, ...]:
    found = [_cluster([dataset.captures[i] for i in rows], {contents[i] for i in rows}) for rows in clusters(links)]
    return tuple(sorted(found, key=lambda cluster: -cluster.captures))


def _cluster(captures: Sequence[Capture], contents: set[str]) -> Cluster:
    return Cluster(
        captures=len(captures),
        names=tuple(capture.name for capture in captures[:EXAMPLES]),
        groups=len({capture.group or capture.name for capture in captures}),
        labels=_counts(capture.label or "" for capture in captures),
        same=len(contents) == 1,
    )


def _leak(found: Torn, dataset: Dataset) -> Leak:
    names = {split: tuple(dataset.captures[i].name for i in rows[:EXAMPLES]) for split, rows in found.rows.items()}
    return Leak(found.group, found.counts, names)


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _listed(names: Iterable[str], most: int = 3) -> str:
    return ", ".join(repr(name) for name in list(names)[:most])
