"""Seconds and memory of reading a large file of prices, beside pandas reading the same rows.

    python -m tests.benchmarks.bench_reading [--rows N]

Each reads in a process of its own, whose largest resident memory is taken, libraries included.
pandas parses the times, and checks, sorts and records nothing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from tests.benchmarks.figures import Figure, machine, table
from tests.benchmarks.site import benchmark_site

MEBIBYTES_AT_MOST = 1024.0
SECONDS_AT_MOST = {"csv": 20.0, "parquet": 8.0}
"""Of 5,000,000 rows."""
START = """
import json, resource, sys, time
path = sys.argv[1]
def ready():
    global begun
    begun = time.perf_counter()
def done():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([time.perf_counter() - begun, peak]))
"""
OURS = """
import django
django.setup()
from pathlib import Path
from training.market_data.reading.read import read_bars
ready()
read_bars(Path(path), timeframe="1m")
done()
"""
PANDAS = """
import pandas
ready()
pandas.read_csv(path, parse_dates=["time"])
done()
"""


def write(folder: Path, rows: int) -> None:
    """The same minutes as CSV and as Parquet."""
    walk = np.random.default_rng(1)
    closes = np.round(100 * np.exp(np.cumsum(walk.normal(0, 1e-4, rows))), 5)
    opens = np.round(closes * (1 + walk.normal(0, 1e-5, rows)), 5)
    times = pl.Series(1_300_000_020_000 + 60_000 * np.arange(rows)).cast(pl.Datetime("ms"))
    frame = pl.DataFrame(
        {
            "time": times,
            "open": opens,
            "high": np.round(np.maximum(opens, closes) * 1.0001, 5),
            "low": np.round(np.minimum(opens, closes) * 0.9999, 5),
            "close": closes,
            "volume": walk.integers(0, 5000, rows),
        }
    )
    frame.write_parquet(folder / "bars.parquet")
    frame.with_columns(time=times.dt.to_string("%Y-%m-%d %H:%M:%S")).write_csv(folder / "bars.csv")


def run(rows: int) -> Iterator[Figure]:
    with benchmark_site(), tempfile.TemporaryDirectory() as folder:
        write(Path(folder), rows)
        others = _measured(PANDAS, Path(folder) / "bars.csv")
        for kind in SECONDS_AT_MOST:
            path = Path(folder) / f"bars.{kind}"
            seconds, peak = _measured(OURS, path)
            name, reference = f"{kind}, {path.stat().st_size / 1e6:.0f} MB", "read_csv of pandas"
            yield Figure(
                name=name,
                value=seconds,
                unit="s",
                reference=reference,
                reference_value=others[0],
                at_most=SECONDS_AT_MOST[kind],
            )
            yield Figure(
                name=name,
                value=peak,
                unit="MiB",
                reference=reference,
                reference_value=others[1],
                at_most=MEBIBYTES_AT_MOST,
            )


def _measured(code: str, path: Path) -> tuple[float, float]:
    """Seconds, and the largest resident memory in MiB."""
    command = [sys.executable, "-c", START + code, str(path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, peak = json.loads(told.splitlines()[-1])
    return seconds, peak


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=5_000_000)
    options = parser.parse_args(arguments)
    figures = list(run(options.rows))
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    print(*table(f"Reading {options.rows:,} rows", figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()
