"""The report in a real browser, opened from the disk: quiet, usable, the same in light, dark and on paper."""

import csv
import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from multimodal.adapters.collection_report import page
from tests.showcases import showcase_of

HOSTILE = '<img src=x onerror="document.title=1">\u202egpj.jpg'
MANY = 50_000
FORMULA = "=1+1.jpg"


def written(path: Path, names: list[str]) -> Path:
    path.write_bytes(page(showcase_of(names, folder=path.parent)))
    return path


@pytest.fixture(scope="module")
def few(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    names = [str(folder / "photos" / f"IMG_{i:03}.jpg") for i in range(60)]
    return written(folder / "report.html", [*names, HOSTILE, FORMULA])


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    return written(folder / "report.html", [f"album/{i // 1000:03}/IMG_{i:06}.jpg" for i in range(MANY)])


def column(report, number):
    """The texts of a column of the rows that are drawn."""
    return report.locator("#table tbody tr:not(.gap)").evaluate_all(
        "(rows, number) => rows.map((row) => row.cells[number].textContent)", number
    )


def pixels(png: bytes) -> np.ndarray:
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def test_it_opens_from_the_disk_and_asks_for_nothing(opened, few):
    report = opened(few)
    assert report.title() == "Quality of 62 captures"
    assert report.locator("#controls").is_visible()


def test_a_hostile_name_is_text(opened, few):
    report = opened(few)
    report.fill("#text", "onerror")
    assert column(report, 0) == ['<img src=x onerror="document.title=1">\\u202egpj.jpg']
    assert report.title().startswith("Quality")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_background_follows_the_reader_s_choice_and_something_is_on_it(opened, few, scheme):
    shot = pixels(opened(few, color_scheme=scheme).screenshot())
    corner = shot[2:10, 2:10].reshape(-1, 3).mean()
    assert corner > 235 if scheme == "light" else corner < 40
    assert len(np.unique(shot.reshape(-1, 3), axis=0)) > 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_what_is_behind_them(opened, few, scheme):
    """Contrast of at least 4.5 (WCAG 2.2, 1.4.3) for each colour of text."""
    report = opened(few, color_scheme=scheme)
    assert report.evaluate(Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")) == []


def test_a_narrow_window_is_not_wider_than_it_is(opened, few):
    report = opened(few, viewport={"width": 390, "height": 800})
    assert report.evaluate("document.documentElement.scrollWidth") == 390


def test_a_column_is_sorted_both_ways_and_not_at_all(opened, few):
    report = opened(few)
    head = report.locator('th[data-column="0"]')
    before = column(report, 4)
    head.get_by_role("button").click()
    rising = [float(text) for text in column(report, 4) if text]
    assert rising == sorted(rising)
    assert head.get_attribute("aria-sort") == "ascending"
    head.get_by_role("button").click()
    falling = [float(text) for text in column(report, 4) if text]
    assert falling == sorted(falling, reverse=True)
    head.get_by_role("button").click()
    assert (head.get_attribute("aria-sort"), column(report, 4)) == ("none", before)


def test_every_column_can_be_sorted_with_the_keyboard(opened, few):
    report = opened(few)
    for head in report.locator("#table thead th").all():
        head.get_by_role("button").press("Enter")
        assert head.get_attribute("aria-sort") == "ascending"


def test_filters_work_together(opened, few):
    report = opened(few)
    report.get_by_role("button", name="bad").click()
    bad = report.locator("#shown").inner_text()
    assert set(column(report, 1)) == {"bad"}
    report.select_option("#issue", label="noisy")
    assert all("noisy" in text for text in column(report, 2))
    assert report.locator("#shown").inner_text() != bad
    report.get_by_role("button", name="Clear").click()
    assert report.locator("#shown").inner_text() == "62 captures"


def test_a_card_shows_its_captures_in_the_table(opened, few):
    report = opened(few)
    card = report.locator(".card").first
    count = card.locator(".count").inner_text().split()[0]
    card.click()
    assert report.locator("#shown").inner_text() == f"{count} of 62 captures"
    assert card.get_attribute("aria-current") == "true"


def test_an_overlay_is_shown_when_its_picture_is_pressed(opened, few):
    report = opened(few)
    picture = report.locator("label.pic").first
    where = picture.locator(".where")
    report.mouse.move(0, 0)
    assert where.evaluate("e => getComputedStyle(e).opacity") == "0"
    picture.locator("input").press("Space")
    expect(where).to_have_css("opacity", "1")


def test_fifty_thousand_rows_can_be_scrolled_to_the_last(opened, many):
    report = opened(many)
    assert report.locator("#shown").inner_text() == "50,000 captures"
    assert report.locator("#table tbody tr").count() < 100
    report.locator("#scroll").evaluate("e => { e.scrollTop = e.scrollHeight }")
    last = report.locator(f'#table tbody tr[aria-rowindex="{MANY + 1}"]')
    last.wait_for()
    box, frame = last.bounding_box(), report.locator("#scroll").bounding_box()
    assert box["y"] + box["height"] <= frame["y"] + frame["height"] + 1
    assert report.locator("#table tbody tr").count() < 100


def test_fifty_thousand_rows_are_searched_and_sorted_at_once(opened, many):
    report = opened(many)
    report.locator('th[data-column="name"] button').click()
    assert column(report, 0)[0] == "album/000/IMG_000000.jpg"
    report.fill("#text", "img_04999")
    expect(report.locator("#shown")).to_have_text("10 of 50,000 captures")


def test_what_is_filtered_can_be_taken_away(opened, few):
    report = opened(few, accept_downloads=True)
    report.fill("#text", "jpg")
    with report.expect_download() as download:
        report.get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"))))
    names = [row["path"] for row in rows]
    assert len(rows) == 62
    assert HOSTILE in names
    assert f"./{FORMULA}" in names
    assert {row["verdict"] for row in rows} == {"good", "bad", "failed"}


def test_names_can_be_copied(opened, few):
    report = opened(few, permissions=["clipboard-read", "clipboard-write"])
    report.fill("#text", "IMG_007")
    report.get_by_role("button", name="Copy names").click()
    report.get_by_role("button", name="Copied").wait_for()
    assert report.evaluate("navigator.clipboard.readText()").endswith("IMG_007.jpg\n")


def test_it_is_printed_without_controls_and_with_rows_that_are_not_in_view(opened, few):
    report = opened(few)
    assert report.pdf().startswith(b"%PDF")
    report.emulate_media(media="print")
    report.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert report.locator("#controls").is_hidden()
    assert report.locator("#table tbody tr").count() == 62


def test_without_scripts_the_first_rows_and_all_sections_are_there(opened, few):
    report = opened(few, java_script_enabled=False)
    assert report.locator("#table tbody tr").count() == 62
    assert report.locator("#controls").is_hidden()
    assert report.locator(".chart").count() == 2
