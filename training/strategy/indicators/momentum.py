"""Oscillators and rates of change."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from training.strategy.indicators.base import PERIOD, SETTLING, SOURCE, IndicatorSection
from training.strategy.values import Period, Settle, Source, Span


class Rsi(IndicatorSection):
    """
    Relative strength index; 50 on flat prices. Wilder's smoothing: alpha = 1 / period, begun with
    the simple mean of the first `period` changes.
    """

    type: Literal["rsi"]
    period: Period = Field(14, description=PERIOD)
    source: Source = Field("close", description=SOURCE)

    def settle_length(self, settle: Settle) -> int:
        return SETTLING[settle].wilder * self.period


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


class WilliamsR(IndicatorSection):
    """Williams %R, -100 to 0; -50 on flat prices."""

    type: Literal["williams_r"]
    period: Period = Field(14, description=PERIOD)

    def settle_length(self, settle: Settle) -> int:
        return self.period


class Cci(IndicatorSection):
    """Commodity channel index on hlc3."""

    type: Literal["cci"]
    period: Period = Field(20, description=PERIOD)

    def settle_length(self, settle: Settle) -> int:
        return self.period


class Stochastic(IndicatorSection):
    """Stochastic oscillator with simple means; 50 on flat prices."""

    outputs: ClassVar[tuple[str, ...]] = ("k", "d")

    type: Literal["stochastic"]
    k_period: Period = Field(14, description="Bars in the range of %K.")
    smooth_k: Span = Field(3, description="Bars of the simple mean that smooths %K; 1 is fast.")
    d_period: Span = Field(3, description="Bars of the simple mean of %K that gives %D.")

    def settle_length(self, settle: Settle) -> int:
        return self.k_period + self.smooth_k + self.d_period - 2


class Roc(IndicatorSection):
    """Rate of change over `period` bars, in percent."""

    type: Literal["roc"]
    period: Span = Field(10, description="Bars back.")
    source: Source = Field("close", description=SOURCE)

    def settle_length(self, settle: Settle) -> int:
        return self.period + 1


class Momentum(IndicatorSection):
    """The price less the price `period` bars ago."""

    type: Literal["momentum"]
    period: Span = Field(10, description="Bars back.")
    source: Source = Field("close", description=SOURCE)

    def settle_length(self, settle: Settle) -> int:
        return self.period + 1


class Fisher(IndicatorSection):
    """Fisher transform of hl2's place in its range; the signal is the value one bar earlier."""

    outputs: ClassVar[tuple[str, ...]] = ("fisher", "signal")

    type: Literal["fisher"]
    period: Period = Field(10, description=PERIOD)

    def settle_length(self, settle: Settle) -> int:
        return self.period + 60  # two recursions; the slower one decays by 0.67 a bar


class Rvi(IndicatorSection):
    """Relative vigor index, with its symmetrically weighted signal."""

    outputs: ClassVar[tuple[str, ...]] = ("rvi", "signal")

    type: Literal["rvi"]
    period: Period = Field(10, description=PERIOD)
    signal_period: Period = Field(4, description="Bars of the signal.")

    def settle_length(self, settle: Settle) -> int:
        return self.period + self.signal_period + 3  # four bars are weighted 1, 2, 2, 1 first
