"""One contract for every engine."""

import threading

import pytest

from multimodal.adapters.engine import ThreadEngine
from tests.fakes import InlineEngine


class EngineContract:
    def test_results_come_in_the_order_of_the_items(self, engine):
        assert list(engine.map(lambda n: n * n, range(100))) == [n * n for n in range(100)]

    def test_nothing_in_gives_nothing_out(self, engine):
        assert list(engine.map(lambda n: n, [])) == []

    def test_an_error_reaches_the_caller(self, engine):
        with pytest.raises(ZeroDivisionError):
            list(engine.map(lambda n: 1 // n, [1, 0, 2]))

    def test_items_are_taken_only_as_they_are_needed(self, engine):
        taken = []
        results = engine.map(lambda n: n, (taken.append(n) or n for n in range(10_000)))
        next(results)
        assert len(taken) < 20


class TestThreadEngine(EngineContract):
    @pytest.fixture(params=[1, 2, 4])
    def engine(self, request):
        return ThreadEngine(request.param)

    def test_items_are_worked_on_side_by_side(self):
        together = threading.Barrier(2, timeout=30)
        assert len(list(ThreadEngine(2).map(lambda _: together.wait(), range(4)))) == 4


class TestInlineEngine(EngineContract):
    @pytest.fixture
    def engine(self):
        return InlineEngine()
