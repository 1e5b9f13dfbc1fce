"""Recipes: what a pipeline's YAML may say, and what each mistake is answered with."""

import pytest

from multimodal.domain.shared.errors import ConfigError, UnknownName
from multimodal.domain.shared.recipe import Recipe
from tests import toy


@pytest.mark.parametrize("values", [pytest.param(toy.RULE, id="rule"), pytest.param(toy.LEARNED, id="learned")])
def test_a_recipe_survives_the_way_to_plain_values_and_back(values):
    recipe = Recipe.from_dict(values)
    assert Recipe.from_dict(recipe.to_dict()) == recipe


def test_a_recipe_knows_its_modality_and_whether_it_must_be_trained():
    rule, learned = Recipe.from_dict(toy.RULE), Recipe.from_dict(toy.LEARNED)
    assert (rule.modality, rule.learned, learned.learned) == ("numbers", False, True)
    assert "sklearn.linear_model:LogisticRegression" in learned.used_names


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"transfomers": []}, "Did you mean 'transformers'", id="misspelt key"),
        pytest.param({"property": "blur"}, "MODALITY/PROPERTY", id="no modality"),
        pytest.param(
            {"estimator": {"rule": "a:B", "sklearn": []}}, "rule: 'package.module:Class'", id="two estimators"
        ),
        pytest.param({"estimator": "a:B"}, "rule: 'package.module:Class'", id="no estimator"),
        pytest.param({"transformers": [{"parameter": 1}]}, "use: 'package.module:Class'", id="nothing to use"),
        pytest.param({"cannot_tell": [{"measure": "x", "bellow": 1}]}, "Did you mean 'below'", id="misspelt range"),
        pytest.param({"cannot_tell": [{"measure": "x", "below": 2, "above": 1}]}, "everywhere", id="empty range"),
        pytest.param({"training": {"trails": 3}}, "Did you mean 'trials'", id="misspelt training"),
        pytest.param({"value": {"messure": "x"}}, "Did you mean 'measure'", id="misspelt value"),
    ],
)
def test_a_mistake_in_a_recipe_is_named(change, message):
    with pytest.raises(ConfigError, match=message):
        Recipe.from_dict({**toy.RULE, **change})


def test_a_missing_key_is_named():
    with pytest.raises(ConfigError, match="transformers"):
        Recipe.from_dict({key: value for key, value in toy.RULE.items() if key != "transformers"})


def test_an_unknown_key_is_an_unknown_name():
    with pytest.raises(UnknownName):
        Recipe.from_dict({**toy.RULE, "extra": 1})
