"""`training.labels`: what is learned."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from training.strategy.section import Section
from training.strategy.values import Flag, Horizon, Integer, Multiplier, Number, OutputFormat


class TripleBarrier(Section):
    """
    Which of two volatility barriers the price touches first (López de Prado 2018, ch. 2-4).

    Entry at the close of bar t; high and low of the bars t+1 to t+n are looked at. The upper
    barrier is buy, the lower sell; both in one bar, or neither within n bars, is hold.
    """

    output_format: ClassVar[OutputFormat] = "classification"

    source: Literal["triple_barrier"]
    pt_multiplier: Multiplier = Field(2.0, description="Upper barrier, in volatilities.")
    sl_multiplier: Multiplier = Field(2.0, description="Lower barrier, in volatilities.")
    max_holding_period: Horizon = Field(10, description="Bars until the label expires as hold.")
    vol_span: Annotated[Integer, Field(ge=2, le=1000)] = Field(
        50, description="Span of the exponential mean that gives the volatility."
    )
    vol_method: Literal["atr", "close"] = Field(
        "atr",
        description="atr: mean of true range / close; close: deviation of log returns.",
    )
    compute_weights: Flag = Field(
        False, description="Weigh rows by the uniqueness of their labels."
    )
    cusum_threshold: Annotated[Number, Field(gt=0)] | None = Field(
        None, description="Keep only the rows at which a CUSUM filter of log returns fires."
    )

    @property
    def horizon(self) -> int:
        """Bars after the row that the label may look at."""
        return self.max_holding_period


class ZigzagLabels(Section):
    """Buy if the close rises by threshold before it falls by it, sell mirrored, else hold."""

    output_format: ClassVar[OutputFormat] = "classification"
    other_names: ClassVar[Mapping[str, str]] = {
        "zigzag_threshold": "threshold",
        "label_lookahead": "lookahead",
    }

    source: Literal["zigzag"]
    threshold: Annotated[Number, Field(ge=0.0005, le=0.5)] = Field(
        0.025, description="Relative move of the close; also written `zigzag_threshold`."
    )
    lookahead: Horizon = Field(
        20, description="Bars the close has for it; also written `label_lookahead`."
    )

    @property
    def horizon(self) -> int:
        """Bars after the row that the label may look at."""
        return self.lookahead


class ForwardReturn(Section):
    """close[t + horizon] / close[t] - 1."""

    output_format: ClassVar[OutputFormat] = "regression"

    source: Literal["forward_return"]
    horizon: Horizon = Field(20, description="Bars ahead.")


Labels = Annotated[TripleBarrier | ZigzagLabels | ForwardReturn, Field(discriminator="source")]
