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
    barrier is buy, the lower sell; both in one bar, or neither within n bars, is hold. A price on a
    barrier has touched it, give or take 4 units in its last place.
    """

    output_format: ClassVar[OutputFormat] = "classification"

    source: Literal["triple_barrier"]
    pt_multiplier: Multiplier = Field(2.0, description="Upper barrier, in volatilities.")
    sl_multiplier: Multiplier = Field(2.0, description="Lower barrier, in volatilities.")
    max_holding_period: Horizon = Field(10, description="Bars until the label expires as hold.")
    vol_span: Annotated[Integer, Field(ge=2, le=1000)] = Field(
        50, description="Span of the EWMA that gives the volatility; see vol_method."
    )
    vol_method: Literal["atr", "close"] = Field(
        "atr",
        description="atr: (EWMA of the true range) / close. close: EWM deviation of log returns, "
        "unbiased. Both with span vol_span over all bars so far, as pandas' `ewm(span=vol_span)` "
        "with adjust=True: weights (1 - 2 / (vol_span + 1))^k of the value k bars ago, divided by "
        "their sum; `.std(bias=False)` for the deviation.",
    )
    compute_weights: Flag = Field(
        False, description="Weigh rows by the uniqueness of their labels."
    )
    cusum_threshold: Annotated[Number, Field(gt=0)] | None = Field(
        None,
        description="Learn and decide only on the rows at which a CUSUM filter of log returns "
        "fires; in between a position stands. It fires where their sum "
        "since the last event is above this; a sum that equals it, give or take 4 units in the "
        "last place of the price, does not fire.",
    )

    @property
    def horizon(self) -> int:
        """Bars after the row that the label may look at."""
        return self.max_holding_period


class ZigzagLabels(Section):
    """
    Buy if the close rises by threshold before it falls by it, sell mirrored, else hold.

    A move of exactly threshold counts, give or take 4 units in the last place of the price.
    """

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
