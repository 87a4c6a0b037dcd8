"""The networks a strategy can name: multilayer perceptron, LSTM, GRU, rules."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.strategy.rule_base import Tsk
from training.trainer.learned_sets import LearnedSets, learned_sets
from training.trainer.randomness import seeded_initialisation
from training.trainer.rules import RuleBase

if TYPE_CHECKING:
    from training.strategy import Strategy

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu,
    "tanh": torch.tanh,
    "gelu": functional.gelu,
    "leaky_relu": functional.leaky_relu,
    "sigmoid": torch.sigmoid,
}

RECURRENT_LAYERS: dict[str, type[nn.LSTM] | type[nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}


class MLP(nn.Module):
    """Multilayer perceptron: features [batch, inputs] to outputs [batch, outputs].

    With `sets` features are the columns that these make inputs of. Dropout follows each activation.
    Without hidden layers it is a logistic (or linear) regression.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        hidden_layers: Sequence[int],
        activation: str,
        dropout: float,
        sets: LearnedSets | None = None,
    ) -> None:
        super().__init__()
        self.sets = sets  # before the layers: the order of the flat parameter
        sizes = [inputs, *hidden_layers]
        self.hidden = nn.ModuleList(
            nn.Linear(size, next_size) for size, next_size in pairwise(sizes)
        )
        self.output = nn.Linear(sizes[-1], outputs)
        self.activation = ACTIVATIONS[activation]
        self.dropout = dropout

    def forward(self, features: Tensor) -> Tensor:
        if self.sets is not None:
            features = self.sets(features)
        for layer in self.hidden:
            features = self.activation(layer(features))
            if self.dropout and self.training:
                features = functional.dropout(features, self.dropout)
        outputs: Tensor = self.output(features)
        return outputs


class Recurrent(nn.Module):
    """LSTM or GRU: windows [batch, sequence_length, inputs] to outputs [batch, outputs].

    The last layer's hidden state after the window's last row goes through dropout and one linear
    layer. With `sets` windows are of the columns that these make inputs of.
    """

    def __init__(
        self,
        kind: str,
        inputs: int,
        outputs: int,
        *,
        hidden_size: int,
        num_layers: int,
        dropout: float,
        sets: LearnedSets | None = None,
    ) -> None:
        super().__init__()
        self.sets = sets
        self.recurrent = RECURRENT_LAYERS[kind](inputs, hidden_size, num_layers, batch_first=True)
        self.output = nn.Linear(hidden_size, outputs)
        self.dropout = dropout

    def forward(self, windows: Tensor) -> Tensor:
        if self.sets is not None:
            windows = self.sets(windows)
        hidden = self.recurrent(windows)[0][:, -1]
        if self.dropout and self.training:
            hidden = functional.dropout(hidden, self.dropout)
        outputs: Tensor = self.output(hidden)
        return outputs


Network = MLP | Recurrent | RuleBase


def make_network(strategy: "Strategy", *, inputs: int, outputs: int) -> Network:
    """`inputs` are the columns of its dataset."""
    sets = learned_sets(strategy)
    if isinstance(strategy.model, Tsk):
        return RuleBase(strategy, strategy.model.architecture, inputs, outputs, sets=sets)
    inputs = sets.num_inputs if sets is not None else inputs
    architecture = strategy.model.architecture.model_dump()
    if strategy.model.type == "mlp":
        return MLP(inputs, outputs, **architecture, sets=sets)
    del architecture["sequence_length"]
    return Recurrent(strategy.model.type, inputs, outputs, **architecture, sets=sets)


def initial_network(strategy: "Strategy", *, inputs: int, outputs: int) -> Network:
    """The strategy's network on the CPU; its weights are a pure function of the strategy's seed."""
    with seeded_initialisation(strategy.training.seed):
        return make_network(strategy, inputs=inputs, outputs=outputs)
