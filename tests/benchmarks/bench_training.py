"""The training step of a perceptron: our engines beside a plain DataLoader loop and Lightning.

    python -m tests.benchmarks.bench_training [--rows N] [--rounds N] [--part PART]...
                                              [--clock wall|processor]

Time per epoch of one network on rows in memory, in turns, in one process: the same model,
optimizer, loss, activation and dropout, no validation on either side. The others run at the better
of one and two threads; with --clock processor, for a machine that is in use, all run on one.
Lightning takes part where tests/benchmarks/requirements.txt is installed.
"""

import argparse
import importlib.util
import logging
import os
import statistics
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Any

from tests.benchmarks.figures import Figure, interleaved, machine, table
from tests.benchmarks.site import benchmark_site

MLP = {"type": "mlp", "architecture": {"hidden_layers": [64, 32], "dropout": 0.1}}
BATCH_SIZES = (32, 256, 1024)
LOADER, LIGHTNING = "DataLoader loop", "Lightning"
THREADS = {"wall": (1, 2), "processor": (1,)}
OF_LOADER = {"kernel": {32: 6, 256: 6, 1024: 6}, "autograd": {32: 2, 256: 2.5, 1024: 3}}
OF_LIGHTNING = {32: 9, 256: 7, 1024: 7}
"""At least so many times faster."""

WORST_OF_AUTOGRAD = 1.2

OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")
LOSSES = ("cross_entropy", "focal", "mse", "huber")
ACTIVATIONS = ("relu", "tanh", "gelu", "leaky_relu", "sigmoid")

HIDDEN_LAYERS = ([64, 32], [128, 64], [256, 128], [512, 256], [1024, 512])
AS_FAST = 1.1  # times the other's time: the measure tells no more apart
RULE_BATCH_SIZES = (32, 256, 1024, 8192)

Ways = dict[str, Callable[[], float]]


def headline(rows: int, rounds: int) -> list[Figure]:
    """Both engines, and the faster one with everything on, beside both references."""
    return [figure for size in BATCH_SIZES for figure in _of_batch_size(size, rows, rounds)]


def _of_batch_size(batch_size: int, rows: int, rounds: int) -> Iterator[Figure]:
    from tests.benchmarks import training_ways as ways

    strategy = ways.strategy_for(batch_size, model=MLP, gradient_clip=1.0)
    dataset = ways.rows_for(strategy, rows)
    measured: Ways = {
        "kernel": partial(ways.ours, strategy, dataset, engine="kernel", epochs=5),
        "autograd": partial(ways.ours, strategy, dataset, engine="autograd", epochs=2),
        "kernel, everything on": partial(ways.everything_on, strategy, dataset, epochs=5),
        **references(strategy, dataset),
    }
    seconds = best_of_threads(interleaved(measured, rounds=rounds))
    for name, engine in (
        ("kernel", "kernel"),
        ("kernel, everything on", "kernel"),
        ("autograd", "autograd"),
    ):
        at_least = {LOADER: OF_LOADER[engine][batch_size]}
        if engine == "kernel":
            at_least[LIGHTNING] = OF_LIGHTNING[batch_size]
        for reference in at_least:
            title = f"batch {batch_size}: {name}"
            yield beside(title, seconds[name], reference, seconds[reference], at_least[reference])


def references(strategy: Any, dataset: Any, *, lightning: bool = True) -> Ways:
    from tests.benchmarks import training_ways as ways

    counts = THREADS[ways.clock_name()]
    measured: Ways = {
        f"{LOADER}/{threads}": partial(ways.plain_loop, strategy, dataset, threads=threads)
        for threads in counts
    }
    if lightning:
        if not importlib.util.find_spec("lightning"):
            raise SystemExit("Lightning, which this is measured beside, comes with `make bench`.")
        for threads in counts:
            measured[f"{LIGHTNING}/{threads}"] = partial(
                ways.lightning, strategy, dataset, threads=threads
            )
    return measured


def general_path(rows: int, rounds: int) -> list[Figure]:
    """Autograd at every optimizer, loss and activation, like against like; batch 256."""
    from tests.benchmarks import training_ways as ways

    figures = []
    for optimizer, loss, activation in product(OPTIMIZERS, LOSSES, ACTIVATIONS):
        model = {"type": "mlp", "architecture": {**MLP["architecture"], "activation": activation}}
        strategy = ways.strategy_for(256, model=model, optimizer=optimizer, loss=loss)
        dataset = ways.rows_for(strategy, rows)
        measured: Ways = {
            "autograd": partial(ways.ours, strategy, dataset, engine="autograd", epochs=2),
            "kernel": partial(ways.ours, strategy, dataset, engine="kernel", epochs=4),
            LOADER: partial(ways.plain_loop, strategy, dataset, threads=1),
        }
        seconds = interleaved(measured, rounds=rounds)
        for engine, at_least in (("autograd", WORST_OF_AUTOGRAD), ("kernel", 6.0)):
            name = f"{optimizer}, {loss}, {activation}: {engine}"
            figures.append(beside(name, seconds[engine], LOADER, seconds[LOADER], at_least))
    return figures


def rule(rows: int, rounds: int) -> list[Figure]:
    """The engine that the rule takes beside the other: the first table in `engines/rule.py`."""
    models = {
        str(hidden): {**MLP["architecture"], "hidden_layers": hidden} for hidden in HIDDEN_LAYERS
    }
    return [
        of_rule(
            f"{name}, batch {batch_size}",
            {"type": "mlp", "architecture": model},
            batch_size,
            rows,
            rounds,
        )
        for (name, model), batch_size in product(models.items(), RULE_BATCH_SIZES)
    ]


def of_rule(name: str, model: Any, batch_size: int, rows: int, rounds: int) -> Figure:
    """The engine that the rule takes beside the other."""
    from tests.benchmarks import training_ways as ways
    from training.trainer.pinned import Pinned

    strategy = ways.strategy_for(batch_size, model=model)
    dataset = ways.rows_for(strategy, rows)
    engines = ("kernel", "autograd")
    measured = {
        engine: partial(ways.ours, strategy, dataset, engine=engine, epochs=1) for engine in engines
    }
    seconds = interleaved(measured, rounds=rounds)
    taken = Pinned.by_rule(strategy, ways.CPU).engine
    (other,) = set(engines) - {taken}
    return beside(f"{name}: {taken}", seconds[taken], other, seconds[other], 1 / AS_FAST)


def best_of_threads(seconds: Mapping[str, list[float]]) -> dict[str, list[float]]:
    """Of each reference the better thread count."""
    best: dict[str, list[float]] = {}
    for name, values in seconds.items():
        way = name.partition("/")[0]
        best[way] = min(values, best.get(way, values), key=statistics.median)
    return best


def beside(
    name: str, seconds: list[float], reference: str, reference_seconds: list[float], at_least: float
) -> Figure:
    return Figure.of_rounds(
        seconds,
        reference_seconds,
        scale=1000,
        name=name,
        unit="ms an epoch",
        reference=reference,
        ratio_at_most=round(1 / at_least, 3),
    )


PARTS: dict[str, tuple[str, Callable[[int, int], list[Figure]], float]] = {
    "engines": ("MLP [64, 32], dropout 0.1, adam, clipped", headline, 1.0),
    "general": ("Every optimizer, loss and activation, batch 256", general_path, 0.2),
    "rule": ("The engine of the rule beside the other", rule, 0.3),
}
"""Title, measure, share of the rows."""


def measure(
    parts: Iterable[str] = PARTS, *, rows: int = 100_000, rounds: int = 5, clock: str = "wall"
) -> list[Figure]:
    """Print each part's table; all rows of all of them."""
    figures: list[Figure] = []
    with benchmark_site():
        _quiet()
        from tests.benchmarks import training_ways

        training_ways.use_clock(clock)
        for part in parts:
            title, measure_part, share = PARTS[part]
            of_part = measure_part(int(rows * share), rounds)
            print("\n".join(table(f"{title}; {int(rows * share):,} x 50", of_part)), flush=True)
            figures += of_part
    return figures


def _quiet() -> None:
    warnings.filterwarnings("ignore")
    os.environ["PYTHONWARNINGS"] = "ignore"
    logging.disable(logging.WARNING)


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clock", choices=THREADS, default="wall")
    parser.add_argument("--part", choices=PARTS, action="append")
    options = parser.parse_args(arguments)
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    return measure(
        options.part or PARTS, rows=options.rows, rounds=options.rounds, clock=options.clock
    )


if __name__ == "__main__":
    main()
