"""Bars for tests, of every kind that markets and files produce."""

import numpy as np

from training.market_data.bars import Bars

DAY = 86_400
MONDAY = 1_104_710_400 - DAY * 0  # 2005-01-03 00:00 UTC


def random_bars(
    num_bars: int,
    *,
    seed: int = 1,
    price: float = 100.0,
    volatility: float = 0.01,
    seconds: int = DAY,
    first_time: int = MONDAY,
) -> Bars:
    """A random walk with gaps between close and open, and volume."""
    generator = np.random.default_rng(seed)
    close = price * np.exp(np.cumsum(generator.normal(0.0, volatility, num_bars)))
    open_ = close * np.exp(generator.normal(0.0, volatility, num_bars))
    wicks = np.exp(np.abs(generator.normal(0.0, volatility, (2, num_bars))))
    return Bars(
        times=first_time + seconds * np.arange(num_bars),
        open=open_,
        high=np.maximum(open_, close) * wicks[0],
        low=np.minimum(open_, close) / wicks[1],
        close=close,
        volume=generator.integers(1_000, 100_000, num_bars).astype(np.float64),
    )


def flat_bars(num_bars: int, *, price: float = 0.1, volume: float = 300.0) -> Bars:
    """Bars on which nothing moves, at a price that binary fractions cannot represent."""
    prices = {name: np.full(num_bars, price) for name in ("open", "high", "low", "close")}
    times = MONDAY + DAY * np.arange(num_bars)
    return Bars(times=times, volume=np.full(num_bars, volume), **prices)


def joined(*parts: Bars) -> Bars:
    """One series after another, a bar a day."""
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("open", "high", "low", "close", "volume")
    }
    return Bars(times=MONDAY + DAY * np.arange(columns["close"].size), **columns)


def changed_after(bars: Bars, row: int, *, seed: int = 99) -> Bars:
    """The same bars up to and including a row, and another market after it, in levels and range."""
    other = random_bars(len(bars), seed=seed, price=float(bars.close[row]) * 3, volatility=0.05)
    known = np.arange(len(bars)) <= row
    columns = {
        name: np.where(known, getattr(bars, name), getattr(other, name))
        for name in ("open", "high", "low", "close", "volume")
    }
    return Bars(times=bars.times, **columns)
