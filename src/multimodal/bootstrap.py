"""Settings -> App: the only place where adapters are chosen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from .adapters.agreement_store import SqlAgreementStore
from .adapters.batching import Once, open_assessment_store
from .adapters.collection_report import page
from .adapters.data_repo import FileDatasetSource
from .adapters.engine import ThreadEngine
from .adapters.feature_store import SqliteFeatureStore
from .adapters.later import open_traffic_store
from .adapters.mlflow_place import Place
from .adapters.mlflow_process import MlflowProcess
from .adapters.mlflow_store import MlflowModelStore
from .adapters.model_store import LayeredStore, LocalModelStore
from .adapters.onnx_file import read_onnx_file
from .adapters.rendering import FolderRenderer
from .adapters.report import documents
from .adapters.sandbox import Sandbox
from .adapters.tracker import ModelTracker
from .adapters.tuner import OptunaTuner
from .config.config import Settings, as_environment, load_settings
from .config.strict_yaml import read_yaml
from .config.thresholds import NAME as THRESHOLDS
from .config.thresholds import read_thresholds
from .domain.shared.errors import ConfigError, QualityError
from .domain.shared.modality import Limits, Modality
from .domain.shared.ports import AssessmentStore, Engine, JobStore, ModelStore, TrafficStore
from .domain.shared.recipe import Recipe
from .service.calibration_service import CalibrationService
from .service.catalog import Catalog, discover
from .service.collection_service import CollectionService
from .service.dataset_service import DatasetService
from .service.drift_service import DriftService
from .service.evaluation_service import EvaluationService
from .service.gatekeeper import Gatekeeper
from .service.job_service import JobService
from .service.model_service import ModelService
from .service.own_thresholds import Layer, assigned, layer, with_own
from .service.quality_assessment_service import QualityAssessmentService
from .service.references import References
from .service.report_service import ReportService
from .service.serving import Challengers
from .service.shadow_service import ShadowService
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
    jobs: JobService
    store: AssessmentStore
    traffic: TrafficStore
    references: References
    drift: DriftService
    models: ModelStore
    defaults: ModelStore
    model_service: ModelService
    engine: Engine
    tracker: ModelTracker
    shadow: ShadowService
    reports: ReportService
    collections: CollectionService
    calibration: CalibrationService


def bootstrap(settings: Settings | None = None) -> App:
    """The application for these settings (default: from the environment). No network, no model is loaded yet."""
    chosen = settings or load_settings()
    catalog = own_catalog(chosen)
    limits = Limits(chosen.max_bytes, chosen.max_pixels)
    engine = ThreadEngine(chosen.workers)
    defaults = LocalModelStore(_package() / "defaults")
    models = LayeredStore(_own_models(chosen), defaults)
    renderer = FolderRenderer(chosen.folders.data / "rendered", chosen.workers)
    described = _datasets(chosen.config)
    datasets = FileDatasetSource(catalog.modalities, described, read_yaml, catalog.load, limits, renderer)
    features = SqliteFeatureStore(chosen.folders.artifacts / "features.db")
    data = DatasetService(catalog, datasets, features, renderer, engine, limits)
    shadow = ShadowService(Challengers(catalog, models), SqlAgreementStore(chosen.database))
    assessor = QualityAssessmentService(catalog, models, engine, limits, watch=shadow.offer)
    tracker = _tracker(chosen)
    evaluator = EvaluationService(catalog, models, data, documents)
    checkpoints = chosen.folders.artifacts / "checkpoints"
    trainer = TrainingService(catalog, data, OptunaTuner(chosen.search), models, tracker, evaluator, checkpoints)
    traffic, references = open_traffic_store(chosen.database), References(models)
    return App(
        settings=chosen,
        catalog=catalog,
        assessor=assessor,
        trainer=trainer,
        evaluator=evaluator,
        data=data,
        jobs=JobService(_job_store(chosen.database), trainer, evaluator, data, most=chosen.jobs),
        store=open_assessment_store(chosen.database),
        traffic=traffic,
        references=references,
        drift=DriftService(catalog, models, references, traffic),
        models=models,
        defaults=defaults,
        model_service=ModelService(catalog, models, Gatekeeper(evaluator).measure),
        engine=engine,
        tracker=tracker,
        shadow=shadow,
        reports=ReportService(catalog, engine, limits, page),
        collections=CollectionService(catalog, engine, limits),
        calibration=CalibrationService(assessor, data),
    )


def own_catalog(settings: Settings) -> Catalog:
    """The catalogue of the package and of the user's configuration folder, with the user's thresholds."""
    found = discover(read_recipes(settings.config), settings.config)
    modalities = {name: sandboxed(modality, settings) for name, modality in found.modalities.items()}
    catalog = replace(found, modalities=modalities)
    given = Layer("--set", assigned(settings.thresholds.replace(",", " ").split()))
    return with_own(catalog, [layer(THRESHOLDS, read_thresholds(settings.config)), given])


def sandboxed(modality: Modality, settings: Settings) -> Modality:
    """The modality with its untrusted files read in processes that may die, where it asks for that."""
    if modality.parse is None:
        return modality
    sandbox = Sandbox(
        modality.parse, memory=settings.parse_memory, seconds=settings.parse_seconds, workers=settings.workers
    )
    decode: Any = modality.decode
    return replace(modality, decode=partial(decode, parse=sandbox))


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


def _place(settings: Settings) -> Place:
    return Place.of(os.environ, settings.folders.artifacts / "mlflow")


def _tracker(settings: Settings) -> ModelTracker:
    """Runs stay in the home, and go to MLflow unless they shall not."""
    folder = settings.folders.artifacts / "runs"
    if settings.tracking == "local":
        return ModelTracker(folder)
    return ModelTracker(folder, MlflowProcess(_place(settings), settings.tracking_timeout, as_environment(settings)))


def _own_models(settings: Settings) -> ModelStore:
    """The folder of trained pipelines, in front of MLflow's registry where that is asked for."""
    local = LocalModelStore(settings.models)
    return MlflowModelStore(_place(settings), local) if settings.model_store == "mlflow" else local


def _datasets(folder: Path | None) -> dict[str, tuple[Mapping[str, Any], Path]]:
    files = (path for path in yaml_files(folder) if path.parent.name == DATASETS)
    return {
        str(values.get("dataset", path.stem)): (values, path.parent) for path in files for values in [read_yaml(path)]
    }


def _job_store(url: str) -> Callable[[], JobStore]:
    """The store of jobs in this database, connected on first use, and migrated when needed."""

    def opened() -> JobStore:
        from .adapters.job_store import SqlJobStore  # SQLAlchemy: half a second that most commands need not pay

        return SqlJobStore.opened(url)

    return Once(opened)


def _package() -> Path:
    return Path(str(resources.files("multimodal")))
