"""A snapshot is the whole strategy, however a database orders its keys."""

import json
from typing import Any

import pytest

from tests.training.strategy.documents import VALID, text_of, varied
from training.strategy import (
    Strategy,
    StrategyInvalid,
    find_strategy,
    list_strategies,
    load_strategy,
)
from training.strategy.library import StrategyFile


def load(data: Any) -> Strategy:
    return load_strategy(text_of(data), source="test").strategy


def through_database(snapshot: dict[str, Any]) -> dict[str, Any]:
    """As PostgreSQL's jsonb gives it back: keys in an order of its own."""
    result: dict[str, Any] = json.loads(json.dumps(snapshot, sort_keys=True))
    return result


@pytest.mark.parametrize("file", list_strategies(), ids=lambda file: file.name)
def test_a_snapshot_gives_the_same_strategy_back(file: StrategyFile) -> None:
    strategy = file.load().strategy
    restored = Strategy.from_snapshot(through_database(strategy.snapshot()))
    assert restored == strategy
    assert restored.feature_ids() == strategy.feature_ids()
    assert restored.digest() == strategy.digest()
    assert restored.snapshot() == strategy.snapshot()


def test_memberships_keep_their_order_in_a_database() -> None:
    data = varied(
        {("fuzzy_sets", "momentum"): {"indicator": "rsi_14", "z": [0, 1, 2], "a": [1, 2, 3]}}
    )
    strategy = Strategy.from_snapshot(through_database(load(data).snapshot()))
    assert [*strategy.fuzzy_sets["momentum"].memberships] == ["z", "a"]


def test_every_default_is_filled_in() -> None:
    snapshot = load(VALID).snapshot()
    assert snapshot["indicators"]["macd_std"] == {
        "type": "macd",
        "fast_period": 12,
        "slow_period": 26,
        "signal_period": 9,
        "source": "close",
    }
    assert snapshot["training"]["epochs"] == 100
    assert snapshot["training"]["labels"]["vol_span"] == 50
    assert snapshot["decisions"]["allow_short"] is True


def test_a_snapshot_is_a_strategy_file_too() -> None:
    strategy = find_strategy("return_regression").load().strategy
    assert load(strategy.snapshot()) == strategy


def test_the_digest_is_of_the_content_not_of_its_form() -> None:
    data = varied({})
    data["training"] = dict(reversed(data["training"].items()))
    data["training"]["epochs"] = 100
    assert load(data).digest() == load(VALID).digest()
    assert load(varied({("training", "epochs"): 101})).digest() != load(VALID).digest()
    assert load(varied({("name",): "other"})).digest() != load(VALID).digest()


def test_a_snapshot_that_was_tampered_with_is_refused() -> None:
    snapshot = load(VALID).snapshot()
    snapshot["training"]["epoch"] = 3
    with pytest.raises(StrategyInvalid, match=r"training\.epoch"):
        Strategy.from_snapshot(snapshot)


def test_regression_defaults_follow_from_the_labels() -> None:
    data = varied({("training", "labels"): {"source": "forward_return"}})
    del data["decisions"]
    strategy = load(data)
    assert strategy.training.loss == "huber"
    assert strategy.decisions.output_format == strategy.output_format == "regression"
