"""How well ours tells faults of photographs beside the peers: the same pictures, of scenes that no training has seen.

    python benchmarks/accuracy_images.py [--quick] [--count 40] [--peers cleanvision ...] [--faults defocus ...]
                                         [--home FOLDER] [--docs docs/accuracy.md] [--processes 2]

Renders scenes and their faults (scenes_apart.py, faults_apart.py), asks every tool of peers, and compares
(comparing.py) the area under the ROC curve, and the share of good photographs that are called bad where 95 % of the bad
ones are found. Pictures and the peers' answers are kept in the folder for temporary files, so a second run asks ours
alone. Prints Markdown, and writes it between the marks of the page; not if something was left out.
"""

from __future__ import annotations

import argparse
import resource
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asking
import cv2
import numpy as np
import peers
from comparing import AUC, FALSE_ALARMS, Cell, Figure, Rows
from copies_apart import Copies, copies_apart
from faults_apart import Fault, made_here, own_faults
from figures import shown, signed, table, write_page
from pictures_apart import Picture, fits, pictures, render
from scenes_apart import SIDES, scenes_apart

from multimodal.bootstrap import bootstrap
from multimodal.config.config import load_settings
from multimodal.domain.shared.errors import DataError

PAGE = Path(__file__).parents[1] / "docs" / "accuracy.md"
MARKS = "<!-- figures: made by benchmarks/accuracy_images.py -->", "<!-- end of figures -->"
OTHERS = [tool for tool in peers.TOOLS if tool != peers.OURS]
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


def issue(fault: Fault) -> str:
    return "cast" if fault.property == "colour_cast" else ISSUES.get(fault.label, fault.label)


def matches(key: str, fault: Fault, tool: str) -> bool:
    """Whether a score, called ISSUE/MEASURE, speaks of this fault."""
    wanted = f"{fault.property}:{fault.label}" if tool == peers.OURS else issue(fault)
    return key.split("/")[0] == wanted


# --- what was found ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Findings:
    """All pictures with all answers: tool -> path -> measure -> score."""

    pictures: Sequence[Picture]
    answers: Mapping[str, Mapping[Path, asking.Scores]]

    def faults(self) -> list[list[Fault]]:
        """The ways in which each fault was made."""
        found: dict[str, dict[str, Fault]] = defaultdict(dict)
        for one in self.pictures:
            if one.fault is not None:
                found[one.fault.name][one.fault.maker] = one.fault
        return [list(makers.values()) for makers in found.values()]

    def whole(self) -> dict[str, Cell]:
        """Each fault with all its pictures."""
        return {makers[0].name: cell for makers in self.faults() if (cell := self.cell(makers[0]))}

    def by_maker(self) -> dict[str, Cell]:
        """The same by the way in which it was made, where there are several."""
        several = [(fault, made_by(fault)) for makers in self.faults() if len(makers) > 1 for fault in makers]
        return {f"{one.name}, {one.maker}": cell for one, keep in several if (cell := self.cell(one, keep))}

    def cell(self, fault: Fault, keep: Callable[[Picture], bool] = lambda one: True) -> Cell | None:
        """Bad pictures of this fault's name that are kept, and good ones on which it could have been seen."""

        def fair(one: Picture) -> bool:
            if one.traceless != fault.traceless or not fits(fault, one.scene):
                return False
            return one.fault is None or one.fault.name == fault.name

        chosen = [one for one in self.pictures if fair(one) and keep(one)]
        bad = np.array([one.fault is not None for one in chosen], bool)
        try:
            return Cell(self._measures(fault, chosen), bad, np.array([one.scene.name for one in chosen]))
        except DataError:
            return None

    def _measures(self, fault: Fault, chosen: Sequence[Picture]) -> dict[str, dict[str, Rows]]:
        found: dict[str, dict[str, Rows]] = defaultdict(dict)
        for tool, answers in self.answers.items():
            told = [answers.get(one.path, {}) for one in chosen]
            for key in dict.fromkeys(key for scores in told for key in scores if matches(key, fault, tool)):
                values = np.array([scores.get(key, np.nan) for scores in told])
                values = np.where(np.isnan(values), np.nanmedian(values), values)  # no answer tells nothing
                found[tool][key.partition("/")[2]] = values
        return found


def made_by(fault: Fault) -> Callable[[Picture], bool]:
    return lambda one: one.fault is None or one.fault.maker == fault.maker


def findings(some: Sequence[Picture], tools: Sequence[str], home: Path | None) -> Findings:
    """Everybody is asked what matters for each picture."""
    of_good: dict[bool, set[str]] = defaultdict(set)
    for one in some:
        if one.fault is not None:
            of_good[one.traceless].add(issue(one.fault))
    wanted = {one.path: frozenset({issue(one.fault)} if one.fault else of_good[one.traceless]) for one in some}
    return Findings(some, asking.each(tools, lambda tool: asking.scores(tool, wanted, home)))


# --- tables -----------------------------------------------------------------------------------------------------------


def behind(found: Findings, copies: Copies | None) -> str:
    """The lines that say where ours is behind the best peer: computed, whatever they say."""
    said = {figure.title: lost(found.whole(), figure) for figure in (AUC, FALSE_ALARMS)}
    said |= {f"{figure.title}, by maker": lost(found.by_maker(), figure) for figure in (AUC, FALSE_ALARMS)}
    if copies:
        said["Near-duplicates"] = copies.lost()
    lines = [f"- {title}: {', '.join(names) or 'nowhere'}." for title, names in said.items()]
    return "\n".join(["**Behind the best peer by more than chance:**", "", *lines])


def lost(cells: Mapping[str, Cell], figure: Figure) -> list[str]:
    gaps = {name: cell.gap(figure) for name, cell in cells.items()}
    return [f"{name} ({signed(gap, figure.digits)})" for name, gap in gaps.items() if gap and figure.lost(gap)]


def beside(cells: Mapping[str, Cell], figure: Figure, tools: Sequence[str]) -> str:
    """A row a fault, a column a tool: the figure with its interval; then ours minus the best peer."""
    rows = []
    for name, cell in cells.items():
        values = (told(cell, tool, figure) for tool in tools)
        rows.append([name, *counts(cell), *values, signed(cell.gap(figure), figure.digits)])
    return table(["fault", "bad", "good", *tools, "ours minus the best peer"], rows)


def counts(cell: Cell) -> tuple[str, str]:
    return str(int(cell.bad.sum())), str(int((~cell.bad).sum()))


def told(cell: Cell, tool: str, figure: Figure) -> str:
    if tool not in cell.measures:
        return "-"
    return f"{shown(cell.interval(tool, figure), figure.digits)} {cell.best(tool, figure)}".rstrip()


def details(found: Findings, makers: Sequence[Fault], tools: Sequence[str]) -> str:
    """One fault by size, by strength and by maker: AUC and false alarms of each tool."""
    rows = []
    for title, keep in parts(makers).items():
        if cell := found.cell(makers[0], keep):
            rows.append([title, *counts(cell), *(short(cell, tool) for tool in tools), signed(cell.gap(AUC))])
    made = "; ".join(f"{one.maker} {', '.join(f'{s:g}' for s in one.strengths)}" for one in makers)
    head = ["AUC; false alarms", "bad", "good", *tools, "AUC, ours minus the best peer"]
    return f"#### {makers[0].name}\n\nStrengths: {made}.\n\n{table(head, rows)}"


def parts(makers: Sequence[Fault]) -> dict[str, Callable[[Picture], bool]]:
    """Title -> which pictures are looked at; good ones always, but of the same size."""
    levels = range(max(len(one.strengths) for one in makers))
    return {
        **{f"{side} px": lambda one, side=side: one.scene.side == side for side in SIDES},
        **{f"strength {level + 1}": lambda one, level=level: one.level in (-1, level) for level in levels},
        **{one.maker: made_by(one) for one in makers},
    }


def short(cell: Cell, tool: str) -> str:
    if tool not in cell.measures:
        return "-"
    return f"{cell.value(tool, AUC):.3f}; {cell.value(tool, FALSE_ALARMS):.0%}"


# --- the page ---------------------------------------------------------------------------------------------------------


def report(arguments: argparse.Namespace) -> Iterator[str]:
    """The parts of the page, the summary first."""
    tools = [peers.OURS, *arguments.peers]
    scenes = [scene for scene in scenes_apart(arguments.count) if scene.side <= arguments.largest]
    some = pictures(scenes, faults_of(arguments.home, arguments.faults))
    render(some, arguments.processes)
    found = findings(some, tools, arguments.home)
    finders = [tool for tool in tools if tool != "classic"]
    copies = copies_apart(scenes_apart(arguments.copies), finders, arguments.home) if arguments.copies else None
    yield f"{len(scenes)} scenes, {len(some)} photographs; {', '.join(map(peers.version, tools))}."
    yield behind(found, copies)
    for figure in (AUC, FALSE_ALARMS):
        yield f"### {figure.title}"
        yield beside(found.whole(), figure, tools)
    if copies:
        yield "### Near-duplicates: share found"
        yield copies.table()
    yield "### By size, by strength (1 is the weakest) and by maker"
    for makers in found.faults():
        yield details(found, makers, tools)


def faults_of(home: Path | None, names: Sequence[str]) -> list[Fault]:
    """All faults, or those of these names: of the code beside this, and of whatever properties there are."""
    catalog = bootstrap(load_settings(home=home)).catalog
    image = {name: one for name, one in catalog.properties.items() if name.startswith("image/")}
    told = {one.name for one in image.values()}
    faults = [one for one in (*made_here(), *own_faults(image)) if one.property in told]
    return [one for one in faults if not names or one.name in names]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=40, help="scenes, about 40 pictures each")
    parser.add_argument("--copies", type=int, default=64, help="scenes whose copies are looked for, or 0")
    parser.add_argument("--largest", type=int, default=4000, help="long side of scenes, at most")
    parser.add_argument("--peers", nargs="*", default=OTHERS, choices=OTHERS)
    parser.add_argument("--faults", nargs="*", default=[], help="only these (defocus, noise ...)")
    parser.add_argument("--home", type=Path, help="folder with models of ours (default: those that come with it)")
    parser.add_argument("--processes", type=int, default=2, help="that render")
    parser.add_argument("--docs", type=Path, default=PAGE, help="page for the figures")
    parser.add_argument("--quick", action="store_true", help="a few small scenes")
    if parser.parse_args().quick:
        parser.set_defaults(count=8, copies=16, largest=1280)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)  # before anything is drawn: a forked process would wait for threads that it has not
    text = "\n\n".join(report(arguments))
    print(text)
    if not (arguments.quick or arguments.faults or arguments.peers != OTHERS):
        write_page(arguments.docs, MARKS, text)
    print(f"{processor_seconds():.0f} s of processor time", file=sys.stderr)


def processor_seconds() -> float:
    """Of this process and of all that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
