"""A trained pipeline as MLflow loads it: `mlflow.pyfunc.load_model(uri).predict(captures)`.

    _load_pyfunc .... MLflow calls it with the folder of the bundle
    MlflowModel ..... captures in any form -> a data frame with one row of answers for each
    captures_of ..... bytes, a path, an array, base64, a list of them, or a table with one column -> captures

What an artifact may name is decided by this installation: its recipes, and those below MULTIMODAL_CONFIG_PATH.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..adapters.mlflow_place import ANSWER
from ..adapters.serialization import read_bundle
from ..bootstrap import own_catalog
from ..config.config import load_settings
from ..domain.image.sample import sample_from_pixels
from ..domain.shared.base64_text import decode_base64
from ..domain.shared.errors import BadEncoding, BrokenCapture, CaptureError, DataError, UnsupportedFormat
from ..domain.shared.modality import Limits
from ..domain.shared.pipelines import InferencePipeline
from ..domain.shared.results import Prediction
from ..domain.shared.sample import Sample, read_file
from ..service.catalog import Catalog
from ..service.serving import trusted

if TYPE_CHECKING:
    import pandas as pd


class MlflowModel:
    """Answers as MLflow wants them. A capture that cannot be read gives a row that says so in `error`."""

    def __init__(self, pipeline: InferencePipeline, catalog: Catalog, limits: Limits) -> None:
        self.pipeline = pipeline
        self.catalog = catalog
        self.limits = limits

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """One row a capture, in order; the columns are those of the signature."""
        import pandas as pd

        rows = [self._row(capture) for capture in captures_of(model_input)]
        return pd.DataFrame(rows, columns=list(ANSWER))

    def _row(self, capture: Any) -> dict[str, Any]:
        try:
            (prediction,) = self.pipeline.predict([self._sample(capture)])
        except CaptureError as error:
            return {"error": str(error)}
        return answer(prediction)

    def _sample(self, capture: Any) -> Sample:
        wanted = self.pipeline.recipe.modality
        if isinstance(capture, np.ndarray):
            if wanted != "image":
                raise UnsupportedFormat(f"{self.pipeline.name} takes files of {wanted}, no arrays of pixels.")
            return sample_from_pixels(capture, limits=self.limits)
        data, name = self._content(capture)
        modality = self.catalog.modality_of(data, name)
        if modality.name != wanted:
            raise UnsupportedFormat(f"{self.pipeline.name} assesses {wanted}, but this capture is {modality.name}.")
        return modality.decode(data, name or "capture", self.limits)

    def _content(self, capture: Any) -> tuple[bytes, str]:
        """The capture's bytes and name. Text is base64, as MLflow's own server sends bytes, or else a path."""
        if isinstance(capture, bytes | bytearray | memoryview):
            return bytes(capture), ""
        if isinstance(capture, str) and (data := self._from_base64(capture)):
            return data, ""
        if isinstance(capture, str | Path):
            return read_file(Path(capture), self.limits.bytes), Path(capture).name
        raise BrokenCapture(f"A capture is bytes, a path or an array of pixels, got {type(capture).__name__}.")

    def _from_base64(self, text: str) -> bytes | None:
        try:
            data = decode_base64(text)
        except BadEncoding:
            return None
        return data if any(modality.recognises(data) for modality in self.catalog.modalities.values()) else None


def answer(prediction: Prediction) -> dict[str, Any]:
    """The columns of one prediction."""
    values = {name: getattr(prediction, name, None) for name in ANSWER}
    return values | {"probabilities": dict(prediction.probabilities)}


def captures_of(given: Any) -> Iterator[Any]:
    """The single captures in whatever `predict` was given.

    An array is one picture, (h, w) or (h, w, 1 to 4), or a batch (n, h, w, c) of them. `DataError` for a table with
    more than one column.
    """
    if hasattr(given, "columns"):
        if len(given.columns) != 1:
            raise DataError(f"A table of captures has one column, got {len(given.columns)}: {list(given.columns)}.")
        yield from given.iloc[:, 0]
    elif isinstance(given, np.ndarray) and given.dtype != object and given.ndim != 4:
        yield given
    elif isinstance(given, np.ndarray | list | tuple) or hasattr(given, "iloc"):
        yield from given
    else:
        yield given


def _load_pyfunc(data_path: str) -> MlflowModel:
    """What MLflow calls; `ArtifactError` when the bundle is damaged or names what is not installed here."""
    settings = load_settings()
    catalog = own_catalog(settings)
    bundle = read_bundle(Path(data_path))
    recipe = catalog.recipe(bundle.recipe.name)
    pipeline = InferencePipeline.from_bundle(trusted(bundle, recipe), catalog.property_of(recipe), catalog.resolve)
    return MlflowModel(catalog.adjusted(pipeline), catalog, Limits(settings.max_bytes, settings.max_pixels))
