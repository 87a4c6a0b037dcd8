"""The kernel's step with fuzzy sets that are learned, beside the same step with fixed ones.

    python -m tests.benchmarks.bench_sets [--rows N] [--rounds N] [--clock wall|processor]

One perceptron on the RSIs of several lengths, three memberships each: from the file, or learned.
Rows in memory, in turns, in one process; validation on next to none.
"""

import argparse
import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

from tests.benchmarks.bench_training import THREADS, beside
from tests.benchmarks.figures import Figure, interleaved, machine, table
from tests.benchmarks.site import benchmark_site

BATCH_SIZES = (32, 256, 1024)
MEMBERSHIPS = (12, 21, 60)
OF_A_SET = {"low": [0, 20, 45], "middle": [25, 50, 75], "high": [55, 80, 100]}
AT_MOST = 1.2
"""Times the step of fixed sets."""

Run = Callable[[int, int, str], Iterator[Figure]]
"""Of so many rows and rounds, by one of the clocks."""


def run(rows: int, rounds: int, clock: str) -> Iterator[Figure]:
    with benchmark_site():
        warnings.filterwarnings("ignore")
        logging.disable(logging.WARNING)
        from tests.benchmarks import training_ways as ways

        ways.use_clock(clock)
        for memberships, batch_size in product(MEMBERSHIPS, BATCH_SIZES):
            measured = {
                name: _epoch(memberships, batch_size, rows, learn=learn)
                for name, learn in (("fixed", False), ("learned", True))
            }
            yield _figure(memberships, batch_size, interleaved(measured, rounds=rounds))


def _figure(memberships: int, batch_size: int, seconds: Mapping[str, list[float]]) -> Figure:
    name = f"{memberships} memberships, batch {batch_size}: learned"
    return beside(name, seconds["learned"], "fixed", seconds["fixed"], 1 / AT_MOST)


def _epoch(memberships: int, batch_size: int, rows: int, *, learn: bool) -> Any:
    """A way to measure one: what it trains on is made once."""
    from tests.benchmarks import training_ways as ways
    from tests.training.features.price_series import random_bars
    from training.features.assembly import build_dataset
    from training.strategy import load_strategy

    text = _strategy(memberships // len(OF_A_SET), batch_size, learn=learn)
    strategy = load_strategy(text, source="bench").strategy
    bars = random_bars(2 * rows, seconds=3600)
    whole = build_dataset(strategy, load_bars=lambda *_, **__: bars)
    dataset = replace(
        whole, train=whole.train[:rows], validation=whole.validation[: ways.VALIDATION_ROWS]
    )
    return partial(ways.ours, strategy, dataset, engine="kernel", epochs=3)


def _strategy(sets: int, batch_size: int, *, learn: bool) -> str:
    names = [f"rsi_{length}" for length in range(5, 5 + sets)]
    return json.dumps(
        {
            "name": "sets",
            "version": "3.0",
            "training_data": {
                "symbols": {"mode": "single", "symbol": "RANDOM"},
                "timeframes": {"mode": "single", "timeframe": "1h"},
            },
            "indicators": {
                name: {"type": "rsi", "period": length}
                for length, name in enumerate(names, start=5)
            },
            "fuzzy_sets": {
                f"of_{name}": {"indicator": name, **OF_A_SET, **({"learn": True} if learn else {})}
                for name in names
            },
            "nn_inputs": [{"fuzzy_set": f"of_{name}"} for name in names],
            "model": {"type": "mlp", "architecture": {"hidden_layers": [64, 32]}},
            "training": {
                "epochs": 100_000,
                "batch_size": batch_size,
                "labels": {"source": "triple_barrier", "max_holding_period": 20},
            },
        }
    )


def measured(
    run: Run, title: str, description: str | None, arguments: list[str] | None
) -> list[Figure]:
    """What `run` yields, with the options of a command; prints the table."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clock", choices=THREADS, default="wall")
    options = parser.parse_args(arguments)
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    figures = list(run(options.rows, options.rounds, options.clock))
    print("\n".join(table(f"{title}, {options.rows:,} rows", figures)))
    return figures


def main(arguments: list[str] | None = None) -> list[Figure]:
    return measured(run, "MLP [64, 32]", __doc__, arguments)


if __name__ == "__main__":
    main()
