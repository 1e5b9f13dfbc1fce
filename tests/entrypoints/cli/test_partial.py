"""The file of an unfinished run survives whatever happens to its end."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.domain.shared.errors import Conflict
from multimodal.entrypoints.cli.partial import Partial

HEADER = {"multimodal": "1", "models": ["a@1"]}
RESULTS = {f"key {number}": {"name": f"naïve {number}\n", "number": number} for number in range(4)}


def filled(path):
    partial = Partial(path, HEADER)
    for key, document in RESULTS.items():
        partial.add(key, orjson.dumps(document))
    partial.close()
    return path.read_bytes()


def test_what_was_added_is_there_in_the_next_run(tmp_path):
    filled(tmp_path / "x.partial")
    partial = Partial(tmp_path / "x.partial", HEADER)
    assert {key: partial[key] for key in RESULTS if key in partial} == RESULTS
    partial.close()


@given(share=st.floats(0, 1), rubbish=st.binary(max_size=8))
def test_a_run_killed_at_any_moment_leaves_whole_results(tmp_path_factory, share, rubbish):
    path = tmp_path_factory.mktemp("killed") / "x.partial"
    whole = filled(path)
    cut = int(share * len(whole))
    path.write_bytes(whole[:cut] + rubbish.replace(b"\n", b""))

    partial = Partial(path, HEADER)
    assert len(partial) == max(0, whole[:cut].count(b"\n") - 1)
    for key, document in RESULTS.items():
        if key not in partial:
            partial.add(key, orjson.dumps(document))
    partial.close()
    assert path.read_bytes() == whole


@pytest.mark.parametrize("changed", [{"models": ["a@2"]}, {"multimodal": "2"}])
def test_results_of_other_models_are_not_mixed_in(tmp_path, changed):
    filled(tmp_path / "x.partial")
    partial = Partial(tmp_path / "x.partial", {**HEADER, **changed})
    assert len(partial) == 0
    partial.close()


def test_only_one_run_writes_it(tmp_path):
    partial = Partial(tmp_path / "x.partial", HEADER)
    with pytest.raises(Conflict, match=r"Another run is writing x\.partial"):
        Partial(tmp_path / "x.partial", HEADER)
    partial.close()
