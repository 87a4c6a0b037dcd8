"""What a bundle's reader decides on bars is what `predict` decides on them."""

import ast
import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.features.datasets import make_strategy
from tests.training.features.indicator_cases import all_sections
from tests.training.features.price_series import random_bars
from tests.training.from_bars.networks import TEST_SINCE, bundle_of, history_of, network_of
from tests.training.from_bars.test_indicators import LACKING
from tests.training.jobs.scenes import write_csv
from training.features.learned_sets import scale_of
from training.features.matrix import FeatureColumns
from training.features.plan import plan_features
from training.market_data.bars import Bars
from training.strategy import Strategy
from training.strategy.values import CLASSES
from training.trained.bundle_reader import read_files
from training.trained.from_bars import inputs
from training.trained.from_bars.bar_file import read_bars, seconds_at
from training.trained.from_bars.command import decide_on_bars
from training.trained.prediction import forecast
from training.trained.supply import PriceFile

pytestmark = pytest.mark.django_db

HOUR = 3600
BEGIN = 946_857_600  # 2000-01-03, a Monday
DAYS = random_bars(4000, seed=11, first_time=BEGIN)
HOURS = random_bars(6000, seed=12, seconds=HOUR, first_time=TEST_SINCE - 4000 * HOUR)
MONTHS_OF_DAYS = ("1d", "1w", "1M")
SETS = {
    "momentum": {
        "indicator": "rsi_5",
        "memberships": [
            {"name": "low", "type": "trapezoidal", "parameters": [0.0, 0.0, 20.0, 45.0]},
            {"name": "middle", "type": "triangular", "parameters": [30.0, 50.0, 70.0]},
            {"name": "high", "type": "gaussian", "parameters": [70.0, 12.0]},
        ],
    }
}
RUNS = {
    "train": [["2000-06-01", "2004-01-01"], ["2008-09-01", "2009-06-01"]],
    "validation": [["2004-03-01", "2005-01-01"]],
    "test": [
        ["2005-03-01", "2007-06-01"],
        ["2007-06-01", "2008-06-01"],
        ["2009-09-01", "2010-09-01"],
    ],
}


def every_indicator() -> dict[str, Any]:
    """All that the reader has, with and without their defaults: inputs by id."""
    sections = [own for own in all_sections() if own.type not in LACKING]
    indicators = {f"i{n}": own.model_dump(mode="json") for n, own in enumerate(sections)}
    raw = [
        {"raw_indicator": f"i{n}.{output}" if output else f"i{n}", "normalization": "zscore"}
        for n, own in enumerate(sections)
        for output in own.outputs or ("",)
        if output not in own.look_ahead
    ]
    return {"indicators": indicators, "fuzzy_sets": {}, "nn_inputs": raw}


CASES: dict[str, tuple[Strategy, Bars]] = {
    "every indicator": (make_strategy(**every_indicator()), DAYS),
    "sets, windows, weeks and months, kept from a date on": (
        make_strategy(
            timeframes=MONTHS_OF_DAYS,
            sequence_length=5,
            fuzzy_sets=SETS,
            training_data={"start_date": "2004-05-05", "settle": "loose"},
            decisions={"on_hold": "keep", "confidence_threshold": 0.5},
        ),
        DAYS,
    ),
    "learned sets over windows": (
        make_strategy(
            timeframes=MONTHS_OF_DAYS,
            sequence_length=5,
            fuzzy_sets={"momentum": {**SETS["momentum"], "learn": True}},
        ),
        DAYS,
    ),
    "hours that see days; returns, never short": (
        make_strategy(
            timeframes=("1h", "4h", "1d"),
            labels={"source": "forward_return"},
            decisions={"output_format": "regression", "allow_short": False},
        ),
        HOURS,
    ),
    "runs, kept, no short from flat": (
        make_strategy(
            data_split=RUNS,
            training_data={"history_required": 400},
            decisions={
                "on_hold": "keep",
                "allow_short_from_flat": False,
                "confidence_threshold": 0.62,
            },
        ),
        DAYS,
    ),
}


@pytest.mark.parametrize(("strategy", "bars"), CASES.values(), ids=CASES)
def test_decisions_and_positions_are_those_of_predict(
    strategy: Strategy, bars: Bars, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "bars.csv", bars)
    network, read = network_of(strategy, bars), read_bars(path)
    decided: set[int] = set()
    for since in (None, "2005-01-01", "2008-01-17", "2008-02-01"):
        expected = forecast(network, file=PriceFile(path=path), since=since)
        found = decide_on_bars(network, read, since=None if since is None else seconds_at(since))
        np.testing.assert_array_equal(found.times, expected.times)
        np.testing.assert_array_equal(found.decisions, expected.decisions)
        np.testing.assert_array_equal(found.positions, expected.positions)
        np.testing.assert_allclose(found.outputs, expected.outputs, rtol=0, atol=1e-6)
        decided |= set(found.decisions.tolist())
    assert len(decided) > 1


@pytest.mark.parametrize(("strategy", "bars"), CASES.values(), ids=CASES)
def test_inputs_are_those_of_predict(strategy: Strategy, bars: Bars, tmp_path: Path) -> None:
    network, features = network_of(strategy, bars), plan_features(strategy)
    history = history_of(strategy, bars)
    columns = FeatureColumns(strategy, history, features)
    recipe = inputs.recipe_of(network.manifest)
    scalings = inputs.scalings_of(network.manifest, None)
    read = read_bars(write_csv(tmp_path / "bars.csv", bars))
    arranged = inputs.arrange(recipe, read, strategy.sequence_length)
    np.testing.assert_array_equal(arranged.times, history.times)
    found = inputs.inputs(arranged, scalings, 0, history.times.size)
    for number, feature in enumerate(features):
        values = columns.values(feature, slice(0, history.times.size))
        if feature.learned is not None:
            middle, half = scale_of(feature.learned)
            values = np.clip((values - middle) / half, -10_000, 10_000)
        elif feature.membership is None:
            fit = scalings.get(feature.id, {"offset": 0.0, "scale": 1.0})
            values = (values - fit["offset"]) / fit["scale"]
        else:
            values = inputs.membership(values, **feature.membership.model_dump(mode="json"))
        np.testing.assert_allclose(found[:, number], values, rtol=1e-9, atol=1e-9)


ALONE = """
import importlib.abc, runpy, sys

class NumpyAlone(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {*sys.stdlib_module_names, "numpy"}:
            raise ImportError(f"{name} is not there")

sys.meta_path.insert(0, NumpyAlone())
sys.argv[:] = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run_alone(folder: Path, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """The bundle's reader in a process that can import NumPy and the standard library only."""
    command = [sys.executable, "-I", "-c", ALONE, folder / "reader.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=60)


def bundle_in(folder: Path, strategy: Strategy) -> Path:
    for name, content in bundle_of(strategy).items():
        (folder / name).write_bytes(content)
    return folder


def test_the_file_alone_prints_dated_decisions(tmp_path: Path) -> None:
    strategy, bars = CASES["sets, windows, weeks and months, kept from a date on"]
    folder, path = bundle_in(tmp_path, strategy), write_csv(tmp_path / "bars.csv", bars)
    expected = forecast(network_of(strategy), file=PriceFile(path=path), since="2007-11-01")
    done = run_alone(folder, path, "--since", "2007-11-01")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    told = expected.to_json()["predictions"]
    assert [(row["time"], row["decision"], int(row["position"])) for row in rows] == [
        (row["time"], row["decision"], row["position"]) for row in told
    ]
    for row, one in zip(rows, told, strict=True):
        for name in CLASSES:
            assert float(row[name]) == pytest.approx(one["probabilities"][name], abs=2e-6)
    assert done.stderr.splitlines() == [
        "Note: bars of 1w are made of those of 1d.",
        "Note: bars of 1M are made of those of 1d.",
        "Note: the model was fitted on bars before 2008-01-10T21:20:00Z: "
        "of those it is no forecast.",
    ]
    assert done.returncode == 0


def test_a_names_meaning_is_one_in_the_whole_file() -> None:
    """It is joined of modules: a name of two of them would be the later one's in both."""
    body = ast.parse(bundle_of(CASES["every indicator"][0])["reader.py"]).body
    names = [
        name
        for node in body
        for name in (
            [node.name]
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            else [
                t.id
                for t in getattr(node, "targets", ())
                for t in ast.walk(t)
                if isinstance(t, ast.Name)
            ]
        )
    ]
    assert len(names) == len(set(names)) > 50


STOPS = {
    "indicators": {"sar": {"type": "parabolic_sar"}, "sum": {"type": "obv"}},
    "fuzzy_sets": {},
    "nn_inputs": [{"raw_indicator": "sar"}, {"raw_indicator": "sum"}],
}
UNSUPPORTED: dict[str, tuple[Strategy, list[str]]] = {
    "indicators": (make_strategy(**STOPS), ["no indicator parabolic_sar (sar)", "obv (sum)"]),
    "a finer timeframe": (make_strategy(timeframes=("1d", "1h")), ["1d only, and not of 1h"]),
    "events": (
        make_strategy(labels={"source": "triple_barrier", "cusum_threshold": 0.02}),
        ["knows no CUSUM filter"],
    ),
}


@pytest.mark.parametrize(("strategy", "said"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_what_it_lacks_is_named_and_it_takes_inputs(
    strategy: Strategy, said: list[str], tmp_path: Path
) -> None:
    files = bundle_of(strategy)
    network = read_files(files)
    with pytest.raises(inputs.NotFromBars) as refused:
        decide_on_bars(network, read_bars(write_csv(tmp_path / "bars.csv", DAYS)))
    for part in [*said, "read_bundle(directory).predict(features)"]:
        assert part in str(refused.value)
    rows = np.zeros((2, len(network.manifest["feature_ids"])))
    assert network.predict(rows).shape == (2, 3)


def test_a_bundle_from_before_says_that_it_takes_inputs() -> None:
    network = network_of(CASES["every indicator"][0])
    del network.manifest["from_bars"]
    with pytest.raises(inputs.NotFromBars, match=r'from before there was "from_bars"'):
        inputs.recipe_of(network.manifest)


def test_each_symbol_is_scaled_by_its_own_bars(tmp_path: Path) -> None:
    network = network_of(make_strategy(symbols=("AAA", "BBB")))
    read = read_bars(write_csv(tmp_path / "bars.csv", DAYS))
    network.manifest["normalization"]["BBB"] = {
        name: {**fit, "offset": fit["offset"] + 1.0}
        for name, fit in network.manifest["normalization"]["AAA"].items()
    }
    for symbol in ("AAA", "BBB"):
        expected = forecast(network, symbol=symbol, file=PriceFile(path=tmp_path / "bars.csv"))
        found = decide_on_bars(network, read, symbol=symbol)
        np.testing.assert_allclose(found.outputs, expected.outputs, rtol=0, atol=1e-6)
    for symbol, said in ((None, "say which one it is"), ("CCC", "knows AAA, BBB: not CCC")):
        with pytest.raises(ValueError, match=said):
            decide_on_bars(network, read, symbol=symbol)
