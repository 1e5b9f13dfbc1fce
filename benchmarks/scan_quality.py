"""How good `scan_quality` is on shapes that it has not seen, beside the rules alone.

    python benchmarks/scan_quality.py [--count 400] [--docs FILE]

Fresh procedural scans (another seed than training's), sound and spoiled, two of each shape, strengths from weak to
strong. Told are balanced accuracy and the area under the curve with 95 % intervals over shapes, for meshes and clouds.
The rules reject when any of those that decide does; `worst` is the largest measure in its rule's limits.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from figures import shown, table, write_page
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from multimodal.bootstrap import bootstrap
from multimodal.domain.model3d.sample import MeshSample, decode
from multimodal.domain.model3d.synthetic import captures
from multimodal.domain.shared.evaluation import Interval

MARKS = ("<!-- learned: made by benchmarks/scan_quality.py -->", "<!-- end of learned -->")
SEED, RESAMPLES = 77, 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--docs", type=Path, help="write the figures into this page")
    given = parser.parse_args()
    app = bootstrap()
    scans = captures("scan_quality", given.count, seed=SEED)
    good = np.array([scan.label == "sound" for scan in scans])
    groups = np.array([scan.group for scan in scans])
    is_mesh, learned, rules, worst = [], [], [], []
    for scan in scans:
        answers = {one.pipeline: one for one in app.assessor.assess(scan).predictions}
        own = answers["scan_quality"]
        is_mesh.append(isinstance(decode(scan.read()), MeshSample))
        learned.append(own.score)
        worst.append(-(own.value or 0.0))
        rules.append(not any(one.decides and one.accepted is False for one in answers.values()))
    rows = []
    for kind, chosen in (("meshes", np.array(is_mesh)), ("clouds", ~np.array(is_mesh))):
        for name, scores, line in (
            ("scan_quality", np.array(learned), 0.5),
            ("any rule that decides", np.array(rules, float), 0.5),
            ("worst measure", np.array(worst), -1.0),
        ):
            told, truth, member = scores[chosen], good[chosen], groups[chosen]
            accuracy = over_groups(partial(accuracy_of, truth, told >= line), member)
            area = over_groups(partial(area_of, truth, told), member)
            rows.append([kind, name, shown(accuracy), shown(area)])
    text = f"{given.count} scans of {len(set(groups))} shapes.\n\n" + table(
        ["of", "by", "balanced accuracy", "AUC"], rows
    )
    print(text)
    if given.docs:
        write_page(given.docs, MARKS, text)


def accuracy_of(truth: np.ndarray, accepted: np.ndarray, rows: np.ndarray) -> float:
    return float(balanced_accuracy_score(truth[rows], accepted[rows]))


def area_of(truth: np.ndarray, scores: np.ndarray, rows: np.ndarray) -> float:
    return float(roc_auc_score(truth[rows], scores[rows]))


def over_groups(figure: Callable[[np.ndarray], float], groups: np.ndarray) -> Interval:
    """A figure with its 95 % interval, whole groups drawn anew."""
    rng, names = np.random.default_rng(0), np.unique(groups)
    rows = {name: np.flatnonzero(groups == name) for name in names}
    drawn = [figure(np.concatenate([rows[n] for n in rng.choice(names, len(names))])) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(figure(np.arange(len(groups))), float(low), float(high))


if __name__ == "__main__":
    main()
