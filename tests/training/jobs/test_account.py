"""What a model's decisions came to, bar by bar: made again, it has the totals that scored it."""

import numpy as np
import pytest

from tests.training.jobs.scenes import CLASSES, LSTM, TWO_SYMBOLS, trained
from training.evaluation import returns
from training.evaluation.fold_predictions import FILE
from training.market_data.samples import load_sample
from training.models import TrainedModel
from training.trained.account import TOTALS, Account, account_of, months_of
from training.trained.stored_models import read_artifact

pytestmark = pytest.mark.django_db(transaction=True)

DECISIONS = "decisions: {{confidence_threshold: 0.34, allow_short: {}}}\n"
RUNS = """
    train: [["2009-01-02", "2012-01-01"], ["2014-01-01", "2016-01-01"]]
    validation: [["2012-01-01", "2013-01-01"]]
    test: [["2013-01-01", "2014-01-01"], ["2016-01-01", "2017-01-01"]]"""
TRADERS = (
    CLASSES + DECISIONS.format("false"),
    LSTM + DECISIONS.format("true"),
    TWO_SYMBOLS + DECISIONS.format("true"),
    CLASSES.replace("{train: 0.7, validation: 0.15, test: 0.15}", RUNS) + DECISIONS.format("true"),
)


def quick(text: str) -> TrainedModel:
    """Of a network that has learned enough to trade."""
    faster = text.replace("batch_size: 1\n", "batch_size: 32\n  learning_rate: 0.01\n")
    return trained(faster, epochs=6)


def same_totals(model: TrainedModel, account: Account) -> None:
    """To the last digit, and the returns to the last bit."""
    scored = model.evaluation["metrics"]
    assert account.notes == ()
    assert {name: account.metrics[name] for name in TOTALS} == {
        name: scored[name] for name in TOTALS
    }
    kept = read_artifact(model, returns.FILE)
    assert kept is not None and returns.to_bytes(account.times, account.returns) == kept
    assert account.equity[-1] - 1.0 == scored["net_return"]
    assert account.drawdown.max() == scored["max_drawdown"]
    assert len(account.trades) == scored["trades"]
    assert account.buy_and_hold[-1] - 1.0 == model.evaluation["buy_and_hold"]["net_return"]


@pytest.mark.parametrize("text", TRADERS)
def test_an_account_that_is_made_again_is_the_one_that_was_scored(text: str) -> None:
    model = quick(text)
    account = account_of(model)
    assert account.trades and account.of_stored
    same_totals(model, account)
    model.artifacts.filter(name=FILE).delete()  # as of a bundle from before there was one
    again = account_of(model)
    assert not again.of_stored
    same_totals(model, again)
    assert again.trades == account.trades
    assert [own.symbol for own in account.decided] == list(account.symbols)
    if RUNS in text:  # its trades end with their run, and its curve has a gap
        gap = int(np.flatnonzero(~account.goes_on)[0])
        ends = account.times[gap], account.times[gap + 1]
        assert (ends[1] - ends[0]) // 86_400 > 700
        assert not any(it.entry_time < ends[1] and it.exit_time > ends[1] for it in account.trades)
    else:
        assert account.goes_on.all()
        positions_follow_from_trades(account)
    months_add_up(account)


def positions_follow_from_trades(account: Account) -> None:
    """A symbol's trades cover exactly the bars on which it holds something, each once."""
    for number, own in enumerate(account.decided):
        trades = [trade for trade in account.trades if trade.symbol == number]
        bars = load_sample(account.symbols[number], "1d")
        filled = bars.times[np.searchsorted(bars.times, own.times[:-2]) + 1]
        held = np.zeros(len(filled))
        for trade in trades:
            inside = (filled >= trade.entry_time) & (filled < trade.exit_time)
            assert not held[inside].any() and inside.sum() == trade.bars
            held[inside] = trade.side
            opens = dict(zip(bars.times.tolist(), bars.open.tolist(), strict=True))
            assert trade.entry_price == opens[trade.entry_time]
            assert trade.exit_price == opens[trade.exit_time]
        assert held.tolist() == own.positions[:-2].tolist()


def months_add_up(account: Account) -> None:
    months, earned = months_of(account.times, account.returns)
    assert np.prod(1.0 + earned) == pytest.approx(account.equity[-1])
    first = np.datetime64(int(account.times[0]), "s")
    assert months[0] == 12 * first.item().year + first.item().month - 1
    assert len(months) == len(set(months.tolist()))
