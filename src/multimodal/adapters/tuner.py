"""The Tuner port on Optuna (extra `train`).

TPE, reseeded a trial from (seed, number), so that a resumed search is the same search.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..domain.shared.arguments import Suggestion
from ..domain.shared.errors import MissingExtra
from ..domain.shared.ports import Progress, Search, Trial, silent

if TYPE_CHECKING:
    import optuna


class OptunaTuner:
    """Searches in memory with Optuna's tree-structured Parzen estimator."""

    def search(
        self,
        space: Mapping[str, Suggestion],
        objective: Callable[[Mapping[str, Any]], float],
        *,
        maximise: bool,
        trials: int,
        seed: int,
        progress: Progress = silent,
    ) -> Search:
        """Try `trials` sets of values; equal seeds give equal searches."""
        study = _study(maximise, seed)
        for number in range(trials):
            study.sampler = _sampler(seed, number)
            study.optimize(lambda trial: objective(suggest(trial, space)), n_trials=1)
            progress(f"trials (best {study.best_value:.4f})", number + 1, trials)
        tried = tuple(Trial(t.number, t.params, float(t.value or 0.0)) for t in study.trials)
        return Search(best=tried[study.best_trial.number], trials=tried)


def suggest(trial: optuna.Trial, space: Mapping[str, Suggestion]) -> dict[str, Any]:
    """One value for each name of the space."""
    return {name: _suggest_one(trial, name, s) for name, s in space.items()}


def _suggest_one(trial: optuna.Trial, name: str, s: Suggestion) -> Any:
    if s.suggest == "categorical":
        return trial.suggest_categorical(name, list(s.choices))
    low, high = s.low or 0, s.high or 0
    if s.suggest == "int":
        return trial.suggest_int(name, int(low), int(high), step=int(s.step or 1), log=s.log)
    return trial.suggest_float(name, low, high, step=s.step, log=s.log)


def _study(maximise: bool, seed: int) -> optuna.Study:
    try:
        import optuna
    except ImportError as error:
        raise MissingExtra("train", "Searching hyperparameters") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(direction="maximize" if maximise else "minimize", sampler=_sampler(seed, 0))


def _sampler(seed: int, number: int) -> optuna.samplers.BaseSampler:
    import optuna

    return optuna.samplers.TPESampler(seed=(seed * 1_000_003 + number) % 2**32)
