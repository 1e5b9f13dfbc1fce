"""Settings -> App: the only place where adapters are chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from .adapters.batching import open_assessment_store
from .adapters.data_repo import FileDatasetSource
from .adapters.engine import ThreadEngine
from .adapters.feature_store import SqliteFeatureStore
from .adapters.model_store import LayeredStore, LocalModelStore
from .adapters.onnx_file import read_onnx_file
from .adapters.tracker import ModelTracker
from .adapters.tuner import OptunaTuner
from .config.config import Settings, load_settings
from .config.strict_yaml import read_yaml
from .domain.shared.errors import ConfigError, QualityError
from .domain.shared.modality import Limits
from .domain.shared.ports import AssessmentStore, Engine, ModelStore
from .domain.shared.recipe import Recipe
from .service.catalog import Catalog, discover
from .service.dataset_service import DatasetService
from .service.evaluation_service import EvaluationService
from .service.quality_assessment_service import QualityAssessmentService
from .service.training_service import TrainingService

DATASETS = "datasets"


@dataclass(frozen=True)
class App:
    """Everything put together; entrypoints take it and nothing else."""

    settings: Settings
    catalog: Catalog
    assessor: QualityAssessmentService
    trainer: TrainingService
    evaluator: EvaluationService
    data: DatasetService
    store: AssessmentStore
    models: ModelStore
    engine: Engine


def bootstrap(settings: Settings | None = None) -> App:
    """The application for these settings (default: from the environment). No network, no model is loaded yet."""
    chosen = settings or load_settings()
    catalog = discover(read_recipes(chosen.config_path), chosen.config_path)
    limits = Limits(chosen.max_bytes, chosen.max_pixels)
    engine = ThreadEngine(chosen.workers)
    models = LayeredStore(LocalModelStore(chosen.models), LocalModelStore(_package() / "defaults"))
    datasets = FileDatasetSource(catalog.modalities, _datasets(chosen.config_path), read_yaml, catalog.load, limits)
    data = DatasetService(catalog, datasets, SqliteFeatureStore(chosen.folders.artifacts / "features.db"), engine)
    assessor = QualityAssessmentService(catalog, models, engine, limits)
    return App(
        settings=chosen,
        catalog=catalog,
        assessor=assessor,
        trainer=TrainingService(
            catalog,
            data,
            OptunaTuner(chosen.search),
            models,
            ModelTracker(chosen.folders.artifacts / "runs"),
            chosen.folders.artifacts / "checkpoints",
        ),
        evaluator=EvaluationService(assessor, datasets, engine),
        data=data,
        store=open_assessment_store(chosen.database),
        models=models,
        engine=engine,
    )


def read_recipes(folder: Path | None = None) -> Iterator[Recipe]:
    """The recipes of the package and of the user's configuration folder; a mistake names the file."""
    for path in yaml_files(folder):
        if path.parent.name != DATASETS:
            yield read_recipe(path)


def read_recipe(path: Path) -> Recipe:
    """One recipe; a mistake names the file. An ONNX file is found from there, in its configuration folder."""
    try:
        recipe = Recipe.from_dict(read_yaml(path))
        if recipe.estimator.kind != "onnx":
            return recipe
        read = partial(read_onnx_file, path.parent, recipe.estimator.steps[0].use, path.parent.parent)
        return replace(recipe, estimator=replace(recipe.estimator, read=read))
    except (QualityError, TypeError, ValueError) as error:
        raise ConfigError(f"{path.parent.name}/{path.name}: {error}") from error


def yaml_files(folder: Path | None = None) -> Iterator[Path]:
    """All configuration files: `MODALITY/*.yaml` and `datasets/*.yaml`, the package's first."""
    for root in (_package() / "config", folder):
        if root is not None:
            yield from sorted((*root.glob("*/*.yaml"), *root.glob("*/*.yml")))


def _datasets(folder: Path | None) -> dict[str, tuple[Mapping[str, Any], Path]]:
    files = (path for path in yaml_files(folder) if path.parent.name == DATASETS)
    return {
        str(values.get("dataset", path.stem)): (values, path.parent) for path in files for values in [read_yaml(path)]
    }


def _package() -> Path:
    return Path(str(resources.files("multimodal")))
