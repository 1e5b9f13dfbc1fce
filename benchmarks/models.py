"""The figures of docs/models.md: the default blur models on scenes that they have never seen.

python benchmarks/models.py [--home FOLDER] [--count 1600] [--docs docs/models.md]

Renders new scenes (another seed than training, no real photograph), asks every default blur pipeline, and sets the
variance of the Laplacian beside them as most people use it: at native size, threshold 100. Then trains anew without any
real photograph and asks about the real ones. Prints Markdown, and writes it between the marks of the page;
the reliability plot goes to assets/reliability.png.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from figures import reliability, shown, table, write_page

from multimodal.bootstrap import App, bootstrap
from multimodal.config.config import load_settings
from multimodal.domain.image.blur import PROPERTY, laplacian_variance
from multimodal.domain.image.synthetic import Mix, captures
from multimodal.domain.shared.calibration import best_threshold
from multimodal.domain.shared.data import Dataset
from multimodal.domain.shared.errors import DataError
from multimodal.domain.shared.evaluation import Interval, cluster_interval, get_metric
from multimodal.domain.shared.pipelines import TrainingPipeline
from multimodal.domain.shared.sample import Capture, Sample
from multimodal.domain.shared.source_code import code_digest
from multimodal.domain.shared.training import Trainer, figure

ROOT = Path(__file__).parents[1]
PIPELINES = ("blur_sharpness", "blur_gradients", "blur_laplacian")
NATIVE = "Laplacian, native size"
SEED = 1000
SIZES = {"300 to 640": (0, 640), "640 to 1024": (640, 1024), "1024 to 3000": (1024, 4000)}
MARKS = "<!-- figures: made by benchmarks/models.py -->", "<!-- end of figures -->"


@dataclass(frozen=True)
class Answers:
    """All answers of one method: scores (the higher, the sharper), labels, and kinds of blur where it tells them."""

    scores: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray


def new_scenes(app: App, count: int, property_name: str = "blur") -> Dataset:
    """Photographs of scenes of another seed than any training, made once."""
    made = captures(property_name, count, seed=SEED, mix=Mix(real=0.0))
    key = code_digest([captures.__module__])[:16] + f"-{property_name}-{count}"
    modality = app.catalog.modalities["image"]

    def decode(capture: Capture) -> Sample:
        return modality.decode(capture.read(), capture.name)

    return Dataset(app.data.renderer.render(made, key), decode, name="new scenes")


def ask(app: App, data: Dataset) -> dict[str, Answers]:
    """What each method says about each photograph."""
    pipelines = {name: app.assessor.pipeline(name) for name in PIPELINES}
    rows: dict[str, list[tuple[float, str, str]]] = {name: [] for name in (*PIPELINES, NATIVE)}
    for capture in data.captures:
        sample = data.decode(capture)
        for name, pipeline in pipelines.items():
            answer = pipeline.predict([sample])[0]
            rows[name].append((answer.score, answer.label, str(answer.details.get("kind", ""))))
        variance = laplacian_variance(cv2.imdecode(np.frombuffer(capture.read(), np.uint8), cv2.IMREAD_GRAYSCALE))
        rows[NATIVE].append((variance, "sharp" if variance >= 100 else "blurred", ""))
    return {name: Answers(*(np.array(column) for column in zip(*found, strict=True))) for name, found in rows.items()}


def interval(formula: Callable[[np.ndarray], float], groups: np.ndarray, chosen: np.ndarray, digits: int = 3) -> str:
    """A figure over the chosen rows with its interval over scenes."""
    places = np.flatnonzero(chosen)
    try:
        found = cluster_interval(lambda rows: formula(places[rows]), groups[places])
    except DataError:
        return "-"
    return shown(found, digits)


def auc(answers: Answers, truth: np.ndarray) -> Callable[[np.ndarray], float]:
    return lambda rows: get_metric("roc_auc")(truth[rows], answers.scores[rows], PROPERTY.labels)


def balanced(answers: Answers, truth: np.ndarray, threshold: float) -> Callable[[np.ndarray], float]:
    def of_rows(rows: np.ndarray) -> float:
        given = np.where(answers.scores[rows] >= threshold, "sharp", "blurred")
        return get_metric("balanced_accuracy")(truth[rows], given, PROPERTY.labels)

    return of_rows


def middles(app: App, answers: Mapping[str, Answers], truth: np.ndarray) -> dict[str, tuple[Answers, float]]:
    """Each method with the score from which on it says sharp when it may not abstain."""
    found: dict[str, tuple[Answers, float]] = {}
    for name in PIPELINES:
        thresholds = app.assessor.pipeline(name).decision.thresholds
        found[name] = answers[name], (thresholds.accept + thresholds.reject) / 2
    known = truth != "cannot_tell"
    native = answers[NATIVE]
    best = best_threshold(native.scores[known], truth[known] == "sharp")
    return {**found, f"{NATIVE}, 100": (native, 100.0), f"{NATIVE}, best {best:.0f}": (native, best)}


def by_fault(facts: Mapping[str, np.ndarray], methods: Mapping[str, tuple[Answers, float]]) -> list[str]:
    """AUC and balanced accuracy by fault and size; what is sharp is the same in both columns of a size."""
    truth, groups = facts["label"], facts["group"]
    head = ["method", "defocus", "motion", "both"]
    pages = []
    for size, (low, high) in {**SIZES, "300 to 3000": (0, 9999)}.items():
        inside = (facts["long_side"] >= low) & (facts["long_side"] < high) & (truth != "cannot_tell")
        for title, make in (
            ("AUC", lambda a, t: auc(a, truth)),
            ("Balanced accuracy", lambda a, t: balanced(a, truth, t)),
        ):
            rows = []
            for name, (answers, threshold) in methods.items():
                if title == "AUC" and name.endswith("100"):
                    continue
                label = name.split(", best")[0] if title == "AUC" else name
                faults = [
                    inside & np.isin(facts["fault"], ("none", *f))
                    for f in (("defocus",), ("motion",), ("defocus", "motion"))
                ]
                rows.append([label, *(interval(make(answers, threshold), groups, chosen) for chosen in faults)])
            pages.append(f"{title}, long side: {size} pixels ({int(inside.sum())} photographs)\n\n{table(head, rows)}")
    return pages


def by_strength(facts: Mapping[str, np.ndarray], answers: Answers) -> str:
    """What the deciding pipeline says at each strength."""
    steps = {"defocus": (4.5, 8, 16, 32.1), "motion": (6.5, 12, 24, 48.1)}
    rows = []
    for fault, edges in steps.items():
        for low, high in pairwise(edges):
            inside = (facts["fault"] == fault) & (facts["label"] == "blurred")
            inside &= (facts["strength"] >= low) & (facts["strength"] < high)
            rows.append([f"{fault}, {low:g} to {high:.0f} px", *shares(answers.labels[inside])])
    labels = ("sharp", "cannot_tell")
    rows += [[f"labelled {label}", *shares(answers.labels[facts["label"] == label])] for label in labels]
    return table(["truth", "photographs", "sharp", "blurred", "cannot_tell"], rows)


def shares(labels: np.ndarray) -> list[str]:
    return [str(len(labels)), *(f"{np.mean(labels == label):.1%}" for label in ("sharp", "blurred", "cannot_tell"))]


def abstention(facts: Mapping[str, np.ndarray], answers: Mapping[str, Answers]) -> str:
    rows = []
    known = facts["label"] != "cannot_tell"
    for name in PIPELINES:
        given, truth = answers[name].labels[known], facts["label"][known]
        decided = given != "cannot_tell"
        wrong = (given != truth) & decided
        alarms = (given == "blurred") & (truth == "sharp")
        passed = (given == "sharp") & (truth == "blurred")
        rows.append(
            [
                name,
                f"{1 - decided.mean():.1%}",
                f"{wrong.sum() / decided.sum():.1%}",
                f"{alarms.sum() / (truth == 'sharp').sum():.1%}",
                f"{passed.sum() / (truth == 'blurred').sum():.1%}",
            ]
        )
    return table(
        ["pipeline", "abstains", "wrong when it decides", "sharp called blurred", "blurred called sharp"], rows
    )


def reliable(facts: Mapping[str, np.ndarray], answers: Mapping[str, Answers], picture: Path) -> str:
    """How well scores are probabilities, where the truth is known."""
    known = facts["label"] != "cannot_tell"
    return reliability({n: answers[n].scores[known] for n in PIPELINES}, facts["label"][known] == "sharp", picture)


def unseen_sources(app: App) -> str:
    """Trained on procedural scenes alone, asked about real photographs."""
    rows = []
    recipes = [app.catalog.recipe(name) for name in PIPELINES]
    measured = app.data.measured(app.data.load("blur_synthetic"), recipes)
    for name, recipe in zip(PIPELINES, recipes, strict=True):
        training = TrainingPipeline(recipe, PROPERTY, app.catalog.resolve, app.trainer.tuner)
        made = training.usable(app.data.table(measured, recipe))
        real = np.array([fact["source"] == "photo" for fact in made.facts])
        arguments = recipe.training.but(trials=4)
        trained = Trainer(arguments, PROPERTY, app.trainer.tuner).fit(training.make, made.rows(~real))
        photos = made.rows(real)

        def of(metric: str, trained: Any = trained, photos: Any = photos) -> str:
            formula = get_metric(metric)
            found = cluster_interval(
                lambda rows: figure(formula, trained.decision, trained.estimator, photos.rows(rows)), photos.groups
            )
            return shown(found)

        rows.append([name, of("roc_auc"), of("balanced_accuracy")])
    return table(["pipeline", f"AUC ({int(real.sum())} photographs of 12 pictures)", "balanced accuracy"], rows)


def kinds(facts: Mapping[str, np.ndarray], answers: Answers) -> str:
    told = (answers.labels == "blurred") & (facts["label"] == "blurred")
    rows = []
    for fault in ("defocus", "motion"):
        chosen = told & (facts["fault"] == fault)
        rows.append([fault, str(int(chosen.sum())), f"{np.mean(answers.kinds[chosen] == fault):.1%}"])
    return table(["truly", "called blurred", "kind is right"], rows)


def defaults(app: App) -> str:
    """What each default model reached on the test part of its own data set."""
    rows = []
    for name in PIPELINES:
        bundle = app.models.load(app.models.champion(name))
        reached = [shown(Interval(*bundle.metrics["test"][key])) for key in ("roc_auc", "balanced_accuracy", "brier")]
        rows.append([name, str(bundle.data["splits"]["test"]["groups"]), *reached])
    return table(["model", "test scenes", "AUC", "balanced accuracy", "Brier score"], rows)


def figures(app: App, count: int, picture: Path) -> str:
    """All figures as Markdown."""
    data = new_scenes(app, count)
    facts = {
        key: np.array([c.facts[key] for c in data.captures]) for key in ("label", "fault", "strength", "long_side")
    }
    facts["group"] = np.array(data.groups)
    answers = ask(app, data)
    decider = answers["blur_sharpness"]
    parts = [
        f"{len(data)} photographs of {len(set(data.groups))} new scenes. Intervals: 95 %, bootstrap over scenes.\n",
        *by_fault(facts, middles(app, answers, facts["label"])),
        "What `blur_sharpness` says, by strength (pixels at a long side of 1024)\n\n" + by_strength(facts, decider),
        "Of what it calls blurred, the kind\n\n" + kinds(facts, decider),
        "Abstention\n\n" + abstention(facts, answers),
        "Reliability: mean score and share that is truly sharp\n\n" + reliable(facts, answers, picture),
        "Each default model on the test part of its own data set\n\n" + defaults(app),
        "Trained without any real photograph, asked about real ones\n\n" + unseen_sources(app),
    ]
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, help="folder that keeps what was rendered and measured")
    parser.add_argument("--count", type=int, default=1600, help="photographs of new scenes")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs" / "models.md", help="page to write the figures into")
    arguments = parser.parse_args()
    app = bootstrap(load_settings(home=arguments.home))
    text = figures(app, arguments.count, ROOT / "assets" / "reliability.png")
    print(text)
    write_page(arguments.docs, MARKS, text)


if __name__ == "__main__":
    main()
