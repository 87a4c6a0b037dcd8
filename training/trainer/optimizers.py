"""Optimizers over one flat parameter: one step of arithmetic for the whole network."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

from training.trainer.learned_sets import LearnedSets

if TYPE_CHECKING:
    from training.strategy import Strategy

STATE_KEYS: dict[str, frozenset[str]] = {
    "adam": frozenset({"step", "exp_avg", "exp_avg_sq"}),
    "adamw": frozenset({"step", "exp_avg", "exp_avg_sq"}),
    "sgd": frozenset({"momentum_buffer"}),
    "rmsprop": frozenset({"step", "square_avg"}),
}

LINE = 16
"""Numbers on a line of the cache, on which torch begins a tensor."""


class FlatParameters:
    """All parameters of a network as one tensor, and their gradients as another.

    The network's own parameters become views, so that clearing, clipping and stepping are one
    operation each, however many layers there are. Those of fuzzy sets that are learned are the
    first: of a module with parameters of its own its parts' would follow.
    """

    def __init__(self, network: nn.Module) -> None:
        sets = getattr(network, "sets", None)
        moves = [] if sets is None else list(sets.parameters())
        parameters = list(dict.fromkeys([*moves, *network.parameters()]))  # each once
        flat = torch.cat([parameter.detach().reshape(-1) for parameter in parameters])
        self.values = flat
        sizes = [parameter.numel() for parameter in parameters]
        before = -sum(sizes[: len(moves)]) % LINE  # the kernel's vectors are of the others
        self.gradient = flat.new_zeros(before + flat.numel())[before:]
        parts = zip(
            parameters, torch.split(flat, sizes), torch.split(self.gradient, sizes), strict=True
        )
        for parameter, values, gradient in parts:
            parameter.data = values.view_as(parameter)
            parameter.grad = gradient.view_as(parameter)

    def clip_gradient(self, max_norm: float) -> None:
        """Scale the gradient down to the global L2 norm `max_norm`, if it is longer."""
        norm = torch.linalg.vector_norm(self.gradient)
        self.gradient.mul_(norm.add_(1e-6).reciprocal_().mul_(max_norm).clamp_(max=1.0))


class OptimizerState:
    """What an optimizer remembers, with the names that torch's have; zeros before the first step.

    Settings come from the strategy and the learning rate from the schedule at every step; neither
    is state, so a checkpoint cannot bring back an old one.
    """

    def __init__(self, kind: str, parameters: Tensor) -> None:
        self._kind = kind
        self._parameters = parameters
        self._tensors = {
            name: parameters.new_zeros(() if name == "step" else parameters.shape)
            for name in sorted(STATE_KEYS[kind])
        }

    def state_dict(self) -> dict[str, Tensor]:
        """Tensors [parameters] by name; `step` is a scalar."""
        return self._tensors

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """An empty state is that of an optimizer which begins anew. Raises ValueError for that of
        another one."""
        if state:
            _check(self._kind, state, self._parameters.shape)
        for name, tensor in self._tensors.items():
            tensor.copy_(state[name] if state else torch.zeros_like(tensor))


class Optimizer(OptimizerState):
    """Steps with torch's own arithmetic.

    By torch's functions, not by its optimizers: what those look at before each step took a fifth of
    a small network's time.
    """

    def __init__(
        self,
        strategy: "Strategy",
        parameters: FlatParameters,
        *,
        flavour: str,
        sets: LearnedSets | None = None,
    ) -> None:
        """`sets` are those whose moves the first parameters are."""
        kind = strategy.training.optimizer
        super().__init__(kind, parameters.values)
        own = {"parameters": parameters.values, "gradients": parameters.gradient}
        tensors = own | self.state_dict()
        make_step = partial(STEPS[kind], fused=flavour == "fused")
        self._move_sets = None if sets is None else _SetsStep(make_step, tensors, sets)
        moves = 0 if sets is None else sets.layout.num_parameters
        self._step = make_step(
            _slice(tensors, moves, None), weight_decay=float(strategy.training.weight_decay)
        )

    def step(self, learning_rate: float) -> None:
        if self._move_sets is not None:
            self._move_sets(learning_rate)  # before the counter of both counts on
        self._step(lr=learning_rate)


class _SetsStep:
    """Steps the moves of fuzzy sets: each by its own rate, back by its pull, within its bounds."""

    def __init__(
        self, make_step: Callable[..., "Step"], tensors: Mapping[str, Tensor], sets: LearnedSets
    ) -> None:
        layout, like = sets.layout, tensors["parameters"]
        self._count = tensors.get("step")
        self._steps: list[tuple[float, Step, Tensor | None]] = []
        for rate, first, end in _runs(layout.rate.tolist()):
            own = _slice(tensors, first, end)
            count = None if self._count is None else torch.zeros_like(self._count)
            own |= {} if count is None else {"step": [count]}
            self._steps.append((rate, make_step(own, weight_decay=0.0), count))
        self._moves = tensors["parameters"][: layout.num_parameters]
        self._low, self._high = (torch.from_numpy(b).to(like) for b in (layout.low, layout.high))
        self._pull = torch.from_numpy(layout.rate * layout.pull).to(like)

    def __call__(self, learning_rate: float) -> None:
        for rate, step, count in self._steps:
            if count is not None and self._count is not None:
                count.copy_(self._count)
            step(lr=learning_rate * rate)
        self._moves.mul_((1.0 - learning_rate * self._pull).clamp_(min=0.0))
        torch.clamp(self._moves, self._low, self._high, out=self._moves)


def _slice(tensors: Mapping[str, Tensor], first: int, end: int | None) -> dict[str, list[Tensor]]:
    """Of each parameter, gradient and what is remembered of it; `step` is of all of them."""
    return {
        name: [tensor if name == "step" else tensor[first:end]] for name, tensor in tensors.items()
    }


def _runs(values: Sequence[float]) -> Iterator[tuple[float, int, int]]:
    """Each run of equal values, with its first place and its end."""
    first = 0
    for value, run in groupby(values):
        end = first + len(list(run))
        yield value, first, end
        first = end


Step = Callable[..., None]  # takes the learning rate, `lr`
Tensors = Mapping[str, list[Tensor]]
"""One tensor each: `parameters`, `gradients` and the state by its names; a step changes them."""

NO_TENSORS: list[Tensor] = []  # of what is switched off


def _adam(tensors: Tensors, *, decoupled_weight_decay: bool, **options: Any) -> Step:
    moments = tensors["exp_avg"], tensors["exp_avg_sq"]
    return partial(
        adam,
        *(tensors["parameters"], tensors["gradients"], *moments, NO_TENSORS, tensors["step"]),
        foreach=False,
        decoupled_weight_decay=decoupled_weight_decay,
        amsgrad=False,
        beta1=0.9,
        beta2=0.999,
        eps=1e-8,
        maximize=False,
        **options,
    )


def _sgd(tensors: Tensors, **options: Any) -> Step:
    momentum = list[Tensor | None](tensors["momentum_buffer"])
    return partial(
        sgd,
        *(tensors["parameters"], tensors["gradients"], momentum),
        foreach=False,
        momentum=0.9,
        dampening=0.0,
        nesterov=False,
        maximize=False,
        **options,
    )


def _rmsprop(tensors: Tensors, *, weight_decay: float, fused: bool) -> Step:
    """There is no fused one."""
    square, step = tensors["square_avg"], tensors["step"]
    return partial(
        rmsprop,
        *(tensors["parameters"], tensors["gradients"], square, NO_TENSORS, NO_TENSORS, step),
        foreach=False,
        alpha=0.99,
        eps=1e-8,
        weight_decay=weight_decay,
        momentum=0.0,
        centered=False,
    )


STEPS: dict[str, Callable[..., Step]] = {
    "adam": partial(_adam, decoupled_weight_decay=False),
    "adamw": partial(_adam, decoupled_weight_decay=True),
    "sgd": _sgd,
    "rmsprop": _rmsprop,
}
"""A step on some tensors, by optimizer; with `weight_decay` and `fused`."""


def _check(kind: str, state: Mapping[str, Tensor], shape: torch.Size) -> None:
    """Raise ValueError unless these are the tensors of such an optimizer."""
    expected = STATE_KEYS[kind]
    if state.keys() != expected:
        raise ValueError(f"{kind} needs {sorted(expected)}, found {sorted(state)}")
    for name, tensor in state.items():
        if name != "step" and tensor.shape != shape:
            shapes = f"{list(tensor.shape)} in place of {list(shape)}"
            raise ValueError(f"{kind} {name} has the shape {shapes}")
