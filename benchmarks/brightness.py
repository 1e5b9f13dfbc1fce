"""The figures of brightness in docs/models.md: the default models on scenes that they have never seen.

python benchmarks/brightness.py [--home FOLDER] [--count 800] [--docs docs/models.md]

Renders new scenes (another seed than training, no real photograph) and asks both brightness pipelines. Prints Markdown,
and writes it between the marks of the page; the reliability plot goes to assets/reliability_brightness.png.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from figures import reliability, shown, table, write_page
from models import new_scenes

from multimodal.bootstrap import App, bootstrap
from multimodal.config.config import load_settings
from multimodal.domain.image.brightness import LABELS
from multimodal.domain.shared.data import Dataset
from multimodal.domain.shared.evaluation import cluster_interval
from multimodal.domain.shared.results import CANNOT_TELL, Prediction

ROOT = Path(__file__).parents[1]
PIPELINES = ("brightness_percentiles", "brightness_clipping")
MARKS = "<!-- figures: made by benchmarks/brightness.py -->", "<!-- end of brightness -->"


def ask(app: App, data: Dataset) -> dict[str, list[Prediction]]:
    """What each pipeline says about each photograph."""
    found: dict[str, list[Prediction]] = {name: [] for name in PIPELINES}
    for capture in data.captures:
        sample = data.decode(capture)
        for name, answers in found.items():
            answers += app.assessor.pipeline(name).predict([sample])
    return found


def recalls(truth: np.ndarray, groups: np.ndarray, answers: Mapping[str, list[Prediction]]) -> str:
    """The share of each truth that is told right; an abstention counts as wrong."""
    rows = []
    for name, given in answers.items():
        labels = np.array([answer.label for answer in given])
        shares = []
        for label in LABELS:
            chosen = np.flatnonzero(truth == label)
            right = labels[chosen] == label
            shares.append(shown(cluster_interval(lambda at, right=right: float(right[at].mean()), groups[chosen])))
        rows.append([name, *shares, f"{np.mean(labels == CANNOT_TELL):.1%}"])
    return table(["pipeline", *(f"{label}, told right" for label in LABELS), "abstains"], rows)


def figures(app: App, count: int) -> str:
    """All figures as Markdown."""
    data = new_scenes(app, count, "brightness")
    truth, groups = np.array(data.labels), np.array(data.groups)
    answers = ask(app, data)
    scores = {name: np.array([answer.score for answer in given]) for name, given in answers.items()}
    picture = ROOT / "assets" / "reliability_brightness.png"
    head = f"{len(data)} photographs of {len(set(data.groups))} new scenes. Intervals: 95 %, bootstrap over scenes.\n\n"
    calibrated = "\nReliability: mean score and share that is truly good\n\n" + reliability(
        scores, truth == "good", picture
    )
    return head + recalls(truth, groups, answers) + calibrated


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, help="folder that keeps what was rendered and measured")
    parser.add_argument("--count", type=int, default=800, help="photographs of new scenes")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs" / "models.md", help="page to write the figures into")
    arguments = parser.parse_args()
    text = figures(bootstrap(load_settings(home=arguments.home)), arguments.count)
    print(text)
    write_page(arguments.docs, MARKS, text)


if __name__ == "__main__":
    main()
