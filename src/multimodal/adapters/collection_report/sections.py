"""The parts of the page as values that the template writes down.

verdicts, cards, charts, examples ... what was found in each capture
kinds, lists ........................ what was found in the collection: sets, and captures that are odd
models .............................. who answered
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...domain.shared.collection import Collection
from ...domain.shared.histogram import Histogram, histogram
from ...domain.shared.showcase import MEMBERS, SETS, SINGLES, Answers, Issue, Showcase, with_first
from . import charts as shapes
from .pictures import Gallery, Shot
from .table import VERDICTS, words
from .text import counted, extent, number, plain, share

Found = tuple[str, str, Sequence[int]]
OUTCOMES = ("good", "cannot_tell", "bad")
TITLES = {
    "copies": ("Exact copies", "Files with the same content."),
    "similar": (
        "Near-duplicates",
        "Files that show the same picture: of another size, quality or format, or retouched.",
    ),
    "bursts": (
        "Bursts",
        "The same scene, shot again within moments. The best shot is the sharpest and best exposed of each.",
    ),
    "odd": ("Odd sizes", "Captures whose size or shape is rare in this collection and far from all usual ones."),
    "outliers": ("Outliers", "Captures with a value far from those of the rest; they may be right all the same."),
    "broken": ("Broken files", "Files that could not be assessed, and why."),
}
LISTED = 40
"""Rows of a list without pictures."""
WIDTH = 1000  # of the bar of verdicts


@dataclass(frozen=True)
class Verdict:
    """One part of the bar of verdicts."""

    key: str
    words: str
    count: int
    share: str
    x: float
    width: float


@dataclass(frozen=True)
class Card:
    """One thing that is wrong. key: how the table finds its captures; target: where the page says more."""

    key: str
    kind: str
    title: str
    property: str
    count: int
    share: str
    percent: float
    target: str


@dataclass(frozen=True)
class Group:
    """Examples of an issue."""

    key: str
    title: str
    property: str
    shown: str
    caption: str
    shots: Sequence[Shot]


@dataclass(frozen=True)
class Set:
    """Captures that belong together; `more` are not shown."""

    note: str
    shots: Sequence[Shot]
    more: int


@dataclass(frozen=True)
class Kind:
    """Sets of a kind, or captures that are odd in the same way: those in `rows` are named only."""

    key: str
    title: str
    count: str
    explained: str
    filter: str
    sets: Sequence[Set] = ()
    shots: Sequence[Shot] = ()
    rows: Sequence[Shot] = ()
    more: int = 0


def verdicts(found: Sequence[str]) -> list[Verdict]:
    """The bar of verdicts, from left to right."""
    counts = [sum(verdict == key for verdict in found) for key, _ in VERDICTS]
    starts = [WIDTH * sum(counts[:i]) / max(1, len(found)) for i in range(len(counts) + 1)]
    return [
        Verdict(key, text, count, share(count, len(found)), round(x, 2), round(end - x, 2))
        for (key, text), count, x, end in zip(VERDICTS, counts, starts, starts[1:], strict=False)
    ]


def findings(collection: Collection) -> list[Found]:
    """What was found in the collection: key, title, and the captures concerned; only what there is."""
    concerned = {
        "copies": [member for each in collection.copies for member in each.members],
        "similar": [member for each in collection.similar for member in each.members],
        "bursts": [member for each in collection.bursts for member in each.members],
        "odd": [each.member for each in collection.odd],
        "outliers": [each.member for each in collection.outliers],
        "broken": collection.broken,
    }
    return [(key, TITLES[key][0], sorted(set(found))) for key, found in concerned.items() if len(found)]


def cards(showcase: Showcase) -> Iterator[Card]:
    """Rejected labels, then what was found in the collection."""
    total = len(showcase.collection.gathered.verdicts)
    for issue in showcase.issues:
        answers = showcase.answers[issue.number]
        label = words(answers.labels[issue.code])
        yield _card(f"{issue.number}:{issue.code}", "bad", (label, answers.title), (issue.count, total), anchor(issue))
    for key, title, found in findings(showcase.collection):
        kind = "failed" if key == "broken" else "neutral"
        yield _card(key, kind, (title.lower(), "collection"), (len(found), total), key)


def _card(key: str, kind: str, texts: tuple[str, str], of: tuple[int, int], target: str) -> Card:
    percent = round(max(100 * of[0] / of[1], 1.0), 1)
    return Card(key, kind, plain(texts[0]), plain(texts[1]), of[0], share(*of), percent, target)


def anchor(issue: Issue) -> str:
    """Where the examples of an issue begin."""
    return f"issue-{issue.number}-{issue.code}"


def charts(answers: Sequence[Answers]) -> Iterator[shapes.Chart]:
    """A histogram for each property: of its value, or of its score where that is what is decided on."""
    for number_, each in enumerate(answers):
        if (each.label >= 0).any():
            yield chart(f"chart-{number_}", each)


def chart(key: str, answers: Answers) -> shapes.Chart:
    """One histogram with its thresholds."""
    answered = answers.label >= 0
    values = (answers.score if answers.by_score else answers.value)[answered]
    ends = np.array([0.0, 1.0]) if answers.by_score else None
    limits = answers.thresholds
    found = histogram(
        values, answers.outcomes[answered], kinds=len(OUTCOMES), marks=[t.value for t in limits], within=ends
    )
    return shapes.Chart(
        key=key,
        title=plain(answers.title),
        axis="score" if answers.by_score else plain(answers.unit) or "value",
        summary=summary(values.round(2) if answers.by_score else values, found),
        bars=shapes.bars(found, OUTCOMES),
        ticks=shapes.ticks(found),
        marks=shapes.marks(found, limits),
        zones=shapes.zones(found, limits),
        most=f"highest bar: {int(found.counts.sum(axis=0).max()):,}",
    )


def summary(values: np.ndarray[Any, np.dtype[np.float64]], found: Histogram) -> str:
    """A distribution in words."""
    known = values[np.isfinite(values)]
    if not len(known):
        return "No capture has a value."
    low, middle, high = (number(float(q)) for q in np.quantile(known, [0.1, 0.5, 0.9]))
    parts = [f"median {middle}", f"8 of 10 from {low} to {high}" if len(known) > 1 else ""]
    parts += [f"{found.beyond:,} beyond the axis" if found.beyond else ""]
    parts += [f"{found.missing:,} without a value" if found.missing else ""]
    return f"{counted(len(known), 'capture')}: " + ", ".join(filter(None, parts)) + "."


def examples(showcase: Showcase, gallery: Gallery) -> Iterator[Group]:
    """The worst examples of each issue."""
    for issue in showcase.issues:
        answers = showcase.answers[issue.number]
        shots = [gallery.example(position, answers) for position in issue.worst]
        captions = [shot.picture.captions.get(answers.pipeline, "") for shot in shots if shot.overlay]
        shown = f"{len(shots)} worst of {issue.count:,}" if issue.count > len(shots) else f"{issue.count:,}"
        title = words(answers.labels[issue.code]).capitalize()
        caption = sentence(captions[0]) if captions else ""
        yield Group(anchor(issue), title, plain(answers.title), shown, caption, shots)


def sentence(text: str) -> str:
    """A text that begins large and ends with a full stop.

    >>> sentence("bright: no detail"), sentence("")
    ('Bright: no detail.', '')
    """
    shown = plain(text)
    return shown[:1].upper() + shown[1:] + ("." if shown and shown[-1].isalnum() else "")


def kinds(collection: Collection, gallery: Gallery) -> Iterator[Kind]:
    """Sets of captures that show the same."""
    notes = {
        "copies": [(each.members, "", -1) for each in collection.copies],
        "similar": [(each.members, f"up to {each.bits} of 64 bits apart", -1) for each in collection.similar],
        "bursts": [(with_first(each.members, each.best), each.why, each.best) for each in collection.bursts],
    }
    for key, sets in notes.items():
        if sets:
            title, explained = TITLES[key]
            count = f"{counted(len(sets), 'set')}, {counted(sum(len(s[0]) for s in sets), 'capture')}"
            shown = [_set(gallery, *each) for each in sets[:SETS]]
            yield Kind(key, title, count, explained, key, sets=shown, more=max(0, len(sets) - SETS))


def _set(gallery: Gallery, members: Sequence[int], note: str, best: int) -> Set:
    shots = [gallery.plain(member, *_sized(gallery, member), best=member == best) for member in members[:MEMBERS]]
    text = ": ".join(filter(None, (counted(len(members), "capture"), plain(note))))
    return Set(text, shots, max(0, len(members) - MEMBERS))


def _sized(gallery: Gallery, member: int) -> Iterator[str]:
    gathered = gallery.showcase.collection.gathered
    yield ", ".join(filter(None, (extent(*gathered.sizes[member]), words(gathered.verdicts[member]))))


def lists(collection: Collection, gallery: Gallery) -> Iterator[Kind]:
    """Captures that are odd by themselves, and broken ones."""
    for key, found in (("odd", collection.odd), ("outliers", collection.outliers)):
        if found:
            members: dict[int, list[str]] = {}
            for oddity in found:
                members.setdefault(oddity.member, []).append(plain(oddity.sentence))
            shots = [gallery.plain(member, *lines) for member, lines in list(members.items())[:SINGLES]]
            title, explained = TITLES[key]
            yield Kind(
                key, title, f"{len(members):,}", explained, key, shots=shots, more=max(0, len(members) - SINGLES)
            )
    if len(collection.broken):
        failures = collection.gathered.failures
        rows = [gallery.plain(member, plain(failures[member])) for member in list(collection.broken)[:LISTED]]
        title, explained = TITLES["broken"]
        more = max(0, len(collection.broken) - LISTED)
        yield Kind("broken", title, f"{len(collection.broken):,}", explained, "broken", rows=rows, more=more)


def models(answers: Sequence[Answers]) -> Iterator[dict[str, str]]:
    """Who answered, and from where on a capture is rejected."""
    for each in answers:
        limits = (
            f"{t.measure.replace('_', ' ')} {t.name.replace('_', ' ')} {number(t.value)} {t.unit}".rstrip()
            for t in each.thresholds
        )
        yield {
            "property": plain(each.title),
            "model": plain(each.model),
            "thresholds": plain(", ".join(limits)),
            "summary": plain(each.summary),
        }
