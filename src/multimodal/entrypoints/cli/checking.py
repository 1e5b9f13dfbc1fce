"""`multimodal config check`: every YAML file, each mistake with its file.

Beyond reading them: the property, the classes and their parameters exist, the measures that a pipeline speaks of are
among its features, its data set is there, and no two files describe one pipeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

from ...adapters.data_repo import KEYS
from ...bootstrap import DATASETS, own_catalog, read_recipe, yaml_files
from ...config.config import Settings
from ...config.strict_yaml import read_yaml
from ...config.thresholds import NAME
from ...domain.shared.errors import ConfigError, QualityError, UnknownName
from ...domain.shared.making import check_labels, make_estimator
from ...domain.shared.pipelines import build_features
from ...domain.shared.recipe import Recipe, strict
from ...service.catalog import Catalog, discover


def check_files(settings: Settings) -> tuple[int, list[str]]:
    """How many files there are, and what is wrong in them."""
    folder = settings.config
    files = sorted(yaml_files(folder), key=lambda file: file.parent.name != DATASETS)  # pipelines name data sets
    try:
        catalog = discover([], folder)
    except QualityError as error:
        return len(files), [str(error)]
    checker = Checker(catalog)
    mistakes = [mistake for file in files if (mistake := checker.mistake(file))]
    own = int((folder / NAME).is_file())
    return len(files) + own, mistakes or check_thresholds(settings)


def check_thresholds(settings: Settings) -> list[str]:
    """What is wrong with the user's thresholds; they can be told only when the pipelines are right."""
    try:
        own_catalog(settings)
    except QualityError as error:
        return [str(error)]
    return []


@dataclass
class Checker:
    """Checks one file after the other, data sets first. described: data set -> its file; seen: pipeline -> its file."""

    catalog: Catalog
    described: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def mistake(self, file: Path) -> str:
        """The first thing that is wrong with a file, or nothing."""
        where = f"{file.parent.name}/{file.name}"
        try:
            self.check_dataset(file) if file.parent.name == DATASETS else self.check_pipeline(file)
        except QualityError as error:
            return f"{where}: {str(error).removeprefix(f'{where}: ')}"
        return ""

    def check_dataset(self, file: Path) -> None:
        """A data set's keys."""
        values = strict(read_yaml(file), KEYS, "key of a data set", required=("dataset",))
        refuse_second(self.described, str(values["dataset"]), file)

    def check_pipeline(self, file: Path) -> None:
        """A pipeline's names: its own, its property's, its data set's, those of classes, parameters and measures."""
        recipe = read_recipe(file)
        refuse_second(self.seen, recipe.name, file)
        catalog = replace(self.catalog, recipes={recipe.name: recipe})  # it refuses an unknown property
        features = build_features(recipe, catalog.resolve)
        measures = features.measures
        for measure in (*(a.measure for a in recipe.cannot_tell), *filter(None, [recipe.value])):
            if measure not in measures:
                raise UnknownName("measure of its transformers", measure, measures)
        self.check_training(recipe)
        check_labels(recipe, catalog.property_of(recipe))
        if recipe.estimator.kind != "sklearn" or find_spec("sklearn"):
            make_estimator(recipe, fixed(recipe), catalog.resolve, columns=len(features.names))

    def check_training(self, recipe: Recipe) -> None:
        """Its data set is described, or lies there; what lies at a URL is looked for when it is needed."""
        data = recipe.training.dataset if recipe.training else ""
        is_there = data in self.described or "://" in data or Path(data).expanduser().exists()
        if data and not is_there:
            raise UnknownName("data set (nor is there a file or folder)", data, self.described)


def fixed(recipe: Recipe) -> Mapping[str, object]:
    """The values that its training would set."""
    return recipe.training.fixed if recipe.training else {}


def refuse_second(seen: dict[str, str], name: str, file: Path) -> None:
    """Refuse a name that another file has."""
    if name in seen:
        raise ConfigError(f"{name!r} is described in {seen[name]} already. Rename one.")
    seen[name] = f"{file.parent.name}/{file.name}"
