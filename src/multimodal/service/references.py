"""What models were trained on, by the model that answers; read once a version, since versions never change."""

from __future__ import annotations

import logging

from ..domain.shared.bundle import ModelRef
from ..domain.shared.distributions import Reference
from ..domain.shared.errors import ArtifactError, NotFound
from ..domain.shared.ports import ModelStore

log = logging.getLogger(__name__)


class References:
    """References of the models in a store. Safe to share between threads: at worst one is read twice."""

    def __init__(self, models: ModelStore) -> None:
        self.models = models
        self._known: dict[str, Reference | None] = {}

    def of(self, model: str) -> Reference | None:
        """The reference of `name@version`; None for a rule as it stands and for a model that carries none."""
        if model not in self._known:
            self._known[model] = self._read(model)
        return self._known[model]

    def _read(self, model: str) -> Reference | None:
        name, _, version = model.partition("@")
        try:
            return Reference.of_bundle(self.models.load(ModelRef(name, version)))
        except NotFound:
            return None
        except ArtifactError as error:
            log.warning("what %s sees is not counted: %s", model, error)
            return None
