"""What every indicator declares about itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from training.strategy.section import Section
from training.strategy.values import Settle


@dataclass(frozen=True, kw_only=True)
class Settling:
    """Periods until a smoothing has forgotten where the data begin, as far as it matters."""

    ema: int
    """An exponential mean, alpha = 2 / (period + 1)."""

    wilder: int
    """Wilder's smoothing, alpha = 1 / period."""

    adx: int
    """Wilder's smoothing of a quotient of such smoothings."""

    path_bars: int = 200
    """At least, of a supertrend: a path that turns where prices cross it forgets its start at its
    first turns."""


OF_0_1_0 = "0.1.0"
"""Not for strategies: the fingerprints that version 0.1.0 stored are of bars from so far back."""

SETTLING: Mapping[str, Settling] = {
    "strict": Settling(ema=8, wilder=17, adx=20),
    "loose": Settling(ema=4, wilder=8, adx=10),
    OF_0_1_0: Settling(ema=10, wilder=20, adx=40, path_bars=0),
}
"""What is left of the beginning, as a share of the indicator's range, over 26 cuts of an index at
the median: strict 2e-8 (EMA), 1e-8 (Wilder), 8e-9 (ADX), which float32 hardly sees; loose 7e-5,
2e-4, 2e-4. A test measures it."""

PATH_BARS = 200  # a path that turns where prices cross it forgets its start at its first turns

PERIOD = "Bars in the window."
SOURCE = "Price the indicator is computed from; never another indicator."


class IndicatorSection(Section):
    """One entry under `indicators`; the parameters stand beside `type`."""

    outputs: ClassVar[tuple[str, ...]] = ()
    """Names of the outputs; empty for one output, which goes by the indicator's id alone."""

    look_ahead: ClassVar[frozenset[str]] = frozenset()
    """Outputs (`""` for the only one) that know the future and are refused as inputs."""

    cumulative: ClassVar[bool] = False
    """Whether values depend on where the loaded data begins."""

    def settle_length(self, settle: Settle) -> int:
        """Bars after which a value no longer shows where the data begins."""
        raise NotImplementedError
