"""True ranges, bands and channels."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from training.strategy.indicators.base import PERIOD, SETTLING, SOURCE, IndicatorSection
from training.strategy.values import Multiplier, Period, Settle, Source

BANDS = ("upper", "middle", "lower")
DEVIATION = "Divide the squares by the period (population) or by one less (sample)."

Deviation = Literal["population", "sample"]


class Atr(IndicatorSection):
    """
    Average true range: a simple mean, or Wilder's smoothing (alpha = 1 / period, begun with the
    simple mean of the first `period` true ranges).
    """

    type: Literal["atr"]
    period: Period = Field(14, description=PERIOD)
    method: Literal["wilder", "sma"] = Field("wilder", description="How true ranges are averaged.")

    def settle_length(self, settle: Settle) -> int:
        return self.period * (SETTLING[settle].wilder if self.method == "wilder" else 1) + 1


class Bollinger(IndicatorSection):
    """Bollinger bands."""

    outputs: ClassVar[tuple[str, ...]] = BANDS

    type: Literal["bollinger"]
    period: Period = Field(20, description=PERIOD)
    multiplier: Multiplier = Field(2.0, description="Deviations to either side.")
    deviation: Deviation = Field("population", description=DEVIATION)
    source: Source = Field("close", description=SOURCE)

    def settle_length(self, settle: Settle) -> int:
        return self.period


class BollingerWidth(IndicatorSection):
    """Width of the Bollinger bands: (upper - lower) / middle."""

    type: Literal["bollinger_width"]
    period: Period = Field(20, description=PERIOD)
    multiplier: Multiplier = Field(2.0, description="Deviations to either side.")
    deviation: Deviation = Field("population", description=DEVIATION)
    source: Source = Field("close", description=SOURCE)

    def settle_length(self, settle: Settle) -> int:
        return self.period


class Donchian(IndicatorSection):
    """Donchian channel: highest high, lowest low and their middle."""

    outputs: ClassVar[tuple[str, ...]] = BANDS

    type: Literal["donchian"]
    period: Period = Field(20, description=PERIOD)

    def settle_length(self, settle: Settle) -> int:
        return self.period


class Keltner(IndicatorSection):
    """Keltner channel: an EMA of the close and Wilder's average true range as of `atr`."""

    outputs: ClassVar[tuple[str, ...]] = BANDS
    other_names: ClassVar[Mapping[str, str]] = {"ema": "ema_period", "atr": "atr_period"}

    type: Literal["keltner"]
    ema_period: Period = Field(20, description="Bars of the EMA; also written `ema`.")
    atr_period: Period = Field(10, description="Bars of the average true range; also `atr`.")
    multiplier: Multiplier = Field(2.0, description="Average true ranges to either side.")

    def settle_length(self, settle: Settle) -> int:
        return max(
            SETTLING[settle].ema * self.ema_period, SETTLING[settle].wilder * self.atr_period + 1
        )


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

    def settle_length(self, settle: Settle) -> int:
        return max(self.bb_period, SETTLING[settle].wilder * self.kc_period + 1)
