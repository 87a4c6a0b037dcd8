"""`model`: the network's type and architecture."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from training.strategy.rule_base import Tsk
from training.strategy.section import Section
from training.strategy.values import Integer, Number

Activation = Literal["relu", "tanh", "gelu", "leaky_relu", "sigmoid"]
Dropout = Annotated[Number, Field(ge=0, le=0.9)]

LSTM_GATES, GRU_GATES = 4, 3  # of a cell


class MlpArchitecture(Section):
    """Layers of a feed-forward network."""

    hidden_layers: tuple[Annotated[Integer, Field(ge=1, le=4096)], ...] = Field(
        (64, 32), max_length=8, description="Units per hidden layer; [] is a logistic regression."
    )
    activation: Activation = Field("relu", description="After each hidden layer.")
    dropout: Dropout = Field(0.0, description="Share dropped after each activation.")


class RecurrentArchitecture(Section):
    """Layers of a recurrent network: last hidden state, dropout, linear."""

    sequence_length: Annotated[Integer, Field(ge=2, le=1000)] = Field(
        20, description="Rows of a window; the label is the last row's."
    )
    hidden_size: Annotated[Integer, Field(ge=1, le=2048)] = Field(
        64, description="Units of the hidden state."
    )
    num_layers: Annotated[Integer, Field(ge=1, le=4)] = Field(1, description="Stacked layers.")
    dropout: Dropout = Field(0.0, description="Share dropped of the last hidden state.")

    def num_weights(self, inputs: int, outputs: int, *, gates: int) -> int:
        """Parameters of such layers with cells of so many gates, biases included."""
        widths = [inputs] + [self.hidden_size] * self.num_layers
        dense = count_dense_weights([self.hidden_size, outputs])
        return count_recurrent_weights(widths, gates=gates) + dense


class Mlp(Section):
    """A feed-forward network over one row."""

    type: Literal["mlp"]
    architecture: MlpArchitecture = Field(
        default_factory=MlpArchitecture, description="Its layers."
    )

    def num_weights(self, *, inputs: int, outputs: int) -> int:
        """Its parameters, biases included."""
        return count_dense_weights([inputs, *self.architecture.hidden_layers, outputs])


class Lstm(Section):
    """A long short-term memory over a window of rows."""

    type: Literal["lstm"]
    architecture: RecurrentArchitecture = Field(
        default_factory=RecurrentArchitecture, description="Its layers."
    )

    def num_weights(self, *, inputs: int, outputs: int) -> int:
        """Its parameters, biases included."""
        return self.architecture.num_weights(inputs, outputs, gates=LSTM_GATES)


class Gru(Section):
    """A gated recurrent unit over a window of rows."""

    type: Literal["gru"]
    architecture: RecurrentArchitecture = Field(
        default_factory=RecurrentArchitecture, description="Its layers."
    )

    def num_weights(self, *, inputs: int, outputs: int) -> int:
        """Its parameters, biases included."""
        return self.architecture.num_weights(inputs, outputs, gates=GRU_GATES)


Network = Annotated[Mlp | Lstm | Gru | Tsk, Field(discriminator="type")]


def count_dense_weights(widths: Sequence[int]) -> int:
    """Weights and biases of layers of these widths; the first one is that of the inputs."""
    return sum((before + 1) * after for before, after in pairwise(widths))


def count_recurrent_weights(widths: Sequence[int], *, gates: int) -> int:
    """Weights of the inputs and the state and two biases of each gate; widths likewise."""
    return gates * sum((before + after + 2) * after for before, after in pairwise(widths))
