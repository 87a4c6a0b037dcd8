"""True ranges, bands and channels."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from training.strategy.indicators.base import EMA_SETTLE, WILDER_SETTLE, IndicatorSection
from training.strategy.indicators.momentum import PERIOD, SOURCE
from training.strategy.values import Multiplier, Period, Source

BANDS = ("upper", "middle", "lower")
DEVIATION = "Divide the squares by the period (population) or by one less (sample)."

Deviation = Literal["population", "sample"]


class Atr(IndicatorSection):
    """Average true range."""

    type: Literal["atr"]
    period: Period = Field(14, description=PERIOD)
    method: Literal["wilder", "sma"] = Field("wilder", description="How true ranges are averaged.")

    @property
    def settle_length(self) -> int:
        return self.period * (WILDER_SETTLE if self.method == "wilder" else 1) + 1


class Bollinger(IndicatorSection):
    """Bollinger bands."""

    outputs: ClassVar[tuple[str, ...]] = BANDS

    type: Literal["bollinger"]
    period: Period = Field(20, description=PERIOD)
    multiplier: Multiplier = Field(2.0, description="Deviations to either side.")
    deviation: Deviation = Field("population", description=DEVIATION)
    source: Source = Field("close", description=SOURCE)

    @property
    def settle_length(self) -> int:
        return self.period


class BollingerWidth(IndicatorSection):
    """Width of the Bollinger bands: (upper - lower) / middle."""

    type: Literal["bollinger_width"]
    period: Period = Field(20, description=PERIOD)
    multiplier: Multiplier = Field(2.0, description="Deviations to either side.")
    deviation: Deviation = Field("population", description=DEVIATION)
    source: Source = Field("close", description=SOURCE)

    @property
    def settle_length(self) -> int:
        return self.period


class Donchian(IndicatorSection):
    """Donchian channel: highest high, lowest low and their middle."""

    outputs: ClassVar[tuple[str, ...]] = BANDS

    type: Literal["donchian"]
    period: Period = Field(20, description=PERIOD)

    @property
    def settle_length(self) -> int:
        return self.period


class Keltner(IndicatorSection):
    """Keltner channel: an EMA of the close and Wilder's average true range."""

    outputs: ClassVar[tuple[str, ...]] = BANDS
    other_names: ClassVar[Mapping[str, str]] = {"ema": "ema_period", "atr": "atr_period"}

    type: Literal["keltner"]
    ema_period: Period = Field(20, description="Bars of the EMA; also written `ema`.")
    atr_period: Period = Field(10, description="Bars of the average true range; also `atr`.")
    multiplier: Multiplier = Field(2.0, description="Average true ranges to either side.")

    @property
    def settle_length(self) -> int:
        return max(EMA_SETTLE * self.ema_period, WILDER_SETTLE * self.atr_period + 1)


class Squeeze(IndicatorSection):
    """
    How far the Bollinger bands lie inside the Keltner channel:
    clip(min(KCu - BBu, BBl - KCl) / (KCu - KCl), 0, 1).
    """

    type: Literal["squeeze"]
    bb_period: Period = Field(20, description="Bars of the Bollinger bands.")
    bb_multiplier: Multiplier = Field(2.0, description="Population deviations to either side.")
    kc_period: Period = Field(20, description="Bars of the Keltner channel's EMA and ATR.")
    kc_multiplier: Multiplier = Field(2.0, description="Average true ranges to either side.")

    @property
    def settle_length(self) -> int:
        return max(self.bb_period, WILDER_SETTLE * self.kc_period + 1)
