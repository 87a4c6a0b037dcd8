"""The tables of docs/EXAMPLES.md: every shipped strategy trained whole, beside its baselines.

    python -m tests.benchmarks.example_strategies [--seeds N]

Each is trained to its end with its own seed and the N - 1 that follow, on the shipped samples, and
scored on its test part. Same versions and the same kind of processor: the same numbers.
"""

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import torch

Metrics = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One strategy's evaluations, its own seed first."""

    name: str
    seed: int
    epochs: tuple[int, int]  # of the best network, trained
    evaluations: list[dict[str, Any]]

    @property
    def own(self) -> dict[str, Any]:
        return self.evaluations[0]

    @property
    def is_regression(self) -> bool:
        return "mean_return" in self.own["baselines"]

    @property
    def period(self) -> str:
        from training.market_data.report import as_text

        return f"{as_text(self.own['first_time'])} to {as_text(self.own['last_time'])}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    os.environ["DJANGO_SETTINGS_MODULE"] = "ktrdr_site.settings"
    os.environ.setdefault("DEBUG", "true")  # no site is looked at
    import django

    django.setup()
    rows = list(trained_rows(seeds))
    for line in report(rows, seeds):
        print(line)


def trained_rows(seeds: int) -> Iterator[Row]:
    from training.strategy import list_strategies

    for file in list_strategies():
        strategy = file.load().strategy
        first = strategy.training.seed
        manifests = []
        for seed in range(first, first + seeds):
            print(f"{file.name}, seed {seed}", file=sys.stderr)
            manifests.append(train(strategy, seed))
        training = manifests[0]["training"]
        yield Row(
            name=file.name,
            seed=first,
            epochs=(training["best_epoch"], training["epochs_trained"]),
            evaluations=[manifest["evaluation"] for manifest in manifests],
        )


def train(strategy: Any, seed: int) -> dict[str, Any]:
    """The manifest of a whole training, as a worker makes it."""
    from training.features.assembly import build_dataset
    from training.model_trainer import ModelTrainer
    from training.strategy import apply_overrides
    from training.trained.bundle import make_bundle
    from training.trainer import device
    from training.trainer.pinned import Pinned

    seeded = apply_overrides(strategy, seed=seed)
    pinned = Pinned.by_rule(seeded, torch.device("cpu"))
    device.prepare(threads=pinned.threads)
    dataset = build_dataset(seeded, load_bars=load_bars)
    result = ModelTrainer(seeded, pinned=pinned).train(dataset)
    return make_bundle(seeded, dataset, result, pinned).manifest


def load_bars(symbol: str, timeframe: Any, *, end: int | None = None) -> Any:
    """The samples, without a database to ask for anything else."""
    from training.market_data.samples import load_sample
    from training.market_data.timeframes import resample

    bars = load_sample(symbol, "1d").between(None, end)
    return bars if timeframe == "1d" else resample(bars, source="1d", target=timeframe)


def report(rows: list[Row], seeds: int) -> Iterator[str]:
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "numpy", "TA-Lib"))
    yield f"{versions}, Python {platform.python_version()}, CPU {platform.machine()}"
    yield from table("Test part", PARTS, rows)
    yield from table("Predictions", SCORES, [row for row in rows if not row.is_regression])
    yield from table("Predictions of returns", RETURNS, [row for row in rows if row.is_regression])
    yield from table("Trading", TRADING, rows)
    yield from table(f"Over {seeds} seeds", SPREAD, rows)


def table(title: str, columns: dict[str, Any], rows: list[Row]) -> Iterator[str]:
    yield f"\n## {title}\n"
    yield "| strategy | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for row in rows:
        yield f"| {row.name} | " + " | ".join(cell(row) for cell in columns.values()) + " |"


def of(baseline: str, metric: str, form: str) -> Any:
    """A cell: one metric of the model ("") or of a baseline, with the strategy's own seed."""

    def cell(row: Row) -> str:
        scores: Metrics = row.own["baselines"][baseline] if baseline else row.own["metrics"]
        return _shown(scores[metric], form)

    return cell


def held(metric: str, form: str) -> Any:
    return lambda row: _shown(row.own["buy_and_hold"][metric], form)


def sharpe(name: str) -> Any:
    def cell(row: Row) -> str:
        scores = row.own[name]
        error = _shown(scores["sharpe_standard_error"], ".2f")
        return f"{_shown(scores['sharpe'], '.2f')} ± {error}"

    return cell


def spread(metric: str, form: str) -> Any:
    """A cell: mean and sample deviation over the seeds."""

    def cell(row: Row) -> str:
        found = [one["metrics"].get(metric) for one in row.evaluations]
        values = [value for value in found if value is not None]
        if not values:
            return "-"
        deviation = statistics.stdev(values) if len(values) > 1 else None
        return f"{_shown(statistics.fmean(values), form)} ± {_shown(deviation, form)}"

    return cell


def _shown(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


PARTS = {
    "samples": lambda row: str(row.own["samples"]),
    "from, to": lambda row: row.period,
    "seed": lambda row: str(row.seed),
    "best epoch of": lambda row: f"{row.epochs[0]} of {row.epochs[1]}",
}
SCORES = {
    "accuracy": of("", "accuracy", ".1%"),
    "class prior": of("class_prior", "accuracy", ".1%"),
    "ridge logistic": of("logistic_regression", "accuracy", ".1%"),
    "balanced accuracy": of("", "balanced_accuracy", ".1%"),
    "ridge logistic's": of("logistic_regression", "balanced_accuracy", ".1%"),
    "log loss": of("", "log_loss", ".3f"),
    "class prior's": of("class_prior", "log_loss", ".3f"),
    "ridge logistic's loss": of("logistic_regression", "log_loss", ".3f"),
}
RETURNS = {
    "R²": of("", "r2", ".4f"),
    "mean return's": of("mean_return", "r2", ".4f"),
    "ridge regression's": of("linear_regression", "r2", ".4f"),
    "direction right": of("", "direction", ".1%"),
    "mean return": of("mean_return", "direction", ".1%"),
    "ridge regression": of("linear_regression", "direction", ".1%"),
}
TRADING = {
    "net return": of("", "net_return", "+.1%"),
    "buy and hold": held("net_return", "+.1%"),
    "Sharpe": sharpe("metrics"),
    "buy and hold's": sharpe("buy_and_hold"),
    "max drawdown": of("", "max_drawdown", ".1%"),
    "of buy and hold": held("max_drawdown", ".1%"),
    "trades": of("", "trades", "d"),
    "exposure": of("", "exposure", ".0%"),
}
SPREAD = {
    "accuracy": spread("accuracy", ".1%"),
    "balanced accuracy": spread("balanced_accuracy", ".1%"),
    "R²": spread("r2", ".4f"),
    "net return": spread("net_return", "+.1%"),
    "Sharpe": spread("sharpe", ".2f"),
}

if __name__ == "__main__":
    main()
