"""Quality of captures: photographs, 3D scans and whole builds.

>>> from multimodal import Capture
>>> from multimodal.bootstrap import bootstrap
>>> app = bootstrap()
>>> app.assessor.assess(Capture.from_path("assets/no-such-photo.jpg"))
Traceback (most recent call last):
...
multimodal.domain.shared.errors.BrokenCapture: 'no-such-photo.jpg' is not a regular file.

Names are imported when they are first used, so that `import multimodal` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bootstrap import App
    from .config.config import Settings, load_settings
    from .domain.shared.data import Dataset, DataTransformer, FeatureExtractor
    from .domain.shared.errors import CaptureError, QualityError
    from .domain.shared.estimators import RuleBasedEstimator, RuleBasedModel, SklearnPipeEstimator
    from .domain.shared.limits import Limit
    from .domain.shared.modality import Degradation, Modality, Property
    from .domain.shared.onnx import OnnxEstimator
    from .domain.shared.pipelines import InferencePipeline, TrainingPipeline
    from .domain.shared.results import Assessment, Evidence, Failure, Prediction
    from .domain.shared.sample import Capture, Sample, measure
    from .domain.shared.torch_estimator import TorchEstimator

__all__ = [
    "App",
    "Assessment",
    "Capture",
    "CaptureError",
    "DataTransformer",
    "Dataset",
    "Degradation",
    "Evidence",
    "Failure",
    "FeatureExtractor",
    "InferencePipeline",
    "Limit",
    "Modality",
    "OnnxEstimator",
    "Prediction",
    "Property",
    "QualityError",
    "RuleBasedEstimator",
    "RuleBasedModel",
    "Sample",
    "Settings",
    "SklearnPipeEstimator",
    "TorchEstimator",
    "TrainingPipeline",
    "load_settings",
    "measure",
]

ROOMS = {
    "bootstrap": ("App",),
    "config.config": ("Settings", "load_settings"),
    "domain.shared.data": ("DataTransformer", "Dataset", "FeatureExtractor"),
    "domain.shared.errors": ("CaptureError", "QualityError"),
    "domain.shared.estimators": ("RuleBasedEstimator", "RuleBasedModel", "SklearnPipeEstimator"),
    "domain.shared.limits": ("Limit",),
    "domain.shared.modality": ("Degradation", "Modality", "Property"),
    "domain.shared.onnx": ("OnnxEstimator",),
    "domain.shared.pipelines": ("InferencePipeline", "TrainingPipeline"),
    "domain.shared.results": ("Assessment", "Evidence", "Failure", "Prediction"),
    "domain.shared.sample": ("Capture", "Sample", "measure"),
    "domain.shared.torch_estimator": ("TorchEstimator",),
}


def __getattr__(name: str) -> Any:
    for room, names in ROOMS.items():
        if name in names:
            return getattr(import_module(f".{room}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
