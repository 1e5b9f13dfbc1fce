"""What a report shows is decoded once more, within bounds; what is gone or has changed is a placeholder."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from multimodal.bootstrap import bootstrap
from multimodal.config.config import Settings
from multimodal.domain.shared.collection import Gathered, Likeness, collection_of
from multimodal.domain.shared.sample import Capture
from multimodal.domain.shared.showcase import EXAMPLES, Showcase
from multimodal.entrypoints.cli.documents import encode
from multimodal.service.report_service import BROKEN, CHANGED, EXAMPLE, GONE, About, ReportService
from tests.own_property import BLUE, GREEN, work, write_own_property, write_picture


@pytest.fixture
def app(tmp_path):
    write_own_property(tmp_path / "config")
    return bootstrap(Settings(home=tmp_path / "home", config_path=tmp_path / "config", workers=2))


@pytest.fixture
def photos(tmp_path) -> list[Path]:
    """Blue ones, which are bad, a green one, and one that is broken."""
    blue = [write_picture(tmp_path / "photos" / f"blue{seed}.png", BLUE, seed) for seed in range(3)]
    good = write_picture(tmp_path / "photos" / "good.png", GREEN)
    broken = tmp_path / "photos" / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff no more")
    return [*blue, good, broken]


def shown(app, captures, change=lambda: None) -> Showcase:
    """What a page of these captures would be made of, `change` having happened after they were assessed."""
    drawn: list[Showcase] = []

    def draw(showcase: Showcase) -> bytes:
        drawn.append(showcase)
        return b"page"

    gathered = Gathered()
    pipelines = [app.assessor.pipeline("blueness_rule")]
    for assessment in app.assessor.assess_many(captures, pipelines=["blueness_rule"]):
        gathered.add(json.loads(encode(assessment)))
    change()
    service = ReportService(app.catalog, app.engine, app.assessor.limits, draw)
    about = About(("photos",), Path("/work"))
    assert service.page(collection_of(gathered), captures, pipelines, about) == b"page"
    return drawn[0]


def captures_of(paths):
    return [Capture(str(path), path) for path in paths]


def test_the_worst_of_each_issue_are_shown(app, photos):
    found = shown(app, captures_of(photos))
    (issue,) = found.issues
    (answers,) = found.answers
    assert (answers.labels[issue.code], issue.count, sorted(issue.worst)) == ("blue", 3, [0, 1, 2])
    picture = found.pictures[issue.worst[0]]
    assert picture.photo[8:12] == b"WEBP"
    assert len(picture.photo) <= EXAMPLE.bytes
    assert max(picture.width, picture.height) <= EXAMPLE.side


def test_answers_are_columns_with_the_thresholds_in_force(app, photos):
    (answers,) = shown(app, captures_of(photos)).answers
    assert (answers.title, answers.unit, answers.has_value) == ("blueness", "share", True)
    assert [answers.labels[code] for code in answers.label[:4]] == ["blue", "blue", "blue", "natural"]
    assert answers.outcomes.tolist() == [2, 2, 2, 0, -1]
    assert [(t.name, t.value) for t in answers.thresholds] == [("reject", 0.5), ("accept", 0.5)]


def test_a_file_that_is_gone_is_a_placeholder(app, photos):
    found = shown(app, captures_of(photos), change=photos[1].unlink)
    missing = {position: picture.missing for position, picture in found.pictures.items()}
    assert missing == {0: "", 1: GONE, 2: ""}


def test_a_file_that_has_changed_is_a_placeholder(app, photos):
    found = shown(app, captures_of(photos), change=lambda: write_picture(photos[2], GREEN, 9))
    assert found.pictures[2].missing == CHANGED
    assert found.pictures[2].photo == b""


def test_what_came_through_a_pipe_is_shown_too(app, photos):
    captures = [Capture("stdin", photos[0].read_bytes()), *captures_of(photos[3:])]
    found = shown(app, captures)
    assert found.pictures[0].photo
    assert found.paths[0] is None


def test_what_failed_is_not_decoded_again(app, photos):
    found = shown(app, captures_of(photos))
    collection = replace(found.collection, copies=(Likeness((3, 4), 0),))
    drawn: list[Showcase] = []
    service = ReportService(app.catalog, app.engine, app.assessor.limits, lambda made: drawn.append(made) or b"")
    service.page(collection, captures_of(photos), [app.assessor.pipeline("blueness_rule")])
    assert drawn[0].pictures[4].missing == BROKEN
    assert drawn[0].pictures[3].photo


def test_of_very_many_only_a_bounded_number_is_decoded_again(app, tmp_path):
    paths = [write_picture(tmp_path / "many" / f"{seed}.png", BLUE, seed) for seed in range(40)]
    found = shown(app, captures_of(paths))
    assert len(found.issues[0].worst) == EXAMPLES
    assert len(work(tmp_path / "config" / "image")) == 40 + EXAMPLES
