"""The kernel's steps against autograd's in float64: what it computes is the same mathematics."""

import numpy as np
import pytest
import torch

from tests.training.trainer.steps import (
    LOSSES,
    ROWS,
    KernelStep,
    assert_close,
    assert_nothing_left_behind_is_read,
    assert_same_steps,
    autograd_for,
    batch_for,
    network_for,
)
from tests.training.trainer.synthetic import make_strategy, mlp
from training.trainer.batches import Batch
from training.trainer.engines import kernel
from training.trainer.engines.native.arithmetic import exp, normal_share
from training.trainer.engines.native.dense import fill_gradient
from training.trainer.engines.native.dropout import drop
from training.trainer.engines.native.matrices import add_product, is_better_turned
from training.trainer.engines.native.room import LINE, room
from training.trainer.engines.native.train import train_batches
from training.trainer.networks import MLP

ACTIVATIONS = ("relu", "tanh", "gelu", "leaky_relu", "sigmoid")
OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_autograds(activation: str, loss: str, weighted: bool) -> None:
    """After a first step of sgd its momentum is the gradient."""
    strategy = make_strategy(
        model=mlp(hidden_layers=(8, 5), activation=activation), optimizer="sgd", **LOSSES[loss]
    )
    assert_same_steps(strategy, [batch_for(strategy, weighted=weighted)])


@pytest.mark.parametrize("clip", [None, 1e-3, 1e6])
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_step_as_torchs(optimizer: str, decay: float, clip: float | None) -> None:
    strategy = make_strategy(optimizer=optimizer, weight_decay=decay, gradient_clip=clip)
    batches = [batch_for(strategy, rows=rows) for rows in (ROWS, 36, 3, 1, ROWS)]
    assert_same_steps(strategy, batches, rtol=2e-4 if optimizer != "sgd" else 1e-5)


@pytest.mark.parametrize("hidden", [(), (1,), (3,), (16, 8, 4, 2), (7, 7, 7, 7, 7, 7, 7, 7)])
@pytest.mark.parametrize("loss", ["cross entropy", "mse"])
def test_layers_of_any_number_and_width(hidden: tuple[int, ...], loss: str) -> None:
    strategy = make_strategy(model=mlp(hidden_layers=hidden), optimizer="sgd", **LOSSES[loss])
    assert_same_steps(strategy, [batch_for(strategy, rows=rows) for rows in (1, 2, 3, ROWS)])


@pytest.mark.parametrize(("width", "rows"), [(12, 32), (50, 64), (2, 3), (14, 37), (12, 11)])
def test_a_gradient_that_is_summed_turned_has_the_same_bits(width: int, rows: int) -> None:
    generator = np.random.default_rng(0)
    error = generator.standard_normal((rows, 32), np.float32)
    inputs = generator.standard_normal((rows, width), np.float32)
    plain, turned = np.zeros((2, 32, width), np.float32)
    assert is_better_turned(32, width)
    add_product(plain, error.T, inputs)
    fill_gradient(turned, error, inputs, np.full(plain.size, np.nan, np.float32))
    np.testing.assert_array_equal(turned, plain)


@pytest.mark.parametrize(("units", "width"), [(32, 48), (30, 12), (32, 13)])
def test_others_are_not_turned(units: int, width: int) -> None:
    assert not is_better_turned(units, width)


@pytest.mark.parametrize("rows", [1, 5, 16])
def test_a_room_begins_on_a_line_of_the_cache(rows: int) -> None:
    spare = [room(rows, 3) for _ in range(5)]
    assert {numbers.ctypes.data % LINE for numbers in spare} == {0}
    assert {numbers.shape for numbers in spare} == {(rows, 3)}


@pytest.mark.parametrize("loss", ["cross entropy", "focal"])
def test_a_network_that_is_certain_has_finite_steps(loss: str) -> None:
    strategy = make_strategy(optimizer="sgd", **LOSSES[loss])
    batch = batch_for(strategy)
    large = Batch(batch.inputs * 1e4, batch.targets, None)
    network = network_for(strategy)
    step = KernelStep(strategy, network, rows=ROWS)
    assert np.isfinite(step(large, 1e-6, 0))
    assert step.is_finite()


def exponentials() -> torch.Tensor:
    return torch.cat([torch.linspace(-59.9, 88, 10_000), torch.linspace(-1e-3, 1e-3, 1_001)])


def test_the_exponential_is_exact_to_the_last_bits() -> None:
    values = exponentials()
    mine = np.array([exp(np.float32(value)) for value in values.numpy()])
    np.testing.assert_allclose(mine, values.double().exp().numpy(), rtol=2e-7)


@pytest.mark.parametrize(("value", "expected"), [(-61.0, 0.0), (-1e30, 0.0), (0.0, 1.0)])
def test_the_exponential_of_far_values(value: float, expected: float) -> None:
    assert exp(np.float32(value)) == expected


def test_the_exponential_of_what_is_no_number_is_none() -> None:
    assert np.isnan(exp(np.float32(np.nan)))


def test_the_normal_distribution_is_exact_to_1e_7() -> None:
    values = np.linspace(-8, 8, 2001, dtype=np.float32)
    mine = [normal_share(v, exp(np.float32(-0.5) * v * v)) for v in values]
    expected = torch.special.ndtr(torch.from_numpy(values).double())
    np.testing.assert_allclose(mine, expected.numpy(), atol=1.5e-7)


def dropped(seed: int, *, share: float = 0.3, first: int = 0, size: int = 100_000) -> np.ndarray:
    outputs, slopes = np.ones(size, np.float32), np.full(size, 2.0, np.float32)
    drop(outputs, slopes, share, seed, first)
    np.testing.assert_array_equal(slopes, 2.0 * outputs)
    return outputs


def test_dropout_sets_its_share_to_0_and_scales_the_others() -> None:
    kept = dropped(7)
    assert set(np.unique(kept)) == {np.float32(0.0), np.float32(1.0 / 0.7)}
    assert (kept == 0).mean() == pytest.approx(0.3, abs=0.01)


def test_dropout_is_a_function_of_its_seed_and_of_the_place() -> None:
    assert np.array_equal(dropped(7), dropped(7))
    assert np.array_equal(dropped(7, first=500)[:100], dropped(7)[500:600])


@pytest.mark.parametrize("other", [8, 2**31 + 7, 0x9E3779B9 ^ 7])
def test_dropout_of_two_seeds_is_independent(other: int) -> None:
    both = (dropped(7) == 0) & (dropped(other) == 0)
    assert both.mean() == pytest.approx(0.09, abs=0.005)
    for lag in (1, 2, 5, 64):
        shifted = (dropped(7)[lag:] == 0) & (dropped(other)[:-lag] == 0)
        assert shifted.mean() == pytest.approx(0.09, abs=0.005)


def test_units_of_a_row_and_rows_of_a_unit_are_dropped_independently() -> None:
    none = dropped(11) == 0
    for lag in (1, 2, 32, 64, 96):
        assert (none[lag:] & none[:-lag]).mean() == pytest.approx(0.09, abs=0.005)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_with_dropout_are_those_of_the_thinned_network(activation: str) -> None:
    """Autograd, made to drop what the kernel has dropped."""
    model = mlp(hidden_layers=(8, 5), activation=activation, dropout=0.4)
    strategy = make_strategy(model=model, optimizer="sgd")
    batch, seed = batch_for(strategy), 123
    mine, theirs = network_for(strategy), network_for(strategy).double()
    step = KernelStep(strategy, mine, rows=ROWS)
    loss = step(batch, 0.0, seed)
    kept, first, values = [], 0, batch.inputs.double()
    for layer in theirs.hidden:
        values = theirs.activation(layer(values))
        mask = dropped(seed, share=0.4, first=first, size=values.numel())
        values = values * torch.from_numpy(mask).double().view_as(values)
        kept.append(mask)
        first += values.numel()
    expected = torch.nn.functional.cross_entropy(theirs.output(values), batch.targets)
    expected.backward()
    gradient = torch.cat([p.grad.reshape(-1) for p in theirs.parameters() if p.grad is not None])
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    assert_close(step.optimizer.state_dict()["momentum_buffer"], gradient, 1e-5)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_step_depends_on_nothing_but_its_state_and_its_batch(
    optimizer: str, dropout: float
) -> None:
    strategy = make_strategy(model=mlp(dropout=dropout), optimizer=optimizer)
    assert_nothing_left_behind_is_read(strategy)


def test_the_address_of_a_batch_changes_no_bit() -> None:
    strategy = make_strategy()
    digests = set()
    for address in range(5):
        network = network_for(strategy)
        KernelStep(strategy, network, rows=ROWS, address=address)(batch_for(strategy), 0.1, 0)
        digests.add(network.output.weight.detach().numpy().tobytes())
    assert len(digests) == 1


def test_a_unit_that_is_never_active_again_is_forgotten_before_it_gets_denormal() -> None:
    strategy = make_strategy(optimizer="adam")
    step = KernelStep(strategy, network_for(strategy), rows=ROWS)
    step(batch_for(strategy), 0.001, 0)
    silence = Batch(torch.zeros(ROWS, 4), batch_for(strategy).targets, None)
    for _ in range(1000):
        step(silence, 0.0, 0)
    remembered = step.optimizer.state_dict()["exp_avg"]
    assert not ((remembered != 0) & (remembered.abs() < 1e-30)).any()


def test_a_class_that_is_none_changes_nothing() -> None:
    strategy = make_strategy()
    network = network_for(strategy)
    step = KernelStep(strategy, network, rows=ROWS)
    batch = batch_for(strategy)
    before = network.output.weight.detach().clone()
    for wrong in (-1, 3):
        targets = batch.targets.clone()
        targets[5] = wrong
        with pytest.raises(IndexError, match="class"):
            step(Batch(batch.inputs, targets, None), 0.1, 0)
    assert torch.equal(network.output.weight, before)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_both_engines_remember_the_same_tensors(kind: str) -> None:
    """So a checkpoint of one can be read by the other, and by everything else that reads one."""
    strategy = make_strategy(optimizer=kind)
    mine = KernelStep(strategy, network_for(strategy), rows=ROWS)
    theirs = autograd_for(strategy, network_for(strategy))
    mine(batch_for(strategy), 0.1, 0)
    theirs.step(batch_for(strategy), 0.1, 0)
    states = mine.optimizer.state_dict(), theirs.optimizer.state_dict()
    shapes = [{name: tensor.shape for name, tensor in state.items()} for state in states]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_state_with_a_missing_key_is_refused(kind: str) -> None:
    optimizer = KernelStep(make_strategy(optimizer=kind), MLP_OF_49, rows=1).optimizer
    state = dict(optimizer.state_dict())
    state.pop(sorted(state)[0])
    with pytest.raises(ValueError, match=kind):
        optimizer.load_state_dict(state or {"another": torch.zeros(1)})


def test_a_state_of_another_size_is_refused() -> None:
    optimizer = KernelStep(make_strategy(optimizer="sgd"), MLP_OF_49, rows=1).optimizer
    with pytest.raises(ValueError, match=r"\[3\] in place of \[49\]"):
        optimizer.load_state_dict({"momentum_buffer": torch.zeros(3)})


MLP_OF_49 = MLP(4, 1, hidden_layers=(8,), activation="relu", dropout=0.0)


def test_types_that_were_not_compiled_are_refused_instead_of_compiled() -> None:
    """A compilation takes half a minute and would happen in a forked horse."""
    assert kernel.unavailable() is None
    assert len(train_batches.signatures) == 1
    assert not train_batches._can_compile
