"""The scikit-learn parameter contract, kept without importing scikit-learn.

A constructor stores its arguments under their own names and checks nothing; `get_params`, `set_params`, `clone` and
searches then work. What is learned ends in `_`.
"""

from __future__ import annotations

import inspect
from typing import Any, Self

from .errors import UnknownName


def parameter_names(cls: type) -> tuple[str, ...]:
    """Names of the constructor's arguments, sorted."""
    arguments = list(inspect.signature(cls.__init__).parameters.values())[1:]  # type: ignore[misc]
    named = [a.name for a in arguments if a.kind not in (a.VAR_POSITIONAL, a.VAR_KEYWORD)]
    return tuple(sorted(named))


class Parameters:
    """Base of everything whose constructor arguments are its parameters."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters by name; with `deep` those of nested objects too, as `name__parameter`."""
        own = {name: getattr(self, name) for name in parameter_names(type(self))}
        if not deep:
            return own
        nested = {
            f"{name}__{key}": inner
            for name, value in own.items()
            if hasattr(value, "get_params") and not isinstance(value, type)
            for key, inner in value.get_params().items()
        }
        return own | nested

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters by name (`name` or `name__parameter`).

        An unknown one is a `ValueError` that names the nearest.
        """
        nested: dict[str, dict[str, Any]] = {}
        for key, value in parameters.items():
            name, _, inner = key.partition("__")
            self._require(name)
            if inner:
                nested.setdefault(name, {})[inner] = value
            else:
                setattr(self, name, value)
        for name, values in nested.items():
            getattr(self, name).set_params(**values)
        return self

    def _require(self, name: str) -> None:
        known = parameter_names(type(self))
        if name not in known:
            raise ValueError(str(UnknownName(f"parameter of {type(self).__name__}", name, known)))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in parameter_names(type(self)))
        return f"{type(self).__name__}({shown})"
