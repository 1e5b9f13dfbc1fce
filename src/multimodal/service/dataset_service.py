"""Data sets: find them, measure them once, and know what belongs together."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.shared.contact_sheet import SIDE, Row, Tile, chosen, sheet
from ..domain.shared.data import Dataset, FeatureTable
from ..domain.shared.description import Description, describe
from ..domain.shared.duplicates import joined, near_duplicates, same_content, torn
from ..domain.shared.errors import CaptureError, DataError
from ..domain.shared.extraction import Column, Measured, measure
from ..domain.shared.modality import Limits, decode_capture
from ..domain.shared.near import Link
from ..domain.shared.pipelines import build_features
from ..domain.shared.ports import DatasetSource, Engine, FeatureStore, Progress, Renderer, silent
from ..domain.shared.recipe import Recipe
from ..domain.shared.sample import Sample
from ..domain.shared.source_code import code_digest
from ..domain.shared.spoiling import spoiled
from .catalog import Catalog

log = logging.getLogger(__name__)
FINGERPRINTS, INFO = "(fingerprints)", "(info)"  # columns beside those that are called as pipelines
MOST_LABELS = 24


class DatasetService:
    """Loads data sets, and measures them with the transformers of pipelines; what was measured once is kept."""

    def __init__(
        self,
        catalog: Catalog,
        datasets: DatasetSource,
        features: FeatureStore,
        renderer: Renderer,
        engine: Engine,
        limits: Limits,
    ) -> None:
        self.catalog = catalog
        self.datasets = datasets
        self.features = features
        self.renderer = renderer
        self.engine = engine
        self.limits = limits

    def names(self) -> Sequence[str]:
        """Data sets that need no path."""
        return self.datasets.names()

    def load(self, reference: str, progress: Progress = silent) -> Dataset:
        """The data set of a name, file, folder or URL."""
        return self.datasets.load(reference, progress)

    def settled(self, reference: str) -> str:
        """The reference as it stays right when somebody works in another folder: a path from the root."""
        is_path = reference not in self.names() and "://" not in reference
        path = Path(reference).expanduser()
        return str(path.resolve()) if is_path and path.exists() else reference

    def good(self, reference: str, progress: Progress = silent) -> Dataset:
        """The captures of a reference without labels; of a folder all that are anywhere below it."""
        return self.datasets.good_captures(reference, progress)

    def spoiled(self, reference: str, recipe: Recipe, *, seed: int, progress: Progress = silent) -> Dataset:
        """The labelled data set that good captures and spoiled copies of them make; the copies are made once."""
        modality, property = self.catalog.modalities[recipe.modality], self.catalog.property_of(recipe)
        given = self.good(reference, progress)
        good = Dataset(
            given.captures,
            partial(decode_capture, modality=modality, limits=self.limits),
            name=given.name,
            limit=self.limits.bytes,
        )
        made = spoiled(good, property, modality, seed=seed)
        makers = [modality.spoil, modality.decode, *(fault.apply for fault in property.degradations)]
        code = code_digest([spoiled.__module__, *(module_of(maker) for maker in makers)])
        names = [capture.name for capture in made.captures]
        key = hashlib.sha256(json.dumps([code, good.digest, names, recipe.property, seed]).encode()).hexdigest()
        return made.with_captures(self.renderer.render(made.captures, key, progress))

    def learned_from(self, data: Mapping[str, Any], recipe: Recipe, progress: Progress = silent) -> Dataset:
        """The data set of a trained pipeline again (`Bundle.data`), as far as it is still there."""
        reference = str(data.get("reference", ""))
        if data.get("good"):
            return self.spoiled(reference, recipe, seed=int(data.get("seed", 0)), progress=progress)
        return self.load(reference, progress)

    def measured(self, dataset: Dataset, recipes: Sequence[Recipe], progress: Progress = silent) -> Measured:
        """All that these pipelines ask of a data set, and what tells duplicates, from one decode of each capture."""
        columns = {recipe.name: self._column(recipe) for recipe in recipes} | self._common()
        return measure(dataset, columns, self.engine, self.features, progress)

    def table(self, measured: Measured, recipe: Recipe) -> FeatureTable:
        """The feature table of a pipeline; groups that share a duplicate or near-duplicate are one group."""
        table = measured.table(recipe.name, build_features(recipe, self.catalog.resolve), recipe.target)
        groups = joined(table.groups.tolist(), self.links(measured))
        leaks = torn(groups, table.splits.tolist())
        if leaks:
            name = measured.dataset.name
            log.warning("%d groups of %s lie in more than one split: multimodal dataset show", len(leaks), name)
        return replace(table, groups=np.array(groups, str))

    def links(self, measured: Measured) -> list[Link]:
        """What shows the same: copies, and near-duplicates."""
        return same_content(measured.contents) + near_duplicates(measured.fingerprints(FINGERPRINTS))

    def describe(self, dataset: Dataset | str, progress: Progress = silent) -> Description:
        """A data set in figures: what is in it, and what is wrong with it. A text is a reference, see `load`."""
        found = self.load(dataset, progress) if isinstance(dataset, str) else dataset
        measured = self.measured(found, [], progress)
        return describe(measured, self.links(measured), measured.infos(INFO))

    def contact_sheet(self, dataset: Dataset, most: int = 8, progress: Progress = silent) -> bytes:
        """A PNG of at most `most` captures of each label, always the same ones; `DataError` when none can be shown."""
        labels: list[str | None] = [*dataset.class_names, *([None] if None in dataset.labels else [])]
        if len(labels) > MOST_LABELS:
            log.warning("the contact sheet shows the first %d of %d labels", MOST_LABELS, len(labels))
        shown = [(label, chosen(dataset, label, most)) for label in labels[:MOST_LABELS]]
        positions = [i for _, some in shown for i in some]
        pictures: dict[int, NDArray[np.uint8] | None] = {}
        for i, picture in zip(positions, self.engine.map(partial(self._thumbnail, dataset), positions), strict=True):
            pictures[i] = picture
            progress("pictures", len(pictures), len(positions))
        if not any(picture is not None for picture in pictures.values()):
            raise DataError(f"No capture of {dataset.name!r} can be shown as a picture.")
        counts = {label: dataset.labels.count(label) for label in labels}
        return sheet(
            [
                Row(
                    f"{label or 'no label'} ({counts[label]:,})",
                    [Tile(dataset.captures[i].name, pictures[i]) for i in some],
                )
                for label, some in shown
            ]
        )

    def _thumbnail(self, dataset: Dataset, position: int) -> NDArray[np.uint8] | None:
        try:
            sample = dataset.decode(dataset.captures[position])
        except CaptureError:
            return None
        modality = self.catalog.modality_of_sample(sample)
        return modality.thumbnail(sample, SIDE) if modality and modality.thumbnail else None

    def _common(self) -> dict[str, Column]:
        """What is measured of every capture, for whatever pipeline."""
        makers = [maker for m in self.catalog.modalities.values() for maker in (m.decode, m.fingerprints) if maker]
        code = code_digest([module_of(maker) for maker in makers])
        return {
            FINGERPRINTS: Column.of_fingerprints(f"fingerprints {code}", self._fingerprints),
            INFO: Column.of_info(f"info {code}"),
        }

    def _fingerprints(self, sample: Sample) -> NDArray[np.uint64] | None:
        modality = self.catalog.modality_of_sample(sample)
        return modality.fingerprints(sample) if modality and modality.fingerprints else None

    def _column(self, recipe: Recipe) -> Column:
        modality = self.catalog.modalities[recipe.modality]
        steps = [[step.use, dict(step.parameters)] for step in recipe.transformers]
        uses = [type(step.build(self.catalog.resolve)).__module__ for step in recipe.transformers]
        code = code_digest([*uses, module_of(modality.decode)])
        key = hashlib.sha256(json.dumps([steps, code], sort_keys=True, default=str).encode()).hexdigest()
        return Column.of_features(key, build_features(recipe, self.catalog.resolve))


def module_of(function: Any) -> str:
    """Where a function (or what a partial calls) is written."""
    return str(getattr(function, "func", function).__module__)
