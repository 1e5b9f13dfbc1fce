"""ONNX graphs from anywhere: what is understood, and what is refused when it is loaded."""

import numpy as np
import pytest
from onnx import helper as h
from sklearn.linear_model import LogisticRegression

from multimodal.domain.shared.errors import ArtifactError, UnknownName
from multimodal.domain.shared.onnx import OnnxEstimator, Reading
from tests import onnx_graphs as graphs

ROWS = np.array([[0.5, 9.0], [2.5, 9.0], [-1.5, 9.0]], np.float32)
EXPECTED = 1 / (1 + np.exp(-(ROWS[:, 0] - 0.5)))


def estimator(model: bytes, labels=graphs.LABELS, columns=2, **reading) -> OnnxEstimator:
    return OnnxEstimator(model, labels, reading=Reading(**reading), columns=columns)


@pytest.mark.parametrize(
    ("model", "output"),
    [
        pytest.param(graphs.linear("logits"), "logits", id="logits"),
        pytest.param(graphs.linear("one logit"), "logits", id="one logit"),
        pytest.param(graphs.linear("probabilities"), "probabilities", id="probabilities"),
        pytest.param(graphs.linear("one probability"), "probabilities", id="one probability, no second axis"),
        pytest.param(graphs.linear("logits", batch=1), "logits", id="one row at a time"),
        pytest.param(graphs.linear("logits", dtype=np.float64), "logits", id="float64"),
    ],
)
def test_graphs_of_each_form_give_the_probabilities_known_beforehand(model, output):
    answers = estimator(model, output=output)
    assert answers.predict_proba(ROWS)[:, 1] == pytest.approx(EXPECTED, abs=1e-6)
    assert answers.predict_proba(ROWS[:1]).shape == (1, 2)
    assert answers.predict(ROWS).tolist()[1:] == ["calm", "wild"]
    assert answers.log_proba(ROWS) == pytest.approx(np.log(np.column_stack([1 - EXPECTED, EXPECTED])), abs=1e-5)


def test_a_single_column_may_come_without_a_second_axis():
    node = h.make_node("Identity", ["x"], ["y"])
    answers = estimator(graphs.graph([node], given=("n",), gives=("n",)), columns=1, output="logits")
    assert answers.predict_proba(np.array([[0.0], [2.0]]))[:, 1] == pytest.approx([0.5, 0.880797], abs=1e-5)


def test_a_row_is_folded_into_the_axes_of_a_picture():
    node = h.make_node("ReduceMean", ["x"], ["y"], axes=[1, 2], keepdims=0)
    answers = estimator(graphs.graph([node], given=("n", 2, 3), gives=("n",)), columns=6, output="logits")
    assert answers.predict_proba(np.array([[0.0, 1, 2, 3, 4, 5]]))[:, 1] == pytest.approx([1 / (1 + np.exp(-2.5))])


@pytest.mark.parametrize("labels", [pytest.param(["b", "a"], id="text"), pytest.param([0, 1], id="numbers")])
def test_a_zipmap_of_a_converter_is_understood(labels):
    from skl2onnx import to_onnx

    y = np.array(labels)[(ROWS[:, 0] > 0).astype(int)]
    model = LogisticRegression().fit(ROWS, y)
    named = ["b", "a"] if labels == ["b", "a"] else ["no", "yes"]
    answers = estimator(to_onnx(model, ROWS[:1]).SerializeToString(), labels=named)
    order = [list(model.classes_).index(label) for label in labels]
    assert answers.predict_proba(ROWS) == pytest.approx(model.predict_proba(ROWS)[:, order], abs=1e-6)


def test_fitting_changes_nothing():
    answers = estimator(graphs.linear("probabilities"))
    before = answers.predict_proba(ROWS)
    assert (answers.fit(ROWS, np.array(["calm"] * 3)).predict_proba(ROWS) == before).all()


def two_outputs() -> bytes:
    nodes = [h.make_node("Identity", ["x"], ["y"]), h.make_node("Neg", ["x"], ["z"])]
    infos = [h.make_tensor_value_info(name, 1, ("n", 2)) for name in "yz"]
    return graphs.graph(nodes, gives=infos)


def test_of_several_outputs_one_has_to_be_named():
    with pytest.raises(ArtifactError, match=r"y, z.*tensor: NAME"):
        estimator(two_outputs(), output="logits")
    assert estimator(two_outputs(), output="logits", tensor="z").predict(ROWS[:1] * 0 + [[1, 0]]).tolist() == ["calm"]
    with pytest.raises(ArtifactError, match="No output of the ONNX model is called 'w'"):
        estimator(two_outputs(), output="logits", tensor="w")


IDENTITY = h.make_node("Identity", ["x"], ["y"])
TIMES_W = h.make_node("MatMul", ["x", "w"], ["y"])


@pytest.mark.parametrize(
    ("model", "message", "more"),
    [
        pytest.param(b"", "cannot be loaded", {}, id="empty"),
        pytest.param(b"\x08\x09 no model", "cannot be loaded", {}, id="no model"),
        pytest.param(graphs.linear()[:-40], "cannot be loaded", {}, id="cut off"),
        pytest.param(graphs.external("weights.bin"), "another file", {}, id="weights beside it"),
        pytest.param(graphs.external("/etc/passwd"), "another file", {}, id="weights anywhere"),
        pytest.param(graphs.external("../../weights.bin"), "another file", {}, id="weights above it"),
        pytest.param(
            graphs.graph([h.make_node("Mine", ["x"], ["y"], domain="own")], domain="own"),
            "operators",
            {},
            id="an operator of its own",
        ),
        pytest.param(graphs.graph([IDENTITY], inputs=2), "has one input", {}, id="two inputs"),
        pytest.param(graphs.graph([IDENTITY], kind=7), "has one input", {}, id="whole numbers"),
        pytest.param(graphs.linear(batch=4), "exactly 4 rows", {"output": "logits"}, id="four rows at once"),
        pytest.param(graphs.linear(), "wants 2 features, but the transformers give 5", {"columns": 5}, id="features"),
        pytest.param(graphs.linear(), "output: logits", {}, id="logits said to be probabilities"),
        pytest.param(graphs.linear("probabilities"), "one column a label", {"labels": ["a", "b", "c"]}, id="labels"),
        pytest.param(graphs.graph([IDENTITY], given=("n", "a", 2)), "leaves sizes open", {}, id="open sizes"),
        pytest.param(
            graphs.graph(
                [h.make_node("MatMul", ["x", "w"], ["y"])],
                given=("n", "d"),
                initializers=[graphs.tensor("w", np.eye(2))],
            ),
            "cannot be run on rows of 3 features",
            {"columns": 3},
            id="an open number of features that does not fit",
        ),
    ],
)
def test_what_does_not_fit_is_refused_when_it_is_loaded(model, message, more, tmp_path, monkeypatch):
    (tmp_path / "weights.bin").write_bytes(bytes(16))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArtifactError, match=message):
        estimator(model, **more)


def test_a_zipmap_with_other_labels_is_refused():
    from skl2onnx import to_onnx

    model = LogisticRegression().fit(ROWS, ["x", "y", "x"])
    with pytest.raises(ArtifactError, match="tells apart x, y"):
        estimator(to_onnx(model, ROWS[:1]).SerializeToString())


def test_an_unknown_kind_of_output_names_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'logits'"):
        Reading("logit")
