"""The page: everything inside, nothing from outside, nothing that a hostile name could run, and bounded in size."""

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.adapters.collection_report import page
from multimodal.adapters.collection_report.table import FIRST
from multimodal.domain.shared.showcase import EXAMPLES, MEMBERS, Picture
from tests.showcases import showcase_of

HOSTILE = '"><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>\u202e {{ 7 * 7 }}.jpg'
ALONE = {"meta", "input", "br", "link"}


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.source = content.decode()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(self.source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)

    def all(self, tag, **wanted):
        return [attrs for name, attrs in self.tags if name == tag and wanted.items() <= attrs.items()]

    @property
    def data(self):
        return json.loads(gzip.decompress(base64.b64decode(self.texts["script"][0])))

    @property
    def text(self):
        return " ".join(text for tag, texts in self.texts.items() if tag not in ("script", "style") for text in texts)


def names(count):
    return [f"album/{i // 10:03}/IMG_{i:05}.jpg" for i in range(count)]


@pytest.fixture(scope="module")
def showcase():
    return showcase_of(names(60))


@pytest.fixture(scope="module")
def found(showcase):
    return Page(page(showcase))


def test_every_tag_is_closed(found):
    assert found.open == []


def test_it_loads_nothing(found):
    addresses = [a[key] for _, a in found.tags for key in ("src", "href", "data", "action") if a.get(key)]
    assert {address.partition(":")[0] for address in addresses if ":" in address} == {"data"}
    assert not {tag for tag, _ in found.tags} & {"link", "iframe", "object", "embed", "base"}
    assert not re.search(r"url\(|@import", found.texts["style"][0])


def test_its_policy_allows_our_style_and_script_and_nothing_else(found):
    (policy,) = [a["content"] for a in found.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    digest = {
        tag: base64.b64encode(hashlib.sha256(found.texts[tag][-1].encode()).digest()).decode()
        for tag in ("style", "script")
    }
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": f"'sha256-{digest['style']}'",
        "script-src": f"'sha256-{digest['script']}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_no_tag_carries_style_or_script(found):
    assert not [a for _, a in found.tags if any(key == "style" or key.startswith("on") for key in a)]


def test_it_tells_the_counts(found, showcase):
    verdicts = showcase.collection.gathered.verdicts
    assert "Quality of 60 captures" in found.text
    for verdict in ("good", "bad", "failed"):
        assert str(sum(each == verdict for each in verdicts)) in found.text


def test_there_is_a_card_an_issue(found, showcase):
    cards = [a["data-issue"] for a in found.all("a") if a.get("class") == "card"]
    assert cards == [f"{i.number}:{i.code}" for i in showcase.issues] + [
        *("copies", "similar", "bursts", "odd", "outliers", "broken")
    ]


def test_every_anchor_leads_somewhere(found):
    there = {a["id"] for _, a in found.tags if "id" in a}
    assert {a["href"][1:] for tag, a in found.tags if (a.get("href") or "").startswith("#")} <= there


def test_every_picture_is_stored_once_and_shown(found, showcase):
    stored = [a["id"] for a in found.all("image")]
    assert len(stored) == len(set(stored))
    assert {a["href"][1:] for a in found.all("use")} == set(stored)


def test_each_example_has_where_it_is_seen(found, showcase):
    examples = sum(len(issue.worst) for issue in showcase.issues)
    assert len(found.all("use", **{"class": "where"})) == examples == len(found.all("input", **{"class": "flip"}))


def test_what_can_be_pressed_or_seen_has_a_name(found):
    assert all(a.get("aria-label") for a in found.all("svg", role="img"))
    assert all(a.get("aria-label") for a in found.all("input", **{"class": "flip"}))


def test_the_table_has_all_captures_the_worst_first(found, showcase):
    data = found.data
    files = [data["folders"][folder][0] + file for folder, file in zip(data["folder"], data["file"], strict=True)]
    assert sorted(files) == showcase.collection.gathered.names
    order = [data["verdicts"][int(code)][0] for code in data["verdict"]]
    assert order == sorted(order, key=["bad", "failed", "cannot_tell", "good"].index)


def test_the_first_rows_need_no_script():
    found = Page(page(showcase_of(names(FIRST + 50))))
    assert len(found.all("th", scope="row")) == FIRST
    assert f"The first {FIRST} of {FIRST + 50}, the worst first." in found.text


def test_thresholds_are_drawn_in(found):
    limits = [text.strip() for text in found.texts["text"]]
    assert {"above 6", "reject 0.4", "accept 0.6"} <= set(limits)


def test_a_hostile_name_stays_text(tmp_path):
    found = Page(page(showcase_of([HOSTILE, *names(30)], folder=tmp_path)))
    assert found.open == []
    assert len(found.all("script")) == 2
    assert not found.all("img")
    assert "{{ 7 * 7 }}" in found.text
    assert "\u202e" not in found.source
    assert HOSTILE in found.data["whole"].values()


@settings(max_examples=25)
@given(st.lists(st.text(st.characters(codec=None), min_size=1, max_size=30), min_size=1, max_size=6))
def test_a_page_can_be_made_of_any_names(any_names):
    written = page(showcase_of(any_names, paths=[None] * len(any_names)))
    assert len(Page(written).data["file"]) == len(any_names)


@pytest.mark.parametrize("count", [0, 1, 2, 13])
def test_few_captures_make_a_page_too(count):
    assert Page(page(showcase_of(names(count)))).open == []


def test_a_file_that_cannot_be_shown_has_a_placeholder(showcase):
    gone = dict.fromkeys(showcase.pictures, Picture(missing="The file is not there any more."))
    found = Page(page(replace(showcase, pictures=gone)))
    assert found.text.count("The file is not there any more.") >= EXAMPLES
    assert not found.all("image")


def test_of_a_large_set_only_some_are_shown(found):
    assert "and 3 more" in found.text
    assert MEMBERS == 6


def test_links_are_relative(tmp_path):
    here = [str(tmp_path / "a b" / f"{i}.jpg") for i in range(20)]
    found = Page(page(showcase_of([*here, "/elsewhere/x.jpg"], folder=tmp_path)))
    linked = {a["href"] for a in found.all("a") if not a["href"].startswith("#")}
    assert linked == {f"./a%20b/{i}.jpg" for i in range(20)}
    assert found.data["folders"][0][1] == "./a%20b/"


def test_the_size_of_a_page_is_bounded():
    showcase = showcase_of([f"album/{i // 1000:03}/IMG_{i:06}.jpg" for i in range(5000)], folder=Path())
    small, large = (len(page(replace(showcase, pictures={}))), len(page(showcase)))
    assert large - small < 4_000_000
    assert small < 5000 * 60 + 200_000
