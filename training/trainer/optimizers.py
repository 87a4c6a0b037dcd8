"""Optimizers over one flat parameter: one step of arithmetic for the whole network."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from training.strategy import Strategy

STATE_KEYS: dict[str, frozenset[str]] = {
    "adam": frozenset({"step", "exp_avg", "exp_avg_sq"}),
    "adamw": frozenset({"step", "exp_avg", "exp_avg_sq"}),
    "sgd": frozenset({"momentum_buffer"}),
    "rmsprop": frozenset({"step", "square_avg"}),
}


class FlatParameters:
    """All parameters of a network as one tensor, and their gradients as another.

    The network's own parameters become views, so that clearing, clipping and stepping are one
    operation each, however many layers there are.
    """

    def __init__(self, network: nn.Module) -> None:
        parameters = list(network.parameters())
        flat = torch.cat([parameter.detach().reshape(-1) for parameter in parameters])
        self.values = nn.Parameter(flat)
        self.gradient = torch.zeros_like(flat)
        self.values.grad = self.gradient
        sizes = [parameter.numel() for parameter in parameters]
        parts = zip(
            parameters, torch.split(flat, sizes), torch.split(self.gradient, sizes), strict=True
        )
        for parameter, values, gradient in parts:
            parameter.data = values.view_as(parameter)
            parameter.grad = gradient.view_as(parameter)

    def clip_gradient(self, max_norm: float) -> None:
        """Scale the gradient down to the global L2 norm `max_norm`, if it is longer."""
        norm = torch.linalg.vector_norm(self.gradient)
        self.gradient.mul_((max_norm / (norm + 1e-6)).clamp_(max=1.0))


class Optimizer:
    """A torch optimizer whose state is exactly its tensors.

    Settings come from the strategy and the learning rate from the schedule at every step; neither
    is state, so a checkpoint cannot bring back an old one.
    """

    def __init__(self, strategy: "Strategy", parameters: FlatParameters, *, flavour: str) -> None:
        self.kind: str = strategy.training.optimizer
        self._flat = parameters.values
        self._torch = _torch_optimizer(strategy, parameters.values, fused=flavour == "fused")

    def step(self, learning_rate: float) -> None:
        self._torch.param_groups[0]["lr"] = learning_rate
        self._torch.step()

    def state_dict(self) -> dict[str, Tensor]:
        """Tensors [parameters] (`step` a scalar) by name; empty before the first step."""
        return dict(self._torch.state[self._flat]) if self._torch.state else {}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        if state:
            check_state(self.kind, state, self._flat.shape)
        groups = self._torch.state_dict()["param_groups"]
        own = {0: dict(state)} if state else {}
        self._torch.load_state_dict({"state": own, "param_groups": groups})


def check_state(kind: str, state: Mapping[str, Tensor], shape: torch.Size) -> None:
    """Raise ValueError unless these are the tensors of such an optimizer."""
    expected = STATE_KEYS[kind]
    if state.keys() != expected:
        raise ValueError(f"{kind} needs {sorted(expected)}, found {sorted(state)}")
    for name, tensor in state.items():
        if name != "step" and tensor.shape != shape:
            shapes = f"{list(tensor.shape)} in place of {list(shape)}"
            raise ValueError(f"{kind} {name} has the shape {shapes}")


def _torch_optimizer(
    strategy: "Strategy", flat: nn.Parameter, *, fused: bool
) -> torch.optim.Optimizer:
    rate, decay = strategy.training.learning_rate, strategy.training.weight_decay
    match strategy.training.optimizer:
        case "adam":
            return torch.optim.Adam([flat], lr=rate, weight_decay=decay, fused=fused)
        case "adamw":
            return torch.optim.AdamW([flat], lr=rate, weight_decay=decay, fused=fused)
        case "sgd":
            return torch.optim.SGD([flat], lr=rate, momentum=0.9, weight_decay=decay, fused=fused)
        case "rmsprop":
            return torch.optim.RMSprop([flat], lr=rate, weight_decay=decay, foreach=False)
        case unknown:
            raise ValueError(f"optimizer {unknown!r} is none of {sorted(STATE_KEYS)}")
