"""What the user writes becomes a value for each threshold of each pipeline."""

import pytest

from multimodal.bootstrap import discover, read_recipes
from multimodal.domain.shared.errors import ConfigError
from multimodal.service.own_thresholds import Layer, assigned, layer, with_own

CATALOG = discover(read_recipes())


def own(*layers: Layer) -> dict[str, dict[str, float]]:
    catalog = with_own(CATALOG, layers)
    return {name: {key: mine.value for key, mine in values.items()} for name, values in catalog.own.items()}


def yours(**values) -> Layer:
    return layer("thresholds.yaml", {name.replace("__", "/"): value for name, value in values.items()})


def given(*texts: str) -> Layer:
    return Layer("--set", assigned(texts))


@pytest.mark.parametrize("target", ["image/blur", "blur"])
def test_a_property_stands_for_all_of_its_pipelines_that_have_such_a_threshold(target):
    assert own(given(f"{target}.accept=0.7")) == {"blur_sharpness": {"accept": 0.7}, "blur_gradients": {"accept": 0.7}}
    assert own(given(f"{target}.threshold=80")) == {"blur_laplacian": {"threshold": 80.0}}


def test_a_pipelines_own_value_goes_over_its_propertys_in_any_order():
    layers = yours(blur_sharpness={"accept": 0.9}, image__blur={"accept": 0.7})
    assert own(layers)["blur_sharpness"] == {"accept": 0.9}
    assert own(layers)["blur_gradients"] == {"accept": 0.7}


def test_a_later_layer_goes_over_an_earlier_one():
    found = with_own(CATALOG, [yours(blur_sharpness={"accept": 0.9, "reject": 0.1}), given("blur.accept=0.8")])
    values = {name: (mine.value, mine.source) for name, mine in found.own["blur_sharpness"].items()}
    assert values == {"accept": (0.8, "--set"), "reject": (0.1, "thresholds.yaml")}


def test_ranges_may_be_nested_or_dotted():
    expected = {"blur_sharpness": {"cannot_tell.texture": 1.0}}
    assert own(yours(image__blur={"cannot_tell": {"texture": 1.0}})) == expected
    assert own(yours(image__blur={"cannot_tell.texture": 1})) == expected
    assert own(given("image/blur.cannot_tell.texture=1")) == expected


def test_a_property_can_be_left_out_of_the_verdict_and_a_pipeline_taken_in():
    recipes = with_own(CATALOG, [yours(image__blur={"decides": False}, blur_laplacian={"decides": True})]).recipes
    assert {name for name, recipe in recipes.items() if recipe.decides and recipe.property == "image/blur"} == {
        "blur_laplacian"
    }


def test_nothing_set_is_the_catalogue_as_it_was():
    assert with_own(CATALOG, [yours(), given()]).recipes == CATALOG.recipes


@pytest.mark.parametrize(
    ("written", "message"),
    [
        pytest.param({"image/blurr": {"accept": 1}}, "Did you mean 'image/blur'", id="property"),
        pytest.param({"blur_sharpnes": {"accept": 1}}, "Did you mean 'blur_sharpness'", id="pipeline"),
        pytest.param({"image/blur": {"acept": 1}}, "Did you mean 'accept'", id="threshold"),
        pytest.param(
            {"blur_laplacian": {"accept": 1}}, "Known: cannot_tell|Known: decides, threshold", id="not of this"
        ),
        pytest.param({"image/blur": 6.0}, r"is written \{threshold: 6.0\}", id="no mapping"),
        pytest.param({"image/blur": {"accept": "high"}}, "is a number, got 'high'", id="word"),
        pytest.param({"image/blur": {"accept": float("nan")}}, "is a number, got nan", id="not a number"),
        pytest.param({"image/blur": {"accept": True}}, "is a number, got True", id="truth"),
        pytest.param({"image/blur": {"decides": 1.0}}, "is true or false, got 1.0", id="number"),
    ],
)
def test_a_mistake_says_where_it_is_and_what_there_is(written, message):
    with pytest.raises(ConfigError, match=message) as told:
        with_own(CATALOG, [layer("thresholds.yaml", written)])
    assert str(told.value).startswith("thresholds.yaml: ")


@pytest.mark.parametrize("text", ["blur", "blur=1", "blur.accept", "blur.accept=", ".accept=1", "blur.accept=x"])
def test_what_is_no_assignment_is_refused(text):
    with pytest.raises(ConfigError, match=r"noise\.threshold=6"):
        assigned([text])
