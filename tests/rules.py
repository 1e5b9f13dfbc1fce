"""scikit-learn's own checks, run on rules."""

import warnings

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from multimodal.domain.shared.estimators import RuleBasedModel


def scikit_learn_checks(*rules: RuleBasedModel) -> pytest.MarkDecorator:
    """`parametrize_with_checks`, silent about our intention: a rule has no base class of scikit-learn."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*does not inherit from `sklearn.base.BaseEstimator`")
        return parametrize_with_checks(list(rules))
