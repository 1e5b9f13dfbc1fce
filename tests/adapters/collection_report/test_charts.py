"""Charts: the shapes lie within the picture, and say what the numbers say."""

import re

import numpy as np
import pytest

from multimodal.adapters.collection_report.charts import BOTTOM, LEAST, LEFT, RIGHT, TOP, bars, marks, ticks, zones
from multimodal.domain.shared.adjusting import Threshold
from multimodal.domain.shared.histogram import histogram

KINDS = ("good", "cannot_tell", "bad")
SCORE = np.array([0.0, 1.0])


def scores(values):
    return histogram(np.array(values, float), np.zeros(len(values), np.int64), kinds=3, within=SCORE)


def limit(value, name="threshold", rejects="above", measure="noise"):
    return Threshold("p", "image/p", name, value, "", measure, rejects, "recipe")


def boxes(bar):
    found = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)", bar.path)
    return [tuple(map(float, box)) for box in found]


def test_the_highest_bin_fills_the_height_and_a_rare_one_can_be_seen():
    (bar,) = bars(scores([0.01] * 1000 + [0.99]), KINDS)
    heights = [height for _, _, _, height in boxes(bar)]
    assert max(heights) == BOTTOM - TOP
    assert min(heights) == LEAST


def test_outcomes_stand_one_upon_the_other():
    found = bars(histogram(np.array([0.5, 0.5]), np.array([0, 2]), kinds=3, within=SCORE), KINDS)
    assert [bar.kind for bar in found] == ["good", "bad"]
    ((_, low, _, height),), ((_, high, _, above),) = map(boxes, found)
    assert low + height == BOTTOM
    assert high + above == low


def test_all_bars_lie_within_the_picture():
    for bar in bars(scores(np.linspace(0, 1, 300)), KINDS):
        assert all(x >= LEFT and x + width <= RIGHT and y >= TOP - 2 for x, y, width, _ in boxes(bar))


def test_the_axis_of_scores_has_round_numbers():
    assert [tick.text for tick in ticks(scores([0.5]))] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]


def test_a_threshold_is_where_it_belongs_and_the_rejected_side_is_marked():
    found = scores([0.1, 0.9])
    (mark,) = marks(found, [limit(0.5, rejects="above")])
    (zone,) = zones(found, [limit(0.5, rejects="above")])
    assert (mark.x, mark.text, mark.anchor) == (200.0, "above 0.5", "middle")
    assert (zone.x, zone.width) == (200.0, 190.0)


def test_thresholds_near_each_other_are_written_apart():
    pair = [limit(0.45, "reject", "below", "score"), limit(0.5, "accept", "below", "score")]
    found = marks(scores([0.5]), pair)
    assert [(mark.text, mark.anchor) for mark in found] == [("reject 0.45", "end"), ("accept 0.5", "start")]
    assert [(zone.x, zone.width) for zone in zones(scores([0.5]), pair)] == [(LEFT, 171.0)]


def test_two_thresholds_at_the_same_place_are_one_line():
    pair = [limit(0.5, "reject", "below", "score"), limit(0.5, "accept", "below", "score")]
    assert [mark.text for mark in marks(scores([0.5]), pair)] == ["reject 0.5, accept 0.5"]


@pytest.mark.parametrize(("value", "anchor"), [(0.0, "start"), (1.0, "end")])
def test_a_threshold_at_an_end_is_written_inwards(value, anchor):
    assert marks(scores([0.5]), [limit(value)])[0].anchor == anchor
