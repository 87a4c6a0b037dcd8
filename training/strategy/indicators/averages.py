"""Moving averages."""

from typing import Literal

from pydantic import Field

from training.strategy.indicators.base import PERIOD, SETTLING, SOURCE, IndicatorSection
from training.strategy.values import Period, Settle, Source


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


class DistanceFromMa(IndicatorSection):
    """The price's distance from its moving average, in percent of the average."""

    type: Literal["distance_from_ma"]
    period: Period = Field(20, description=PERIOD)
    ma: Literal["sma", "ema"] = Field("sma", description="Kind of moving average.")
    source: Source = Field("close", description=SOURCE)

    def settle_length(self, settle: Settle) -> int:
        return self.period * (SETTLING[settle].ema if self.ma == "ema" else 1)
