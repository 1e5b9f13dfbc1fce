"""Trained pipelines in MLflow's registry, with a folder of this machine in front of it.

    MlflowModelStore .. a registered model a pipeline, a version a bundle, aliases champion and challenger
    upload ............ a bundle's folder -> a registered version

A version carries the bundle's own version as a tag, and each of its promotions as one. What was once loaded or saved is
kept in the folder, so that a server that is away stops nothing: the last known champion goes on serving, and a new
bundle is kept until it can be registered.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import orjson

from ..domain.shared.bundle import Bundle, ModelRef
from ..domain.shared.errors import ArtifactError, NotFound, Unreachable
from ..domain.shared.promotion import Promotion
from .mlflow_place import (
    CHALLENGER,
    CHAMPION,
    LOADER,
    VERSION,
    Place,
    experiment_of,
    open_client,
    require_mlflow,
    requirements,
    signature,
)
from .model_store import NAME, LocalModelStore, valid
from .model_store import VERSION as FORM
from .serialization import MANIFEST, adopt_bundle

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

log = logging.getLogger(__name__)
PROMOTION = "multimodal.promotion."  # a version's tags: this and when
PAUSE = 30.0  # seconds in which a server that was away is not asked again for what the folder knows too
T = TypeVar("T")


class MlflowModelStore:
    """The registry at a place; `cache` keeps what was saved or loaded here."""

    def __init__(self, place: Place, cache: LocalModelStore, pause: float = PAUSE) -> None:
        require_mlflow()
        self.place = place
        self.cache = cache
        self.pause = pause
        self._away_until = 0.0

    def save(self, bundle: Bundle) -> ModelRef:
        """Keep a bundle here and register it; when MLflow is away, it is only kept here until it is promoted."""
        ref = self.cache.save(bundle)
        try:
            self._registered(ref)
        except Unreachable as error:
            log.warning("%s is kept here, but not registered: %s", ref, error)
        return ref

    def load(self, ref: ModelRef) -> Bundle:
        """The bundle, checked; it is downloaded once."""
        if not self.cache.path(ref).is_dir():
            self._download(ref)
        return self.cache.load(ref)

    def champion(self, name: str) -> ModelRef | None:
        """The version that serves, if there is one; the last one known when MLflow is away."""
        return self._asked(lambda: self._champion(name), lambda: self._last_champion(name))

    def challenger(self, name: str) -> ModelRef | None:
        """The version that was saved last, if it is not (and was not since) the champion."""
        return self._asked(lambda: self._challenger(name), lambda: self.cache.challenger(name))

    def promote(self, ref: ModelRef, promotion: Promotion | None = None) -> None:
        """Make a version the champion, and remember why; `Unreachable` when MLflow is away."""
        chosen = promotion or Promotion.now(ref.version)
        self.load(ref)  # now, so that it can serve when MLflow is away
        number = self._registered(ref)
        with self._reached():
            key = f"{PROMOTION}{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
            value = orjson.dumps(chosen.to_dict()).decode()
            self.client.set_model_version_tag(ref.name, number, key, value)
            self.client.set_registered_model_alias(ref.name, CHAMPION, number)
            if self._aliases(ref.name).get(CHALLENGER) == number:
                self.client.delete_registered_model_alias(ref.name, CHALLENGER)
        self.cache.promote(ref, chosen)

    def history(self, name: str) -> Sequence[Promotion]:
        """All promotions of a name, oldest first, whichever machine made them."""
        return self._asked(lambda: self._history(name), lambda: self.cache.history(name))

    def versions(self, name: str) -> Sequence[ModelRef]:
        """All versions of a name, oldest first."""
        return self._asked(lambda: tuple(self._numbers(name)), lambda: self.cache.versions(name))

    def names(self) -> Sequence[str]:
        """All names that have a version."""
        return self._asked(self._names, self.cache.names)

    @cached_property
    def client(self) -> MlflowClient:
        """MLflow's client, made when it is first needed."""
        return open_client(self.place)

    def _champion(self, name: str) -> ModelRef | None:
        found = self._alias(name, CHAMPION)
        if found is not None and found != self.cache.champion(name):
            self.cache.serve(found)
        return found

    def _last_champion(self, name: str) -> ModelRef | None:
        last = self.cache.champion(name)
        return last if last is not None and self.cache.path(last).is_dir() else None

    def _challenger(self, name: str) -> ModelRef | None:
        found = self._alias(name, CHALLENGER)
        served = found is not None and any(p.version == found.version for p in self._history(name))
        return None if served else found

    def _history(self, name: str) -> tuple[Promotion, ...]:
        with self._reached():
            tags = [tag for version in self._all(name) for tag in version.tags.items()]
        texts = sorted((key, value) for key, value in tags if key.startswith(PROMOTION))
        return tuple(promotion for _, text in texts if (promotion := _promotion(text)) is not None)

    def _names(self) -> tuple[str, ...]:
        with self._reached():
            found = {ref.name for version in self._all() if (ref := _ref(version)) is not None}
        return tuple(sorted(found))

    def _alias(self, name: str, alias: str) -> ModelRef | None:
        with self._reached():
            number = self._aliases(name).get(alias)
            return None if number is None else _ref(self.client.get_model_version(name, number))

    def _aliases(self, name: str) -> dict[str, str]:
        """Alias -> number of a version; MLflow gives a number locally and text over HTTP."""
        from mlflow.exceptions import MlflowException

        try:
            model = self.client.get_registered_model(valid(name, NAME))
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return {}
            raise
        return {alias: str(number) for alias, number in model.aliases.items()}

    def _numbers(self, name: str) -> dict[ModelRef, str]:
        """The numbers of all versions, oldest first; of two with the same content the first."""
        found: dict[ModelRef, str] = {}
        with self._reached():
            for version in sorted(self._all(name), key=lambda v: int(v.version)):
                if (ref := _ref(version)) is not None:
                    found.setdefault(ref, str(version.version))
        return found

    def _all(self, name: str | None = None) -> Iterator[ModelVersion]:
        wanted = None if name is None else f"name = '{valid(name, NAME)}'"
        token = None
        while True:
            page = self.client.search_model_versions(wanted, page_token=token)
            yield from page
            if not (token := page.token):
                return

    def _registered(self, ref: ModelRef) -> str:
        """The number of a version, registered now where that was not done yet; `NotFound` when nobody has it."""
        number = self._numbers(ref.name).get(ref)
        if number is None:
            folder = self.cache.path(ref)
            if not folder.is_dir():
                raise NotFound(f"There is no model {ref}.")
            with self._reached():
                number = upload(self.client, self.place, ref, folder)
                self.client.set_registered_model_alias(ref.name, CHALLENGER, number)
        return number

    def _download(self, ref: ModelRef) -> None:
        number = self._numbers(ref.name).get(ref)
        if number is None:
            raise NotFound(f"There is no model {ref}.")
        from mlflow.artifacts import download_artifacts

        with tempfile.TemporaryDirectory(prefix="multimodal-mlflow-") as temporary:
            with self._reached():
                uri = self.client.get_model_version_download_uri(ref.name, number)
                download_artifacts(artifact_uri=uri, dst_path=temporary, tracking_uri=self.place.uri)
            folder = next(iter(Path(temporary).glob(f"**/data/*/{MANIFEST}")), None)
            if folder is None or adopt_bundle(folder.parent, self.cache.path(ref).parent) != ref.version:
                raise ArtifactError(f"What MLflow has as {ref} is something else.")

    def _asked(self, question: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """MLflow's answer, or what is known here when it is away; then it is left alone for a moment."""
        if time.monotonic() < self._away_until:
            return otherwise()
        try:
            return question()
        except Unreachable as error:
            self._away_until = time.monotonic() + self.pause
            log.warning("%s What is known here counts for now.", error)
            return otherwise()

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """MLflow's errors as ours."""
        from mlflow.exceptions import MlflowException

        try:
            yield
        except (MlflowException, OSError) as error:
            log.debug("MLflow failed", exc_info=error)
            raise Unreachable(f"{self.place} does not answer as it should ({type(error).__name__}).") from error


def upload(client: MlflowClient, place: Place, ref: ModelRef, folder: Path) -> str:
    """Register the bundle in a folder as a version that MLflow can load; its number."""
    from mlflow.exceptions import MlflowException
    from mlflow.models import Model
    from mlflow.pyfunc import save_model

    tags = {VERSION: ref.version}
    model = client.create_logged_model(experiment_of(client, place, ref.name), "model", tags=tags, model_type="pyfunc")
    with tempfile.TemporaryDirectory(prefix="multimodal-mlflow-") as temporary:
        target = Path(temporary, "model")
        facts = Model(
            model.artifact_location, model_uuid=model.model_id, model_id=model.model_id, signature=signature()
        )
        save_model(
            str(target),
            loader_module=LOADER,
            data_path=str(folder),
            mlflow_model=facts,
            pip_requirements=requirements(),
        )
        client.log_model_artifacts(model.model_id, str(target))
    client.finalize_logged_model(model.model_id, "READY")
    try:
        client.create_registered_model(ref.name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    # a database's registry would look for a model's id where the whole process tracks, which is not ours to say
    id = model.model_id if place.is_server else None
    source = f"models:/{id}" if id else model.artifact_location
    return str(client.create_model_version(ref.name, source, tags=tags, model_id=id).version)


def _ref(version: ModelVersion) -> ModelRef | None:
    """The bundle that a registered version carries; None for a version that is not ours."""
    text = str(version.tags.get(VERSION, ""))
    ours = NAME.fullmatch(version.name) and FORM.fullmatch(text)
    return ModelRef(version.name, text) if ours else None


def _promotion(text: str) -> Promotion | None:
    """A promotion from its tag; None for one that somebody else wrote."""
    try:
        values: Mapping[str, str] = orjson.loads(text)
        return Promotion.from_dict(values)
    except (ValueError, TypeError, KeyError, AttributeError):
        log.debug("a promotion cannot be understood")
        return None
