"""The catalogue finds what there is by walking folders, and loads code only by names that it knows."""

import numpy as np
import pytest

from multimodal.bootstrap import read_recipes
from multimodal.domain.image.sample import sample_from_pixels
from multimodal.domain.shared.errors import ArtifactError, ConfigError, UnknownName, UnsupportedFormat
from multimodal.domain.shared.recipe import Recipe
from multimodal.service.catalog import Catalog, discover
from tests import toy

OWN = '''"""Redness."""
from multimodal import FeatureExtractor, Property
class Extractor(FeatureExtractor):
    names = ("red",)
PROPERTY = Property("redness", ("pale", "red"), frozenset({"red"}))
'''


@pytest.fixture
def catalog() -> Catalog:
    recipe = Recipe.from_dict(toy.RULE)
    return Catalog({"numbers": toy.MODALITY}, {"numbers/calmness": toy.PROPERTY}, {recipe.name: recipe})


def test_the_package_has_images_with_their_properties():
    found = discover([])
    assert "image" in found.modalities
    assert {"image/blur", "image/brightness"} <= set(found.properties)


def test_every_shipped_recipe_answers_a_property_that_there_is():
    assert {recipe.property for recipe in read_recipes()} <= set(discover(read_recipes()).properties)


def test_each_property_that_does_not_only_inform_has_exactly_one_pipeline_that_decides():
    recipes = list(read_recipes())
    informing = {"image/resolution", "image/saturation"}
    informing |= {
        f"model3d/{name}" for name in ("attributes", "mesh_resolution", "overhang", "scan_quality", "wall_thickness")
    }
    for property in {recipe.property for recipe in recipes} - informing:
        assert sum(recipe.decides for recipe in recipes if recipe.property == property) == 1


def test_a_module_in_the_users_folder_adds_a_property(tmp_path):
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "redness.py").write_text(OWN)
    (tmp_path / "image" / "_ignored.py").write_text("raise RuntimeError")
    found = discover([], tmp_path)
    assert found.properties["image/redness"].labels == ("pale", "red")


def test_two_folders_with_modules_of_one_name_do_not_meet(tmp_path):
    labels = []
    for name in ("red", "blue"):
        (tmp_path / name / "image").mkdir(parents=True)
        (tmp_path / name / "image" / "redness.py").write_text(OWN.replace('"red"', f'"{name}"'))
        labels.append(discover([], tmp_path / name).properties["image/redness"].labels[1])
    assert labels == ["red", "blue"]


def test_a_module_that_fails_is_named_without_its_folder(tmp_path):
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "broken.py").write_text("1 / 0")
    with pytest.raises(ConfigError, match=r"broken.py .* division by zero") as caught:
        discover([], tmp_path)
    assert str(tmp_path) not in str(caught.value)


def test_a_name_that_no_recipe_uses_is_never_loaded(catalog):
    assert catalog.resolve("tests.toy:CalmRule") is toy.CalmRule
    for name in ("os:system", "tests.toy:decode", "subprocess:run"):
        with pytest.raises(ArtifactError, match="used by no pipeline"):
            catalog.resolve(name)


@pytest.mark.parametrize("name", ["no.such.module:Name", "math:no_such_name", "math", ":x", ""])
def test_a_name_that_leads_nowhere_is_a_clear_error(catalog, name):
    with pytest.raises(ConfigError, match=r"package\.module:Class"):
        catalog.load(name)


def test_an_unknown_pipeline_names_the_nearest(catalog):
    with pytest.raises(UnknownName, match="Did you mean 'calm_rule'"):
        catalog.recipe("calm_role")


def test_a_recipe_for_a_property_that_is_not_there_is_refused():
    with pytest.raises(UnknownName, match="Did you mean 'image/blur'"):
        discover([Recipe.from_dict({**toy.RULE, "property": "image/blurr"})])


def test_two_recipes_of_one_name_are_refused():
    recipe = Recipe.from_dict({**toy.RULE, "property": "image/blur"})
    with pytest.raises(ConfigError, match="Two YAML files"):
        discover([recipe, recipe])


def test_bytes_that_no_modality_recognises_are_refused(catalog):
    assert catalog.modality_of(b"numbers:1").name == "numbers"
    with pytest.raises(UnsupportedFormat):
        catalog.modality_of(b"something else")


def test_a_sample_belongs_to_the_modality_of_its_folder():
    catalog = discover([])
    sample = sample_from_pixels(np.zeros((4, 4), np.uint8))
    assert catalog.modality_of_sample(sample) is catalog.modalities["image"]
    assert catalog.modality_of_sample(toy.decode(b"numbers:1")) is None
