"""The Tuner port on Optuna (extra `train`).

TPE, reseeded a trial from (seed, number of trials before it), so that a resumed search is the same search. Trials that
are clearly worse than the others after some folds are given up (median pruning). Trials are kept in a database, so that
an interrupted search goes on and several processes or machines share one.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..domain.shared.arguments import Suggestion
from ..domain.shared.errors import ConfigError, MissingExtra, TrainingError
from ..domain.shared.identity import new_id
from ..domain.shared.ports import Objective, Plan, Progress, Search, Trial, silent

if TYPE_CHECKING:
    import optuna
    from sqlalchemy import URL

HEARTBEAT = 30  # seconds between two signs of life of a running trial
PATIENCE = 60  # seconds to wait for the database
STARTUP = 5  # trials that are never given up: there is nothing yet to compare them with


@dataclass(frozen=True)
class OptunaTuner:
    """Searches with Optuna's tree-structured Parzen estimator.

    storage: SQLAlchemy URL of the database that keeps trials; None keeps them in memory.
    """

    storage: str | None = None

    def search(
        self, space: Mapping[str, Suggestion], objective: Objective, plan: Plan, progress: Progress = silent
    ) -> Search:
        """Try values as the plan says; equal plans give equal searches, interrupted or not."""
        require_optuna()
        with self._study(plan) as study:
            began = time.monotonic()
            report(study, plan, began, progress)
            while unfinished(study, plan, began):
                _try_one(study, space, objective, plan)
                report(study, plan, began, progress)
            tried = tuple(_as_trial(t) for t in finished(study))
            return Search(best=best(tried, plan), trials=tried)

    @contextmanager
    def _study(self, plan: Plan) -> Iterator[optuna.Study]:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        pruner = optuna.pruners.MedianPruner(STARTUP, n_min_trials=STARTUP)
        direction: Literal["maximize", "minimize"] = "maximize" if plan.maximise else "minimize"
        if self.storage is None or not plan.study:
            yield optuna.create_study(direction=direction, pruner=pruner)
            return
        with _opened(self.storage) as storage:
            known = [name for name in optuna.get_all_study_names(storage) if name.startswith(f"{plan.study}/")]
            name = max(known) if known and plan.resume else f"{plan.study}/{new_id()}"
            yield optuna.create_study(
                storage=storage, study_name=name, load_if_exists=True, direction=direction, pruner=pruner
            )


def finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """The trials that have a score, in the order of their numbers."""
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))


def best(tried: Sequence[Trial], plan: Plan) -> Trial:
    """The first with the best score of those that were not given up: of these trials only, since others may go on."""
    return (max if plan.maximise else min)((t for t in tried if not t.pruned), key=lambda trial: trial.score)


def unfinished(study: optuna.Study, plan: Plan, began: float) -> bool:
    """Whether another trial is to be begun."""
    tried = finished(study)
    out_of_time = plan.minutes is not None and time.monotonic() - began >= 60 * plan.minutes
    return not tried or (len(tried) < plan.trials and not out_of_time)


def report(study: optuna.Study, plan: Plan, began: float, progress: Progress) -> None:
    """How far the search is: in trials, or in seconds when time is what ends it."""
    tried = len(finished(study))
    state = f"best {study.best_value:.4f}" if tried else "begins"
    if plan.minutes is None:
        progress(f"trials ({state})", tried, plan.trials)
    else:
        whole = round(60 * plan.minutes)
        progress(f"search (s, trial {tried}, {state})", min(whole, round(time.monotonic() - began)), whole)


def suggest(trial: optuna.Trial, space: Mapping[str, Suggestion]) -> dict[str, Any]:
    """One value for each name of the space."""
    return {name: _suggest_one(trial, name, s) for name, s in space.items()}


def _try_one(study: optuna.Study, space: Mapping[str, Suggestion], objective: Objective, plan: Plan) -> None:
    import optuna

    def score(trial: optuna.Trial) -> float:
        study.sampler = optuna.samplers.TPESampler(seed=(plan.seed * 1_000_003 + place(trial)) % 2**32)
        total, mean = 0.0, float("nan")
        for step, fold in enumerate(objective(suggest(trial, space))):
            total += fold
            mean = total / (step + 1)
            trial.report(mean, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        if mean != mean:
            raise TrainingError("The search cannot go on: a score is not a number.")
        return mean

    with experimental():
        optuna.storages.fail_stale_trials(study)  # of processes that are gone
    with experimental():
        study.optimize(score, n_trials=1)


def place(trial: optuna.Trial) -> int:
    """How many trials were begun before this one, without those that were broken off: the same in a resumed search.

    Trials that run side by side have different places, so that they do not try the same values.
    """
    from optuna.trial import TrialState

    others = trial.study.get_trials(deepcopy=False)
    return sum(other.number < trial.number and other.state != TrialState.FAIL for other in others)


def _as_trial(trial: optuna.trial.FrozenTrial) -> Trial:
    steps = tuple(trial.intermediate_values[step] for step in sorted(trial.intermediate_values))
    value = trial.value if trial.value is not None else steps[-1]
    pruned = trial.state.name == "PRUNED"
    seconds = trial.duration.total_seconds() if trial.duration else 0.0
    started = trial.datetime_start.astimezone() if trial.datetime_start else None
    return Trial(trial.number, trial.params, float(value), steps, pruned, started, seconds)


def _suggest_one(trial: optuna.Trial, name: str, s: Suggestion) -> Any:
    if s.suggest == "categorical":
        return trial.suggest_categorical(name, list(s.choices))
    low, high = s.low or 0, s.high or 0
    if s.suggest == "int":
        return trial.suggest_int(name, int(low), int(high), step=int(s.step or 1), log=s.log)
    return trial.suggest_float(name, low, high, step=s.step, log=s.log)


@contextmanager
def _opened(url: str) -> Iterator[optuna.storages.RDBStorage]:
    """The database of trials for as long as a search takes."""
    import optuna
    import sqlalchemy as sa

    address = writable(url)
    shown = address.render_as_string()  # without the password
    waits = {"connect_args": {"timeout": PATIENCE}}
    try:
        with experimental():
            secret = address.render_as_string(hide_password=False)
            storage = optuna.storages.RDBStorage(secret, engine_kwargs=waits, heartbeat_interval=HEARTBEAT)
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        raise ConfigError(f"The database of trials, {shown}, cannot be used: {type(error).__name__}.") from error
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


def writable(url: str) -> URL:
    """The URL with the driver that we use; the folder of a SQLite file is made."""
    from .db_engine import parsed

    address = parsed(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    return address


@contextmanager
def experimental() -> Iterator[None]:
    """Optuna calls its heartbeat experimental; we pin what we use by our tests."""
    from optuna.exceptions import ExperimentalWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        yield


def require_optuna() -> None:
    """`MissingExtra` when it is not installed."""
    if find_spec("optuna") is None:
        raise MissingExtra("train", "Searching hyperparameters")
