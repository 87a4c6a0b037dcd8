"""Trainings of a benchmark: random bars of any length, and a strategy that trains on them."""

SYMBOL = "RANDOM"

STRATEGY = """
name: benchmark
version: "3.0"
training_data:
  symbols: {{mode: single, symbol: RANDOM}}
  timeframes: {{mode: single, timeframe: 1m}}
indicators:
  rsi: {{type: rsi}}
  ema: {{type: ema}}
  macd: {{type: macd}}
  atr: {{type: atr}}
  bands: {{type: bollinger}}
  adx: {{type: adx}}
  stochastic: {{type: stochastic}}
fuzzy_sets:
  momentum: {{indicator: rsi, low: [0, 0, {edge}], mid: [20, 50, 80], high: [60, 100, 100]}}
  average: {{indicator: ema, low: [0, 90, 100], mid: [90, 100, 110], high: [100, 110, 900]}}
  turn: {{indicator: macd.histogram, low: [-9, -1, 0], mid: [-1, 0, 1], high: [0, 1, 9]}}
  reach: {{indicator: atr, low: [0, 0, 1], mid: [0, 1, 2], high: [1, 2, 90]}}
  band: {{indicator: bands.upper, low: [0, 90, 100], mid: [90, 100, 110], high: [100, 110, 900]}}
  strength: {{indicator: adx.adx, low: [0, 0, 25], mid: [15, 25, 35], high: [25, 50, 100]}}
  place: {{indicator: stochastic.k, low: [0, 0, 40], mid: [20, 50, 80], high: [60, 100, 100]}}
nn_inputs:
  - {{fuzzy_set: momentum}}
  - {{fuzzy_set: average}}
  - {{fuzzy_set: turn}}
  - {{fuzzy_set: reach}}
  - {{fuzzy_set: band}}
  - {{fuzzy_set: strength}}
  - {{fuzzy_set: place}}
model: {{type: mlp, architecture: {{hidden_layers: [64, 32], dropout: 0.1}}}}
training:
  epochs: {epochs}
  batch_size: {batch_size}
  labels: {{source: triple_barrier, max_holding_period: 50}}
"""
"""Seven indicators, 21 memberships."""


def strategy(*, epochs: int = 100_000, batch_size: int = 256, edge: float = 40.0) -> str:
    """Another `edge` gives other features, which no cache has."""
    return STRATEGY.format(epochs=epochs, batch_size=batch_size, edge=edge)


def import_random_bars(num_bars: int, *, symbol: str = SYMBOL) -> None:
    """A random walk of one-minute bars, as an import would leave it."""
    from tests.training.features.price_series import random_bars
    from training.market_data.report import describe
    from training.market_data.stored import store_bars
    from training.models import Import, ImportKind, MarketData

    bars = random_bars(num_bars, seconds=60, volatility=0.001)
    data = MarketData.objects.create(
        symbol=symbol,
        timeframe="1m",
        fingerprint=bars.fingerprint(),
        file=store_bars(bars),
        num_rows=len(bars),
        first_time=int(bars.times[0]),
        last_time=int(bars.times[-1]),
        report=describe(bars, "1m").as_json(),
    )
    Import.objects.create(
        symbol=symbol,
        timeframe="1m",
        number=1,
        kind=ImportKind.APPEND,
        data=data,
        fingerprint=data.fingerprint,
        num_rows=len(bars),
    )
