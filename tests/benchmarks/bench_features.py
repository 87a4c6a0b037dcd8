"""Features of a million bars: ours, plain vectorised pandas, and pandas with `Series.apply`.

    pip install -r tests/benchmarks/requirements.txt
    python -m tests.benchmarks.bench_features [--rows N] [--rounds N]

Seven indicators and 21 memberships into one float32 matrix. Each way runs in processes of its own,
in turns, so that a busy machine hurts all of them alike; the best round counts. Seconds are of one
core, after a first run on few rows; megabytes are what a process needed at its peak above what it
held with the bars loaded. `Series.apply` gets a tenth of the rows, and ten times its seconds are
shown. All have to agree with ours on the last tenth of the rows.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.figures import Figure

Matrix = NDArray[np.float32]

STRATEGY = """
name: benchmark
version: "3.0"
training_data:
  symbols: {mode: single, symbol: RANDOM}
  timeframes: {mode: single, timeframe: 1m}
indicators:
  rsi: {type: rsi}
  ema: {type: ema}
  macd: {type: macd}
  atr: {type: atr}
  bands: {type: bollinger}
  adx: {type: adx}
  stochastic: {type: stochastic}
fuzzy_sets:
  momentum: {indicator: rsi, low: [0, 0, 40], mid: [20, 50, 80], high: [60, 100, 100]}
  average: {indicator: ema, low: [0, 90, 100], mid: [90, 100, 110], high: [100, 110, 900]}
  turn: {indicator: macd.histogram, low: [-9, -1, 0], mid: [-1, 0, 1], high: [0, 1, 9]}
  reach: {indicator: atr, low: [0, 0, 1], mid: [0, 1, 2], high: [1, 2, 90]}
  band: {indicator: bands.upper, low: [0, 90, 100], mid: [90, 100, 110], high: [100, 110, 900]}
  strength: {indicator: adx.adx, low: [0, 0, 25], mid: [15, 25, 35], high: [25, 50, 100]}
  place: {indicator: stochastic.k, low: [0, 0, 40], mid: [20, 50, 80], high: [60, 100, 100]}
nn_inputs:
  - {fuzzy_set: momentum}
  - {fuzzy_set: average}
  - {fuzzy_set: turn}
  - {fuzzy_set: reach}
  - {fuzzy_set: band}
  - {fuzzy_set: strength}
  - {fuzzy_set: place}
model: {type: mlp}
training:
  labels: {source: triple_barrier, max_holding_period: 50}
"""


def ours(bars: Any, strategy: Any) -> Matrix:
    from training.features.history import arrange
    from training.features.matrix import FeatureColumns
    from training.features.plan import plan_features

    features = plan_features(strategy)
    history = arrange(strategy, "RANDOM", features, {"1m": bars})
    matrix = np.empty((history.times.size, len(features)), np.float32)
    FeatureColumns(strategy, history, features).fill(matrix, {})
    return matrix


def pandas_vectorised(bars: Any, strategy: Any) -> Matrix:
    return _with_pandas(bars, strategy, _triangle_of_a_column)


def pandas_apply(bars: Any, strategy: Any) -> Matrix:
    return _with_pandas(bars, strategy, _triangle_of_each_value)


def _with_pandas(bars: Any, strategy: Any, membership: Callable[..., Any]) -> Matrix:
    import pandas as pd

    frame = pd.DataFrame({name: getattr(bars, name) for name in ("high", "low", "close")})
    columns = _pandas_indicators(frame)
    features = {
        f"{name}_{shape}": membership(columns[fuzzy_set.indicator], *triangle.parameters)
        for name, fuzzy_set in strategy.fuzzy_sets.items()
        for shape, triangle in fuzzy_set.memberships.items()
    }
    table = pd.DataFrame(features).iloc[559:]  # ADX has settled
    return table.to_numpy(np.float32)


def _pandas_indicators(frame: Any) -> dict[str, Any]:
    high, low, close = frame["high"], frame["low"], frame["close"]

    def wilder(values: Any) -> Any:
        return values.ewm(alpha=1 / 14, adjust=False).mean()

    change = close.diff()
    gain, loss = wilder(change.clip(lower=0)), wilder(-change.clip(upper=0))
    line = close.ewm(span=12, adjust=False).mean() - close.ewm(span=26, adjust=False).mean()
    before = close.shift()
    reach = np.maximum(high, before) - np.minimum(low, before)
    up, down = high.diff(), -low.diff()
    plus = wilder(up.where((up > down) & (up > 0), 0.0))
    minus = wilder(down.where((down > up) & (down > 0), 0.0))
    lowest, highest = low.rolling(14).min(), high.rolling(14).max()
    return {
        "rsi": 100 * gain / (gain + loss),
        "ema": close.ewm(span=20, adjust=False).mean(),
        "macd.histogram": line - line.ewm(span=9, adjust=False).mean(),
        "atr": wilder(reach),
        "bands.upper": close.rolling(20).mean() + 2 * close.rolling(20).std(ddof=0),
        "adx.adx": wilder(100 * (plus - minus).abs() / (plus + minus)),
        "stochastic.k": (100 * (close - lowest) / (highest - lowest)).rolling(3).mean(),
    }


def _triangle_of_a_column(values: Any, a: float, b: float, c: float) -> Any:
    rising = (values - a) / (b - a) if b > a else (values >= a) * 1.0
    falling = (c - values) / (c - b) if c > b else (values <= c) * 1.0
    return np.minimum(rising, falling).clip(0.0, 1.0)


def _triangle_of_each_value(values: Any, a: float, b: float, c: float) -> Any:
    def membership(value: float) -> float:
        if not a <= value <= c:
            return 0.0
        if value == b:
            return 1.0
        return (value - a) / (b - a) if value < b else (c - value) / (c - b)

    return values.apply(membership)


WAYS: dict[str, tuple[Callable[[Any, Any], Matrix], int]] = {
    "KTRDR": (ours, 1),
    "pandas, vectorised": (pandas_vectorised, 1),
    "pandas, Series.apply": (pandas_apply, 10),
}
"""Each way, and how many times less than all rows it gets."""


def measure(way: str, num_rows: int, directory: Path) -> None:
    """Run one way in this process; print its measures and leave its last rows behind."""
    import django

    django.setup()
    from tests.training.features.price_series import random_bars
    from training.strategy import load_strategy

    strategy = load_strategy(STRATEGY, source="benchmark").strategy
    bars = random_bars(num_rows, seconds=60, volatility=0.001)
    run, fraction = WAYS[way]
    run(bars.rows(slice(0, 2000)), strategy)
    held = _resident_megabytes()
    matrix, seconds = _timed(lambda: run(bars.rows(slice(0, num_rows // fraction)), strategy))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3 - held
    np.save(directory / f"{fraction}-{way}.npy", matrix[len(matrix) * 9 // 10 :])
    measures = {"seconds": seconds * fraction, "peak_megabytes": peak}
    if way == "KTRDR":
        measures |= _label_seconds(bars, strategy)
    print(json.dumps(measures))


def _label_seconds(bars: Any, strategy: Any) -> dict[str, float]:
    from training.features.labels.labelling import label_bars
    from training.strategy.labels import ZigzagLabels

    sections = {
        "triple_barrier": strategy.training.labels,
        "zigzag": ZigzagLabels(source="zigzag"),
    }
    seconds = {}
    for name, section in sections.items():
        label_bars(section, bars.rows(slice(0, 2000)))
        seconds[name] = _timed(lambda section=section: label_bars(section, bars))[1]
    return seconds


def _timed(run: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.process_time()
    result = run()
    return result, time.process_time() - begun


def _resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--directory", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.way:
        measure(options.way, options.rows, options.directory)
        return []
    with tempfile.TemporaryDirectory() as directory:
        measured: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(options.rounds):
            for way in WAYS:
                measured[way].append(_in_a_process(way, options.rows, directory))
        _print_table(measured, options.rows)
        _check_agreement(Path(directory))
    return list(_figures(measured, options.rows))


def _figures(measured: dict[str, list[dict[str, float]]], num_rows: int) -> Iterator[Figure]:
    seconds = {way: min(run["seconds"] for run in runs) for way, runs in measured.items()}
    for way in seconds.keys() - {"KTRDR"}:
        yield Figure(
            name=f"features of {num_rows:,} bars",
            value=seconds["KTRDR"],
            unit="s of one core",
            reference=way,
            reference_value=seconds[way],
        )


def _in_a_process(way: str, num_rows: int, directory: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.bench_features"]
    options = ["--way", way, "--rows", str(num_rows), "--directory", directory]
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "DEBUG": "1"}
    settings = {"DJANGO_SETTINGS_MODULE": "ktrdr_site.settings"}
    done = subprocess.run(
        command + options, env=os.environ | single | settings, stdout=subprocess.PIPE, check=True
    )
    measures: dict[str, float] = json.loads(done.stdout)
    return measures


def _print_table(measured: dict[str, list[dict[str, float]]], num_rows: int) -> None:
    best = {
        way: {name: min(run[name] for run in runs) for name in runs[0]}
        for way, runs in measured.items()
    }
    print(f"{num_rows:,} bars, 7 indicators, 21 memberships, one core, best of the rounds\n")
    print(f"{'':22}{'seconds':>10}{'KTRDR is':>14}{'peak MB':>10}{'bytes a row':>13}")
    for way, measures in best.items():
        seconds, peak = measures["seconds"], measures["peak_megabytes"]
        ratio = seconds / best["KTRDR"]["seconds"]
        bytes_a_row = peak * 1e6 / (num_rows / WAYS[way][1])
        print(f"{way:22}{seconds:>10.3f}{ratio:>12.1f} x{peak:>10.0f}{bytes_a_row:>13.0f}")
    for name in ("triple_barrier", "zigzag"):
        print(f"{name + ' labels':22}{best['KTRDR'][name]:>10.3f}")


def _check_agreement(directory: Path) -> None:
    """The ways on all rows have to give the same features, except for rounding."""
    first, *others = (np.load(path) for path in sorted(directory.glob("1-*.npy")))
    if not others:
        raise SystemExit("There is one way only: nothing was compared.")
    for other in others:
        difference = float(np.abs(first - other).max())
        print(f"\nlargest difference of a feature between the ways: {difference:.1e}")
        if not difference <= 1e-5:  # NaN is no agreement
            raise SystemExit("The ways do not compute the same.")


if __name__ == "__main__":
    main()
