"""Which models serve: the store's champions, each loaded, tested and put in place as a whole.

Served .......... a pipeline as it serves, and what is wrong with the version that should
Snapshot ........ name -> Served at one moment; it never changes
ServingModels ... hands out snapshots, and follows the store when it is told to `refresh`
Challengers ..... the same for the versions that only watch (shadow.py)

A reader takes the current snapshot, without a lock, and keeps it for as long as it answers. A writer prepares a new
version beside it (read, checksums, session, self-test) and then replaces the whole mapping by another one: nobody sees
half of a model, or two versions in one answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..domain.shared.bundle import Bundle, ModelRef
from ..domain.shared.errors import ArtifactError, ConfigError, NotFound, QualityError
from ..domain.shared.pipelines import InferencePipeline
from ..domain.shared.ports import ModelStore
from ..domain.shared.recipe import Recipe
from ..domain.shared.selftest import check
from .catalog import Catalog

log = logging.getLogger(__name__)
PATIENCE = 60.0  # seconds until a refused version is tried again: its files may have come late
RULE = "rule"  # the version of a rule that serves as its recipe states it
UNUSABLE = (ArtifactError, ConfigError, NotFound)
AWAY = (QualityError, OSError)


@dataclass(frozen=True)
class Served:
    """One name. ref: the version that the store wants to serve, if any. pipeline: what answers, if anything can.

    refused: why `ref` does not answer, empty when it does; tried: when that was found, on the monotonic clock.
    """

    ref: ModelRef | None
    pipeline: InferencePipeline | None
    refused: str = ""
    tried: float = 0.0

    @property
    def is_overdue(self) -> bool:
        """Whether a refused version should be tried again."""
        return bool(self.refused) and time.monotonic() - self.tried > PATIENCE


Snapshot = Mapping[str, Served]
NOTHING = Served(None, None)


class StoreAway(QualityError):
    """The store has lost what it had a moment ago."""

    code = "store-away"


class ServingModels:
    """The champions of a store; a rule without one serves as its recipe states it. Safe to share between threads."""

    def __init__(self, catalog: Catalog, models: ModelStore) -> None:
        self.catalog = catalog
        self.models = models
        self._served: Snapshot = {}
        self._writing = threading.Lock()
        self._away = False

    @property
    def loaded(self) -> Snapshot:
        """What has been loaded so far; nothing is loaded for this."""
        return self._served

    def snapshot(self, names: Iterable[str] | None = None) -> Snapshot:
        """What serves at this moment, with these names (default: all); what nobody asked for before is loaded first."""
        served = self._served
        missing = [name for name in (self.catalog.recipes if names is None else names) if name not in served]
        return self._load(missing) if missing else served

    def get(self, name: str) -> Served:
        """One name of the snapshot."""
        return self.snapshot([name])[name]

    def refresh(self) -> None:
        """Take over what has changed in the store. While it is away, everything stays as it is."""
        with self._writing:
            failed = [error for name, served in self._served.items() if (error := self._follow(name, served))]
            if failed and not self._away:
                log.warning("the store of models is away, what serves goes on serving: %s", failed[0])
            self._away = bool(failed)

    def pin(self, models: Iterable[str]) -> list[InferencePipeline]:
        """Serve exactly these, each `name@version`, whatever the store wants; `ArtifactError` or `NotFound`."""
        pinned = [self._exactly(*model.split("@", 1)) for model in models]
        with self._writing:
            for pipeline in pinned:
                self._put(pipeline.name, Served(None, pipeline))
        return pinned

    def _load(self, names: Iterable[str]) -> Snapshot:
        with self._writing:
            for name in names:
                if name not in self._served:
                    self._put(name, self._first(name))
            return self._served

    def _put(self, name: str, served: Served) -> None:
        if self._served.get(name) is not served:
            self._served = {**self._served, name: served}

    def _first(self, name: str) -> Served:
        ref = self._wanted(name)
        if ref is None:
            return Served(None, self._without(name))
        return self._tried(ref, None)

    def _follow(self, name: str, served: Served) -> Exception | None:
        """Put in place what is new; the error when the store does not answer."""
        try:
            self._put(name, self._followed(name, served))
        except AWAY as error:
            return error
        return None

    def _followed(self, name: str, served: Served) -> Served:
        """The same value when nothing has changed, which costs one question to the store."""
        ref = self._wanted(name)
        if ref == served.ref and not served.is_overdue:
            return served
        if self._is_lost(served.ref, ref):
            raise StoreAway(f"The store does not know {served.ref} any more, which served until now.")
        if ref is None:
            return NOTHING
        return self._tried(ref, served)

    def _tried(self, ref: ModelRef, before: Served | None) -> Served:
        """The version when it can be used, else what answers instead of it."""
        try:
            pipeline = self._loaded(ref)
        except UNUSABLE as error:
            if before is None or before.refused != str(error):
                log.error("%s is refused: %s", ref, error)
            return Served(ref, self._instead(ref, before), str(error), time.monotonic())
        if before is not None:
            log.info("%s takes the place of %s", ref, before.pipeline.model if before.pipeline else "nothing")
        return Served(ref, pipeline)

    def _loaded(self, ref: ModelRef) -> InferencePipeline:
        """A version of the store, tested and warm."""
        recipe = self.catalog.recipe(ref.name)
        bundle = trusted(self.models.load(ref), recipe)
        try:
            pipeline = InferencePipeline.from_bundle(bundle, self.catalog.property_of(recipe), self.catalog.resolve)
        except Exception as error:  # the edge to an artifact, which may fail in any way
            raise ArtifactError(f"{ref} cannot be loaded: {error}") from error
        check(pipeline, bundle.selftest)
        return self.catalog.adjusted(pipeline)

    def _exactly(self, name: str, version: str) -> InferencePipeline:
        pipeline = self._without(name) if version == RULE else self._loaded(ModelRef(name, version))
        if pipeline is None:
            raise NotFound(f"There is no model {name}@{version}.")
        return pipeline

    def _wanted(self, name: str) -> ModelRef | None:
        return self.models.champion(name)

    def _without(self, name: str) -> InferencePipeline | None:
        """What answers when the store has no version: a rule as its recipe states it."""
        recipe = self.catalog.recipe(name)
        if recipe.learned:
            return None
        stated = InferencePipeline.from_recipe(recipe, self.catalog.property_of(recipe), self.catalog.resolve)
        return self.catalog.adjusted(stated)

    def _instead(self, ref: ModelRef, before: Served | None) -> InferencePipeline | None:
        """What answers in place of a refused version: what did until now, else what did before it."""
        if before is not None:
            return before.pipeline
        versions = [promotion.version for promotion in self.models.history(ref.name)]
        for version in dict.fromkeys(reversed(versions)):
            try:
                if version != ref.version:
                    return self._loaded(ModelRef(ref.name, version))
            except UNUSABLE as error:
                log.error("%s@%s is refused, too: %s", ref.name, version, error)
        return self._without(ref.name)

    def _is_lost(self, old: ModelRef | None, new: ModelRef | None) -> bool:
        """Whether a change looks like a folder that is not mounted: after a real one the old version is still known."""
        if old is None or old == new:
            return False
        known = {promotion.version for promotion in self.models.history(old.name)}
        return new is None or (old.version not in known and old not in self.models.versions(old.name))


class Challengers(ServingModels):
    """The newest versions that have not served yet. One that is refused or promoted leaves its place empty."""

    def _wanted(self, name: str) -> ModelRef | None:
        return self.models.challenger(name)

    def _without(self, name: str) -> InferencePipeline | None:
        return None

    def _instead(self, ref: ModelRef, before: Served | None) -> InferencePipeline | None:
        return None

    def _is_lost(self, old: ModelRef | None, new: ModelRef | None) -> bool:
        return False


def trusted(bundle: Bundle, recipe: Recipe) -> Bundle:
    """The bundle, with what is not trained taken from the installed recipe (its names are checked when resolved)."""
    kept = replace(bundle.recipe, decides=recipe.decides, summary=recipe.summary, cannot_tell=recipe.cannot_tell)
    return replace(bundle, recipe=kept)
