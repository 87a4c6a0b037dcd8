"""What moves a decision is what the network says with one indicator at its median, by itself."""

from typing import Any

import numpy as np
import pytest

from tests.training.explaining.networks import trained
from tests.training.features.price_series import random_bars
from tests.training.from_bars.networks import history_of, network_of
from tests.training.trainer.synthetic import LEARNED, WRITTEN, make_dataset, make_strategy, tsk
from training.explaining.medians import Medians
from training.explaining.one_bar import Explanation, Seen, explain, values_of
from training.explaining.words import rule_lines
from training.features.arrays import Float32Array, Float64Array
from training.features.learned_sets import scale_of
from training.features.matrix import FeatureColumns
from training.features.normalization import Scaling
from training.features.plan import Feature, network_inputs, plan_features
from training.strategy import Strategy, find_strategy
from training.trained.bundle_reader import TrainedNetwork

BARS = random_bars(4000, seed=3, first_time=946_857_600)
ROW = 900
TRAINED = np.arange(100, 801)


def shipped(name: str) -> Strategy:
    return find_strategy(name).load().strategy


def seen_of(strategy: Strategy) -> tuple[TrainedNetwork, Seen, Medians]:
    network, history = network_of(strategy, BARS), history_of(strategy, BARS)
    features, window = plan_features(strategy), strategy.sequence_length
    columns = FeatureColumns(strategy, history, features)
    fits = network.manifest["normalization"][strategy.symbols[0]]
    scalings = {feature.id: Scaling(method="none") for feature in features}
    scalings |= {name: Scaling(**values) for name, values in fits.items()}
    matrix = np.empty((history.times.size, len(features)), np.float32)
    columns.fill(matrix, scalings)
    seen = Seen(
        features=features,
        window=matrix[ROW + 1 - window : ROW + 1],
        values=values_of(features, columns, ROW),
        scalings=scalings,
    )
    return network, seen, columns.medians(TRAINED)


def replaced(seen: Seen, medians: Medians, group: str) -> Float32Array:
    """The window with one indicator at its median, column by column."""
    window = seen.window.copy()
    for column, feature in enumerate(seen.features):
        if f"{feature.timeframe}_{feature.indicator}" == group:
            window[:, column] = column_of(feature, medians[feature.source], seen)
    return window


def column_of(feature: Feature, value: float, seen: Seen) -> float:
    if feature.membership is not None:
        a, b, c, d = getattr(feature.membership, "corners", (0.0,) * 4)
        if feature.membership.type == "gaussian":
            centre, sigma = feature.membership.parameters
            return float(np.exp(-0.5 * ((value - centre) / sigma) ** 2))
        return float(np.interp(value, *corners(a, b, c, d)))
    if feature.learned is not None:
        middle, half = scale_of(feature.learned)
        return (value - middle) / half
    scaling = seen.scalings[feature.id]
    return (value - scaling.offset) / scaling.scale


def corners(a: float, b: float, c: float, d: float) -> tuple[list[float], list[float]]:
    return [a, b, c, d], [float(a == b), 1.0, 1.0, float(c == d)]


def said(network: TrainedNetwork, window: Float32Array) -> Float64Array:
    sample = window[0] if network.manifest["sequence_length"] == 1 else window
    return np.atleast_1d(network.predict(sample[None])[0])


def numbers(named: dict[str, float]) -> Float64Array:
    return np.array(list(named.values()))


@pytest.mark.parametrize(
    "name", ["two_indices", "learned_daily_weekly", "sequence_lstm", "return_regression"]
)
def test_each_change_is_that_of_one_indicator_and_all_sum_to_the_output(name: str) -> None:
    strategy = shipped(name)
    network, seen, medians = seen_of(strategy)
    told = explain(network, strategy, seen, medians)
    output = said(network, seen.window)
    np.testing.assert_allclose(numbers(told.output), output, atol=1e-12)
    groups = {f"{it.timeframe}_{it.indicator}" for it in network_inputs(seen.features)}
    assert {line["group"] for line in told.changes} == groups
    for line in told.changes:
        expected = output - said(network, replaced(seen, medians, line["group"]))
        np.testing.assert_allclose(numbers(line["change"]), expected, atol=1e-6)
        assert [it["median"] for it in line["values"]] == [
            medians[it["name"]] for it in line["values"]
        ]
    sizes = [np.abs(numbers(line["change"])).max() for line in told.changes]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] > 0.0
    assert sum_of(told) == pytest.approx(output, abs=1e-12)
    assert told.rows == strategy.sequence_length
    assert told.to_json() == explain(network, strategy, seen, medians).to_json()


def sum_of(told: Explanation) -> Float64Array:
    changes = sum(numbers(line["change"]) for line in told.changes)
    return numbers(told.medians) + numbers(told.together) + changes


def test_of_a_single_indicator_nothing_is_left() -> None:
    strategy = shipped("sp500_daily")
    own = strategy.snapshot()
    own["nn_inputs"] = [it for it in own["nn_inputs"] if it.get("fuzzy_set") == "momentum"]
    network, seen, medians = seen_of(Strategy.from_snapshot(own))
    told = explain(network, strategy, seen, medians)
    assert len(told.changes) == 1
    assert np.abs(numbers(told.together)).max() < 1e-12


RETURNS = {"source": "forward_return"}


@pytest.mark.parametrize(
    "settings",
    [
        {"model": tsk(rules=WRITTEN)},
        {"model": tsk(rules=4, consequent="linear"), "fuzzy_sets": LEARNED, "num_features": 2},
        {"model": tsk(rules=4), "labels": RETURNS},
    ],
    ids=["written", "learned, linear, learned sets", "of returns"],
)
def test_of_rules_what_each_adds_sums_to_the_output(settings: dict[str, Any]) -> None:
    strategy = make_strategy(**settings)
    dataset = make_dataset(strategy)
    network = trained(strategy, dataset)
    features = plan_features(strategy)
    seen = Seen(
        features=features,
        window=dataset.features[150:151],
        values=dict.fromkeys((feature.source for feature in features), 0.5),
        scalings={feature.id: Scaling(method="none") for feature in features},
    )
    told = explain(network, strategy, seen, seen.values)
    added = sum(numbers(rule["adds"]) for rule in told.rules)
    if dataset.class_names:
        added = np.exp(added) / np.exp(added).sum()
    np.testing.assert_allclose(added, said(network, seen.window), atol=1e-6)
    shares = [rule["share"] for rule in told.rules]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == sorted(shares, reverse=True)
    assert [rule["rule"] for rule in told.rules].count("OTHERWISE") == 1
    assert sum_of(told) == pytest.approx(said(network, seen.window), abs=1e-9)


def test_rules_that_hardly_hold_are_one_line() -> None:
    rules = [
        {"rule": rule, "share": share, "adds": {"buy": 10 * share}}
        for rule, share in (("OTHERWISE", 0.6), ("IF a is b", 0.3993), ("c", 0.0004), ("d", 0.0003))
    ]
    told = {"rules": rules, "output": {"buy": 1.0}}
    assert list(rule_lines(told)) == [
        ("OTHERWISE", "60.0 %", "+6.000"),
        ("IF a is b", "39.9 %", "+3.993"),
        ("2 others", "0.1 %", "+0.007"),
    ]
    assert list(rule_lines({"rules": [], "output": {"buy": 1.0}})) == []
