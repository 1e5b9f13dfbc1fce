"""Texts of strangers stay texts."""

import base64
import gzip
import json
import string

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from multimodal.adapters.collection_report.text import packed, plain, share, whole

LETTERS = string.ascii_letters + string.digits + "+/="
ANY = st.text(st.characters(), max_size=40)


@given(ANY)
def test_a_shown_name_is_on_one_line_and_hides_nothing(text):
    assert plain(text).isprintable()


@given(st.text(max_size=40))
def test_a_readable_name_is_shown_as_it_is(text):
    assert not text.isprintable() or plain(text) == text


def unpacked(text):
    return json.loads(gzip.decompress(base64.b64decode(text, validate=True)))


@given(st.lists(st.text(max_size=40), max_size=5))
def test_packed_values_come_back(texts):
    assert unpacked(packed({"names": texts})) == {"names": texts}


def test_nothing_that_is_packed_means_anything_to_html():
    assert set(packed(["</script><script>alert(1)</script>", "<!--"] * 99)) <= set(LETTERS)


def test_the_same_values_give_the_same_page():
    assert packed([1]) == packed([1])


def test_what_is_no_number_is_null():
    assert unpacked(packed(np.array([1.5, np.nan]))) == [1.5, None]


@given(st.text(st.characters(codec=None), max_size=20))
def test_a_name_of_any_bytes_can_be_written(text):
    whole(text + "\udce9").encode("utf-8")


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_is_none_or_all_only_when_it_is(count, total):
    count = min(count, total)
    assert (share(count, total) == "0 %") == (count == 0)
    assert (share(count, total) == "100 %") == (count == total)
