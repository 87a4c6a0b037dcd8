"""`model`: the network's type and architecture."""

from typing import Annotated, Literal

from pydantic import Field

from training.strategy.section import Section
from training.strategy.values import Integer, Number

Activation = Literal["relu", "tanh", "gelu", "leaky_relu", "sigmoid"]
Dropout = Annotated[Number, Field(ge=0, le=0.9)]


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


class Mlp(Section):
    """A feed-forward network over one row."""

    type: Literal["mlp"]
    architecture: MlpArchitecture = Field(
        default_factory=MlpArchitecture, description="Its layers."
    )


class Lstm(Section):
    """A long short-term memory over a window of rows."""

    type: Literal["lstm"]
    architecture: RecurrentArchitecture = Field(
        default_factory=RecurrentArchitecture, description="Its layers."
    )


class Gru(Section):
    """A gated recurrent unit over a window of rows."""

    type: Literal["gru"]
    architecture: RecurrentArchitecture = Field(
        default_factory=RecurrentArchitecture, description="Its layers."
    )


Network = Annotated[Mlp | Lstm | Gru, Field(discriminator="type")]
