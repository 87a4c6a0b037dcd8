"""Averages and what is built on them."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from training.strategy.indicators.base import PATH_BARS, SETTLING, IndicatorSection
from training.strategy.indicators.momentum import PERIOD, SOURCE
from training.strategy.values import Multiplier, Number, Period, Settle, Source


class Sma(IndicatorSection):
    """Simple moving average."""

    type: Literal["sma"]
    period: Period = Field(20, description=PERIOD)
    source: Source = Field("close", description=SOURCE)

    def settle_length(self, settle: Settle) -> int:
        return self.period


class Ema(IndicatorSection):
    """
    Exponential moving average: alpha = 2 / (period + 1), begun with the simple mean of the first
    `period` values; every EMA below is one of these.
    """

    type: Literal["ema"]
    period: Period = Field(20, description=PERIOD)
    source: Source = Field("close", description=SOURCE)

    def settle_length(self, settle: Settle) -> int:
        return SETTLING[settle].ema * self.period


class Wma(IndicatorSection):
    """Linearly weighted moving average."""

    type: Literal["wma"]
    period: Period = Field(20, description=PERIOD)
    source: Source = Field("close", description=SOURCE)

    def settle_length(self, settle: Settle) -> int:
        return self.period


class Macd(IndicatorSection):
    """Moving average convergence divergence; the histogram is line less signal."""

    outputs: ClassVar[tuple[str, ...]] = ("line", "signal", "histogram")

    type: Literal["macd"]
    fast_period: Period = Field(12, description="Bars of the fast EMA; below slow_period.")
    slow_period: Period = Field(26, description="Bars of the slow EMA.")
    signal_period: Period = Field(9, description="Bars of the line's EMA.")
    source: Source = Field("close", description=SOURCE)

    @model_validator(mode="after")
    def _fast_is_faster(self) -> Self:
        if self.fast_period >= self.slow_period:
            raise ValueError(
                f"fast_period must be below slow_period, "
                f"but {self.fast_period} is not below {self.slow_period}"
            )
        return self

    def settle_length(self, settle: Settle) -> int:
        return SETTLING[settle].ema * (self.slow_period + self.signal_period)


class DistanceFromMa(IndicatorSection):
    """The price's distance from its moving average, in percent of the average."""

    type: Literal["distance_from_ma"]
    period: Period = Field(20, description=PERIOD)
    ma: Literal["sma", "ema"] = Field("sma", description="Kind of moving average.")
    source: Source = Field("close", description=SOURCE)

    def settle_length(self, settle: Settle) -> int:
        return self.period * (SETTLING[settle].ema if self.ma == "ema" else 1)


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
