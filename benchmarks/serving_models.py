"""scikit-learn against ONNX: what one row and a thousand rows cost, and by how much the answers differ.

    .venv/bin/python benchmarks/serving_models.py

One row is what a request asks. Both run in one thread; times are medians. A ratio above 1 means that ONNX is faster.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from multimodal.domain.shared.estimators import SklearnPipeEstimator
from multimodal.domain.shared.onnx import OnnxEstimator
from multimodal.domain.shared.onnx_export import to_onnx

COLUMNS = 20
SECONDS = 1.0  # a figure
MODELS = {
    "logistic regression": [StandardScaler(), LogisticRegression(max_iter=1_000)],
    "MLP 32, 16": [StandardScaler(), MLPClassifier([32, 16], max_iter=100, tol=0.01, random_state=0)],
    "SVC": [StandardScaler(), CalibratedClassifierCV(SVC(), ensemble=False)],
    "5 nearest neighbours": [StandardScaler(), KNeighborsClassifier()],
    "100 extra trees": [ExtraTreesClassifier(100, min_samples_leaf=3, random_state=0)],
    "100 random trees": [RandomForestClassifier(100, min_samples_leaf=3, random_state=0)],
    "100 boosted trees": [GradientBoostingClassifier(random_state=0)],
    "100 histogram boosted": [HistGradientBoostingClassifier(random_state=0)],
    "scaler, histogram boosted": [StandardScaler(), HistGradientBoostingClassifier(random_state=0)],
    "calibrated forest": [CalibratedClassifierCV(RandomForestClassifier(50, random_state=0))],
}


def main() -> None:
    X, y = make_classification(3_000, COLUMNS, n_informative=8, random_state=0)
    table, labels = X.astype(np.float32), np.where(y, "good", "bad")
    print(f"{'model':28}{'rows':>6}{'scikit-learn us':>17}{'ONNX us':>10}{'ratio':>8}{'apart':>10}")
    for name, steps in MODELS.items():
        for line in figures(steps, table, labels):
            print(f"{name:28}{line}", flush=True)


def figures(steps: list[Any], table: np.ndarray, labels: np.ndarray) -> Iterator[str]:
    fitted = SklearnPipeEstimator([(str(i), step) for i, step in enumerate(steps)]).fit(table[:2_000], labels[:2_000])
    unseen = table[2_000:]
    exported = OnnxEstimator(to_onnx(fitted, unseen), fitted.classes_)
    for rows in (unseen[:1], unseen):
        apart = np.abs(fitted.predict_proba(rows) - exported.predict_proba(rows)).max()
        ours, theirs = (median(lambda m=m, rows=rows: m.predict_proba(rows)) for m in (exported, fitted))
        yield f"{len(rows):>6}{theirs:>17.1f}{ours:>10.1f}{theirs / ours:>8.1f}{apart:>10.1e}"


def median(run: Callable[[], object]) -> float:
    """Median microseconds of a call."""
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e6 * statistics.median(times)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        main()
