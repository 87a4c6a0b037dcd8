"""Every indicator type of the grammar, and the function that computes it.

Parameters, output names and settle lengths are the grammar's (`training.strategy.indicators`); a
function takes the parameters as keywords and returns its outputs in the grammar's order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from training.features.arrays import Float64Array
from training.features.indicators import averages, momentum, trend, volatility, volume

SOURCE = ("source",)
HL = ("high", "low")
HLC = ("high", "low", "close")
OHLC = ("open", "high", "low", "close")
HLCV = ("high", "low", "close", "volume")


@dataclass(frozen=True)
class Computation:
    """How one type of indicator is computed."""

    function: Callable[..., Float64Array | tuple[Float64Array, ...]]
    """Takes the columns in order, float64 [bars] without a NaN, and the parameters by name."""

    columns: tuple[str, ...]
    """Prices it reads; `source` is the one that the strategy names."""

    def __call__(
        self, columns: tuple[Float64Array, ...], parameters: Mapping[str, Any]
    ) -> tuple[Float64Array, ...]:
        """Return the outputs, each float64 [bars], NaN where the window is not yet full."""
        outputs = self.function(*columns, **parameters)
        return outputs if isinstance(outputs, tuple) else (outputs,)


COMPUTATIONS: Mapping[str, Computation] = {
    "sma": Computation(averages.sma, SOURCE),
    "ema": Computation(averages.ema, SOURCE),
    "wma": Computation(averages.wma, SOURCE),
    "distance_from_ma": Computation(averages.distance_from_ma, SOURCE),
    "rsi": Computation(momentum.rsi, SOURCE),
    "macd": Computation(momentum.macd, SOURCE),
    "roc": Computation(momentum.roc, SOURCE),
    "momentum": Computation(momentum.momentum, SOURCE),
    "stochastic": Computation(momentum.stochastic, HLC),
    "williams_r": Computation(momentum.williams_r, HLC),
    "cci": Computation(momentum.cci, HLC),
    "fisher": Computation(momentum.fisher, HL),
    "rvi": Computation(momentum.rvi, OHLC),
    "adx": Computation(trend.adx, HLC),
    "aroon": Computation(trend.aroon, HL),
    "supertrend": Computation(trend.supertrend, HLC),
    "parabolic_sar": Computation(trend.parabolic_sar, HL),
    "ichimoku": Computation(trend.ichimoku, HL),
    "atr": Computation(volatility.atr, HLC),
    "bollinger": Computation(volatility.bollinger, SOURCE),
    "bollinger_width": Computation(volatility.bollinger_width, SOURCE),
    "donchian": Computation(volatility.donchian, HL),
    "keltner": Computation(volatility.keltner, HLC),
    "squeeze": Computation(volatility.squeeze, HLC),
    "vwap": Computation(volume.vwap, HLCV),
    "volume_ratio": Computation(volume.volume_ratio, ("volume",)),
    "cmf": Computation(volume.cmf, HLCV),
    "mfi": Computation(volume.mfi, HLCV),
    "obv": Computation(volume.obv, ("close", "volume")),
    "ad_line": Computation(volume.ad_line, HLCV),
}
