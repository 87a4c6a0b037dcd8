"""The flat optimizers against torch's own, parameter by parameter."""

import copy
from collections.abc import Callable, Iterable

import pytest
import torch
from torch import nn

from tests.training.trainer.synthetic import make_strategy
from training.trainer.optimizers import FlatParameters, Optimizer

RATE, DECAY = 0.01, 0.1
REFERENCES: dict[str, Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]] = {
    "adam": lambda p: torch.optim.Adam(p, lr=RATE, weight_decay=DECAY),
    "adamw": lambda p: torch.optim.AdamW(p, lr=RATE, weight_decay=DECAY),
    "sgd": lambda p: torch.optim.SGD(p, lr=RATE, momentum=0.9, weight_decay=DECAY),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=RATE, alpha=0.99, weight_decay=DECAY),
}
INPUTS = torch.randn(32, 4, generator=torch.Generator().manual_seed(2))


def network() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))


def make_optimizer(kind: str, flat: FlatParameters) -> Optimizer:
    strategy = make_strategy(optimizer=kind, weight_decay=DECAY, learning_rate=RATE)
    return Optimizer(strategy, flat, flavour="single" if kind == "rmsprop" else "fused")


def step(net: nn.Module, flat: FlatParameters, optimizer: Optimizer) -> None:
    flat.gradient.zero_()
    net(INPUTS).square().sum().backward()
    optimizer.step(RATE)


@pytest.mark.parametrize("kind", REFERENCES)
def test_flat_steps_are_those_of_torch(kind: str) -> None:
    ours, theirs = network(), network()
    flat = FlatParameters(ours)
    optimizer, reference = make_optimizer(kind, flat), REFERENCES[kind](theirs.parameters())
    for _ in range(5):
        step(ours, flat, optimizer)
        reference.zero_grad()
        theirs(INPUTS).square().sum().backward()
        reference.step()
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)


def test_the_networks_parameters_are_views_of_the_flat_ones() -> None:
    net = network()
    flat = FlatParameters(net)
    with torch.no_grad():
        flat.values.fill_(0.5)
    assert all((parameter == 0.5).all() for parameter in net.parameters())


def test_loading_weights_keeps_the_views() -> None:
    net = network()
    flat = FlatParameters(net)
    net.load_state_dict({name: torch.ones_like(t) for name, t in net.state_dict().items()})
    assert (flat.values == 1.0).all()


@pytest.mark.parametrize("max_norm", [0.1, 1e6])
def test_clipping_is_torchs_global_norm(max_norm: float) -> None:
    ours, theirs = network(), network()
    flat = FlatParameters(ours)
    for net in (ours, theirs):
        net(INPUTS).square().sum().backward()
    flat.clip_gradient(max_norm)
    nn.utils.clip_grad_norm_(theirs.parameters(), max_norm)
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, other.grad)


@pytest.mark.parametrize("kind", REFERENCES)
def test_a_loaded_optimizer_goes_on_as_the_saved_one(kind: str) -> None:
    net = network()
    flat = FlatParameters(net)
    optimizer = make_optimizer(kind, flat)
    step(net, flat, optimizer)
    other = copy.deepcopy(network())
    other.load_state_dict(net.state_dict())
    other_flat = FlatParameters(other)
    loaded = make_optimizer(kind, other_flat)
    loaded.load_state_dict({name: t.clone() for name, t in optimizer.state_dict().items()})
    step(net, flat, optimizer)
    step(other, other_flat, loaded)
    assert torch.equal(flat.values, other_flat.values)


@pytest.mark.parametrize("kind", REFERENCES)
def test_a_state_with_a_missing_key_is_refused(kind: str) -> None:
    net = network()
    flat = FlatParameters(net)
    optimizer = make_optimizer(kind, flat)
    step(net, flat, optimizer)
    state = optimizer.state_dict()
    state.pop(sorted(state)[0])
    with pytest.raises(ValueError, match=kind):
        make_optimizer(kind, flat).load_state_dict(state or {"another": torch.zeros(1)})


def test_a_state_of_another_size_is_refused() -> None:
    optimizer = make_optimizer("sgd", FlatParameters(network()))
    with pytest.raises(ValueError, match=r"\[3\] in place of \[49\]"):
        optimizer.load_state_dict({"momentum_buffer": torch.zeros(3)})
