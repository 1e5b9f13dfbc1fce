"""Trained versions: which there are, which serves, and why another one may or may not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..domain.shared.bundle import Bundle, ModelRef
from ..domain.shared.errors import Conflict, NotFound, UnknownName
from ..domain.shared.gate import Findings
from ..domain.shared.ports import ModelStore, Progress, silent
from ..domain.shared.promotion import Promotion, before
from .catalog import Catalog

Status = Literal["champion", "challenger", "earlier"]
Measure = Callable[[ModelRef, ModelRef | None, str | None, Progress], Findings]
"""Challenger, champion, data set (None: the challenger's own), progress -> what the gate judges by."""


class Refused(Conflict):
    """A challenger does not pass the gate; `promotion` says which checks failed, with their figures."""

    code = "refused"

    def __init__(self, ref: ModelRef, promotion: Promotion) -> None:
        failed = "; ".join(f"not {check.name} ({check.detail})" for check in promotion.checks if not check.passed)
        super().__init__(f"{ref} is refused: {failed}. With a reason it can be promoted all the same.")
        self.promotion = promotion


@dataclass(frozen=True)
class ModelInfo:
    """One version of a pipeline. earlier: neither serves nor waits to."""

    name: str
    version: str
    status: Status
    bundle: Bundle


class ModelService:
    """Lists, promotes and rolls back versions. measure: compares a challenger with the champion."""

    def __init__(self, catalog: Catalog, models: ModelStore, measure: Measure) -> None:
        self.catalog = catalog
        self.models = models
        self.measure = measure

    def all(self, name: str | None = None) -> tuple[ModelInfo, ...]:
        """All versions of a pipeline (or of all), oldest first."""
        names = [self._known(name)] if name else self.models.names()
        return tuple(self.one(ref) for each in names for ref in self.models.versions(each))

    def one(self, ref: ModelRef) -> ModelInfo:
        """One version with all that it is."""
        return ModelInfo(ref.name, ref.version, self._status(ref), self.models.load(ref))

    def find(self, name: str, version: str | None = None) -> ModelRef:
        """A version by its name, its first letters, `champion` or `challenger` (default: what promoting would take)."""
        name = self._known(name)
        if version in ("champion", "challenger", None):
            found = self.models.champion(name) if version == "champion" else self.models.challenger(name)
            if found is None:
                raise NotFound(f"{name} has no {version or 'challenger'}. `multimodal models list {name}` shows all.")
            return found
        versions = [ref for ref in self.models.versions(name) if ref.version.startswith(str(version))]
        if len(versions) != 1:
            kind = "is the beginning of several versions" if versions else "is no version"
            raise NotFound(f"{version!r} {kind} of {name}. `multimodal models list {name}` shows all.")
        return versions[0]

    def history(self, name: str) -> Sequence[Promotion]:
        """All promotions of a pipeline, oldest first."""
        return self.models.history(self._known(name))

    def promote(
        self,
        name: str,
        version: str | None = None,
        *,
        dataset: str | None = None,
        reason: str = "",
        force: bool = False,
        progress: Progress = silent,
    ) -> Promotion:
        """Let a version serve when it passes the gate, else `Refused`; `force` needs a reason, which is remembered."""
        ref = self.find(name, version)
        champion = self.models.champion(ref.name)
        if ref == champion:
            raise Conflict(f"{ref} serves already.")
        if force and not reason.strip():
            raise Conflict("To promote against the gate takes a reason; it is remembered with the promotion.")
        found = self.measure(ref, champion, dataset, progress)
        checks = self.catalog.recipe(ref.name).gate.judge(found)
        passed = all(check.passed for check in checks)
        promotion = Promotion.now(ref.version, reason=reason, checks=checks, forced=force and not passed)
        if not (passed or force):
            raise Refused(ref, promotion)
        self.models.promote(ref, promotion)
        return promotion

    def rollback(self, name: str, *, reason: str = "") -> Promotion:
        """Let the version serve again that did before the champion; `NotFound` when there is none."""
        name = self._known(name)
        version = before(self.models.history(name))
        if version is None:
            raise NotFound(f"No other version of {name} has served before.")
        promotion = Promotion.now(version, reason=reason or f"back from {self.models.champion(name)}", back=True)
        self.models.promote(ModelRef(name, version), promotion)
        return promotion

    def _status(self, ref: ModelRef) -> Status:
        if ref == self.models.champion(ref.name):
            return "champion"
        return "challenger" if ref == self.models.challenger(ref.name) else "earlier"

    def _known(self, name: str) -> str:
        known = {*self.catalog.recipes, *self.models.names()}
        if name not in known:
            raise UnknownName("pipeline", name, known)
        return name
