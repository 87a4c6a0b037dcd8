"""The training step of LSTMs and GRUs over windows of 20 rows.

    python -m tests.benchmarks.bench_recurrent [--rows N] [--rounds N]

Of 64 hidden units, beside the plain DataLoader loop, which they must never be slower than; and of
several sizes, the engine that the rule takes beside the other: the second table in
`engines/rule.py`. In turns, in one process.
"""

import argparse
import logging
import warnings
from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import Any

from tests.benchmarks.bench_training import (
    LOADER,
    Ways,
    beside,
    best_of_threads,
    of_rule,
    references,
)
from tests.benchmarks.figures import LEAST_ROUNDS, Figure, interleaved, machine, table
from tests.benchmarks.site import benchmark_site

KINDS = ("gru", "lstm")
HIDDEN_UNITS = (32, 64, 128, 256)
BATCH_SIZES = (32, 64, 128, 256)
ROWS_OF_RULE = 0.2  # a share: a network of 256 units takes 20 times as long


def run(rows: int, rounds: int) -> Iterator[Figure]:
    with benchmark_site():
        warnings.filterwarnings("ignore")
        logging.disable(logging.WARNING)
        for kind, batch_size in product(KINDS, (32, 256)):
            yield _beside_the_loop(kind, batch_size, rows, rounds)
        for kind, hidden, size in product(KINDS, HIDDEN_UNITS, BATCH_SIZES):
            name, model = f"{kind} {hidden}, batch {size}", _model(kind, hidden)
            yield of_rule(name, model, size, int(rows * ROWS_OF_RULE), rounds)


def _beside_the_loop(kind: str, batch_size: int, rows: int, rounds: int) -> Figure:
    from tests.benchmarks import training_ways as ways
    from training.trainer.pinned import Pinned

    strategy = ways.strategy_for(batch_size, model=_model(kind, 64))
    dataset = ways.rows_for(strategy, rows)
    engine = Pinned.by_rule(strategy, ways.CPU).engine
    measured: Ways = {
        engine: partial(ways.ours, strategy, dataset, engine=engine, epochs=1),
        **references(strategy, dataset, lightning=False),
    }
    seconds = best_of_threads(interleaved(measured, rounds=rounds))
    name = f"{kind} 64, batch {batch_size}: {engine}"
    return beside(name, seconds[engine], LOADER, seconds[LOADER], 1.0)


def _model(kind: str, hidden_size: int) -> dict[str, Any]:
    return {"type": kind, "architecture": {"sequence_length": 20, "hidden_size": hidden_size}}


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    options = parser.parse_args(arguments)
    figures = list(run(options.rows, options.rounds))
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    print(*table(f"Windows of 20 rows; {options.rows:,} samples", figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()
