"""Where a monotone function crosses a value."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.domain.shared.limits import crossing


@pytest.mark.parametrize(
    ("rise", "start", "target", "value"),
    [
        pytest.param(lambda x: 2 * (x - 3), 3.0, 5.0, 5.5, id="rising"),
        pytest.param(lambda x: 2 * (3 - x), 3.0, 5.0, 0.5, id="falling"),
        pytest.param(lambda x: math.log(max(x, 1e-9) / 50), 50.0, -1.0, 50 / math.e, id="logarithmic"),
        pytest.param(lambda x: x, 0.0, 0.25, 0.25, id="from zero"),
        pytest.param(lambda x: math.tanh(x), 0.0, 2.0, 0.0, id="never reached"),
    ],
)
def test_the_crossing_is_found(rise, start, target, value):
    assert crossing(rise, start, target) == pytest.approx(value, rel=1e-6)


@given(st.floats(-1e3, 1e3), st.floats(0.01, 100), st.floats(-50, 50))
def test_at_the_crossing_the_function_has_the_value(start, slope, target):
    found = crossing(lambda x: slope * (x - start), start, target)
    assert slope * (found - start) == pytest.approx(target, abs=1e-6)
