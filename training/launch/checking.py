"""Whether a start would be refused, for a form that is being filled in. Free of torch."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser

from training.launch.previewed import Previewed
from training.launch.priority import require_priority
from training.launch.start import StartRequest, check_request, prepare_start
from training.market_data.catalog import num_bars
from training.strategy import LoadedStrategy, Strategy
from training.strategy.values import Timeframe

READ_AT_MOST = 300_000
"""Bars, of all series: they take some tenths of a second, again at each pause of who types."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What would be started."""

    loaded: LoadedStrategy
    unread_bars: int = 0
    """So many bars are left to a preview, or to the start: it may still be refused for them."""


def check_start(
    request: StartRequest, *, owner: AbstractBaseUser | None, previewed: Previewed | None = None
) -> Checked:
    """Whatever would refuse a start refuses here; of many bars only whether they are there.

    `previewed` is what a preview has found, if it is of the same. Raises as `prepare_start`.
    """
    require_priority(request.priority, owner)
    loaded = check_request(request)
    bars = sum(num_bars(symbol, name) for symbol, name in _series(loaded.strategy))
    if bars > READ_AT_MOST:
        return Checked(loaded=loaded, unread_bars=bars)
    prepare_start(request, owner=owner, previewed=previewed)
    return Checked(loaded=loaded)


def _series(strategy: Strategy) -> Iterable[tuple[str, Timeframe]]:
    return ((symbol, name) for symbol in strategy.symbols for name in strategy.timeframes)
