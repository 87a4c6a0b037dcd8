"""`decisions`: from a prediction to a position."""

from typing import Annotated

from pydantic import Field

from training.strategy.section import Section
from training.strategy.values import Flag, Number, OutputFormat


class CostModel(Section):
    """What a trade costs."""

    round_trip_cost: Annotated[Number, Field(ge=0, lt=1)] = Field(
        0.001, description="Cost of opening and closing a position, as a fraction of its value."
    )
    min_edge_multiplier: Annotated[Number, Field(ge=0)] = Field(
        1.5,
        description="A predicted return is traded if it exceeds cost times this. Regression only.",
    )

    @property
    def smallest_edge(self) -> float:
        """A predicted return beyond it, up or down, is traded."""
        return self.round_trip_cost * self.min_edge_multiplier


class Decisions(Section):
    """How predictions become positions."""

    output_format: OutputFormat = Field(
        "classification", description="What is predicted; follows from the labels."
    )
    confidence_threshold: Annotated[Number, Field(ge=0, lt=1)] = Field(
        0.0, description="A class below this probability is a hold. Classification only."
    )
    cost_model: CostModel = Field(default_factory=CostModel, description="What a trade costs.")
    allow_short: Flag = Field(True, description="Whether sell opens a short; else it is flat.")
