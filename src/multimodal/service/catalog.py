"""The catalogue: what this installation can assess. It is found by walking folders; there is no list to extend.

multimodal/domain/MODALITY/__init__.py ... MODALITY
multimodal/domain/MODALITY/*.py .......... PROPERTY
multimodal/config/MODALITY/*.yaml ........ a pipeline each
the user's configuration folder .......... MODALITY/*.py and MODALITY/*.yaml, walked alike
packages with an entry point `multimodal.modalities`, walked like multimodal.domain
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from ..domain.shared.adjusting import Own, adjusted
from ..domain.shared.errors import ArtifactError, BrokenCapture, ConfigError, UnknownName, UnsupportedFormat, listing
from ..domain.shared.modality import Modality, Property
from ..domain.shared.pipelines import InferencePipeline
from ..domain.shared.recipe import Recipe
from ..domain.shared.sample import Sample
from ..domain.shared.source_code import USER_MODULES

ENTRY_POINT = "multimodal.modalities"


@dataclass(frozen=True)
class Catalog:
    """Modalities by name, properties by full name (`image/blur`), recipes by pipeline name.

    modules: the user's own modules, by the dotted name under which the user's YAML knows them (`image.blueness`).
    own: the thresholds that the user set, by pipeline and name (own_thresholds.py).
    """

    modalities: Mapping[str, Modality]
    properties: Mapping[str, Property]
    recipes: Mapping[str, Recipe]
    modules: Mapping[str, ModuleType] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, Own]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for recipe in self.recipes.values():
            if recipe.property not in self.properties:
                raise UnknownName(f"property (pipeline {recipe.name})", recipe.property, self.properties)

    def recipe(self, pipeline: str) -> Recipe:
        """The recipe of a pipeline, or `UnknownName` with the nearest one."""
        if pipeline not in self.recipes:
            raise UnknownName("pipeline", pipeline, self.recipes)
        return self.recipes[pipeline]

    def property_of(self, recipe: Recipe) -> Property:
        """The property that a recipe answers."""
        return self.properties[recipe.property]

    def adjusted(self, pipeline: InferencePipeline) -> InferencePipeline:
        """A pipeline as it is put in place: with the thresholds that the user set."""
        own = self.own.get(pipeline.name, {})
        return adjusted(pipeline, {name: mine.value for name, mine in own.items()})

    def modality_of(self, data: bytes, name: str = "") -> Modality:
        """Which modality the bytes belong to, by content; `UnsupportedFormat` when none."""
        if not data:
            raise BrokenCapture("The capture is empty.")
        for modality in self.modalities.values():
            if modality.recognises(data):
                return modality
        known = {suffix for modality in self.modalities.values() for suffix in modality.suffixes}
        who = repr(name) if name else "The capture"
        raise UnsupportedFormat(
            f"{who} is in no format that can be read, whatever its name. Readable: {listing(known)}."
        )

    def modality_of_sample(self, sample: Sample) -> Modality | None:
        """Whose sample it is: a modality decodes to a class of its own folder."""
        home = type(sample).__module__.rpartition(".")[0]
        return next((m for m in self.modalities.values() if _home(m.decode) == home), None)

    def resolve(self, dotted: str) -> Any:
        """What `module:Name` stands for; only names that a recipe of the package or of the user's folder uses."""
        if not any(dotted in recipe.used_names for recipe in self.recipes.values()):
            raise ArtifactError(f"{dotted!r} is used by no pipeline of this installation, so it is not loaded.")
        return self.load(dotted)

    def load(self, dotted: str) -> Any:
        """What `module:Name` stands for; the caller trusts where the name comes from (YAML of package or user)."""
        module, _, name = dotted.partition(":")
        try:
            return getattr(self.modules.get(module) or importlib.import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise ConfigError(f"{dotted!r} cannot be loaded ({error}). It is written package.module:Class.") from error


def _home(function: Any) -> str:
    """The folder of a function (or of what a partial calls), as a dotted name."""
    return str(getattr(function, "func", function).__module__).rpartition(".")[0]


def discover(recipes: Iterable[Recipe], folder: Path | None = None) -> Catalog:
    """The catalogue of this installation and of the user's configuration folder."""
    modalities: dict[str, Modality] = {}
    properties: dict[str, Property] = {}
    for package in _packages():
        modality = package.MODALITY
        modalities[modality.name] = modality
        properties |= _properties(modality.name, _modules(package))
    own = user_modules(folder) if folder else {}
    for dotted, module in own.items():
        properties |= _properties(dotted.partition(".")[0], [module])
    return Catalog(modalities, properties, _by_name(recipes), own)


def user_modules(folder: Path) -> dict[str, ModuleType]:
    """The modules `MODALITY/*.py` of a configuration folder, by the name that its YAML uses (`image.blueness`)."""
    files = sorted(path for path in folder.glob("*/*.py") if not path.name.startswith("_"))
    return {f"{path.parent.name}.{path.stem}": _load(path) for path in files}


def _load(path: Path) -> ModuleType:
    """A module from a file, under a name that no other folder can have."""
    name = f"{USER_MODULES}{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path.name} cannot be imported.")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ConfigError(f"{path.name} of the configuration folder fails on import: {error}") from error
    return module


def _packages() -> Iterator[ModuleType]:
    """All packages that declare a MODALITY."""
    from .. import domain

    roots = [domain, *(point.load() for point in entry_points(group=ENTRY_POINT))]
    for root in roots:
        if hasattr(root, "MODALITY"):
            yield root
        for found in pkgutil.iter_modules(root.__path__, f"{root.__name__}."):
            package = importlib.import_module(found.name) if found.ispkg else None
            if package is not None and hasattr(package, "MODALITY"):
                yield package


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    """The modules of a package that declare a PROPERTY (found by their text, so that others are not imported)."""
    for found in pkgutil.iter_modules(package.__path__):
        source = Path(package.__path__[0], f"{found.name}.py")
        if source.is_file() and "\nPROPERTY" in source.read_text(encoding="utf-8"):
            yield importlib.import_module(f"{package.__name__}.{found.name}")


def _properties(modality: str, modules: Iterable[ModuleType]) -> dict[str, Property]:
    found = (module.PROPERTY for module in modules if hasattr(module, "PROPERTY"))
    return {f"{modality}/{property.name}": property for property in found}


def _by_name(recipes: Iterable[Recipe]) -> dict[str, Recipe]:
    found: dict[str, Recipe] = {}
    for recipe in recipes:
        if recipe.name in found:
            raise ConfigError(f"Two YAML files describe a pipeline {recipe.name!r}. Rename one.")
        found[recipe.name] = recipe
    return found
