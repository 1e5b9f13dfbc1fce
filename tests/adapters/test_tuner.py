"""One contract for every tuner."""

import subprocess
import sys

import pytest

from multimodal.adapters.tuner import OptunaTuner, best
from multimodal.domain.shared.arguments import Suggestion
from multimodal.domain.shared.errors import ConfigError, TrainingError
from multimodal.domain.shared.ports import Plan, Trial
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

    def test_trials_that_are_clearly_worse_are_given_up_after_some_folds(self, tuner):
        folds = []

        def slow(values):
            for fold in range(4):
                folds.append(fold)
                yield score(values)

        search = tuner.search(SPACE, slow, plan(30))
        assert any(t.pruned for t in search.trials)
        assert not search.best.pruned
        assert len(folds) == sum(len(t.steps) for t in search.trials) < 4 * 30

    def test_the_score_is_the_mean_of_the_folds(self, tuner):
        (trial,) = tuner.search(SPACE, lambda values: [1.0, 2.0, 6.0], plan(1)).trials
        assert (trial.steps, trial.score) == ((1.0, 1.5, 3.0), 3.0)

    def test_time_ends_a_search_but_never_before_the_first_trial(self, tuner):
        seen = []
        search = tuner.search(SPACE, objective, plan(10_000, minutes=1e-9), lambda *step: seen.append(step))
        assert len(search.trials) == 1
        assert all("search (s, trial" in what for what, _, _ in seen)

    def test_a_score_that_is_no_number_ends_the_search_with_an_error(self, tuner):
        with pytest.raises(TrainingError, match="not a number"):
            tuner.search(SPACE, lambda values: [float("nan")], plan(3))

    def test_a_logarithmic_space_is_searched_evenly(self, tuner):
        space = {"x": Suggestion("float", low=1e-4, high=1e4, log=True)}
        trials = tuner.search(space, lambda v: [0.0], plan(40)).trials
        assert 5 < sum(t.values["x"] < 1 for t in trials) < 35


class TestStoredOptunaTuner(TunerContract):
    """The same with trials in a database."""

    @pytest.fixture
    def tuner(self, tmp_path):
        return OptunaTuner(f"sqlite:///{tmp_path / 'made' / 'trials.db'}")

    def test_an_interrupted_search_goes_on_and_ends_as_if_it_had_not_been_interrupted(self, tuner, tmp_path):
        calls = []

        def interrupted(values):
            calls.append(values)
            if len(calls) == 5:
                raise KeyboardInterrupt
            return objective(values)

        with pytest.raises(KeyboardInterrupt):
            tuner.search(SPACE, interrupted, plan(14, study="s"))
        resumed = tuner.search(SPACE, objective, plan(14, study="s", resume=True))
        straight = OptunaTuner(f"sqlite:///{tmp_path / 'other.db'}").search(SPACE, objective, plan(14, study="s"))
        assert [t.values for t in resumed.trials] == [t.values for t in straight.trials]
        assert resumed.best.score == straight.best.score

    def test_without_resuming_a_search_begins_anew(self, tuner):
        for _ in range(2):
            assert len(tuner.search(SPACE, objective, plan(3, study="s")).trials) == 3

    def test_resuming_a_finished_search_tries_nothing_more(self, tuner):
        first = tuner.search(SPACE, objective, plan(3, study="s"))
        assert tuner.search(SPACE, pytest.fail, plan(3, study="s", resume=True)) == first

    def test_resuming_with_more_trials_adds_the_difference(self, tuner):
        first = tuner.search(SPACE, objective, plan(3, study="s"))
        more = tuner.search(SPACE, objective, plan(5, study="s", resume=True))
        assert more.trials[:3] == first.trials
        assert len(more.trials) == 5

    def test_resuming_another_study_begins_anew(self, tuner):
        tuner.search(SPACE, objective, plan(3, study="s"))
        assert len(tuner.search(SPACE, objective, plan(2, study="t", resume=True)).trials) == 2

    def test_two_processes_share_a_search(self, tuner):
        tuner.search(SPACE, objective, plan(1, study="s"))
        code = (
            "import sys; from tests.adapters.test_tuner import *;"
            "OptunaTuner(sys.argv[1]).search(SPACE, objective, plan(16, study='s', resume=True))"
        )
        command = [sys.executable, "-W", "error", "-c", code, tuner.storage]
        others = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        assert [(other.communicate(timeout=120)[1], other.returncode) for other in others] == [("", 0)] * 2
        trials = tuner.search(SPACE, objective, plan(16, study="s", resume=True)).trials
        assert 16 <= len(trials) <= 17
        assert len({tuple(t.values.items()) for t in trials}) > 12

    def test_a_database_that_cannot_be_used_is_told_without_its_password(self):
        tuner = OptunaTuner("postgresql+pg8000://me:secret@127.0.0.1:1/trials")
        with pytest.raises(ConfigError, match="cannot be used") as caught:
            tuner.search(SPACE, objective, plan(1, study="s"))
        assert "secret" not in str(caught.value)


def test_the_best_is_the_first_with_the_best_score_of_those_not_given_up():
    tried = [Trial(0, {}, 1.0), Trial(1, {}, 3.0, pruned=True), Trial(2, {}, 2.0), Trial(3, {}, 2.0)]
    assert [best(tried, plan(4, maximise=m)).number for m in (True, False)] == [2, 0]


def test_trials_may_live_in_postgresql(postgres_url):
    tuner = OptunaTuner(postgres_url)
    first = tuner.search(SPACE, objective, plan(2, study="s"))
    assert tuner.search(SPACE, objective, plan(2, study="s", resume=True)) == first


class TestGridTuner(TunerContract):
    @pytest.fixture
    def tuner(self):
        return GridTuner()
