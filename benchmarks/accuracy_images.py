"""How well ours tells faults of photographs beside the peers: the same pictures, of scenes that no training has seen.

    python benchmarks/accuracy_images.py [--quick] [--count 32] [--peers cleanvision ...] [--faults defocus ...]
                                         [--home FOLDER] [--docs docs/accuracy.md] [--processes 2]

Renders scenes and their faults (scenes_apart.py, faults_apart.py), asks every tool of peers, and compares the area
under the ROC curve, and the share of good photographs that are called bad where 95 % of the bad ones are found.
Pictures and the peers' answers are kept in the folder for temporary files, so a second run asks ours alone. Prints
Markdown, and writes it between the marks of the page.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import asking
import cv2
import numpy as np
import peers
from copies_apart import copies
from faults_apart import Fault, made_here, own_faults
from figures import shown, table, write_page
from pictures_apart import Picture, fits, pictures, render
from scenes_apart import SIDES, Scene, real_scenes, scenes_apart

from multimodal.bootstrap import bootstrap
from multimodal.config.config import load_settings
from multimodal.domain.shared.errors import DataError
from multimodal.domain.shared.evaluation import Interval, cluster_interval

ROOT = Path(__file__).parents[1]
MARKS = "<!-- figures: made by benchmarks/accuracy_images.py -->", "<!-- end of figures -->"
DETECTION = 0.95
ISSUES = {
    "blurred": "blur",
    "under_exposed": "dark",
    "over_exposed": "bright",
    "noisy": "noise",
    "compressed": "compression",
    "enlarged": "resolution",
    "low_contrast": "contrast",
    "monochrome": "grayscale",
    "oversaturated": "oversaturation",
    "empty": "information",
    "bordered": "border",
    "too_small": "size",
    "odd_aspect": "aspect",
}
"""What peers call the fault behind a label, where it is not the label itself; `cast` stands for all hues."""
Rows = np.ndarray


def issue(fault: Fault) -> str:
    return "cast" if fault.property == "colour_cast" else ISSUES.get(fault.label, fault.label)


# --- figures ----------------------------------------------------------------------------------------------------------


def auc(scores: Rows, bad: Rows) -> float:
    """Probability that a bad picture scores lower than a good one; equal scores count half."""
    good, faulty = np.sort(scores[~bad]), scores[bad]
    if not len(good) or not len(faulty):
        raise DataError("There is nothing to compare.")
    below = np.searchsorted(good, faulty, "left"), np.searchsorted(good, faulty, "right")
    return float(1 - np.mean(below) / len(good))


def false_alarms(scores: Rows, bad: Rows) -> float:
    """Share of good pictures that score no higher than the line below which 95 % of the bad ones lie."""
    line = np.quantile(scores[bad], DETECTION, method="inverted_cdf")
    return float(np.mean(scores[~bad] <= line))


@dataclass(frozen=True)
class Cell:
    """Some good and bad pictures, what each measure says of them (higher is better), and the scenes they show."""

    measures: Mapping[str, Rows]
    bad: Rows
    scenes: Rows

    @cached_property
    def best(self) -> str | None:
        """The peers' measure that does best here, which is luckier than any that must be chosen beforehand."""
        others = {name: auc(values, self.bad) for name, values in self.measures.items() if name != peers.OURS}
        return max(others, key=others.__getitem__) if others else None

    def interval(self, formula: Callable[[Rows], float]) -> Interval:
        return cluster_interval(formula, self.scenes)

    def auc(self, name: str) -> Interval:
        values = self.measures[name]
        return self.interval(lambda rows: auc(values[rows], self.bad[rows]))

    def difference(self) -> Interval:
        """Ours minus the best peer, of the same resampled scenes."""
        ours, other = self.measures[peers.OURS], self.measures[str(self.best)]
        return self.interval(lambda rows: auc(ours[rows], self.bad[rows]) - auc(other[rows], self.bad[rows]))

    def alarms(self, name: str) -> float:
        return false_alarms(self.measures[name], self.bad)


@dataclass(frozen=True)
class Findings:
    """All pictures with all answers: tool -> path -> measure -> score."""

    pictures: Sequence[Picture]
    answers: Mapping[str, Mapping[Path, asking.Scores]]

    def faults(self) -> dict[str, list[Fault]]:
        """What is wrong -> the ways in which it was made."""
        found: dict[str, dict[str, Fault]] = defaultdict(dict)
        for one in self.pictures:
            if one.fault is not None:
                found[one.fault.name][one.fault.maker] = one.fault
        return {name: list(makers.values()) for name, makers in found.items()}

    def cell(self, fault: Fault, keep: Callable[[Picture], bool]) -> Cell | None:
        """Bad pictures of this fault's name that are kept, and good ones on which it could have been seen."""

        def fair(one: Picture) -> bool:
            if one.traceless != fault.traceless or not fits(fault, one.scene):
                return False
            return one.fault is None or one.fault.name == fault.name

        chosen = [one for one in self.pictures if fair(one) and keep(one)]
        bad = np.array([one.fault is not None for one in chosen])
        if not bad.any() or bad.all():
            return None
        return Cell(self._measures(fault, chosen), bad, np.array([one.scene.name for one in chosen]))

    def _measures(self, fault: Fault, chosen: Sequence[Picture]) -> dict[str, Rows]:
        found = {}
        for tool, answers in self.answers.items():
            keys = dict.fromkeys(key for one in chosen for key in answers[one.path] if matches(key, fault, tool))
            for key in keys:
                values = np.array([answers[one.path].get(key, np.nan) for one in chosen])
                name = tool if tool == peers.OURS else " ".join([tool, *key.split("/")[1:]])
                found[name] = np.where(np.isnan(values), np.nanmedian(values), values)  # no answer tells nothing
        return found


def matches(key: str, fault: Fault, tool: str) -> bool:
    wanted = f"{fault.property}:{fault.label}" if tool == peers.OURS else issue(fault)
    return key.split("/")[0] == wanted


# --- the report -------------------------------------------------------------------------------------------------------


def by(cells: Mapping[str, Cell | None]) -> str:
    """A column a cell, a row a measure: AUC with interval, and false alarms; then ours minus the best peer."""
    kept = {title: cell for title, cell in cells.items() if cell}
    names = list(dict.fromkeys(name for cell in kept.values() for name in cell.measures))
    names.sort(key=lambda name: name != peers.OURS)
    rows = []
    for name in names:
        found = [cell if name in cell.measures else None for cell in kept.values()]
        rows.append([name, *(f"{shown(c.auc(name))}; {c.alarms(name):.0%}" if c else "-" for c in found)])
    if peers.OURS in names and len(names) > 1:
        gaps = [signed(cell) if peers.OURS in cell.measures else "-" for cell in kept.values()]
        rows.append(["ours minus the best peer", *gaps])
    heads = [f"{title} ({int(cell.bad.sum())} bad, {int((~cell.bad).sum())} good)" for title, cell in kept.items()]
    return table(["", *heads], rows)


def signed(cell: Cell) -> str:
    gap = cell.difference()
    return f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})"


def summary(found: Findings) -> str:
    """Ours beside the best peer, a row a fault."""
    rows = []
    for name, makers in found.faults().items():
        cell = found.cell(makers[0], lambda one: True)
        if cell is None or peers.OURS not in cell.measures:
            continue
        row = [name, f"{int(cell.bad.sum())}", shown(cell.auc(peers.OURS)), f"{cell.alarms(peers.OURS):.0%}"]
        best = cell.best
        row += [f"{best} {shown(cell.auc(best))}", f"{cell.alarms(best):.0%}", signed(cell)] if best else ["-"] * 3
        rows.append(row)
    head = [
        "fault",
        "bad pictures",
        "ours, AUC",
        "false alarms",
        "best peer, AUC",
        "false alarms",
        "ours minus best peer",
    ]
    return table(head, rows)


def behind(found: Findings) -> str:
    """The faults that the best peer tells better than ours by more than chance."""
    cells = {name: found.cell(makers[0], lambda one: True) for name, makers in found.faults().items()}
    asked = {name: cell for name, cell in cells.items() if cell and peers.OURS in cell.measures and cell.best}
    worse = [f"{name} ({signed(cell)})" for name, cell in asked.items() if cell.difference().high < 0]
    return f"Behind the best peer by more than chance: {', '.join(worse) or 'none'}."


def told(found: Findings, name: str, makers: Sequence[Fault]) -> str:
    """One fault by size, by strength and by maker."""
    fault = makers[0]

    def of_maker(maker: str) -> Callable[[Picture], bool]:
        return lambda one: one.fault is None or one.fault.maker == maker

    sizes = {f"{side} px": found.cell(fault, lambda one, side=side: one.scene.side == side) for side in SIDES}
    levels = range(max(len(one.strengths) for one in makers))
    strengths = {
        f"strength {level + 1}": found.cell(fault, lambda one, level=level: one.level in (-1, level))
        for level in levels
    }
    ways = {one.maker: found.cell(one, of_maker(one.maker)) for one in makers}
    made = "\n".join(f"* {one.maker}: {', '.join(f'{s:g}' for s in one.strengths)}" for one in makers)
    parts = [f"### {name}", f"Strengths 1 to {len(levels)}, by maker:\n\n{made}", by(sizes), by(strengths), by(ways)]
    return "\n\n".join(parts)


def gathered(some: Sequence[Picture], tools: Sequence[str], home: Path | None) -> Findings:
    """Everybody is asked what matters for each picture."""
    wanted_of_good: dict[bool, set[str]] = defaultdict(set)
    for one in some:
        if one.fault is not None:
            wanted_of_good[one.traceless].add(issue(one.fault))
    wanted = {one.path: frozenset({issue(one.fault)} if one.fault else wanted_of_good[one.traceless]) for one in some}
    return Findings(some, asking.each(tools, lambda tool: asking.scores(tool, wanted, home)))


def faults_of(home: Path | None, names: Sequence[str]) -> list[Fault]:
    """All faults, or those of these names: of the code beside this, and of whatever properties there are."""
    catalog = bootstrap(load_settings(home=home)).catalog
    image = {name: one for name, one in catalog.properties.items() if name.startswith("image/")}
    return [one for one in (*made_here(), *own_faults(image)) if not names or one.name in names]


def found_of(scenes: Sequence[Scene], faults: Sequence[Fault], arguments: argparse.Namespace) -> Findings:
    some = pictures([scene for scene in scenes if scene.side <= arguments.largest], faults)
    render(some, arguments.processes)
    return gathered(some, [*arguments.peers, peers.OURS], arguments.home)


def report(arguments: argparse.Namespace) -> Iterator[str]:
    """The parts of the page."""
    faults, tools = faults_of(arguments.home, arguments.faults), [*arguments.peers, peers.OURS]
    new = found_of(scenes_apart(arguments.count), faults, arguments)
    yield (
        f"{len({one.scene for one in new.pictures})} new scenes, {len(new.pictures)} photographs of them; "
        f"{', '.join(map(peers.version, tools))}. Intervals: 95 %, bootstrap over scenes."
    )
    yield summary(new)
    yield behind(new)
    if not arguments.quick:
        yield f"Real photographs ({len(real_scenes())} that come with packages; default models have learned from them):"
        real = found_of(real_scenes(), faults, arguments)
        yield summary(real)
        yield behind(real)
    if arguments.copies:
        yield "### Near-duplicates"
        yield copies(scenes_apart(arguments.copies), tools, arguments.home)
    yield "After the semicolon: false alarms. Strength 1 is the weakest."
    for name, makers in new.faults().items():
        yield told(new, name, makers)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    others = [tool for tool in peers.TOOLS if tool != peers.OURS]
    parser.add_argument("--count", type=int, default=32, help="new scenes, about 60 pictures each")
    parser.add_argument("--copies", type=int, default=40, help="scenes whose copies are looked for, or 0")
    parser.add_argument("--largest", type=int, default=4000, help="long side of scenes, at most")
    parser.add_argument("--peers", nargs="*", default=others, choices=others)
    parser.add_argument("--faults", nargs="*", default=[], help="only these (defocus, noise ...)")
    parser.add_argument("--home", type=Path, help="folder with models of ours (default: those that come with it)")
    parser.add_argument("--processes", type=int, default=2, help="that render")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs" / "accuracy.md", help="page for the figures")
    parser.add_argument("--quick", action="store_true", help="a few small scenes, no real ones, no page")
    if parser.parse_args().quick:
        parser.set_defaults(count=8, copies=16, largest=1280)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)  # before anything is drawn: a forked process would wait for threads that it has not
    text = "\n\n".join(report(arguments))
    print(text)
    if not arguments.quick:
        write_page(arguments.docs, MARKS, text)


if __name__ == "__main__":
    main()
