"""How figures are shown: numbers with intervals, Markdown tables, and the reliability plot."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from multimodal.domain.shared.evaluation import Interval


def shown(found: Interval, digits: int = 3) -> str:
    return f"{found.value:.{digits}f} ({found.low:.{digits}f} to {found.high:.{digits}f})"


def signed(found: Interval | None, digits: int = 3) -> str:
    """A difference; none is a dash."""
    if found is None:
        return "-"
    return f"{found.value:+.{digits}f} ({found.low:+.{digits}f} to {found.high:+.{digits}f})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def reliability(scores: Mapping[str, np.ndarray], good: np.ndarray, picture: Path) -> str:
    """A table of mean score and true share by bin, a row a pipeline, and the same as a plot."""
    rows, curves = [], {}
    for name, values in scores.items():
        bins = np.clip((values * 10).astype(int), 0, 9)
        inside = [bins == number for number in range(10) if (bins == number).any()]
        curves[name] = [(float(values[b].mean()), float(good[b].mean()), int(b.sum())) for b in inside]
        error = sum(n * abs(p - t) for p, t, n in curves[name]) / len(values)
        rows.append([name, f"{error:.3f}", ", ".join(f"{p:.2f}: {t:.2f}" for p, t, _ in curves[name])])
    cv2.imwrite(str(picture), drawn(curves))
    return table(["pipeline", "mean error", "score: true share, by tenth"], rows)


def write_page(page: Path, marks: tuple[str, str], text: str) -> None:
    """Put the text between the two marks of a page; a page that is not there stays away."""
    if page.exists():
        before, begin, rest = page.read_text(encoding="utf-8").partition(marks[0])
        if not begin:
            raise ValueError(f"{page.name} has no line {marks[0]!r} to write the figures behind.")
        after = rest.partition(marks[1])[2]
        page.write_text(f"{before}{marks[0]}\n\n{text}\n{marks[1]}{after}", encoding="utf-8")


def drawn(curves: Mapping[str, Sequence[tuple[float, float, int]]], side: int = 360) -> np.ndarray:
    """One panel a pipeline: the score across, the share that is truly sharp upwards; on the diagonal is right."""
    panels = []
    for name, curve in curves.items():
        panel = np.full((side + 90, side + 90, 3), 255, np.uint8)

        def place(x: float, y: float) -> tuple[int, int]:
            return int(55 + x * side), int(35 + (1 - y) * side)

        for tick in (0, 0.25, 0.5, 0.75, 1):
            cv2.line(panel, place(tick, 0), place(tick, 1), (230, 230, 230), 1, cv2.LINE_AA)
            cv2.line(panel, place(0, tick), place(1, tick), (230, 230, 230), 1, cv2.LINE_AA)
            write(panel, f"{tick:g}", (place(tick, 0)[0] - 10, side + 55))
            write(panel, f"{tick:g}", (12, place(0, tick)[1] + 5))
        cv2.line(panel, place(0, 0), place(1, 1), (170, 170, 170), 1, cv2.LINE_AA)
        points = np.array([place(p, t) for p, t, _ in curve], np.int32)
        cv2.polylines(panel, [points], False, (150, 90, 20), 2, cv2.LINE_AA)
        for point, (_, _, n) in zip(points.tolist(), curve, strict=True):
            cv2.circle(panel, point, int(np.clip(2 + np.sqrt(n) / 3, 3, 12)), (150, 90, 20), -1, cv2.LINE_AA)
        write(panel, name, (55, 22))
        write(panel, "score", (place(0.5, 0)[0] - 20, side + 78))
        panels.append(panel)
    return np.hstack(panels)


def write(panel: np.ndarray, text: str, place: tuple[int, int]) -> None:
    cv2.putText(panel, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (60, 60, 60), 1, cv2.LINE_AA)
