"""Names and order of the features: nn_inputs x timeframes x memberships."""

from tests.training.strategy.documents import VALID, text_of, varied
from training.strategy import load_strategy


def test_features_are_named_and_ordered_by_inputs_timeframes_memberships() -> None:
    strategy = load_strategy(text_of(VALID), source="test").strategy
    assert strategy.feature_ids() == (
        "1d_momentum_low",
        "1d_momentum_high",
        "1w_momentum_low",
        "1w_momentum_high",
        "1d_trend_weak",
        "1d_macd_std.histogram_raw",
        "1w_macd_std.histogram_raw",
    )


def test_the_order_of_timeframes_is_the_inputs_own() -> None:
    data = varied({("nn_inputs", 1, "timeframes"): ["1w", "1d"]})
    strategy = load_strategy(text_of(data), source="test").strategy
    assert strategy.feature_ids()[4:6] == ("1w_trend_weak", "1d_trend_weak")
