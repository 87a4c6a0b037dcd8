"""Nothing can be earned on a random walk: how often the ledger is sure of skill there all the same.

Bars, their dataset, the trading at cost 0, the ledger and what it tells are those of a training.
What decides is a network without training: random weights on the last twenty moves. The table of
docs/EVALUATION.md is this.
"""

from collections.abc import Callable

import numpy as np
import pytest

from tests.training.features.datasets import dataset_of, make_strategy
from tests.training.features.price_series import DAY, MONDAY
from training.evaluation import returns
from training.evaluation.overfitting import probabilistic_sharpe
from training.evaluation.sharpe import Moments
from training.evaluation.trading import Trading
from training.market_data.bars import Bars
from training.models import Score
from training.strategy import Strategy
from training.trained import ledger
from training.trained.looks import looks_at

pytestmark = [pytest.mark.repeats, pytest.mark.django_db]

WALKS = 200
NUM_BARS = 1_000
SEEN = 20
"""Moves, the newest at whose close it decides."""
SURE = 0.95


def random_walk(random: np.random.Generator) -> Bars:
    """A day's close is the mean of all that may follow; it opens where the last one closed."""
    moves = np.exp(random.normal(-0.00005, 0.01, NUM_BARS))
    close = 100 * np.cumprod(moves)
    open_ = close / moves
    return Bars(
        times=MONDAY + DAY * np.arange(NUM_BARS),
        open=open_,
        high=np.maximum(open_, close),
        low=np.minimum(open_, close),
        close=close,
        volume=np.ones(NUM_BARS),
    )


def free_of_cost(symbol: str) -> Strategy:
    usual = make_strategy(
        symbols=(symbol,),
        labels={"source": "forward_return"},
        data_split={"train": 0.1, "validation": 0.1, "test": 0.8},
    )
    decisions = {"cost_model": {"round_trip_cost": 0.0}}
    return Strategy.from_snapshot({**usual.snapshot(), "decisions": decisions})


def earner(symbol: str, random: np.random.Generator) -> Callable[[], bytes]:
    """What a further network earns on a walk of its own, as a bundle keeps it."""
    strategy = free_of_cost(symbol)
    dataset = dataset_of(strategy, random_walk(random))
    trading = Trading(strategy, dataset, dataset.test_bars)
    moves = np.diff(np.log(dataset.close), prepend=np.log(dataset.close[0]))
    seen = np.stack([np.roll(moves, lag) for lag in range(SEEN)], axis=1)[dataset.test_bars]

    def earned() -> bytes:
        hidden = np.tanh(100 * seen @ random.normal(size=(SEEN, 8)))
        account = trading.of(np.sign(hidden @ random.normal(size=8)))
        return returns.to_bytes(account.times, account.returns)

    return earned


def best_of(looks: int, walk: int) -> tuple[float, float]:
    """Of so many looks at one walk: how sure the best is by itself, and deflated."""
    random = np.random.default_rng([looks, walk])
    symbol = f"W{walk}_{looks}"
    earned = earner(symbol, random)
    looked_at = ledger.TestRange(symbols=(symbol,), timeframe="1d", first_time=0, end_time=1)
    scores = [ledger.as_score(looked_at, earned(), operation_id=str(n)) for n in range(looks)]
    ledger.record(scores)
    best = max(scores, key=ratio)
    told = looks_at([best.pk])[best.pk]
    assert told.times_scored == looks
    alone = probabilistic_sharpe(Moments(count=best.num_returns, **shape(best)))
    assert alone is not None
    assert told.deflated_sharpe is not None
    return alone, told.deflated_sharpe


def ratio(score: Score) -> float:
    assert score.sharpe is not None
    return score.sharpe


def shape(score: Score) -> dict[str, float]:
    return {name: getattr(score, name) for name in ledger.SHAPE}


def sure(looks: int) -> list[float]:
    """Shares of the walks whose best look is sure by itself, and deflated."""
    found = np.array([best_of(looks, walk) for walk in range(WALKS)])
    return list((found > SURE).mean(axis=0))


def test_one_look_is_sure_as_often_as_it_says() -> None:
    alone, deflated = sure(1)
    assert alone == deflated
    assert 0.02 <= deflated <= 0.08, deflated


def test_the_best_of_many_looks_is_sure_by_itself_and_hardly_ever_deflated() -> None:
    alone, deflated = sure(50)
    assert alone > 0.80, alone
    assert deflated < 0.01, deflated
