"""Directions, turns and where a trend stands."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from training.strategy.indicators.base import PATH_BARS, PERIOD, SETTLING, IndicatorSection
from training.strategy.values import Multiplier, Number, Period, Settle


class Adx(IndicatorSection):
    """
    Average directional index with both directional indicators, each of Wilder's smoothing (alpha =
    1 / period, begun with a simple mean); 0 on flat prices.
    """

    outputs: ClassVar[tuple[str, ...]] = ("adx", "plus_di", "minus_di")

    type: Literal["adx"]
    period: Period = Field(14, description=PERIOD)

    def settle_length(self, settle: Settle) -> int:
        return SETTLING[settle].adx * self.period


class Aroon(IndicatorSection):
    """Aroon up, down and their difference."""

    outputs: ClassVar[tuple[str, ...]] = ("up", "down", "oscillator")

    type: Literal["aroon"]
    period: Period = Field(25, description=PERIOD)

    def settle_length(self, settle: Settle) -> int:
        return self.period + 1


class Supertrend(IndicatorSection):
    """Supertrend line around hl2 and its direction, +1 up or -1 down."""

    outputs: ClassVar[tuple[str, ...]] = ("line", "direction")

    type: Literal["supertrend"]
    period: Period = Field(10, description="Bars of the average true range.")
    multiplier: Multiplier = Field(3.0, description="Average true ranges to either side.")

    def settle_length(self, settle: Settle) -> int:
        settling = SETTLING[settle]
        return max(settling.wilder * self.period, settling.path_bars)


class ParabolicSar(IndicatorSection):
    """Wilder's parabolic stop and reverse."""

    type: Literal["parabolic_sar"]
    step: Number = Field(0.02, gt=0, le=1, description="Growth of the acceleration.")
    max: Number = Field(0.2, gt=0, le=1, description="Largest acceleration; not below step.")

    @model_validator(mode="after")
    def _step_fits(self) -> Self:
        if self.step > self.max:
            raise ValueError(f"step must not exceed max, but {self.step} exceeds {self.max}")
        return self

    def settle_length(self, settle: Settle) -> int:
        return PATH_BARS


class Ichimoku(IndicatorSection):
    """Ichimoku lines; the senkou spans as they are visible at the bar. Chikou is the future."""

    outputs: ClassVar[tuple[str, ...]] = ("tenkan", "kijun", "senkou_a", "senkou_b", "chikou")
    look_ahead: ClassVar[frozenset[str]] = frozenset({"chikou"})

    type: Literal["ichimoku"]
    tenkan_period: Period = Field(9, description="Bars of the conversion line.")
    kijun_period: Period = Field(26, description="Bars of the base line, and of the displacement.")
    senkou_period: Period = Field(52, description="Bars of the second leading span.")

    def settle_length(self, settle: Settle) -> int:
        longest = max(self.tenkan_period, self.kijun_period, self.senkou_period)
        return longest + self.kijun_period


class Zigzag(IndicatorSection):
    """Zigzag pivots: known only after the price has turned, so never an input. See labels."""

    look_ahead: ClassVar[frozenset[str]] = frozenset({""})

    type: Literal["zigzag"]
    threshold: Number = Field(0.025, ge=0.0005, le=0.5, description="Turn that makes a pivot.")

    def settle_length(self, settle: Settle) -> int:
        return 0
