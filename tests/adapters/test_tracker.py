"""One contract for every tracker: what was trained is remembered, and never stops a training."""

from datetime import UTC, datetime

import pytest

from multimodal.adapters.tracker import ModelTracker
from multimodal.domain.shared.identity import new_id
from multimodal.domain.shared.ports import Search, TrainingRun, Trial
from tests import toy
from tests.fakes import MemoryTracker

SEARCH = Search(
    best=Trial(1, {"threshold": 2.0}, 0.9),
    trials=(Trial(0, {"threshold": 1.0}, 0.5), Trial(1, {"threshold": 2.0}, 0.9)),
)


def run(search):
    """A finished training."""
    now = datetime(2026, 11, 25, tzinfo=UTC)
    return TrainingRun(new_id(), toy.bundle(version="c0ffee000000"), search, now, now, source="toy")


class TrackerContract:
    @pytest.mark.parametrize("search", [SEARCH, None])
    def test_a_run_is_remembered(self, tracker, search):
        tracker.log_run(run(search))
        tracker.log_run(run(search))
        assert len(tracker.runs if isinstance(tracker, MemoryTracker) else tracker.runs("calm_rule")) == 2


class TestModelTracker(TrackerContract):
    @pytest.fixture
    def tracker(self, tmp_path):
        return ModelTracker(tmp_path / "runs")

    def test_values_trials_and_figures_are_read_back(self, tracker):
        tracker.log_run(run(SEARCH))
        (kept,) = tracker.runs("calm_rule")
        assert [trial["score"] for trial in kept["trials"]] == [0.5, 0.9]
        assert kept["metrics"]["test"]["roc_auc"] == [0.9, 0.8, 1.0]
        assert kept["recipe"]["estimator"]["threshold"] == 1.0

    def test_a_folder_that_cannot_be_written_is_a_warning(self, tmp_path, caplog):
        (tmp_path / "runs").write_text("a file where the folder should be")
        ModelTracker(tmp_path / "runs").log_run(run(None))
        assert "was not remembered" in caplog.text


class TestMemoryTracker(TrackerContract):
    @pytest.fixture
    def tracker(self):
        return MemoryTracker()
