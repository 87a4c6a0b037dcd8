"""The kernel's step on a network of rules, beside a perceptron's and beside highFIS.

    python -m tests.benchmarks.bench_rules [--rows N] [--rounds N] [--clock wall|processor]

Twelve learned rules of three premises over 20 memberships beside an MLP [64, 32] on as many inputs;
and twelve written rules over five inputs, Gaussian sets that are learned, linear consequents,
beside the same rule base in highFIS, in a plain loop over tensors. In turns, in one process, one
thread each. highFIS comes with tests/benchmarks/requirements.txt.
"""

import importlib.util
import logging
import warnings
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from tests.benchmarks.bench_sets import measured
from tests.benchmarks.bench_training import beside
from tests.benchmarks.figures import Figure, interleaved
from tests.benchmarks.site import benchmark_site

BATCH_SIZES = (32, 256)
MOST_OF_A_PERCEPTRON = 2.0
LEAST_OF_HIGHFIS = 5.0
"""Times as fast, in batches of 32."""

INPUTS = 5
CENTRES = (-1.5, -0.5, 0.5, 1.5)
SIGMA = 0.5
NAMES = ("lowest", "low", "high", "highest")
RULES = [[(rule + place * (1 + rule // 4)) % 4 for place in range(INPUTS)] for rule in range(12)]
"""Of each rule the membership of each input."""


def run(rows: int, rounds: int, clock: str) -> Iterator[Figure]:
    if not importlib.util.find_spec("highfis"):
        raise SystemExit("highFIS, which this is measured beside, comes with `make bench`.")
    with benchmark_site():
        warnings.filterwarnings("ignore")
        logging.disable(logging.WARNING)
        from tests.benchmarks import training_ways as ways

        ways.use_clock(clock)
        for batch_size in BATCH_SIZES:
            yield _beside_a_perceptron(batch_size, rows, rounds)
        yield _beside_highfis(BATCH_SIZES[0], rows, rounds)


def _beside_a_perceptron(batch_size: int, rows: int, rounds: int) -> Figure:
    from tests.training.trainer.synthetic import make_strategy, mlp, tsk

    settings = {"batch_size": batch_size, "epochs": 100_000}
    rules = make_strategy(model=tsk(rules=12), fuzzy_sets=_sets(), **settings)
    network = make_strategy(model=mlp(hidden_layers=(64, 32)), num_features=20, **settings)
    seconds = interleaved(
        {"rules": _kernel(rules, rows), "MLP [64, 32]": _kernel(network, rows)}, rounds=rounds
    )
    name = f"12 learned rules of 20 memberships, batch {batch_size}"
    return beside(
        name,
        seconds["rules"],
        "MLP [64, 32]",
        seconds["MLP [64, 32]"],
        1 / MOST_OF_A_PERCEPTRON,
    )


def _beside_highfis(batch_size: int, rows: int, rounds: int) -> Figure:
    from tests.training.trainer.synthetic import make_strategy, tsk

    written = [
        {"if": {f"set_{place}": NAMES[own] for place, own in enumerate(rule)}} for rule in RULES
    ]
    strategy = make_strategy(
        model=tsk(rules=written, premises=INPUTS, consequent="linear"),
        fuzzy_sets={name: {"learn": True, **given} for name, given in _sets().items()},
        num_features=0,
        batch_size=batch_size,
        epochs=100_000,
    )
    seconds = interleaved(
        {"rules": _kernel(strategy, rows), "highFIS": partial(_highfis, batch_size, rows)},
        rounds=rounds,
    )
    name = f"12 rules of 5 inputs, learned sets, batch {batch_size}"
    return beside(name, seconds["rules"], "highFIS", seconds["highFIS"], LEAST_OF_HIGHFIS)


def _sets() -> dict[str, Any]:
    """Five of four Gaussians each."""
    members = {
        name: {"type": "gaussian", "parameters": [centre, SIGMA]}
        for name, centre in zip(NAMES, CENTRES, strict=True)
    }
    return {f"set_{place}": dict(members) for place in range(INPUTS)}


def _kernel(strategy: Any, rows: int) -> Any:
    """A way to measure it: what it trains on is made once."""
    import numpy as np

    from tests.benchmarks import training_ways as ways
    from tests.training.trainer.synthetic import make_dataset

    spare = make_dataset(strategy, rows=2 * rows)
    dataset = replace(
        spare, train=np.arange(rows), validation=spare.validation[: ways.VALIDATION_ROWS]
    )
    return partial(ways.ours, strategy, dataset, engine="kernel", epochs=3)


def _highfis(batch_size: int, rows: int) -> float:
    """Seconds of an epoch."""
    import torch
    from highfis.memberships import GaussianMF
    from highfis.models import TSKClassifierModel

    from tests.benchmarks import training_ways as ways

    torch.set_num_threads(1)
    sets = {
        f"x{place}": [GaussianMF(mean=centre, sigma=SIGMA) for centre in CENTRES]
        for place in range(INPUTS)
    }
    network = TSKClassifierModel(sets, n_classes=3, rule_base="custom", rules=RULES)
    draw = torch.Generator().manual_seed(1)
    inputs = torch.randn(rows, INPUTS, generator=draw)
    targets = torch.randint(0, 3, (rows,), generator=draw)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01, fused=True)
    network.train()
    begun = ways.clock()
    for batch in torch.randperm(rows, generator=draw).split(batch_size):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(inputs[batch]), targets[batch]).backward()
        optimizer.step()
    return ways.clock() - begun


def main(arguments: list[str] | None = None) -> list[Figure]:
    return measured(run, "The kernel on rules", __doc__, arguments)


if __name__ == "__main__":
    main()
