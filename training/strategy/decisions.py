"""`decisions`: from a prediction to a position."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

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
    on_hold: Literal["flat", "keep"] = Field(
        "flat",
        description="What a hold does, one below the threshold too: flat closes the position, "
        "keep leaves it as it is.",
    )
    allow_short_from_flat: Flag = Field(
        True,
        description="false: sell from long goes flat, and from flat stays flat, as the original "
        "KTRDR's backtest had it. Only with allow_short true. Classification only.",
    )

    left_out: ClassVar[Mapping[str, Any]] = {"on_hold": "flat", "allow_short_from_flat": True}
    """Keys that a snapshot has only with another value: digests are those from before there were
    such keys."""

    @property
    def may_short(self) -> bool:
        """Whether any decision opens a short."""
        return self.allow_short and self.allow_short_from_flat
