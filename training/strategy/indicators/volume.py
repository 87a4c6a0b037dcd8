"""Indicators that weigh prices by traded volume."""

from typing import ClassVar, Literal

from pydantic import Field

from training.strategy.indicators.base import PERIOD, IndicatorSection
from training.strategy.values import Period, Settle


class Vwap(IndicatorSection):
    """Volume-weighted average price, rolling, on hlc3."""

    type: Literal["vwap"]
    period: Period = Field(20, description=PERIOD)

    def settle_length(self, settle: Settle) -> int:
        return self.period


class Cmf(IndicatorSection):
    """Chaikin money flow; 0 without volume."""

    type: Literal["cmf"]
    period: Period = Field(20, description=PERIOD)

    def settle_length(self, settle: Settle) -> int:
        return self.period


class Mfi(IndicatorSection):
    """Money flow index on hlc3; 50 on flat prices."""

    type: Literal["mfi"]
    period: Period = Field(14, description=PERIOD)

    def settle_length(self, settle: Settle) -> int:
        return self.period + 1


class VolumeRatio(IndicatorSection):
    """Volume divided by its simple moving average."""

    type: Literal["volume_ratio"]
    period: Period = Field(20, description=PERIOD)

    def settle_length(self, settle: Settle) -> int:
        return self.period


class Obv(IndicatorSection):
    """On-balance volume, cumulative from the first loaded bar."""

    cumulative: ClassVar[bool] = True

    type: Literal["obv"]

    def settle_length(self, settle: Settle) -> int:
        return 1


class AdLine(IndicatorSection):
    """Accumulation/distribution line, cumulative from the first loaded bar."""

    cumulative: ClassVar[bool] = True

    type: Literal["ad_line"]

    def settle_length(self, settle: Settle) -> int:
        return 1
