"""One contract for every tuner."""

import pytest

from multimodal.adapters.tuner import OptunaTuner
from multimodal.domain.shared.arguments import Suggestion
from multimodal.domain.shared.ports import Plan
from tests.fakes import GridTuner

SPACE = {
    "x": Suggestion("float", low=-10.0, high=10.0),
    "n": Suggestion("int", low=1, high=9, step=2),
    "kind": Suggestion("categorical", choices=("a", "b")),
}


def score(values):
    return -((values["x"] - 2) ** 2) - (values["n"] - 5) ** 2 - (values["kind"] == "a")


def objective(values):
    return [score(values)]


def plan(trials, seed=0, maximise=True, **more):
    return Plan(maximise, trials, seed=seed, **more)


class TunerContract:
    def test_the_best_trial_is_the_best_of_all(self, tuner):
        search = tuner.search(SPACE, objective, plan(30))
        assert search.best.score == max(t.score for t in search.trials) == score(search.best.values)
        assert search.best.score > -20

    def test_less_is_better_when_minimising(self, tuner):
        search = tuner.search(SPACE, lambda v: [-score(v)], plan(30, maximise=False))
        assert search.best.score == min(t.score for t in search.trials)

    def test_values_stay_in_their_space(self, tuner):
        for trial in tuner.search(SPACE, objective, plan(20, seed=1)).trials:
            assert -10 <= trial.values["x"] <= 10
            assert trial.values["n"] in (1, 3, 5, 7, 9)
            assert trial.values["kind"] in ("a", "b")

    def test_equal_seeds_give_equal_searches(self, tuner):
        one, two = (tuner.search(SPACE, objective, plan(8, seed=3)) for _ in range(2))
        assert one == two

    def test_progress_counts_trials(self, tuner):
        seen = []
        tuner.search(SPACE, objective, plan(3), lambda *s: seen.append(s[1:]))
        assert [step for step in seen if step[0]] == [(1, 3), (2, 3), (3, 3)]


class TestOptunaTuner(TunerContract):
    @pytest.fixture
    def tuner(self):
        return OptunaTuner()

    def test_a_logarithmic_space_is_searched_evenly(self, tuner):
        space = {"x": Suggestion("float", low=1e-4, high=1e4, log=True)}
        trials = tuner.search(space, lambda v: [0.0], plan(40)).trials
        assert 5 < sum(t.values["x"] < 1 for t in trials) < 35


class TestGridTuner(TunerContract):
    @pytest.fixture
    def tuner(self):
        return GridTuner()
