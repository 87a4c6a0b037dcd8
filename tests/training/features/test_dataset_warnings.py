"""What can be trained, but hardly as it was meant, is said with the id of what it is about."""

import numpy as np
import pytest

from tests.training.features.datasets import INPUTS, daily, dataset_of, make_strategy
from tests.training.features.price_series import random_bars
from training.features.dataset import Dataset
from training.features.inspection import check_classes

BARS = daily(700)
GAPPED = {
    "momentum": {
        "indicator": "rsi_5",
        "memberships": [
            {"name": "low", "type": "triangular", "parameters": [0.0, 10.0, 40.0]},
            {"name": "high", "type": "triangular", "parameters": [60.0, 90.0, 100.0]},
        ],
    },
    "squeezed": {
        "indicator": "width",
        "memberships": [{"name": "any", "type": "triangular", "parameters": [-1.0, 0.0, 9.0]}],
    },
}


def warned(dataset: Dataset, code: str) -> dict[str, str]:
    return {
        warning.subject: warning.message for warning in dataset.warnings if warning.code == code
    }


def test_an_ordinary_dataset_has_no_warnings() -> None:
    assert dataset_of(make_strategy(), BARS).warnings == ()


def test_a_feature_that_is_constant_on_the_training_rows() -> None:
    constant = {
        "momentum": {
            "indicator": "rsi_5",
            "memberships": [
                {"name": "low", "type": "triangular", "parameters": [0.0, 0.0, 60.0]},
                {"name": "high", "type": "gaussian", "parameters": [100.0, 40.0]},
                {"name": "all", "type": "trapezoidal", "parameters": [-1.0, 0.0, 100.0, 101.0]},
            ],
        }
    }
    dataset = dataset_of(make_strategy(fuzzy_sets=constant), BARS)
    messages = warned(dataset, "constant_feature")
    assert list(messages) == ["1d_momentum_all"]
    assert "is 1 on every training row" in messages["1d_momentum_all"]


def test_a_feature_that_moves_only_after_the_training_part_is_constant() -> None:
    bars = random_bars(700)
    bars.volume[:600] = 5.0
    strategy = make_strategy(
        indicators={"ratio": {"type": "volume_ratio", "period": 5}, "rsi_5": {"type": "rsi"}},
        fuzzy_sets={},
        nn_inputs=[{"raw_indicator": "ratio"}, {"raw_indicator": "rsi_5"}],
    )
    dataset = dataset_of(strategy, bars)
    assert list(warned(dataset, "constant_feature")) == ["1d_ratio_raw"]


def test_a_fuzzy_set_that_leaves_rows_uncovered() -> None:
    strategy = make_strategy(
        fuzzy_sets=GAPPED, nn_inputs=[*INPUTS, {"fuzzy_set": "squeezed", "timeframes": "all"}]
    )
    dataset = dataset_of(strategy, BARS)
    uncovered = (dataset.features[:, :2] == 0.0).all(axis=1).mean()
    messages = warned(dataset, "uncovered_fuzzy_set")
    assert list(messages) == ["1d_momentum"]
    assert f"{uncovered:.1%} of the rows" in messages["1d_momentum"]


def test_a_fuzzy_set_that_leaves_a_few_rows_uncovered_is_not_warned_of() -> None:
    values = dataset_of(make_strategy(nn_inputs=[{"raw_indicator": "rsi_5"}]), BARS).features[:, 0]
    top = float(np.quantile(values, 0.995))
    nearly = {
        "momentum": {
            "indicator": "rsi_5",
            "memberships": [
                {"name": "most", "type": "trapezoidal", "parameters": [-1.0, 0.0, 50.0, top]}
            ],
        }
    }
    dataset = dataset_of(make_strategy(fuzzy_sets=nearly), BARS)
    assert 0 < (dataset.features[:, 0] == 0.0).mean() < 0.01
    assert dataset.warnings == ()


def test_a_fuzzy_set_is_warned_of_for_each_timeframe_that_it_does_not_cover() -> None:
    strategy = make_strategy(
        fuzzy_sets=GAPPED,
        timeframes=("1d", "1w"),
        nn_inputs=[{"fuzzy_set": "squeezed"}, {"fuzzy_set": "momentum"}],
    )
    dataset = dataset_of(strategy, daily(1500))
    assert set(warned(dataset, "uncovered_fuzzy_set")) == {"1d_momentum", "1w_momentum"}


@pytest.mark.parametrize(("holds", "rare"), [(9, ["hold"]), (10, [])])
def test_a_class_under_one_percent_of_the_training_rows(holds: int, rare: list[str]) -> None:
    warnings = check_classes({"buy": 500, "hold": holds, "sell": 500 - holds})
    assert [warning.subject for warning in warnings] == rare


def test_exactly_one_percent_is_not_rare_whatever_the_number_of_rows() -> None:
    for hundreds in range(1, 200):
        assert not check_classes({"buy": hundreds, "hold": 50 * hundreds, "sell": 49 * hundreds})


def test_a_rare_class_is_among_the_datasets_warnings() -> None:
    labels = {"source": "triple_barrier", "max_holding_period": 60}
    dataset = dataset_of(make_strategy(labels=labels), daily(3000))
    train = dataset.label_balance["train"]
    share = train["hold"] / sum(train.values())
    assert 0 < share < 0.01
    assert f"({share:.2%})" in warned(dataset, "rare_class")["hold"]
    assert np.isfinite(dataset.features).all()
