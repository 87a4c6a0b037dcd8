"""What is planted is found; what is shuffled moves in whole blocks before windows are cut."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.training.explaining.networks import trained
from tests.training.trainer.synthetic import (
    LEARNED,
    make_dataset,
    make_strategy,
    mlp,
    recurrent,
    tsk,
)
from training.explaining.blocks import blocks_of, chosen, error_over_blocks, moved
from training.explaining.errors import TooFewBlocks
from training.explaining.importance import Importance, Measured
from training.features.arrays import Float64Array
from training.features.dataset import Dataset
from training.features.plan import plan_features
from training.strategy import Strategy
from training.trained.bundle_reader import TrainedNetwork

HORIZON = 10
USEFUL, _, USELESS = range(3)
LABELS = {"source": "triple_barrier", "max_holding_period": HORIZON}


def wandering(draw: np.random.Generator, rows: int, *, keeps: float = 0.95) -> Float64Array:
    """As indicators do: each value is much like the one before."""
    values, value = np.empty(rows), 0.0
    for row, noise in enumerate(draw.normal(size=rows)):
        value = keeps * value + np.sqrt(1.0 - keeps**2) * noise
        values[row] = value
    return values


def planted(seed: int, model: dict[str, Any]) -> tuple[Strategy, Dataset]:
    """Three inputs: the first says much of the label, the second little, the third nothing. Labels
    that are near overlap, as those that look ahead do."""
    rows = 2500
    strategy = make_strategy(model=model, num_features=3, epochs=10, seed=seed, labels=LABELS)
    draw = np.random.default_rng([77, seed])
    inputs = np.stack([wandering(draw, rows) for _ in range(3)], axis=1).astype(np.float32)
    ahead = np.convolve(draw.normal(size=rows + HORIZON), np.ones(HORIZON) / HORIZON**0.5, "valid")
    signal = inputs[:, 0] + 0.35 * inputs[:, 1] + ahead[:rows]
    labels = np.digitize(signal, [-0.6, 0.6]).astype(np.int64)
    dataset = make_dataset(strategy, rows=rows, seed=seed)
    return strategy, replace(dataset, features=inputs, labels=labels)


def importance(
    strategy: Strategy, dataset: Dataset, network: TrainedNetwork, **changes: Any
) -> Importance:
    asked: dict[str, Any] = {"part": "validation", "seed": 3, **changes}
    return Importance(network, strategy, plan_features(strategy), dataset, **asked)


def measured(seed: int, model: dict[str, Any]) -> Sequence[Measured]:
    strategy, dataset = planted(seed, model)
    own = importance(strategy, dataset, trained(strategy, dataset), seed=seed)
    return [own.measured(group) for group in own.groups]


MODELS = {"mlp": mlp(), "lstm": recurrent("lstm")}


@pytest.mark.parametrize(
    ("kind", "seeds", "at_least"),
    [
        ("mlp", 3, 3),
        pytest.param("mlp", 20, 19, marks=pytest.mark.repeats),
        pytest.param("lstm", 20, 19, marks=pytest.mark.repeats),
    ],
)
def test_the_useful_input_is_first_and_the_useless_one_within_three_errors(
    kind: str, seeds: int, at_least: int
) -> None:
    found = [measured(seed, MODELS[kind]) for seed in range(seeds)]
    first = [np.argmax([it.rise for it in own]) == USEFUL for own in found]
    useless = [abs(own[USELESS].rise) <= 3 * own[USELESS].standard_error for own in found]
    clear = [own[USEFUL].rise > 3 * own[USEFUL].standard_error for own in found]
    assert min(sum(first), sum(useless), sum(clear)) >= at_least


CASES = {
    "rows": make_strategy(model=mlp(), num_features=2, labels=LABELS),
    "windows of learned sets": make_strategy(
        model=recurrent("gru"), num_features=2, fuzzy_sets=LEARNED, labels=LABELS
    ),
    "rules": make_strategy(model=tsk(rules=4), epochs=5, labels=LABELS),
    "returns": make_strategy(
        model=mlp(), num_features=2, labels={"source": "forward_return", "horizon": HORIZON}
    ),
}


@pytest.mark.parametrize("strategy", CASES.values(), ids=CASES)
def test_rows_move_in_blocks_before_windows_are_cut(strategy: Strategy) -> None:
    """The same rise from moved matrices, window by window."""
    dataset = make_dataset(strategy, rows=600)
    network = trained(strategy, dataset)
    own = importance(strategy, dataset, network, repeats=3)
    blocks = blocks_of(dataset, dataset.validation, bars=HORIZON)
    for group in own.groups:
        differences = np.zeros(dataset.validation.size)
        for repeat in range(3):
            matrix = dataset.features.copy()
            source = moved(blocks, seed=3, repeat=repeat)
            columns = list(group.columns)
            matrix[np.ix_(blocks.rows, columns)] = dataset.features[np.ix_(source, columns)]
            before, after = (loss(network, dataset, it) for it in (dataset.features, matrix))
            differences += (after - before) / 3
        found = own.measured(group)
        assert found.rise == pytest.approx(differences.mean(), abs=1e-12)
        assert found.rise != 0.0
        assert found.to_json() == own.measured(group).to_json()


def loss(network: TrainedNetwork, dataset: Dataset, matrix: Any) -> Float64Array:
    found = []
    for row in dataset.validation:
        window = matrix[row + 1 - dataset.sequence_length : row + 1]
        said = network.predict(window[-1:] if dataset.sequence_length == 1 else window[None])[0]
        label = dataset.labels[row]
        found.append(-np.log(said[label]) if dataset.class_names else (said - float(label)) ** 2)
    return np.array(found)


def test_blocks_stay_whole_and_within_their_symbol() -> None:
    strategy = CASES["rows"]
    dataset = make_dataset(strategy, rows=400)
    symbols = (np.arange(400) >= 190).astype(np.int16)
    samples = np.r_[100:187, 250:399:1]
    blocks = blocks_of(replace(dataset, symbols=symbols), samples, bars=HORIZON)
    assert blocks.rows.tolist() == samples.tolist()
    assert np.bincount(blocks.of_row).max() == HORIZON
    source = moved(blocks, seed=1, repeat=0)
    assert sorted(source) == samples.tolist() and not np.array_equal(source, samples)
    assert (symbols[source] == symbols[samples]).all()
    whole = {tuple(blocks.rows[blocks.of_row == it]) for it in range(blocks.number)}
    assert sorted(_pieces(source, whole)) == sorted(whole)
    again = moved(blocks, seed=1, repeat=0)
    assert again.tolist() == source.tolist() != moved(blocks, seed=1, repeat=1).tolist()


def _pieces(source: Any, whole: set[tuple[int, ...]]) -> Any:
    """`source` read as blocks, one after another."""
    by_first, at = {block[0]: block for block in whole}, 0
    while at < source.size:
        block = by_first[source[at]]
        assert tuple(source[at : at + len(block)]) == block
        yield block
        at += len(block)


def test_at_most_so_many_rows_are_scored_in_whole_blocks_over_the_whole_part() -> None:
    dataset = make_dataset(CASES["rows"], rows=5000)
    samples = dataset.validation
    blocks = blocks_of(dataset, samples, bars=HORIZON)
    few = chosen(blocks, samples, most=205)
    assert few.size == 200 and set(np.diff(few)) <= {1, 41, 51}
    assert few[0] < samples[30] and few[-1] > samples[-60]
    assert chosen(blocks, samples).tolist() == samples.tolist()


def test_the_error_is_that_of_the_sums_of_blocks() -> None:
    values = np.repeat(np.random.default_rng(1).normal(size=40), 5)
    block = np.repeat(np.arange(40), 5)
    own = values[::5]
    expected = own.std(ddof=1) / np.sqrt(own.size)
    assert error_over_blocks(values.tolist(), block) == pytest.approx(expected)


def test_a_part_of_few_blocks_is_refused() -> None:
    dataset = make_dataset(CASES["rows"], rows=400)
    network = trained(CASES["rows"], dataset)
    with pytest.raises(TooFewBlocks, match="validation part has 8 blocks of 10 bars"):
        importance(CASES["rows"], dataset, network)
