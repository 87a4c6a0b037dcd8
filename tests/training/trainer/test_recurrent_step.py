"""The kernel's steps of LSTMs and GRUs against autograd's in float64."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.training.trainer.steps import (
    LOSSES,
    ROWS,
    KernelStep,
    assert_close,
    assert_nothing_left_behind_is_read,
    assert_same_steps,
    batch_for,
    network_for,
)
from tests.training.trainer.synthetic import make_dataset, make_strategy, recurrent
from training.model_trainer import ModelTrainer
from training.strategy import Strategy
from training.trainer.engines.native.dropout import drop
from training.trainer.pinned import Pinned

CPU = torch.device("cpu")
KINDS = ("lstm", "gru")


def strategy_for(kind: str, *, training: dict[str, Any] | None = None, **model: Any) -> Strategy:
    return make_strategy(model=recurrent(kind, **model), **{"optimizer": "sgd", **(training or {})})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [1, 2, 4])
@pytest.mark.parametrize("length", [2, 3, 9])
@pytest.mark.parametrize("hidden", [1, 16, 17])
def test_gradients_are_autograds(kind: str, layers: int, length: int, hidden: int) -> None:
    """After a first step of sgd its momentum is the gradient."""
    model = {"num_layers": layers, "sequence_length": length, "hidden_size": hidden}
    strategy = strategy_for(kind, **model)
    assert_same_steps(strategy, [batch_for(strategy, rows=rows) for rows in (ROWS, 1, 2, ROWS)])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_goes_back_through_time(kind: str, loss: str, weighted: bool) -> None:
    strategy = strategy_for(kind, training=LOSSES[loss])
    assert_same_steps(strategy, [batch_for(strategy, weighted=weighted)])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop"])
def test_optimizers_clip_and_step_all_layers(kind: str, optimizer: str) -> None:
    training = {"optimizer": optimizer, "weight_decay": 0.1, "gradient_clip": 1e-3}
    strategy = strategy_for(kind, num_layers=2, training=training)
    batches = [batch_for(strategy, rows=rows) for rows in (ROWS, 3, ROWS)]
    assert_same_steps(strategy, batches, rtol=2e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_thins_the_state_that_is_read(kind: str) -> None:
    """Autograd, made to drop what the kernel has dropped."""
    strategy = strategy_for(kind, num_layers=2, dropout=0.4)
    batch, seed = batch_for(strategy), 123
    mine, theirs = network_for(strategy), network_for(strategy).double()
    step = KernelStep(strategy, mine, rows=ROWS)
    loss = step(batch, 0.0, seed)
    state = theirs.recurrent(batch.inputs.double())[0][:, -1]
    kept, slopes = np.ones((2, state.numel()), np.float32)
    drop(kept, slopes, 0.4, seed, 0)
    expected = functional.cross_entropy(
        theirs.output(state * torch.from_numpy(kept).view_as(state)), batch.targets
    )
    expected.backward()
    gradient = torch.cat([parameter.grad.reshape(-1) for parameter in theirs.parameters()])
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    assert_close(step.optimizer.state_dict()["momentum_buffer"], gradient, 1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_depends_on_nothing_but_its_state_and_its_batch(kind: str) -> None:
    assert_nothing_left_behind_is_read(strategy_for(kind, num_layers=2, dropout=0.3))


@pytest.mark.parametrize("kind", KINDS)
def test_gates_that_are_certain_have_finite_steps(kind: str) -> None:
    strategy = strategy_for(kind)
    batch = batch_for(strategy)
    step = KernelStep(strategy, network_for(strategy), rows=ROWS)
    assert np.isfinite(step(batch._replace(inputs=batch.inputs * 1e4), 1e-6, 0))
    assert step.is_finite()


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_is_that_of_autograd(kind: str) -> None:
    """Windows overlap here, and the last batch of an epoch is a shorter one."""
    strategy = strategy_for(kind, training={"optimizer": "adam", "epochs": 2})
    dataset = make_dataset(strategy)
    by_rule, autograd = Pinned.by_rule(strategy, CPU), Pinned.with_autograd(strategy, CPU)
    assert by_rule.engine == "kernel"
    mine = ModelTrainer(strategy, pinned=by_rule).train(dataset)
    theirs = ModelTrainer(strategy, pinned=autograd).train(dataset)
    for name, tensor in theirs.best_model.items():
        assert_close(mine.best_model[name], tensor, 1e-4)
