"""Train the default models that the package carries, anew: same seed, same figures.

python scripts/train_defaults.py [PIPELINE ...] [--into FOLDER]

Each data set is rendered once into a temporary folder, then every pipeline takes the way of `multimodal train`. All
pipelines that say how they are trained are trained, unless some are named. Older versions make room for the new one.
"""

import argparse
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2

import multimodal
from multimodal.adapters.model_store import LocalModelStore
from multimodal.adapters.tracker import ModelTracker
from multimodal.adapters.tuner import OptunaTuner
from multimodal.bootstrap import bootstrap
from multimodal.domain.shared.data import Dataset
from multimodal.domain.shared.ports import DatasetSource
from multimodal.domain.shared.sample import Capture
from multimodal.service.training_service import TrainingService

DEFAULTS = Path(multimodal.__file__).parent / "defaults"


class Rendered:
    """A source of data sets whose captures are made once, side by side, and then lie in a folder."""

    def __init__(self, source: DatasetSource, folder: Path) -> None:
        self.source = source
        self.folder = folder

    def names(self) -> Sequence[str]:
        return self.source.names()

    def load(self, reference: str) -> Dataset:
        data = self.source.load(reference)
        folder = self.folder / data.digest[:16]
        folder.mkdir(parents=True, exist_ok=True)
        missing = [capture for capture in data.captures if not (folder / capture.name).exists()]
        for done, _ in enumerate(side_by_side(partial(render, folder), missing), start=1):
            report("render", done, len(missing))
        captures = [replace(capture, content=folder / capture.name) for capture in data.captures]
        return Dataset(captures, data.decode, class_names=data.class_names, name=data.name)


def side_by_side(work: Callable[[Capture], None], captures: Sequence[Capture]) -> Iterator[None]:
    """Captures through fresh processes: drawing scenes is Python, which threads do not speed up."""
    if captures:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(mp_context=context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
            yield from pool.map(work, captures, chunksize=8)


def render(folder: Path, capture: Capture) -> None:
    """Write one capture whole or not at all."""
    path = folder / capture.name
    started = path.with_suffix(f".{os.getpid()}")
    started.write_bytes(capture.read())
    started.replace(path)


def report(what: str, done: int, total: int) -> None:
    """One line that moves, on a terminal; one line a tenth, else."""
    if sys.stderr.isatty():
        print(f"\r{what} {done}/{total}  ", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done % max(1, total // 10) == 0:
        print(f"{what} {done}/{total}", file=sys.stderr, flush=True)


def train(names: Sequence[str], store: LocalModelStore, folder: Path) -> None:
    """Train pipelines into a store; only the new version of each stays."""
    app = bootstrap()
    data = Rendered(app.datasets, folder)
    service = TrainingService(app.catalog, data, OptunaTuner(), store, app.engine, ModelTracker(folder / "runs"))
    chosen = names or sorted(name for name, recipe in app.catalog.recipes.items() if recipe.training)
    for name in chosen:
        ref, bundle = service.train(name, progress=report)
        for old in store.versions(name):
            if old != ref:
                shutil.rmtree(store.folder / name / old.version)
        figures = {key: round(value[0], 4) for key, value in bundle.metrics["test"].items()}
        print(f"{ref}: {figures}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pipelines", nargs="*", help="default: all that can be trained")
    parser.add_argument("--into", type=Path, default=DEFAULTS, help="folder of the model store")
    parser.add_argument("--rendered", type=Path, help="folder that keeps the rendered photographs for the next run")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        train(arguments.pipelines, LocalModelStore(arguments.into), arguments.rendered or Path(temporary))


if __name__ == "__main__":
    main()
