"""Reports: everything inside, nothing from outside, and nothing that a hostile data set could run."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from multimodal.adapters.plots import plots
from multimodal.adapters.report import ALT, cut, documents
from multimodal.domain.shared.breakdown import Slice
from multimodal.domain.shared.comparison import compare
from multimodal.domain.shared.examination import Examination, answers_of
from tests import toy
from tests.examined import examined, few, rule, table_of

HOSTILE = '"><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>\u202e\x00 {{ 7 * 7 }} $\\frac$'
ALONE = {"meta", "img", "br", "link", "input", "i/"}


class Page(HTMLParser):
    """Which tags a page has, with their attributes, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def found() -> Examination:
    data, pipeline = toy.dataset(), rule()
    sheet = answers_of(pipeline, table_of(pipeline, data)).sheet
    return replace(examined(data), comparison=compare(sheet, sheet, names=("calm_rule@a", "calm_rule@b")))


@pytest.fixture(scope="module")
def written(found) -> dict[str, bytes]:
    picture = np.full((30, 40, 3), 200, np.uint8)
    return documents(found, {mistake.position: picture for mistake in found.mistakes[:3]})


def test_all_documents_are_there_and_the_page_comes_last(written):
    assert set(written) == {"report.html", "evaluation.json", *ALT}
    assert list(written)[-1] == "report.html"


def test_the_json_is_the_examination(written, found):
    assert json.loads(written["evaluation.json"]) == found.to_dict()


def test_plots_are_pictures_whose_text_can_be_read(written):
    for name in ALT:
        root = ET.fromstring(written[name])
        assert root.tag.endswith("svg")
        assert len(written[name]) < 120_000
    assert b"AUC" in written["roc.svg"]


def test_the_same_examination_gives_the_same_plots(found, written):
    assert plots(found)["roc.svg"] == written["roc.svg"]


def test_the_page_is_whole_and_needs_nothing_from_outside(written, found):
    page = Page(written["report.html"].decode())
    assert page.open == []
    sources = [attributes["src"] for tag, attributes in page.tags if "src" in attributes]
    assert len(sources) == len(ALT) + min(3, len(found.mistakes))
    assert all(source.startswith("data:image/") for source in sources)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "form", "a"}
    assert not re.search(r"url\(|@import", written["report.html"].decode())
    assert all("alt" in attributes for tag, attributes in page.tags if tag == "img")


def test_the_page_tells_the_figures(written, found):
    text = Page(written["report.html"].decode()).text
    assert f"{found.metrics['roc_auc'].value:.3f}" in text
    assert "Compared with calm_rule@a" in text
    assert found.mistakes[0].name in text


def test_hostile_names_stay_text(found):
    bad = replace(
        found,
        model=HOSTILE,
        dataset=HOSTILE,
        labels=(HOSTILE, "calm"),
        confusion={HOSTILE: {HOSTILE: 3, "calm": 1}},
        scores={HOSTILE: (1,) * 20},
        classes={HOSTILE: found.classes["calm"]},
        curves=(replace(found.curves[0], positive=HOSTILE),),
        abstentions=replace(found.abstentions, undecided=1, reasons={HOSTILE: 1}),
        facts={HOSTILE: (Slice(HOSTILE, 1, 0.5, 0.0, 0.5),)},
        groups=replace(found.groups, worst=(Slice(HOSTILE, 1, 0.5, 0.0, 0.5),)),
        mistakes=tuple(replace(m, name=HOSTILE, group=HOSTILE, label=HOSTILE) for m in found.mistakes[:1]),
    )
    made = documents(bad, {})
    page = Page(made["report.html"].decode())
    assert not {tag for tag, _ in page.tags} & {"script"}
    assert all(a.get("src", "data:").startswith("data:") and "onerror" not in a for _, a in page.tags)
    assert "{{ 7 * 7 }}" in page.text
    assert "\x00" not in page.text
    assert "\u202e" not in page.text
    for name in ALT:
        ET.fromstring(made[name])


def test_one_class_only_makes_a_report_too():
    made = documents(examined(few(toy.capture("x", [1, 1.1], "calm"))), {})
    assert {"report.html", "confusion.svg"} <= set(made)
    assert "roc.svg" not in made
    assert b"None of the decided answers is wrong" in made["report.html"]


def test_lone_surrogates_of_file_names_do_not_stop_a_report(found):
    odd = replace(found, mistakes=(replace(found.mistakes[0], name="caf\udce9.jpg"),))
    assert b"caf" in documents(odd, {})["report.html"]


def test_long_names_are_cut():
    assert len(cut("x" * 500)) == 120
