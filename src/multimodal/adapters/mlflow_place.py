"""Where MLflow is, and what our models look like there. Nothing here imports MLflow before it is asked for.

    Place ............. a tracking server's or database's URI, and where files go that no server takes
    VARIABLES ......... short timeouts and no telemetry, for every process that talks to MLflow
    open_client ....... a client for a place
    is_away ........... whether an error says that nobody answers
    experiment_of ..... the experiment of a pipeline
    signature ......... what a model takes and gives

Without `MLFLOW_TRACKING_URI` it is a SQLite file below the home, which `scripts/start_mlflow_tracker.sh` serves too.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from ..core import APPLICATION
from ..core import version as package_version
from ..domain.shared.errors import MissingExtra

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature

LOADER = "multimodal.entrypoints.mlflow_model"  # MLflow imports it by this name to load a model
VERSION = "multimodal.version"  # tag: a bundle's version
CHAMPION, CHALLENGER = "champion", "challenger"
VARIABLES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",  # seconds; MLflow's own defaults (120 s, 7 retries) would stop us for minutes
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "GIT_PYTHON_REFRESH": "quiet",  # MLflow looks for git when it is imported, and complains where there is none
}
SQLITE = "sqlite:///"
FOREIGN = ("requests.", "urllib3.", "sqlalchemy.")  # whose errors mean that nobody answers
ANSWER = {  # the columns of a model's answer, and what is in them
    "label": "string",
    "accepted": "boolean",
    "score": "double",
    "value": "double",
    "unit": "string",
    "probabilities": "map",
    "reason": "string",
    "model": "string",
    "error": "string",
}


@dataclass(frozen=True)
class Place:
    """Where MLflow is. artifacts: for files, wherever the URI names a database and no server that takes them."""

    uri: str
    artifacts: Path

    @classmethod
    def of(cls, environment: Mapping[str, str], folder: Path) -> Place:
        """As `MLFLOW_TRACKING_URI` says, else a SQLite file in the folder."""
        uri = environment.get("MLFLOW_TRACKING_URI", "").strip() or f"{SQLITE}{folder / 'mlflow.db'}"
        return cls(absolute(uri), folder / "artifacts")

    @property
    def is_server(self) -> bool:
        """Whether a server keeps the files too."""
        return urlsplit(self.uri).scheme in ("http", "https") or self.uri.startswith("databricks")

    @property
    def public(self) -> str:
        """The URI without user and password."""
        parts = urlsplit(self.uri)
        _, at, host = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=host)) if at else self.uri

    def __str__(self) -> str:
        """For a message, which shows no path of this machine."""
        return f"MLflow at {self.public}" if self.is_server else "MLflow's database"


def absolute(uri: str) -> str:
    """The URI, where it names a file relative to the working folder, with that folder.

    >>> absolute("sqlite:////srv/mlflow.db"), absolute("http://localhost:5000")
    ('sqlite:////srv/mlflow.db', 'http://localhost:5000')
    """
    return f"{SQLITE}{Path(uri.removeprefix(SQLITE)).absolute()}" if uri.startswith(SQLITE) else uri


def require_mlflow() -> None:
    """`MissingExtra` where MLflow is not installed."""
    if importlib.util.find_spec("mlflow") is None:
        raise MissingExtra("tracking", "MLflow")


def open_client(place: Place) -> MlflowClient:
    """A client of this place; the folders of a local one are made."""
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)  # MLflow knows no other way, and reads some of them when it is imported
    from mlflow import MlflowClient

    if place.uri.startswith(SQLITE):
        Path(place.uri.removeprefix(SQLITE)).parent.mkdir(parents=True, exist_ok=True)
    return MlflowClient(tracking_uri=place.uri, registry_uri=place.uri)


def is_away(error: BaseException | None) -> bool:
    """Whether the error comes from a server or database that does not answer."""
    while error is not None:
        if type(error).__module__.startswith(FOREIGN):
            return True
        error = error.__cause__ or error.__context__
    return False


def experiment_of(client: MlflowClient, place: Place, pipeline: str) -> str:
    """The id of the pipeline's experiment, which is made when it is missing and brought back when it was deleted."""
    found = client.get_experiment_by_name(pipeline)
    if found is None:
        root = None if place.is_server else (place.artifacts / pipeline).as_uri()
        return str(client.create_experiment(pipeline, artifact_location=root))
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)


def signature() -> ModelSignature:
    """Captures of any form (bytes, paths, arrays, lists of them, a data frame with one column) to rows of answers.

    MLflow's own enforcement would make a table of an array, so the model checks its input by itself; MLflow keeps that
    as `is_signature_from_type_hint`.
    """
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, ColSpec, DataType, Map, Schema

    kinds: dict[str, Any] = {"string": DataType.string, "boolean": DataType.boolean, "double": DataType.double}
    kinds["map"] = Map(DataType.double)
    outputs = Schema([ColSpec(kinds[kind], name, required=False) for name, kind in ANSWER.items()])
    made = ModelSignature(Schema([ColSpec(AnyType())]), outputs)  # type: ignore[no-untyped-call]
    made._is_signature_from_type_hint = True
    return made


def requirements() -> list[str]:
    """What a client installs to load a model."""
    return [f"{APPLICATION}[tracking]=={package_version()}"]
