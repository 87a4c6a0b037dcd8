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
from training.strategy.decisions import Decisions
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


DIGESTS = {
    "channels_gru": "6c1d014818f252cff1a49a22477feb2f416389eaa310c77fbeac904a98e87845",
    "learned_daily_weekly": "b5cc6da7da969f9ef842ac6248cd700087502574df449b227d45fbb17e2111a0",
    "learned_rules": "253f227d0e9bd0e50094c572f0a491d3230c2c99a9bcf9173f6466e717d3d39d",
    "return_regression": "d3abc4131d0f42b6bafaa3d8c6895e8a0310bd6090b72fce556f859dd4c28476",
    "rsi_reversal": "1482388d8dd9a892e18b3ac29062f726300523a339b41a5bdce841d527924236",
    "sequence_lstm": "3fe190c40b3efb5ded6255e23e6d36506506138a35ba27dd4d2e8578d9374195",
    "sp500_daily": "62cc89d6a819434021202f07ec9a305ccefb0f6c5763c3f66337d2eb15ac329e",
    "trend_daily_weekly": "bf9fba20022497e07d9153f04d6803cecaa80232cb546052ae0ba1ec06e04f54",
    "two_indices": "59388ae5f683a5363377b82d7f11bf78bc38e851bc7d39a4c8d6364ecd100f58",
    "written_rules": "7c06eeb90850a31bb681800687787bf41b59c61bdbd18630349e9666690e9d38",
}


def test_keys_that_came_later_change_no_digest_of_who_does_not_write_them() -> None:
    assert {file.name: file.load().strategy.digest() for file in list_strategies()} == DIGESTS


@pytest.mark.parametrize("key", Decisions.left_out)
def test_a_key_that_came_later_counts_with_another_value_only(key: str) -> None:
    default = Decisions.left_out[key]
    other = {"on_hold": "keep", "allow_short_from_flat": False}[key]
    base, written, changed = (
        load(varied({("decisions", key): value} if value is not None else {}))
        for value in (None, default, other)
    )
    assert base.digest() == written.digest() != changed.digest()
    assert key not in written.snapshot()["decisions"]
    assert Strategy.from_snapshot(through_database(changed.snapshot())) == changed
