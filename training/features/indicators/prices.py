"""The price columns that indicators read."""

from collections.abc import Callable, Mapping

import numpy as np

from training.features.arrays import Float64Array
from training.market_data.bars import Bars

_DERIVED: Mapping[str, Callable[[Bars], Float64Array]] = {
    "hl2": lambda bars: (bars.high + bars.low) / 2.0,
    "hlc3": lambda bars: (bars.high + bars.low + bars.close) / 3.0,
    "ohlc4": lambda bars: (bars.open + bars.high + bars.low + bars.close) / 4.0,
}


class Prices:
    """The columns of some bars and the averages made of them, each computed once."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._columns: dict[str, Float64Array] = {}

    def column(self, name: str) -> Float64Array:
        """Return open, high, low, close, volume, hl2, hlc3 or ohlc4: float64 [bars]."""
        if name not in self._columns:
            derive = _DERIVED.get(name)
            values = derive(self._bars) if derive else getattr(self._bars, name)
            # Compiled code is specialised for writable arrays; one that is not is copied once.
            self._columns[name] = np.require(values, np.float64, ("C", "W"))
        return self._columns[name]
