import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.trainer.synthetic import CLASSES, make_dataset, make_strategy, recurrent
from training.evaluation.baselines import LinearModel, class_prior
from training.evaluation.evaluation import Evaluation
from training.evaluation.report import evaluate
from training.evaluation.returns import from_bytes
from training.evaluation.scores import (
    classification_scores,
    confusion_matrix,
    regression_scores,
)
from training.strategy import Strategy
from training.trainer.networks import initial_network
from training.trainer.pinned import Pinned

LABELS = np.array([0, 0, 1, 2, 2, 2])
SURE = np.eye(3)[[0, 1, 1, 2, 2, 0]] * 0.7 + 0.1  # 0.8 for the class it chooses
RETURNS = {"source": "forward_return"}


def evaluation_of(strategy: Strategy) -> Evaluation:
    dataset = make_dataset(strategy, rows=500)
    network = initial_network(strategy, inputs=4, outputs=len(dataset.class_names) or 1)
    pinned = Pinned.by_rule(strategy, torch.device("cpu"))
    return evaluate(strategy, dataset, network, pinned)


def test_the_confusion_matrix_counts_true_by_predicted() -> None:
    assert confusion_matrix(LABELS, SURE, 3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]


def test_classification_scores_by_hand() -> None:
    scores = classification_scores(LABELS, SURE, CLASSES)
    assert scores["accuracy"] == pytest.approx(4 / 6)
    assert scores["recall_sell"] == pytest.approx(2 / 3)
    assert scores["precision_buy"] == pytest.approx(1 / 2)
    assert scores["f1_hold"] == pytest.approx(2 / 3)
    assert scores["balanced_accuracy"] == pytest.approx((1 / 2 + 1 + 2 / 3) / 3)
    assert scores["log_loss"] == pytest.approx(-(4 * math.log(0.8) + 2 * math.log(0.1)) / 6)


def test_a_class_that_never_occurs_has_no_recall_and_spoils_no_mean() -> None:
    scores = classification_scores(np.array([0, 0]), np.eye(3)[[0, 1]], CLASSES)
    assert scores["recall_sell"] is None
    assert scores["precision_sell"] is None
    assert scores["balanced_accuracy"] == pytest.approx(0.5)


def test_a_sure_mistake_has_a_finite_log_loss() -> None:
    loss = classification_scores(np.array([0]), np.eye(3)[[1]], CLASSES)["log_loss"]
    assert loss is not None
    assert math.isfinite(loss)


def test_regression_scores_by_hand() -> None:
    scores = regression_scores(np.array([1.0, -1.0, 2.0, 0.0]), np.array([1.0, 1.0, 1.0, 0.0]))
    assert scores["mse"] == pytest.approx(5 / 4)
    assert scores["mae"] == pytest.approx(3 / 4)
    assert scores["r2"] == pytest.approx(1 - 5 / 5)
    assert scores["direction"] == pytest.approx(2 / 3)


def test_a_constant_prediction_has_no_correlation() -> None:
    assert regression_scores(np.array([1.0, 2.0]), np.full(2, 0.1))["correlation"] is None


def test_the_class_prior_is_the_training_parts() -> None:
    dataset = make_dataset(make_strategy())
    counts = np.bincount(dataset.labels[dataset.train].astype(int))
    prior = class_prior(dataset, 5)
    np.testing.assert_allclose(prior, np.tile(counts / counts.sum(), (5, 1)))


def test_of_values_that_vary_by_rounding_only_neither_r2_nor_correlation_is_defined() -> None:
    labels = np.full(200, 0.1)
    labels[::2] = float(np.nextafter(np.float32(0.1), np.float32(1.0)))
    varying = np.linspace(-0.1, 0.1, 200)
    assert regression_scores(labels, varying)["r2"] is None
    assert regression_scores(labels, varying)["correlation"] is None
    assert regression_scores(varying, labels)["correlation"] is None
    assert regression_scores(varying, varying)["r2"] == 1.0


def test_the_logistic_regression_is_at_its_optimum() -> None:
    """The penalised gradient vanishes: sum over rows of (p - y) x + ridge w = 0."""
    dataset = make_dataset(make_strategy(), rows=1000)
    rows = dataset.train
    model = LinearModel(dataset)
    missed = model.predict(rows) - np.eye(3)[dataset.labels[rows].astype(int)]
    features = dataset.features[rows].astype(np.float64)
    inputs = (features - features.mean(axis=0)) / features.std(axis=0)
    gradient = inputs.T @ missed + model._weights.numpy()[:-1]
    assert np.abs(gradient).max() < 1e-6
    assert np.abs(missed.sum(axis=0)).max() < 1e-4


def test_the_linear_regression_is_least_squares_with_a_ridge() -> None:
    dataset = make_dataset(make_strategy(labels=RETURNS), rows=1000)
    errors = LinearModel(dataset).predict(dataset.train) - dataset.labels[dataset.train]
    assert abs(errors.sum()) < 1e-6
    assert errors.std() < 0.6 * dataset.labels[dataset.train].std()


def test_the_logistic_regression_survives_separable_classes_and_constant_features() -> None:
    dataset = make_dataset(make_strategy())
    features = np.ones_like(dataset.features)
    features[:, 0] = dataset.labels * 10.0
    probabilities = LinearModel(replace(dataset, features=features)).predict(dataset.test)
    assert (probabilities.argmax(axis=1) == dataset.labels[dataset.test]).all()


@pytest.mark.parametrize("labels", [{"source": "triple_barrier"}, RETURNS])
def test_an_input_far_outside_its_range_counts_as_ten_deviations(labels: dict[str, str]) -> None:
    dataset = make_dataset(make_strategy(labels=labels), rows=1000)
    row = dataset.test[:1]
    center, scale = dataset.features[dataset.train].mean(axis=0), dataset.features.std(axis=0)
    predictions = []
    for deviations in (12.0, 1e6):
        features = dataset.features.copy()
        features[row] = center + deviations * scale
        predictions.append(LinearModel(replace(dataset, features=features)).predict(row))
    np.testing.assert_array_equal(*predictions)


@pytest.mark.parametrize("value", [0.0, 0.1, 4e9])
def test_a_feature_that_varies_by_rounding_only_changes_no_baseline(value: float) -> None:
    dataset = make_dataset(make_strategy(), rows=1000)
    constant, rounded = dataset.features.copy(), dataset.features.copy()
    constant[:, 1] = rounded[:, 1] = value
    rounded[::3, 1] = np.nextafter(np.float32(value), np.float32(np.inf))
    predictions = [
        LinearModel(replace(dataset, features=features)).predict(dataset.test)
        for features in (constant, rounded)
    ]
    np.testing.assert_array_equal(*predictions)
    assert np.ptp(predictions[0]) > 0.1


@pytest.mark.parametrize("strategy", [make_strategy(), make_strategy(model=recurrent("gru"))])
def test_a_classifier_is_reported_next_to_what_it_must_beat(strategy: Strategy) -> None:
    evaluation = evaluation_of(strategy)
    assert evaluation.baselines.keys() == {"class_prior", "logistic_regression"}
    for metrics in (evaluation.metrics, *evaluation.baselines.values()):
        assert {"accuracy", "log_loss", "net_return", "sharpe", "turnover"} <= metrics.keys()
    assert {"net_return", "sharpe", "max_drawdown"} <= evaluation.buy_and_hold.keys()
    assert evaluation.confusion is not None
    assert np.sum(evaluation.confusion) == evaluation.samples
    assert "standard error" in evaluation.notes[-1]


def test_a_regression_is_reported_next_to_what_it_must_beat() -> None:
    evaluation = evaluation_of(make_strategy(labels=RETURNS))
    assert evaluation.baselines.keys() == {"mean_return", "linear_regression"}
    assert {"mse", "r2", "direction", "net_return"} <= evaluation.metrics.keys()
    assert evaluation.confusion is None


def test_a_report_is_plain_json_without_nan() -> None:
    report = evaluation_of(make_strategy()).to_json()
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_the_equity_curve_ends_at_the_net_return() -> None:
    evaluation = evaluation_of(make_strategy())
    net_return = evaluation.metrics["net_return"]
    assert net_return is not None
    assert evaluation.equity_curve["equity"][-1] == pytest.approx(1.0 + net_return)
    lengths = {len(series) for series in evaluation.equity_curve.values()}
    assert len(lengths) == 1


def test_the_returns_are_kept_whole_beside_the_thinned_curve() -> None:
    evaluation = evaluation_of(make_strategy())
    times, returns = from_bytes(evaluation.returns)
    assert times[-1] == evaluation.equity_curve["times"][-1]
    assert np.prod(1.0 + returns) == pytest.approx(evaluation.equity_curve["equity"][-1])
    assert "returns" not in evaluation.to_json()


def test_an_empty_test_part_is_said() -> None:
    strategy = make_strategy()
    dataset = replace(make_dataset(strategy), test=np.array([], dtype=np.int64))
    network = initial_network(strategy, inputs=4, outputs=3)
    with pytest.raises(ValueError, match="test part"):
        evaluate(strategy, dataset, network, Pinned.by_rule(strategy, torch.device("cpu")))
