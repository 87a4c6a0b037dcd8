"""What a whole operation costs beside the same engine bare.

    python -m tests.benchmarks.bench_machinery [--rows N] [--rounds N]

Metrics, progress, heartbeat, events, log, a checkpoint every epoch and a look for a stop at every
batch, on PostgreSQL on the same cores. A process of its own: what other ways of training leave
behind, threads above all, would cost both.
"""

import argparse
import logging
from collections.abc import Iterator
from functools import partial

from tests.benchmarks.bench_training import MLP
from tests.benchmarks.figures import Figure, interleaved, machine, table
from tests.benchmarks.site import benchmark_site

BATCH_SIZES = (32, 256)
MOST_TIMES_BARE = 1.025
SECONDS_EACH = 4.0  # the side thread wakes once a second


def run(rows: int, rounds: int) -> Iterator[Figure]:
    with benchmark_site():
        logging.disable(logging.WARNING)
        for batch_size in BATCH_SIZES:
            yield from _beside_bare(batch_size, rows, rounds)


def _beside_bare(batch_size: int, rows: int, rounds: int) -> Iterator[Figure]:
    """And the bare engine beside itself: what the machine lets this measure tell apart."""
    from tests.benchmarks import training_ways as ways

    strategy = ways.strategy_for(batch_size, model=MLP, gradient_clip=1.0)
    dataset = ways.rows_for(strategy, rows)
    epoch_seconds = ways.ours(strategy, dataset, engine="kernel", epochs=3)
    epochs = max(5, round(SECONDS_EACH / epoch_seconds))
    bare = partial(ways.ours, strategy, dataset, engine="kernel", epochs=epochs)
    on = partial(ways.everything_on, strategy, dataset, epochs=epochs)
    seconds = interleaved({"bare": bare, "on": on, "again": bare}, rounds=rounds)
    for title, way, at_most in (
        ("everything on", "on", MOST_TIMES_BARE),
        ("the bare engine once more", "again", None),
    ):
        yield Figure.of_rounds(
            seconds[way],
            seconds["bare"],
            scale=1000,
            name=f"batch {batch_size}: {title}, {epochs} epochs",
            unit="ms an epoch",
            reference="the bare engine",
            ratio_at_most=at_most,
        )


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)
    figures = list(run(options.rows, options.rounds))
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    print(*table(f"Everything on; {options.rows:,} x 50", figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()
