"""Training from good photographs alone, measured on photographs that other code has spoiled.

python benchmarks/own_photos.py FOLDER [--packages] [--sizes 10 20 40] [--trials 4] [--home FOLDER]

FOLDER holds good photographs and nothing else; --packages adds the sharp ones of scikit-image and scikit-learn. Each
pipeline is trained from some of them with `spoiled` and asked about the others: untouched, resaved, and spoiled by
plain OpenCV and Pillow on the file's own values. Beside it stands the default model, which has seen none of them (but
those of the packages), and for blur the variance of the Laplacian, a threshold fitted to the same training set. Each
picture is tested several times, by models that have not seen it. Prints Markdown.
"""

import argparse
import io
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from figures import shown, table
from PIL import Image, ImageEnhance

from multimodal.bootstrap import App, bootstrap
from multimodal.config.config import Settings
from multimodal.domain.image import photos
from multimodal.domain.image.sample import decode_pixels
from multimodal.domain.shared.calibration import best_threshold
from multimodal.domain.shared.data import Dataset, FeatureTable
from multimodal.domain.shared.decision import Decision
from multimodal.domain.shared.estimators import Estimator
from multimodal.domain.shared.evaluation import cluster_interval, get_metric
from multimodal.domain.shared.pipelines import TrainingPipeline
from multimodal.domain.shared.sample import Capture
from multimodal.domain.shared.spoiling import spoiled
from multimodal.domain.shared.training import Known

PIPELINES = {
    "blur": ("blur_sharpness", "blur_gradients", "blur_laplacian"),
    "brightness": ("brightness_percentiles",),
}
LARGEST = 2560
Pixels = np.ndarray
Change = Callable[[Pixels], Pixels]


# --- what spoils a photograph here: nothing of the package's own ------------------------------------------------------


def gaussian(sigma: float, pixels: Pixels) -> Pixels:
    return cv2.GaussianBlur(pixels, (0, 0), sigma * unit(pixels))


def disk(diameter: float, pixels: Pixels) -> Pixels:
    side = round(diameter * unit(pixels)) // 2 * 2 + 1
    spot = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)).astype(np.float32)
    return cv2.filter2D(pixels, -1, spot / spot.sum())


def motion(length: float, turn: float, pixels: Pixels) -> Pixels:
    side = round(length * unit(pixels)) // 2 * 2 + 1
    line = np.zeros((side, side), np.float32)
    line[side // 2] = 1
    line = cv2.warpAffine(line, cv2.getRotationMatrix2D((side // 2, side // 2), turn, 1), (side, side))
    return cv2.filter2D(pixels, -1, line / line.sum())


def brightness(factor: float, pixels: Pixels) -> Pixels:
    return np.asarray(ImageEnhance.Brightness(Image.fromarray(pixels)).enhance(factor))


def gamma(power: float, pixels: Pixels) -> Pixels:
    return cv2.LUT(pixels, np.rint(255 * (np.arange(256) / 255) ** power).astype(np.uint8))


def unit(pixels: Pixels) -> float:
    """Own pixels for one at a long side of 1024."""
    return max(1.0, max(pixels.shape) / 1024)


SPOILED: Mapping[str, Mapping[str, tuple[str, Change]]] = {
    "blur": {
        **{f"gaussian {s:g}": ("blurred", partial(gaussian, s)) for s in (1.3, 2, 3, 6)},
        **{f"disk {d:g}": ("blurred", partial(disk, d)) for d in (5, 8, 14, 24)},
        **{
            f"motion {n:g}": ("blurred", partial(motion, n, turn))
            for n, turn in ((8, 20), (12, 75), (20, 130), (36, 0))
        },
    },
    "brightness": {
        **{f"enhance {f:g}": ("under_exposed", partial(brightness, f)) for f in (0.1, 0.2, 0.3, 0.45)},
        **{f"gamma {p:g}": ("under_exposed", partial(gamma, p)) for p in (2.2, 3)},
        **{f"enhance {f:g}": ("over_exposed", partial(brightness, f)) for f in (1.7, 2.2, 3, 4)},
        **{f"gamma {p:g}": ("over_exposed", partial(gamma, p)) for p in (0.3, 0.45)},
    },
}
QUALITIES = (95, 88, 75, 60)


def saved(pixels: Pixels, quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return file.getvalue()


def changed(photo: Capture, change: Change, quality: int) -> bytes:
    pixels = decode_pixels(photo.read())
    factor = LARGEST / max(pixels.shape)
    if factor < 1:
        pixels = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return saved(change(pixels), quality)


def tests(photo: Capture, number: int, name: str, good: str) -> Iterator[Capture]:
    """One photograph untouched, resaved, and spoiled in all ways at changing qualities."""
    yield Capture(f"{photo.name}|untouched", photo.content, label=good, group=photo.name)
    for quality in QUALITIES[1:]:
        content = partial(changed, photo, lambda pixels: pixels, quality)
        yield Capture(f"{photo.name}|saved {quality}", content, label=good, group=photo.name)
    for turn, (what, (label, change)) in enumerate(SPOILED[name].items()):
        content = partial(changed, photo, change, QUALITIES[(number + turn) % len(QUALITIES)])
        yield Capture(f"{photo.name}|{what}", content, label=label, group=photo.name)


# --- training and asking ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """What a method says of test captures: rows of the test table, P(good), forced label, verdict (None: abstains)."""

    rows: np.ndarray
    scores: np.ndarray
    forced: np.ndarray
    verdicts: np.ndarray

    @classmethod
    def of(cls, estimator: Estimator, decision: Decision, table: FeatureTable, rows: np.ndarray) -> "Answers":
        probabilities = decision.predicted(estimator, table.features[rows])
        verdicts = np.array([decision.answer(row)[1] for row in probabilities.tolist()], object)
        return cls(rows, decision.scores(probabilities), decision.forced(probabilities), verdicts)


def joined(parts: Sequence[Answers]) -> Answers:
    fields = ("rows", "scores", "forced", "verdicts")
    return Answers(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))


def folds(names: Sequence[str], size: int, seed: int = 0) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Training and test photographs; each is tested at least once, and no fold trains on more than `size`."""
    order = np.random.default_rng(seed).permutation(names)
    size = min(size, len(names) - 4)
    step = min(size, len(names) - size)
    for start in range(0, len(names), step):
        if size <= step:
            chosen = np.take(order, range(start, start + size), mode="wrap")
        else:
            chosen = np.setdiff1d(order, order[start : start + step])
        yield chosen, np.setdiff1d(order, chosen)


class Bench:
    """One property: its training and test captures, measured once."""

    def __init__(self, app: App, name: str, good: Dataset, copies: int | None) -> None:
        self.app = app
        self.name = name
        self.property = app.catalog.properties[f"image/{name}"]
        self.recipes = [app.catalog.recipe(pipeline) for pipeline in PIPELINES[name]]
        accepted = next(iter(self.property.accepted))
        made = spoiled(good, self.property, app.catalog.modalities["image"], seed=0, copies=copies)
        test = [c for number, photo in enumerate(good.captures) for c in tests(photo, number, name, accepted)]
        self.learn = app.data.measured(made, self.recipes, progress)
        self.test = app.data.measured(Dataset(test, good.decode, name="test"), self.recipes, progress)
        self.what = np.array([test[i].name.rpartition("|")[2] for i in self.test.index])

    def answers(self, pipeline: str, size: int, trials: int) -> tuple[Answers, Answers]:
        """Of models trained from `size` photographs, and of the default model, on the photographs left over."""
        recipe = self.app.catalog.recipe(pipeline)
        training = TrainingPipeline(
            replaced(recipe, trials), self.property, self.app.catalog.resolve, self.app.trainer.tuner
        )
        learn, test = self.app.data.table(self.learn, recipe), self.app.data.table(self.test, recipe)
        default = self.app.assessor.pipeline(pipeline)
        own, shipped, taken = [], [], []
        for chosen, left in folds(sorted(set(test.groups)), size):
            inside = training.usable(learn.rows(np.isin(learn.groups, chosen)))
            known = Known(default.estimator, default.decision) if recipe.learned else None
            trained = training.trainer().fit(training.make, inside, known)
            taken.append(trained.taken_over)
            rows = np.flatnonzero(np.isin(test.groups, left))
            own.append(Answers.of(trained.estimator, trained.decision, test, rows))
            shipped.append(Answers.of(default.estimator, default.decision, test, rows))
        print(f"{pipeline}: {sum(taken)} of {len(taken)} folds took the default estimator over", file=sys.stderr)
        return joined(own), joined(shipped)

    def row(self, name: str, answers: Answers) -> list[str]:
        """All figures of one method, intervals over pictures."""
        test = self.app.data.table(self.test, self.recipes[0])
        truth, groups = test.labels[answers.rows], test.groups[answers.rows]
        good = np.isin(truth, list(self.property.accepted))
        untouched = np.flatnonzero(self.what[answers.rows] == "untouched")
        binary = np.where(good, "good", "bad")

        def auc(rows: np.ndarray) -> float:
            return get_metric("roc_auc")(binary[rows], answers.scores[rows], ("bad", "good"))

        def balanced(rows: np.ndarray) -> float:
            return get_metric("balanced_accuracy")(truth[rows], answers.forced[rows], self.property.labels)

        rejected = answers.verdicts == False  # noqa: E712 - None abstains
        undecided = np.array([verdict is None for verdict in answers.verdicts])
        return [
            name,
            shown(cluster_interval(auc, groups)),
            shown(cluster_interval(balanced, groups)),
            shown(cluster_interval(lambda rows: float(rejected[untouched][rows].mean()), groups[untouched])),
            f"{rejected[good].mean():.1%}",
            f"{rejected[~good].mean():.1%}",
            f"{undecided.mean():.1%}",
        ]

    def detected(self, answers: Answers) -> str:
        """Share called bad, by what was done."""
        what = self.what[answers.rows]
        rejected = answers.verdicts == False  # noqa: E712
        return ", ".join(f"{name} {rejected[what == name].mean():.0%}" for name in dict.fromkeys(self.what))

    def laplacian(self, size: int) -> Answers:
        """The variance of the Laplacian, its threshold fitted to the training set."""
        recipe = self.app.catalog.recipe("blur_laplacian")
        learn, test = self.app.data.table(self.learn, recipe), self.app.data.table(self.test, recipe)
        parts = []
        for chosen, left in folds(sorted(set(test.groups)), size):
            inside = learn.rows(np.isin(learn.groups, chosen) & (learn.labels != ""))
            border = best_threshold(inside.features[:, 0], inside.labels == "sharp")
            rows = np.flatnonzero(np.isin(test.groups, left))
            scores = test.features[rows, 0].astype(float)
            sharp = scores >= border
            parts.append(Answers(rows, scores, np.where(sharp, "sharp", "blurred"), sharp.astype(object)))
        return joined(parts)


def replaced(recipe, trials: int):
    from dataclasses import replace

    return replace(recipe, training=recipe.training.but(trials=trials))


HEAD = ["method", "AUC", "balanced accuracy", "untouched called bad", "good called bad", "bad called bad", "abstains"]


def figures(bench: Bench, sizes: Sequence[int], trials: int) -> Iterator[str]:
    for size in sizes:
        rows, notes = [], []
        for pipeline in PIPELINES[bench.name][: 2 if bench.name == "blur" else 1]:
            own, shipped = bench.answers(pipeline, size, trials)
            rows += [bench.row(f"{pipeline}, own photos", own), bench.row(f"{pipeline}, default", shipped)]
            notes += [f"{pipeline}, own: {bench.detected(own)}", f"{pipeline}, default: {bench.detected(shipped)}"]
        if bench.name == "blur":
            rows.append(bench.row("Laplacian variance, fitted", bench.laplacian(size)))
        title = f"{bench.name}: trained from {size} photographs, each other one tested {len(own.rows)} captures in all"
        yield f"{title}\n\n{table(HEAD, rows)}\n" + "\n".join(f"* {note}" for note in notes) + "\n"


def good_photos(folder: Path, packages: bool) -> list[Capture]:
    own = [Capture.from_path(path) for path in sorted(folder.iterdir()) if path.is_file()]
    return own + [Capture.from_path(photo.path()) for photo in photos.SHARP.values() if packages]


def progress(what: str, done: int, total: int) -> None:
    if done % max(1, total // 10) == 0:
        print(f"{what} {done}/{total}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of good photographs")
    parser.add_argument("--packages", action="store_true", help="add the photographs of scikit-image and scikit-learn")
    parser.add_argument("--properties", nargs="+", default=list(PIPELINES), choices=list(PIPELINES))
    parser.add_argument("--sizes", nargs="+", type=int, default=[10, 20, 40], help="photographs to train from")
    parser.add_argument("--trials", type=int, default=6, help="of each search")
    parser.add_argument("--copies", type=int, help="of each photograph with each fault")
    parser.add_argument("--home", type=Path, help="folder that keeps what was measured for the next run")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as temporary:
        app = bootstrap(Settings(home=arguments.home or Path(temporary)))
        captures = good_photos(arguments.folder, arguments.packages)
        decode = app.catalog.modalities["image"].decode
        good = Dataset(captures, lambda capture: decode(capture.read(), capture.name), name="own")
        print(f"{len(captures)} photographs. Intervals: 95 %, bootstrap over pictures.\n")
        for name in arguments.properties:
            for text in figures(Bench(app, name, good, arguments.copies), arguments.sizes, arguments.trials):
                print(text, flush=True)


if __name__ == "__main__":
    main()
