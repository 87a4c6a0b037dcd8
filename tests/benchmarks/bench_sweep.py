"""A whole search, beside the bare trainer and beside Optuna, for the same trials and epochs.

    python -m tests.benchmarks.bench_sweep [--trials N] [--rungs N N ...] [--rounds N]

`sp500_daily` with its space, in one process, in turns, in processor time of all of this process's
threads; the database is another process, and not counted. Everything is on: each trial is an
operation with its metrics, events, log, checkpoint and returns, held at each rung; its decisions,
the winner's scores and bundle are counted, too. It is run as a worker's fork runs it, which stays;
the worker around it only waits.

The bare trainer sets a trial's settings, loads its dataset from the cache, and trains as many
epochs as the trial came to. Under Optuna the same is a study's objective: each trial is told at its
rungs and pruned where the search let it go, so that all train the same epochs.
"""

import argparse
import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.figures import Figure, machine, table
from tests.benchmarks.site import benchmark_site

STRATEGY = "sp500_daily"
RUNGS = (10, 30, 90, 270)
MOST_TIMES_BARE = 1.5
MOST_MILLISECONDS = 60.0
BARE = "the bare trainer"


class Planned(NamedTuple):
    """What one trial was in the search."""

    snapshot: dict[str, Any]
    point: dict[str, Any]
    epochs: int


def run(*, trials: int, rungs: tuple[int, ...], rounds: int) -> Iterator[Figure]:
    with benchmark_site(valkey=True) as servers:
        logging.disable(logging.WARNING)
        from training.worker import preload

        preload()
        search = partial(whole_search, trials, rungs)
        first = search()  # computes the features, loads the kernel
        planned, num_runs = plan_of(first), runs_of(first)
        ways: dict[str, Callable[[], object]] = {
            "search": search,
            "bare": partial(bare_trainers, planned),
            "in memory": partial(under_optuna, planned, rungs, None),
            "SQLite": partial(under_optuna, planned, rungs, servers.directory),
        }
        under_optuna(planned[:2], rungs, servers.directory)  # loads what it stores with
        measured: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                measured[name].append(_processor_seconds(way))
    epochs = sum(trial.epochs for trial in planned)
    yield Figure.of_rounds(
        measured["search"],
        measured["bare"],
        name=f"a search of {trials} trials, {epochs:,} epochs",
        unit="s",
        reference=BARE,
        ratio_at_most=MOST_TIMES_BARE,
    )
    for storage in ("in memory", "SQLite"):
        yield Figure.of_rounds(
            measured[storage],
            measured["bare"],
            name=f"the same under Optuna, its study in {storage.removeprefix('in ')}",
            unit="s",
            reference=BARE,
        )
    beyond = [
        whole - bare for whole, bare in zip(measured["search"], measured["bare"], strict=True)
    ]
    yield Figure.of_rounds(
        beyond,
        measured["bare"],
        scale=1000 / num_runs,
        name=f"beside training, for each of {num_runs} times that a trial was taken",
        unit="ms",
        reference="its share of the bare trainer",
        at_most=MOST_MILLISECONDS,
    )


def _processor_seconds(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun


def whole_search(trials: int, rungs: tuple[int, ...]) -> Any:
    """From its start to its end, as one worker's fork would."""
    from operations.models import LIVE, Operation, Status
    from operations.parts import run_next
    from operations.staying import Stay, staying
    from training.launch.priority import QUEUE_BY_PRIORITY
    from training.launch.start import StartRequest
    from training.sweep.job import run_sweep
    from training.sweep.space import shipped_spaces
    from training.sweep.start import SweepStart, start_sweep

    sweep = start_sweep(
        SweepStart(
            training=StartRequest(strategy=STRATEGY, epochs=rungs[-1]),
            space=Path(shipped_spaces()[STRATEGY]).read_text(),
            trials=trials,
            rungs=rungs,
        )
    )
    while (now := Operation.objects.get(pk=sweep.pk)).status in LIVE:
        if now.waiting:
            queue = QUEUE_BY_PRIORITY["low"]
            higher = [name for name in QUEUE_BY_PRIORITY.values() if name != queue]
            with staying(Stay(queue=queue, higher_queues=higher, has_to_end=lambda: False)):
                run_next(now.pk, now.attempt)
        else:
            run_sweep(now.pk, now.attempt)
    if now.status != Status.COMPLETED:
        raise RuntimeError(f"{now.pk} did not complete: {now.error_message}")
    return now


def plan_of(sweep: Any) -> list[Planned]:
    base = sweep.request["base"]["strategy"]
    told = sweep.result["trials"]
    return [Planned(base, trial["settings"], trial["epochs"]) for trial in told]


def runs_of(sweep: Any) -> int:
    """How many attempts its trials had."""
    from operations.models import Attempt

    return Attempt.objects.filter(operation__part_of=sweep, claimed_at__isnull=False).count()


def trained(trial: Planned) -> Any:
    from training.features.cache import prepare_dataset
    from training.model_trainer import ModelTrainer
    from training.strategy.overrides import apply_settings

    strategy = apply_settings(trial.snapshot, trial.point)
    return ModelTrainer(strategy).train(prepare_dataset(strategy), until=trial.epochs)


def bare_trainers(planned: list[Planned]) -> None:
    for trial in planned:
        if trial.epochs:
            trained(trial)


def under_optuna(planned: list[Planned], rungs: tuple[int, ...], directory: Path | None) -> None:
    """In memory without a directory."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = directory and f"sqlite:///{directory}/study-{time.monotonic_ns()}.sqlite3"
    study = optuna.create_study(storage=storage, pruner=optuna.pruners.NopPruner())
    choices = {
        path: sorted({repr(one.point[path]) for one in planned}) for path in planned[0].point
    }
    for one in planned:
        study.enqueue_trial({path: repr(value) for path, value in one.point.items()})

    def objective(trial: optuna.Trial) -> float:
        for path, values in choices.items():
            trial.suggest_categorical(path, values)
        own = planned[trial.number]
        if not own.epochs:
            raise optuna.TrialPruned
        losses = trained(own).history["val_loss"]
        for rung in rungs:
            if rung <= own.epochs:
                trial.report(min(losses[:rung]), rung)
        if own.epochs < rungs[-1]:
            raise optuna.TrialPruned
        return float(min(losses))

    study.optimize(objective, n_trials=len(planned))


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trials", type=int, default=81)
    parser.add_argument("--rungs", type=int, nargs="+", default=RUNGS)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    figures = list(run(trials=options.trials, rungs=tuple(options.rungs), rounds=options.rounds))
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    print(*table("A search", figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()
