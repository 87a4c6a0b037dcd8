"""Two workers with a training each on two cores, beside one worker with one on one core.

    python -m tests.benchmarks.bench_workers [--epochs N] [--rounds N]

Do they get in each other's way? And beside one worker that has both cores: how much of the second
core does one training use already? Real workers on PostgreSQL, 100,000 training rows, MLP [64, 32],
batch 256; with checkpoints as by default, and with one every epoch of some 50 ms. From the first
claim to the last end, by the database's clock. Needs two cores that nobody else uses; how far it
has them, two bare engines beside one tell.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import django

from tests.benchmarks.bench_startup import Worker, warm_worker
from tests.benchmarks.bench_training import MLP
from tests.benchmarks.figures import LEAST_ROUNDS, Figure, interleaved, machine, table
from tests.benchmarks.site import benchmark_site
from tests.benchmarks.trainings import import_random_bars, strategy

MOST_TIMES_ONE = 1.15
ONE_CORE, BOTH_CORES = "one worker, one training, one core", "one worker, one training, both cores"
NUM_ROWS = 143_500  # of which 70 % train
CHECKPOINTS: dict[str, dict[str, Any]] = {
    "checkpoints as by default": {},
    "a checkpoint every epoch": {"every_epochs": 1, "every_seconds": 0.001},
}


def run(*, epochs: int, rounds: int) -> Iterator[Figure]:
    with benchmark_site(valkey=True) as servers, ExitStack() as stack:
        import_random_bars(NUM_ROWS)
        workers = []
        for number in range(2):
            directory = Path(servers.directory) / f"worker {number}"
            directory.mkdir()
            workers.append(stack.enter_context(warm_worker(directory, number + 1)))
        trained(2, {}, epochs=1)  # computes the features
        yield two_bare_engines(epochs=epochs, rounds=rounds)
        for name, saving in CHECKPOINTS.items():
            train = partial(trained, saving=saving, epochs=epochs)
            ways = {
                "two": partial(train, 2),
                ONE_CORE: partial(on_one_core, workers, partial(train, 1)),
                BOTH_CORES: partial(train, 1),
            }
            measured = interleaved(ways, rounds=rounds)
            for reference, at_most in ((ONE_CORE, MOST_TIMES_ONE), (BOTH_CORES, None)):
                yield Figure.of_rounds(
                    measured["two"],
                    measured[reference],
                    name=f"two workers, two trainings, {name}",
                    unit="s",
                    reference=reference,
                    ratio_at_most=at_most,
                )


def two_bare_engines(*, epochs: int, rounds: int) -> Figure:
    """What the machine's cores take from each other when there is no worker at all."""
    with ProcessPoolExecutor(2, get_context("spawn"), initializer=django.setup) as pool:

        def bare(engines: int) -> float:
            return max(pool.map(bare_engine, [epochs] * engines))

        measured = interleaved({"two": partial(bare, 2), "one": partial(bare, 1)}, rounds=rounds)
    return Figure.of_rounds(
        measured["two"],
        measured["one"],
        scale=1000,
        name="two bare engines",
        unit="ms an epoch",
        reference="one bare engine",
    )


def bare_engine(epochs: int) -> float:
    from tests.benchmarks import training_ways as ways

    strategy = ways.strategy_for(256, model=MLP)
    dataset = ways.rows_for(strategy, 100_000)
    return ways.ours(strategy, dataset, engine="kernel", epochs=epochs)


def on_one_core(workers: Sequence[Worker], train: Callable[[], float]) -> float:
    """What `train` gives while no worker, and no horse of its, may use more than one core."""
    cores = os.sched_getaffinity(0)
    for worker in workers:
        os.sched_setaffinity(worker.pid, {min(cores)})
    try:
        return train()
    finally:
        for worker in workers:
            os.sched_setaffinity(worker.pid, cores)


def trained(operations: int, saving: dict[str, Any], *, epochs: int) -> float:
    """Seconds that it takes to train so many at once, to their ends."""
    from operations.models import LIVE, Operation, Status
    from training.launch.start import CheckpointSettings, StartRequest, start_training

    request = StartRequest(
        strategy_yaml=strategy(epochs=epochs),
        checkpoint=CheckpointSettings(**saving),
    )
    ids = [start_training(request).pk for _ in range(operations)]
    while Operation.objects.filter(pk__in=ids, status__in=LIVE).exists():
        time.sleep(0.05)
    ended = list(Operation.objects.filter(pk__in=ids, status=Status.COMPLETED))
    if len(ended) < operations:
        raise RuntimeError("a training did not complete")
    last = max(one.completed_at for one in ended if one.completed_at)
    first = min(one.claimed_at for one in ended if one.claimed_at)
    return (last - first).total_seconds()


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    options = parser.parse_args(arguments)
    figures = list(run(epochs=options.epochs, rounds=options.rounds))
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    print(*table("Workers", figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()
