"""The indicators a strategy can declare, as one union on `type`."""

from typing import Annotated

from pydantic import Field

from training.strategy.indicators.averages import DistanceFromMa, Ema, Sma, Wma
from training.strategy.indicators.base import IndicatorSection
from training.strategy.indicators.momentum import (
    Cci,
    Fisher,
    Macd,
    Momentum,
    Roc,
    Rsi,
    Rvi,
    Stochastic,
    WilliamsR,
)
from training.strategy.indicators.trend import (
    Adx,
    Aroon,
    Ichimoku,
    ParabolicSar,
    Supertrend,
    Zigzag,
)
from training.strategy.indicators.volatility import (
    Atr,
    Bollinger,
    BollingerWidth,
    Donchian,
    Keltner,
    Squeeze,
)
from training.strategy.indicators.volume import AdLine, Cmf, Mfi, Obv, VolumeRatio, Vwap

Indicator = Annotated[
    Rsi
    | Atr
    | Adx
    | Mfi
    | WilliamsR
    | Sma
    | Ema
    | Wma
    | Vwap
    | Cmf
    | Cci
    | Donchian
    | VolumeRatio
    | Macd
    | Bollinger
    | BollingerWidth
    | Stochastic
    | Aroon
    | Roc
    | Momentum
    | DistanceFromMa
    | Keltner
    | Supertrend
    | ParabolicSar
    | Ichimoku
    | Fisher
    | Rvi
    | Squeeze
    | Obv
    | AdLine
    | Zigzag,
    Field(discriminator="type"),
]

__all__ = [
    "AdLine",
    "Adx",
    "Aroon",
    "Atr",
    "Bollinger",
    "BollingerWidth",
    "Cci",
    "Cmf",
    "DistanceFromMa",
    "Donchian",
    "Ema",
    "Fisher",
    "Ichimoku",
    "Indicator",
    "IndicatorSection",
    "Keltner",
    "Macd",
    "Mfi",
    "Momentum",
    "Obv",
    "ParabolicSar",
    "Roc",
    "Rsi",
    "Rvi",
    "Sma",
    "Squeeze",
    "Stochastic",
    "Supertrend",
    "VolumeRatio",
    "Vwap",
    "WilliamsR",
    "Wma",
    "Zigzag",
]
