"""A training of fast epochs as a whole operation, beside its bare trainer.

    python -m tests.benchmarks.bench_epochs [--epochs N] [--rounds N]

`sp500_daily` as shipped, on PostgreSQL, in one process, in turns, by the clock and in processor
time of all of this process's threads. Everything is on: the metrics of every epoch, progress,
events, log, heartbeats, checkpoints at the site's pace, evaluation, bundle. The bare trainer has
its dataset given and keeps nothing.
"""

import argparse
import logging
import time
from collections.abc import Callable
from functools import partial

from tests.benchmarks.figures import LEAST_ROUNDS, Figure, machine, table
from tests.benchmarks.site import benchmark_site

STRATEGY = "sp500_daily"
MOST_TIMES_BARE = 1.15
BARE = "the bare trainer"
CLOCKS = {"by the clock": time.perf_counter, "processor time": time.process_time}


def run(*, epochs: int, rounds: int) -> list[Figure]:
    with benchmark_site():
        logging.disable(logging.WARNING)
        ways = {"whole": whole_operation, "bare": bare_trainer}
        for way in ways.values():
            way(1)  # computes the features, loads the kernel
        took: dict[str, list[list[float]]] = {name: [] for name in ways}
        for _ in range(max(rounds, LEAST_ROUNDS)):
            for name, way in ways.items():
                took[name].append(_seconds(partial(way, epochs)))
    return [
        Figure.of_rounds(
            [seconds[place] for seconds in took["whole"]],
            [seconds[place] for seconds in took["bare"]],
            name=f"{STRATEGY}, {epochs:,} epochs, {clock}",
            unit="s",
            reference=BARE,
            ratio_at_most=MOST_TIMES_BARE,
        )
        for place, clock in enumerate(CLOCKS)
    ]


def _seconds(act: Callable[[], None]) -> list[float]:
    """By each clock, of one run."""
    begun = [clock() for clock in CLOCKS.values()]
    act()
    return [clock() - before for clock, before in zip(CLOCKS.values(), begun, strict=True)]


def bare_trainer(epochs: int) -> None:
    from training.features.cache import prepare_dataset
    from training.model_trainer import ModelTrainer
    from training.strategy import apply_overrides, find_strategy

    strategy = apply_overrides(find_strategy(STRATEGY).load().strategy, epochs=epochs)
    ModelTrainer(strategy).train(prepare_dataset(strategy))


def whole_operation(epochs: int) -> None:
    from operations.models import Operation, Status
    from training.jobs import run_training
    from training.launch.start import StartRequest, start_training

    operation = start_training(StartRequest(strategy=STRATEGY, epochs=epochs))
    run_training(operation.pk, 1)
    if Operation.objects.get(pk=operation.pk).status != Status.COMPLETED:
        raise RuntimeError(f"{operation.pk} did not complete")


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--epochs", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    options = parser.parse_args(arguments)
    figures = run(epochs=options.epochs, rounds=options.rounds)
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    print(*table("Fast epochs", figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()
