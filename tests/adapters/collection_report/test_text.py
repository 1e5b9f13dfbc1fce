"""Texts of strangers stay texts."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from multimodal.adapters.collection_report.text import embedded, plain, share, whole

ANY = st.text(st.characters(), max_size=40)


@given(ANY)
def test_a_shown_name_is_on_one_line_and_hides_nothing(text):
    assert plain(text).isprintable()


@given(st.text(max_size=40))
def test_a_readable_name_is_shown_as_it_is(text):
    assert not text.isprintable() or plain(text) == text


@given(st.lists(st.text(max_size=40), max_size=5))
def test_embedded_values_come_back_and_hold_nothing_that_html_knows(texts):
    written = embedded({"names": texts})
    assert json.loads(written) == {"names": texts}
    assert not set(written) & set("<>&\u2028\u2029")


def test_a_script_cannot_be_ended_from_inside():
    assert "</script" not in embedded(["</script><script>alert(1)</script>", "<!--"])


def test_what_is_no_number_is_null():
    assert embedded(np.array([1.5, np.nan])) == "[1.5,null]"


@given(st.text(st.characters(codec=None), max_size=20))
def test_a_name_of_any_bytes_can_be_written(text):
    whole(text + "\udce9").encode("utf-8")


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_is_none_or_all_only_when_it_is(count, total):
    count = min(count, total)
    assert (share(count, total) == "0 %") == (count == 0)
    assert (share(count, total) == "100 %") == (count == total)
