"""Every property of photographs has a page with a picture, and its tables agree with the code."""

from pathlib import Path

import cv2
import pytest

from multimodal.bootstrap import bootstrap
from scripts.make_property_tables import DOCS, facts, pages, properties, renewed

CATALOG = bootstrap().catalog
INFORMING = {"resolution", "saturation"}
NAMES = tuple(properties(CATALOG))
MOST_BYTES = 60_000


def page(name: str) -> str:
    return (DOCS / "properties" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_property_has_a_page_of_its_name(name):
    assert page(name).splitlines()[0] == f"# {name}"


def test_no_page_is_of_a_property_that_is_gone():
    assert {path.stem for path in (DOCS / "properties").glob("*.md")} == set(NAMES)


@pytest.mark.parametrize("path", pages(CATALOG), ids=lambda path: path.stem)
def test_the_tables_are_those_of_the_code(path):
    text = path.read_text(encoding="utf-8")
    assert renewed(text, pages(CATALOG)[path]) == text, "run python scripts/make_property_tables.py"


@pytest.mark.parametrize("name", NAMES)
def test_a_table_says_unit_labels_and_thresholds(name):
    table = facts(name, CATALOG)
    for recipe in (r for r in CATALOG.recipes.values() if r.property == f"image/{name}"):
        assert f"`{recipe.name}`" in table
        assert recipe.unit
        assert recipe.unit in table
        numbers = recipe.estimator.steps[0].parameters.values() if recipe.estimator.kind == "rule" else ()
        stated = [f"{number:g}" for number in numbers]
        assert all(value in table for value in stated)
    assert all(f"`{label}`" in table for label in CATALOG.properties[f"image/{name}"].labels)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_a_picture_of_modest_size(name):
    path = f"../../assets/properties/{name}.jpg"
    assert f"![good and bad]({path})" in page(name)
    picture = Path(DOCS / "properties", path).resolve()
    assert picture.stat().st_size <= MOST_BYTES
    assert cv2.imread(str(picture)).shape[1] == 900


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_what_is_measured_when_it_is_silent_and_where_it_comes_from(name):
    for part in ("**Definition.**", "**When it cannot tell.**", "**Figures.**", "**Source.**"):
        assert part in page(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_property_has_one_pipeline_that_decides_unless_it_only_informs(name):
    deciding = [r for r in CATALOG.recipes.values() if r.property == f"image/{name}" and r.decides]
    assert len(deciding) == (0 if name in INFORMING else 1)


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="needs the lines"):
        renewed("# page", "table")
