"""The kernel's steps on networks of rules against autograd's in float64."""

from itertools import product
from typing import Any

import pytest
import torch

from tests.training.trainer.steps import (
    LOSSES,
    assert_nothing_left_behind_is_read,
    assert_same_steps,
    batch_for,
    network_for,
)
from tests.training.trainer.synthetic import FIXED, LEARNED, WRITTEN, make_strategy, tsk
from training.strategy import Strategy
from training.trainer.optimizers import FlatParameters
from training.trainer.rules import RuleBase

SETS = {"fixed": FIXED, "learned": LEARNED}
RULES: dict[str, dict[str, Any]] = {
    "learned": {"rules": 5, "premises": 3},
    "of one premise": {"rules": 1, "premises": 1},
    "written": {"rules": WRITTEN},
}
CASES = [*product(SETS, RULES, ("constant", "linear"))]


def strategy_of(sets: str, rules: str, consequent: str, **training: Any) -> Strategy:
    model = tsk(consequent=consequent, **RULES[rules])
    return make_strategy(model=model, fuzzy_sets=SETS[sets], num_features=2, **training)


@pytest.mark.parametrize(("sets", "rules", "consequent"), CASES)
def test_it_steps_as_autograd_does(sets: str, rules: str, consequent: str) -> None:
    strategy = strategy_of(
        sets, rules, consequent, optimizer="sgd", gradient_clip=0.5, weight_decay=0.01
    )
    assert_same_steps(strategy, 3 * [batch_for(strategy), batch_for(strategy, rows=36)])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
def test_with_every_loss(loss: str, *, weighted: bool) -> None:
    strategy = strategy_of("learned", "learned", "linear", optimizer="sgd", **LOSSES[loss])
    assert_same_steps(strategy, [batch_for(strategy, weighted=weighted)])


@pytest.mark.parametrize("kind", ["adam", "adamw", "rmsprop"])
def test_with_every_optimizer(kind: str) -> None:
    strategy = strategy_of("learned", "learned", "constant", optimizer=kind)
    assert_same_steps(strategy, 3 * [batch_for(strategy)], rtol=2e-4)


def test_it_reads_nothing_that_a_larger_batch_left() -> None:
    for case in CASES:
        assert_nothing_left_behind_is_read(strategy_of(*case))


def test_the_first_parameters_are_the_moves_of_sets() -> None:
    """An optimizer steps them by rates of their own, and holds them within their bounds."""
    network = network_for(strategy_of("learned", "learned", "linear"))
    assert isinstance(network, RuleBase)
    flat = FlatParameters(network)
    assert network.sets is not None
    moves = network.sets.moves
    assert moves.data_ptr() == flat.values.data_ptr()
    assert torch.equal(flat.values[: moves.numel()], moves.detach())
    assert flat.values.numel() == sum(it.numel() for it in network.parameters())
