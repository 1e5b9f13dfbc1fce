"""What a training does, as values: search spaces and fixed values, from dicts and YAML.

Suggestion ......... a search space for one value
TrainingArguments .. what to search, on which data, how long, for which metric
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from .errors import ConfigError, UnknownName, refuse_unknown
from .estimators import flatten, unflatten

KINDS = ("int", "float", "categorical")


@dataclass(frozen=True)
class Suggestion:
    """A search space for one value.

    `{suggest: float, low: 1, high: 2000, log: true}` or `{suggest: categorical, choices: [...]}`.

    >>> Suggestion("int", low=1, high=8).to_dict()
    {'suggest': 'int', 'low': 1, 'high': 8}
    """

    suggest: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    step: float | None = None
    choices: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if self.suggest not in KINDS:
            raise UnknownName("kind of search space", self.suggest, KINDS)
        if self.suggest == "categorical":
            if not self.choices:
                raise ConfigError("A categorical search space needs choices.")
        elif self.low is None or self.high is None or not self.low <= self.high:
            raise ConfigError(f"A search space needs low <= high, got low={self.low}, high={self.high}.")
        elif self.log and self.low <= 0:
            raise ConfigError(f"A logarithmic search space needs low > 0, got {self.low}.")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Suggestion:
        """From plain values; an unknown key is an error with the nearest word."""
        refuse_unknown("key of a search space", values, (f.name for f in fields(cls)))
        return cls(**{**values, "choices": tuple(values.get("choices", ()))})

    def to_dict(self) -> dict[str, Any]:
        """Plain values without the defaults."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}
        return plain | ({"choices": list(self.choices)} if self.choices else {})


@dataclass(frozen=True)
class TrainingArguments:
    """What a training does.

    dataset: name, file or folder. metric: a name of `METRICS` that the search makes best. trials, minutes: when the
    search ends. folds: of the cross-validation inside the training part. validation, test: shares of the groups.
    wrong, undecided: see `Thresholds.choose`. hyperparameters: fixed values and `suggest` spaces, nested or flat.
    """

    dataset: str = ""
    metric: str = "roc_auc"
    trials: int = 30
    minutes: float | None = None
    folds: int = 4
    validation: float = 0.2
    test: float = 0.25
    seed: int = 0
    wrong: float = 0.05
    undecided: float = 0.10
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.trials < 0 or self.folds < 2:
            raise ConfigError(f"training: trials >= 0 and folds >= 2 are needed, got {self.trials} and {self.folds}.")
        if not (self.validation > 0 and self.test > 0 and self.validation + self.test < 1):
            raise ConfigError("training: validation and test are shares above 0 that leave something to train on.")
        object.__setattr__(self, "hyperparameters", flatten(self.hyperparameters))
        self.space  # noqa: B018  (refuses a wrong space now, not in the middle of a training)

    @property
    def space(self) -> dict[str, Suggestion]:
        """The values to search, flat."""
        return {k: Suggestion.from_dict(v) for k, v in self.hyperparameters.items() if _is_space(v)}

    @property
    def fixed(self) -> dict[str, Any]:
        """The values that are given, flat."""
        return {k: v for k, v in self.hyperparameters.items() if not _is_space(v)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainingArguments:
        """From plain values; an unknown key is an error with the nearest word."""
        refuse_unknown("key of training", values, (f.name for f in fields(cls)))
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Plain values without the defaults, hyperparameters nested."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "hyperparameters"}
        defaults = {f.name: f.default for f in fields(self)}
        changed = {key: value for key, value in plain.items() if value != defaults[key]}
        return changed | ({"hyperparameters": unflatten(self.hyperparameters)} if self.hyperparameters else {})

    def but(self, **changes: Any) -> TrainingArguments:
        """The same with some values changed."""
        return replace(self, **changes)


def _is_space(value: Any) -> bool:
    return isinstance(value, Mapping) and "suggest" in value
