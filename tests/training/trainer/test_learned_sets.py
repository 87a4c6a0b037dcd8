"""Memberships that are learned: as the file has them at first, never out of order, exactly slow."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.trainer.steps import (
    assert_nothing_left_behind_is_read,
    assert_same_steps,
    batch_for,
)
from tests.training.trainer.synthetic import LEARNED, make_dataset, make_strategy, mlp, recurrent
from training.features.learned_sets import Inputs, layout_of, learned_memberships, moved_corners
from training.features.memberships import fill_membership
from training.features.plan import plan_features
from training.strategy import Strategy, StrategyInvalid
from training.trainer.engines.rule import KERNEL, engine_by_rule
from training.trainer.learned_sets import LearnedSets, learned_sets
from training.trainer.networks import initial_network
from training.trainer.optimizers import FlatParameters, Optimizer

OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")


def sets_of(strategy: Strategy) -> LearnedSets:
    sets = learned_sets(strategy)
    assert sets is not None
    return sets


def random_strategy(seed: int) -> Strategy:
    """Sets of every shape, with hard edges, plateaus and equal peaks, far from 0."""
    draw = np.random.default_rng(seed)
    middle, size = draw.normal() * 10 ** draw.uniform(0, 3), 10 ** draw.uniform(-2, 3)
    sets: dict[str, Any] = {"learn": {"rate": float(10 ** draw.uniform(-2, 1.9))}}
    for number in range(int(draw.integers(1, 6))):
        peak = middle + size * draw.choice([-1.0, 0.0, 0.3, 1.0])
        widths = size * draw.uniform(0.01, 1.0, 4) * draw.integers(0, 2, 4)
        if not widths[[0, 3]].any():
            widths[0] = size
        left, right = float(peak - widths[1]), float(peak + widths[2])
        corners = [left - float(widths[0]), left, right, right + float(widths[3])]
        shape = {"type": "trapezoidal", "parameters": corners}
        bell = {
            "type": "gaussian",
            "parameters": [float(peak), float(size * draw.uniform(0.05, 1))],
        }
        sets[f"set_{number}"] = bell if draw.random() < 0.3 else shape
    return make_strategy(fuzzy_sets={"drawn": sets}, num_features=1)


def test_the_first_values_are_those_of_the_file() -> None:
    """Also of values on an edge, where 0 and 1 meet."""
    for seed in range(50):
        strategy = random_strategy(seed)
        column, raw = plan_features(strategy)
        assert column.learned is not None
        corners = [p for m in column.learned.memberships.values() for p in m.extent]
        values = np.concatenate([corners, np.linspace(min(corners), max(corners), 200)])
        middle, half = layout_scale(strategy)
        columns = np.stack([(values - middle) / half, values], axis=1).astype(np.float32)
        seen = sets_of(strategy)(torch.from_numpy(columns)).detach().numpy()
        for place, membership in enumerate(column.learned.memberships.values()):
            expected = np.empty(len(values), np.float32)
            fill_membership(values, membership, expected)
            steepest = half / min(width for width in membership.widths if width > 0.0)
            apart = np.abs(seen[:, place] - expected)
            assert apart.max() <= 1.3e-7 * max(1.0, steepest), membership
        assert np.array_equal(Inputs([column, raw])(columns)[:, :-1], seen[:, :-1])


def layout_scale(strategy: Strategy) -> tuple[float, float]:
    features = plan_features(strategy)
    told = learned_memberships(features, sets_of(strategy).moves.detach().numpy())
    return told["1d_drawn"]["middle"], told["1d_drawn"]["half"]


def test_no_step_ever_breaks_an_order_or_a_width() -> None:
    """Also not at the bounds, where most of 10,000 steps end."""
    for seed in range(100):
        layout = layout_of(plan_features(random_strategy(seed)))
        draw = np.random.default_rng(seed)
        walk = np.zeros(layout.num_parameters, np.float32)
        start = moved_corners(layout, walk)
        for _ in range(100):
            step = draw.normal(0.0, 0.5, walk.size).astype(np.float32)
            walk = np.clip(walk + step, layout.low, layout.high)
            assert_in_order(layout, start, moved_corners(layout, walk))


def assert_in_order(layout: Any, start: np.ndarray, corners: np.ndarray) -> None:
    assert np.isfinite(corners).all()
    bells = layout.is_gaussian
    assert (corners[bells, 1] > 0.0).all()
    straight, was = np.diff(corners[~bells]), np.diff(start[~bells])
    assert ((straight > 0.0) == (was > 0.0)).all()
    assert (straight >= 0.0).all()
    peaks, before = peaks_of(corners, bells), peaks_of(start, bells)
    for one in range(len(peaks)):
        for other in range(len(peaks)):
            if before[one] < before[other] - 1e-6:
                assert peaks[one] < peaks[other]


def peaks_of(corners: np.ndarray, bells: np.ndarray) -> np.ndarray:
    return np.where(bells, corners[:, 0], (corners[:, 1] + corners[:, 2]) / 2)


def test_slopes_are_those_of_the_differences_and_0_at_corners() -> None:
    strategy = make_strategy(fuzzy_sets=LEARNED, num_features=1)
    sets = sets_of(strategy).double()
    sets.moves.data = torch.linspace(-0.3, 0.4, sets.moves.numel(), dtype=torch.float64)
    draw = torch.Generator().manual_seed(1)
    columns = torch.rand(200, 3, generator=draw, dtype=torch.float64) * 3.0 - 1.5

    def sums(moves: torch.Tensor) -> torch.Tensor:
        sets.moves.data = moves
        return sets._memberships(columns.index_select(-1, sets.column)).sum(dim=0)

    at = sets.moves.detach().clone()
    slopes = torch.stack(
        [torch.autograd.grad(one, sets.moves, retain_graph=True)[0] for one in sums(at)]
    )
    for number in range(at.numel()):
        aside = torch.zeros_like(at)
        aside[number] = 1e-7
        expected = (sums(at + aside) - sums(at - aside)) / 2e-7
        torch.testing.assert_close(slopes[:, number], expected, atol=1e-4, rtol=1e-4)


def test_a_value_on_a_corner_has_no_slope() -> None:
    strategy = make_strategy(
        fuzzy_sets={"one": {"learn": True, "set": [-1.0, 0.0, 1.0]}}, num_features=1
    )
    sets = sets_of(strategy)
    for value, slope in ((-1.0, 0.0), (0.0, 0.0), (1.0, 0.0), (-0.5, 1.0), (0.5, -1.0)):
        sets.zero_grad()
        sets(torch.tensor([[value, 0.0]]))[0, 0].backward()
        assert sets.moves.grad is not None
        # Moving a set of support 2 by 1 moves a value on its flank, of slope 1, by 2.
        assert float(sets.moves.grad[0]) == -2.0 * slope


def test_all_other_weights_begin_as_without() -> None:
    fixed = {name: {**given, "learn": False} for name, given in LEARNED.items()}
    with_sets = make_strategy(fuzzy_sets=LEARNED)
    network = initial_network(with_sets, inputs=6, outputs=3)
    beside = initial_network(make_strategy(fuzzy_sets=fixed), inputs=8, outputs=3)
    assert with_sets.num_weights() == sum(p.numel() for p in network.parameters())
    assert next(iter(network.state_dict())) == "sets.moves"
    for name, tensor in beside.state_dict().items():
        assert torch.equal(tensor, network.state_dict()[name])


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_each_set_moves_at_its_own_rate(kind: str) -> None:
    """And the layers exactly as if the sets were not there."""
    strategy = make_strategy(fuzzy_sets=LEARNED, optimizer=kind, weight_decay=0.1)
    network = initial_network(strategy, inputs=6, outputs=3)
    alone = make_strategy(num_features=8, optimizer=kind, weight_decay=0.1)
    other = initial_network(alone, inputs=8, outputs=3)
    flats = FlatParameters(network), FlatParameters(other)
    flavour = "single" if kind == "rmsprop" else "fused"
    assert network.sets is not None
    optimizers = (
        Optimizer(strategy, flats[0], flavour=flavour, sets=network.sets),
        Optimizer(alone, flats[1], flavour=flavour),
    )
    count = network.sets.layout.num_parameters
    flats[0].values[count:] = flats[1].values
    rates = torch.from_numpy(network.sets.layout.rate)
    last = torch.zeros(count)
    for number in range(1, 4):
        flats[0].gradient[:] = flats[1].gradient[:] = 0.01
        flats[0].gradient[count:] = flats[1].gradient[0]
        for optimizer in optimizers:
            optimizer.step(0.01)
        assert torch.equal(flats[0].values[count:], flats[1].values)
        moves = flats[0].values[:count].clone()
        pulled = moves / (1.0 - 0.01 * rates * torch.from_numpy(network.sets.layout.pull))
        by_rate = (pulled - last) / rates
        torch.testing.assert_close(by_rate, by_rate[0].expand(count), rtol=1e-4, atol=0)
        last = moves
        if "step" in optimizers[0].state_dict():
            assert float(optimizers[0].state_dict()["step"]) == number


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_step_ends_at_the_bounds_however_long_it_is(kind: str) -> None:
    strategy = make_strategy(fuzzy_sets={"wave": LEARNED["wave"]}, optimizer=kind)
    network = initial_network(strategy, inputs=5, outputs=3)
    assert network.sets is not None
    flat, layout = FlatParameters(network), network.sets.layout
    flavour = "single" if kind == "rmsprop" else "fused"
    optimizer = Optimizer(strategy, flat, flavour=flavour, sets=network.sets)
    for sign, bound in ((1.0, layout.low), (-1.0, layout.high)):
        flat.gradient.fill_(1e6 * sign)
        for _ in range(20):
            optimizer.step(100.0)
        assert np.array_equal(network.sets.moves.detach().numpy(), bound)
    assert layout.high.max() <= math.log(10.0)


def test_windows_see_each_of_their_rows() -> None:
    strategy = make_strategy(fuzzy_sets=LEARNED)
    sets = sets_of(strategy)
    rows = torch.from_numpy(make_dataset(strategy).features)
    windows = rows[:20].reshape(5, 4, 6)
    assert torch.equal(sets(windows).reshape(20, 8), sets(rows[:20]))


def test_small_networks_with_learned_sets_are_the_kernels() -> None:
    assert engine_by_rule(make_strategy(fuzzy_sets=LEARNED), "cpu") == KERNEL


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"learn": [0, 1, 2], "low": [0, 1, 2]}, "a reserved name"),
        ({"learn": {"rate": 0}, "low": [0, 1, 2]}, "above 0|greater than 0"),
        ({"learn": {"speed": 1}, "low": [0, 1, 2]}, "speed"),
        ({"learn": True, "low": [0, 1e-9, 2]}, "a part of low is 1e-09 wide"),
        ({"learn": True, "low": [1e9, 1e9 + 1, 1e9 + 2]}, "too little beside that"),
        ({"learn": True}, "at least one membership"),
    ],
)
def test_what_cannot_be_learned_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(StrategyInvalid, match=message):
        make_strategy(fuzzy_sets={"wave": given})


def test_a_column_has_no_name_that_a_feature_has() -> None:
    sets = {"a_b": {"learn": True, "c": [0, 1, 2]}, "a": {"b": [0, 1, 2]}}
    with pytest.raises(StrategyInvalid, match="occur more than once: 1d_a_b"):
        make_strategy(fuzzy_sets=sets)


def test_learning_stands_in_a_snapshot_only_where_it_is_on() -> None:
    off = make_strategy(fuzzy_sets={"wave": {"learn": False, "low": [0, 1, 2]}})
    assert off.digest() == make_strategy(fuzzy_sets={"wave": {"low": [0, 1, 2]}}).digest()
    on = make_strategy(fuzzy_sets=LEARNED)
    assert on.snapshot()["fuzzy_sets"]["wave"]["learn"] == {"rate": 0.1, "pull": 0.0}
    assert Strategy.from_snapshot(on.snapshot()) == on
    assert on.model.architecture == make_strategy(model=mlp()).model.architecture


MODELS = [
    mlp(hidden_layers=()),
    mlp(activation="gelu"),
    recurrent("lstm", num_layers=2),
    recurrent("gru"),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model['type']} {len(str(model))}")
def test_the_kernel_learns_as_autograd_does(model: dict[str, Any]) -> None:
    """In float64, over steps that leave the file's sets behind, up to their bounds."""
    strategy = make_strategy(
        model=model, fuzzy_sets=LEARNED, num_features=2, gradient_clip=0.5, weight_decay=0.01
    )
    assert_same_steps(strategy, 5 * [batch_for(strategy), batch_for(strategy, rows=36)])


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_the_kernel_steps_with_every_optimizer(kind: str) -> None:
    fast = {
        name: {**given, "learn": {"rate": 30.0, "pull": 1.0}} for name, given in LEARNED.items()
    }
    strategy = make_strategy(optimizer=kind, fuzzy_sets=fast, num_features=2)
    assert_same_steps(strategy, 5 * [batch_for(strategy)], rtol=1e-4)


def test_the_kernel_reads_nothing_that_a_larger_batch_left() -> None:
    for model in MODELS:
        assert_nothing_left_behind_is_read(
            make_strategy(model=model, fuzzy_sets=LEARNED, num_features=2)
        )
