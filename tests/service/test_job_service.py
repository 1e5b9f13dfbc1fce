"""Jobs as whoever asks for them and whoever runs them see them."""

import math
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.shared.errors import Cancelled, ConfigError, InvalidJob, JobsOff, NotFound, QueueFull
from multimodal.domain.shared.jobs import JobProgress, JobQuery
from multimodal.domain.shared.modality import Limits
from multimodal.domain.shared.ports import Plan
from multimodal.domain.shared.recipe import Recipe
from multimodal.service.catalog import Catalog
from multimodal.service.dataset_service import DatasetService
from multimodal.service.evaluation_service import EvaluationService
from multimodal.service.job_arguments import DEEPEST
from multimodal.service.job_service import JobService, Pulse
from multimodal.service.training_service import TrainingService
from tests import toy
from tests.fakes import (
    GridTuner,
    InlineEngine,
    InlineRenderer,
    MemoryDatasetSource,
    MemoryFeatureStore,
    MemoryJobStore,
    MemoryModelStore,
    MemoryTracker,
)

OWNER = "home/1"
LONG = 30.0
CHOOSING = {
    **toy.RULE,
    "pipeline": "calm_choosing",
    "training": {
        "dataset": "toy",
        "hyperparameters": {
            "threshold": {"suggest": "categorical", "choices": [0.5, 1.0, "auto", True]},
            "window": {"suggest": "int", "low": 1, "high": 9, "step": 2},
            "memory": "a place on disk",
        },
    },
}
UNTRAINABLE = {**{key: toy.RULE[key] for key in toy.RULE if key != "training"}, "pipeline": "calm_fixed"}
HOMELESS = {**toy.RULE, "pipeline": "calm_homeless", "training": {"dataset": ""}}


class WatchedTuner(GridTuner):
    """Remembers the plans, and does something before the search."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []
        self.before = lambda: None

    def search(self, space, objective, plan, progress=None):
        self.plans.append(plan)
        self.before()
        return super().search(space, objective, plan, progress)


class House:
    """All that jobs need, in memory."""

    def __init__(self, most: int = 3) -> None:
        known = [Recipe.from_dict(values) for values in (toy.RULE, toy.LEARNED, CHOOSING, UNTRAINABLE, HOMELESS)]
        self.catalog = Catalog(
            {"numbers": toy.MODALITY}, {"numbers/calmness": toy.PROPERTY}, {r.name: r for r in known}
        )
        self.models, self.tuner, self.store = MemoryModelStore(), WatchedTuner(), MemoryJobStore()
        engine, datasets = InlineEngine(), MemoryDatasetSource(toy=toy.dataset(8, 4), fresh=toy.dataset(8, 4, seed=9))
        data = DatasetService(self.catalog, datasets, MemoryFeatureStore(), InlineRenderer(), engine, Limits())
        evaluator = EvaluationService(self.catalog, self.models, data, lambda examination, pictures: {})
        trainer = TrainingService(self.catalog, data, self.tuner, self.models, MemoryTracker(), evaluator)
        self.jobs = JobService(lambda: self.store, trainer, evaluator, data, most=most)

    def fail(self):
        """What a tuner may do instead of a search, to be quick."""
        raise ConfigError("Something is wrong.")

    def train(self, pipeline: str = "calm_rule", **words):
        return self.jobs.submit("train", {"pipeline": pipeline, **words})


@pytest.fixture
def house() -> House:
    return House()


def test_a_training_is_asked_for_done_and_told(house):
    asked = house.train(trials=3, hyperparameters={"threshold": {"suggest": "float", "low": 1.0, "high": 2.0}})
    assert asked.state == "queued"
    assert house.jobs.has_work("home")
    assert house.jobs.work(OWNER) == 1
    job = house.jobs.get(asked.id)
    assert (job.state, job.result["model"]) == ("done", str(house.models.challenger("calm_rule")))
    assert job.result["trials"] == 3
    assert 1.0 <= job.result["values"]["threshold"] <= 2.0
    assert job.result["metrics"]["test"]["roc_auc"][0] > 0.9
    assert job.progress == JobProgress("trials", 3, 3)
    assert not house.jobs.has_work("home")


def test_an_evaluation_has_its_figures(house):
    asked = house.jobs.submit("evaluate", {"pipeline": "calm_rule", "dataset": "fresh"})
    house.jobs.work(OWNER)
    result = house.jobs.get(asked.id).result
    assert (result["model"], result["rows"]) == ("calm_rule@rule", 32)
    value, low, high = result["metrics"]["roc_auc"]
    assert low <= value <= high <= 1


def test_jobs_are_done_in_the_order_in_which_they_were_asked_for(house):
    asked = [house.train(seed=seed) for seed in range(3)]
    house.tuner.before = house.fail
    assert house.jobs.work(OWNER) == 3
    ended = [house.jobs.get(job.id) for job in asked]
    assert [job.finished for job in ended] == sorted(job.finished for job in ended)
    assert [plan.seed for plan in house.tuner.plans] == [0, 1, 2]


def test_hyperparameters_that_are_not_spoken_of_stay_as_they_are(house):
    asked = house.train("calm_learned", trials=2, hyperparameters={"classifier": {"C": 2.5}})
    house.jobs.work(OWNER)
    assert house.jobs.get(asked.id).state == "done"
    (step,) = [s for s in house.models.kept[0].recipe.estimator.steps if s.name == "classifier"]
    assert step.parameters["C"] == 2.5


@pytest.mark.parametrize(
    ("kind", "words", "message"),
    [
        ("trian", {"pipeline": "calm_rule"}, "Did you mean 'train'?"),
        (None, {"pipeline": "calm_rule"}, "A kind of job is text"),
        ("train", {}, "No pipeline is called ''"),
        ("train", {"pipeline": "calm_role"}, "Did you mean 'calm_rule'?"),
        ("train", {"pipeline": ["calm_rule"]}, "A pipeline is text, got a list"),
        ("train", {"pipeline": "calm_fixed", "dataset": "toy"}, "does not say how it is trained"),
        ("train", {"pipeline": "calm_homeless"}, "dataset is missing"),
        ("train", {"pipeline": "calm_rule", "dataset": "toi"}, "Did you mean 'toy'?"),
        ("train", {"pipeline": "calm_rule", "dataset": ""}, "No data set is called ''"),
        ("train", {"pipeline": "calm_rule", "dataset": "/etc"}, "No data set is called '/etc'"),
        ("train", {"pipeline": "calm_rule", "dataset": "s3://bucket/key"}, "No data set is called 's3://bucket/key'"),
        ("train", {"pipeline": "calm_rule", "trails": 3}, "Did you mean 'trials'?"),
        ("train", {"pipeline": "calm_rule", "resume": True}, "No argument of train is called 'resume'"),
        ("train", {"pipeline": "calm_rule", "trials": 10_001}, "trials is a whole number from 0 to 10,000"),
        ("train", {"pipeline": "calm_rule", "trials": True}, "trials is a whole number"),
        ("train", {"pipeline": "calm_rule", "trials": 2.5}, "trials is a whole number"),
        ("train", {"pipeline": "calm_rule", "trials": "7"}, "trials is a whole number"),
        ("train", {"pipeline": "calm_rule", "minutes": 1e9}, "minutes is a number from 0 to 1,440"),
        ("train", {"pipeline": "calm_rule", "minutes": math.nan}, "minutes is a number"),
        ("train", {"pipeline": "calm_rule", "validation": 0.6, "test": 0.5}, "leave something to train on"),
        ("train", {"pipeline": "calm_rule", "metric": "roc_acu"}, "Did you mean 'roc_auc'?"),
        ("evaluate", {"pipeline": "calm_rule"}, "name the data set to evaluate on"),
        ("evaluate", {"pipeline": "calm_rule", "dataset": "toy", "trials": 1}, "No argument of evaluate"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_waits(house, kind, words, message):
    with pytest.raises(InvalidJob) as caught:
        house.jobs.submit(kind, words)
    assert message in str(caught.value)
    assert house.jobs.find(JobQuery()).items == ()


@pytest.mark.parametrize(
    ("pipeline", "values", "message"),
    [
        ("calm_rule", [], "hyperparameters are names with values"),
        ("calm_rule", {"treshold": 1.0}, "Did you mean 'threshold'?"),
        ("calm_rule", {"threshold": 101.0}, "threshold is a number from 0.01 to 100"),
        ("calm_rule", {"threshold": "os.system"}, "threshold is a number"),
        ("calm_rule", {"threshold": {"suggest": "float", "low": 0.001}}, "threshold is a number from 0.01"),
        ("calm_rule", {"threshold": {"suggest": "float", "low": 2.0, "high": 1.0}}, "low <= high"),
        ("calm_rule", {"threshold": {"suggest": "int"}}, "No kind of search space here is called 'int'"),
        ("calm_rule", {"threshold": {"suggest": ["float"]}}, "is text, got a list"),
        ("calm_rule", {"threshold": {"suggest": "float", "log": False}}, "log=True; that cannot be changed"),
        ("calm_rule", {"threshold": {"suggest": "float", "choices": [1]}}, "No key of the search space"),
        ("calm_rule", {"threshold": {"suggest": "float", "low": {"suggest": {}}}}, "threshold is a number"),
        ("calm_choosing", {"memory": "/tmp"}, "No hyperparameter is called 'memory'"),
        ("calm_choosing", {"threshold": 1}, "threshold is one of 0.5, 1.0, True, auto; got 1."),
        ("calm_choosing", {"threshold": {"suggest": "categorical", "choices": [2.0]}}, "threshold is one of"),
        ("calm_choosing", {"threshold": {"suggest": "categorical", "choices": []}}, "choices is a list of some of"),
        ("calm_choosing", {"threshold": {"suggest": "categorical", "choices": 3}}, "choices is a list of some of"),
        ("calm_choosing", {"window": 2.5}, "window is a whole number"),
    ],
)
def test_a_request_may_narrow_a_search_but_not_widen_it(house, pipeline, values, message):
    with pytest.raises(InvalidJob) as caught:
        house.train(pipeline, hyperparameters=values)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            {"threshold": {"suggest": "categorical", "choices": ["auto"]}},
            {"suggest": "categorical", "choices": ["auto"]},
        ),
        ({"threshold": "auto"}, "auto"),
    ],
)
def test_fewer_choices_are_kept_as_they_are_meant(house, given, kept):
    assert house.train("calm_choosing", hyperparameters=given).arguments["hyperparameters"] == {"threshold": kept}


def test_a_smaller_range_keeps_step_and_scale(house):
    job = house.train("calm_choosing", hyperparameters={"window": {"suggest": "int", "low": 3}})
    space = {"suggest": "int", "low": 3, "high": 9, "step": 2}
    assert job.arguments["hyperparameters"] == {"window": space}


def test_what_is_nested_without_end_is_refused(house):
    values = {"threshold": 1.0}
    for _ in range(100_000):
        values = {"a": values}
    with pytest.raises(InvalidJob, match=f"at most {DEEPEST} levels deep"):
        house.train(hyperparameters=values)


words = st.dictionaries(
    st.sampled_from(["pipeline", "dataset", "trials", "minutes", "folds", "metric", "hyperparameters", "wrong", "x"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["calm_rule", "toy", "f1", "float"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["threshold", "suggest", "low", "high", "choices", "log"]), inner)
        ),
        max_leaves=6,
    ),
)


@given(kind=st.sampled_from(["train", "evaluate"]), given_words=words)
@settings(deadline=None)
def test_whatever_is_asked_for_is_queued_or_refused(kind, given_words):
    house = House()
    for asked in (given_words, {"pipeline": "calm_rule", "dataset": "toy", **given_words}):
        try:
            job = house.jobs.submit(kind, asked)
        except InvalidJob:
            continue
        assert job.arguments["pipeline"] in house.catalog.recipes
        assert 0 <= job.arguments.get("trials", 0) <= 10_000


def test_only_so_many_may_wait_and_a_service_may_take_none(house):
    for _ in range(3):
        house.train()
    with pytest.raises(QueueFull):
        house.train()
    with pytest.raises(JobsOff, match="MULTIMODAL_JOBS"):
        House(most=0).train()


def test_a_job_that_is_cancelled_while_it_waits_is_never_run(house):
    job = house.train()
    assert house.jobs.cancel(job.id).state == "cancelled"
    assert house.jobs.work(OWNER) == 0
    with pytest.raises(NotFound):
        house.jobs.cancel("another")


def test_a_job_that_is_cancelled_while_it_runs_stops_at_its_next_step(house):
    job = house.train(trials=1_000)
    heard = threading.Event()
    beat = house.store.beat
    house.store.beat = lambda *words: beat(*words) or heard.set()
    house.tuner.before = lambda: (house.jobs.cancel(job.id), heard.wait(LONG))
    house.jobs.work(OWNER)
    ended = house.jobs.get(job.id)
    assert (ended.state, ended.result, ended.error) == ("cancelled", None, None)
    assert house.models.names() == ()


def test_a_job_that_fails_says_why_and_the_next_one_is_done(house):
    bad, odd, good = (
        house.train("calm_learned", trials=1, hyperparameters={"classifier": {"C": c}}) for c in (1, 2, 3)
    )
    faults = iter([ConfigError("Something is wrong."), ValueError("/home/secret"), None])

    def fail() -> None:
        if (fault := next(faults)) is not None:
            raise fault

    for job in (bad, odd, good):
        house.store.kept[job.id].arguments["hyperparameters"].clear()
    house.tuner.before = fail
    assert house.jobs.work(OWNER) == 3
    ended = [house.jobs.get(job.id) for job in (bad, odd, good)]
    assert [job.state for job in ended] == ["failed", "failed", "done"]
    assert (ended[0].error.code, ended[0].error.message) == ("config-error", "Something is wrong.")
    assert (ended[1].error.code, "secret" in ended[1].error.message) == ("unexpected", False)


def test_a_runner_that_is_told_to_end_puts_its_job_back_and_the_next_one_resumes(house):
    job = house.train(trials=2)

    def interrupt() -> None:
        raise KeyboardInterrupt

    house.tuner.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        house.jobs.work(OWNER)
    assert (house.jobs.get(job.id).state, house.jobs.get(job.id).losses) == ("queued", 0)
    house.tuner.before = lambda: None
    house.jobs.work("home/2")
    assert house.jobs.get(job.id).state == "done"
    assert [plan.resume for plan in house.tuner.plans] == [False, True]


def test_a_job_whose_runner_vanished_is_missed_and_resumed(house):
    job = house.train(trials=1)
    house.store.claim(OWNER)
    assert house.jobs.has_work("home")
    assert not house.jobs.has_work("elsewhere")
    house.jobs.work("home/2")
    ended = house.jobs.get(job.id)
    assert (ended.state, ended.attempts, ended.losses) == ("done", 2, 1)
    assert house.tuner.plans[0].resume


def test_what_comes_of_a_job_that_another_runner_has_is_forgotten(house):
    job = house.train(trials=1)
    house.tuner.before = lambda: (house.store.release("home", job.created), house.store.claim("away/1"), house.fail())
    house.jobs.work(OWNER)
    assert (house.jobs.get(job.id).state, house.jobs.get(job.id).owner) == ("running", "away/1")


class TestPulse:
    def test_progress_is_told_and_the_end_is_not_forgotten(self):
        told = []
        with Pulse(lambda progress: told.append(progress) or True, pause=LONG) as pulse:
            for done in range(100):
                pulse.report("trials", done, 100)
        assert told == [JobProgress("trials", 99, 100)]

    def test_who_is_told_to_stop_stops(self):
        heard = threading.Event()
        with Pulse(lambda _: heard.set(), pause=0.001) as pulse:
            pulse.report("trials", 1, 2)
            assert heard.wait(LONG)
            assert pulse.stopped.wait(LONG)
            with pytest.raises(Cancelled):
                pulse.report("trials", 2, 2)

    def test_a_long_silence_is_no_death(self):
        signs = threading.Semaphore(0)
        with Pulse(lambda progress: signs.release() is None, pause=0.001) as pulse:
            pulse.silence = 0.002
            for _ in range(3):
                assert signs.acquire(timeout=LONG)
        assert pulse.latest is None

    def test_a_store_that_is_away_for_a_moment_stops_nothing(self):
        answers = iter([ConnectionError("away"), True, True])
        signs = threading.Semaphore(0)

        def beat(_: JobProgress | None) -> bool:
            answer = next(answers, True)
            signs.release()
            if isinstance(answer, Exception):
                raise answer
            return answer

        with Pulse(beat, pause=0.001) as pulse:
            pulse.report("trials", 1, 2)
            assert signs.acquire(timeout=LONG)
            pulse.report("trials", 2, 2)
            assert signs.acquire(timeout=LONG)
        assert not pulse.stopped.is_set()
