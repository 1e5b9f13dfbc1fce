"""What a result of code depends on: the text of the module and of all its own that it imports, and library versions.

A cached feature is right only as long as the code that measured it is the same.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec, resolve_name
from pathlib import Path

PACKAGE = __name__.partition(".")[0]
USER_MODULES = f"{PACKAGE}_user_"  # how the modules of a configuration folder are called


def code_digest(modules: Iterable[str]) -> str:
    """sha256 over the source of these modules, and of what they import from their own package or from ours.

    It covers the versions of the libraries that they import, too; hexadecimal.

    >>> code_digest(["multimodal.domain.shared.errors"]) == code_digest(["multimodal.domain.shared.sample"])
    False
    """
    digest = hashlib.sha256()
    given = list(modules)
    own = {PACKAGE, *(module.partition(".")[0] for module in given)}
    for module in sorted(closure(given)):
        path = source(module) if module.partition(".")[0] in own else None
        digest.update(path.read_bytes() if path is not None else f"{module} {versions(module)}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=1024)
def versions(library: str) -> tuple[str, ...]:
    """The versions of the distributions that a library's module comes from; none of the standard library's."""
    return tuple(version(name) for name in sorted(distributions().get(library, ())))


@cache
def distributions() -> Mapping[str, Sequence[str]]:
    """Which distributions each module comes from."""
    return packages_distributions()


def closure(modules: Iterable[str]) -> set[str]:
    """The modules, those of their own package and of ours that they import however indirectly, and libraries by name.

    >>> sorted(closure(["multimodal.domain.shared.identity"]))
    ['__future__', 'multimodal.domain.shared.identity', 'os', 'time', 'uuid']
    """
    found: set[str] = set()
    todo = list(modules)
    own = frozenset({PACKAGE, *(module.partition(".")[0] for module in todo)})
    while todo:
        module = todo.pop()
        if module not in found:
            found.add(module)
            todo += imported(module, own)
    return found


@lru_cache(maxsize=1024)
def imported(module: str, own: frozenset[str]) -> tuple[str, ...]:
    """What a module of one of the `own` packages imports: their modules, and libraries by their first name."""
    path = source(module) if module.partition(".")[0] in own else None
    if path is None:
        return ()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names = dict.fromkeys(_names(ast.parse(path.read_bytes()), package, own))
    return tuple(dict.fromkeys(name if name.partition(".")[0] in own else name.partition(".")[0] for name in names))


def _names(tree: ast.AST, package: str, own: frozenset[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package) if node.level else str(node.module)
            inner = [f"{base}.{alias.name}" for alias in node.names] if base.partition(".")[0] in own else []
            yield from [name for name in inner if source(name) is not None] or [base]


@lru_cache(maxsize=1024)
def source(module: str) -> Path | None:
    """The Python file of a module; None for what has none, and for what is no module."""
    try:
        loaded = sys.modules.get(module)
        spec = loaded.__spec__ if loaded is not None else find_spec(module)
    except (ImportError, AttributeError, ValueError):
        return None
    path = Path(spec.origin) if spec is not None and spec.origin else None
    return path if path is not None and path.suffix == ".py" and path.is_file() else None
