"""An account as tables, whole and each number in full: for files to take away. Free of torch."""

import numpy as np
import polars as pl

from training.features.arrays import Int64Array
from training.strategy.values import CLASSES
from training.trained.account import Account, months_of

SIDES = {1: "long", -1: "short"}


def equity_table(account: Account) -> pl.DataFrame:
    """By period; times are UTC, of the open that positions are filled at."""
    return pl.DataFrame(
        {
            "time": _times(account.times),
            "return": account.returns,
            "equity": account.equity,
            "drawdown": account.drawdown,
            "buy_and_hold": account.buy_and_hold,
        }
    )


def months_table(account: Account) -> pl.DataFrame:
    """By month in which periods begin, UTC; beside it what buying and holding returned."""
    months, earned = months_of(account.times, account.returns)
    held = np.diff(account.buy_and_hold, prepend=1.0)
    before = np.concatenate([[1.0], account.buy_and_hold[:-1]])
    _, of_held = months_of(account.times, held / np.where(before > 0.0, before, 1.0))
    return pl.DataFrame(
        {
            "month": [f"{month // 12}-{month % 12 + 1:02}" for month in months.tolist()],
            "return": earned,
            "buy_and_hold": of_held,
        },
        schema={"month": pl.String, "return": pl.Float64, "buy_and_hold": pl.Float64},
    )


def trades_table(account: Account) -> pl.DataFrame:
    """By entry. Entry and exit are the opens of the bars at which they are filled, UTC."""
    trades = account.trades
    return pl.DataFrame(
        {
            "symbol": pl.Series(
                [account.symbols[trade.symbol] for trade in trades], dtype=pl.String
            ),
            "side": pl.Series([SIDES[trade.side] for trade in trades], dtype=pl.String),
            "entry_time": _times(np.array([it.entry_time for it in trades], np.int64)),
            "exit_time": _times(np.array([it.exit_time for it in trades], np.int64)),
            "entry_price": pl.Series([it.entry_price for it in trades], dtype=pl.Float64),
            "exit_price": pl.Series([it.exit_price for it in trades], dtype=pl.Float64),
            "bars": pl.Series([it.bars for it in trades], dtype=pl.Int64),
            "gross_return": pl.Series([it.gross_return for it in trades], dtype=pl.Float64),
            "costs": pl.Series([it.costs for it in trades], dtype=pl.Float64),
            "net_return": pl.Series([it.net_return for it in trades], dtype=pl.Float64),
        }
    )


def positions_table(account: Account) -> pl.DataFrame:
    """By symbol and bar of the test part: what was decided at its close, and held from the next
    open on. `decision` and the predictions are null on a bar that is no event."""
    names = [*CLASSES, ""]
    is_classes = account.decided[0].outputs.shape[1] > 1
    columns = [f"probability_{name}" for name in CLASSES] if is_classes else ["predicted_return"]
    return pl.concat(
        pl.DataFrame(
            {
                "symbol": pl.Series([own.symbol] * len(own.times), dtype=pl.String),
                "time": _times(own.times),
                "decision": pl.Series([names[number] or None for number in own.decisions]),
                **{
                    name: pl.Series(values, nan_to_null=True)
                    for name, values in zip(columns, own.outputs.T, strict=True)
                },
                "position": own.positions.astype(np.int64),
            },
            schema_overrides={"decision": pl.String},
        )
        for own in account.decided
    )


def _times(seconds: Int64Array) -> pl.Series:
    return (pl.Series(seconds, dtype=pl.Int64) * 1_000).cast(pl.Datetime("ms", "UTC"))
