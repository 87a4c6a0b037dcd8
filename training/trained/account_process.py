"""What is told of a model's account where somebody waits for it: in a child. Free of torch."""

from collections.abc import Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from operations.bounded.work import Tell
from training.features.arrays import Int64Array
from training.models import TrainedModel
from training.tables.writing import as_csv
from training.trained.account import Account, account_of
from training.trained.account_tables import (
    equity_table,
    months_table,
    positions_table,
    trades_table,
)

MOST_POINTS = 1_000
"""Of a curve that is drawn: its highest and lowest of each piece are among them."""
MOST_TRADES = 100
"""That are listed, the newest; a file has all."""
TABLES = {
    "equity": equity_table,
    "months": months_table,
    "trades": trades_table,
    "positions": positions_table,
}


def answer(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """The account of `arguments["model_id"]`, as much of it as is drawn. Raises as `account_of`."""
    account = _account(arguments, tell)
    points = drawn_points(account)
    return {
        "symbols": list(account.symbols),
        "of_stored": account.of_stored,
        "notes": list(account.notes),
        "num_periods": len(account.times),
        "times": account.times[points].tolist(),
        "equity": account.equity[points].tolist(),
        "drawdown": account.drawdown[points].tolist(),
        "buy_and_hold": account.buy_and_hold[points].tolist(),
        "breaks": _breaks(account, points),
        "months": months_table(account).rows(),
        "num_trades": len(account.trades),
        "trades": [asdict(trade) for trade in account.trades[-MOST_TRADES:]],
    }


def table(arguments: Mapping[str, Any], tell: Tell) -> str:
    """All of `arguments["table"]`, one of `TABLES`, as CSV."""
    return as_csv(TABLES[arguments["table"]](_account(arguments, tell)))


def _account(arguments: Mapping[str, Any], tell: Tell) -> Account:
    model = TrainedModel.objects.select_related("operation").get(pk=arguments["model_id"])
    tell("deciding on the test part again")
    return account_of(model)


def drawn_points(account: Account, most: int = MOST_POINTS) -> Int64Array:
    """Periods: all, or of as many pieces as fit their first, lowest and highest, and the last."""
    length = len(account.equity)
    if length <= most:
        return np.arange(length)
    edges = np.linspace(0, length, most // 3 + 1).astype(np.int64)
    kept = [np.array([length - 1]), edges[:-1]]
    for first, end in pairwise(edges.tolist()):
        piece = account.equity[first:end]
        kept.append(first + np.array([piece.argmin(), piece.argmax()]))
    return np.unique(np.concatenate(kept))


def _breaks(account: Account, points: Int64Array) -> list[int]:
    """The points before which a run has ended: no line leads to them."""
    ended = np.concatenate([[0], np.cumsum(~account.goes_on)])
    found: list[int] = (np.flatnonzero(np.diff(ended[points])) + 1).tolist()
    return found
