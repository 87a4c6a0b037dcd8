"""A strategy with other data, dates, epochs or seed, checked again."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from training.strategy.faults import Fault, StrategyInvalid
from training.strategy.limits import MAX_DEPTH, MAX_SHOWN, size_fault
from training.strategy.loading import strategy_from_data
from training.strategy.strategy import Strategy
from training.strategy.values import TIMEFRAMES

SOURCE = "with these settings"
GROWTH = 4
"""A snapshot has the default of everything; and forks of forks may add to it, up to here."""


def apply_overrides(
    strategy: Strategy | Mapping[str, Any],
    *,
    symbols: Sequence[str] | None = None,
    timeframes: Sequence[str] | None = None,
    start_date: str | None = None,
    end_date: str | None = None,
    epochs: int | None = None,
    seed: int | None = None,
) -> Strategy:
    """
    A copy of a strategy or snapshot with these settings in place of its own.

    Of several timeframes the base stays what it was if it is among them, else the finest.

    Raises:
        StrategyInvalid: the settings do not fit the rest; without lines.
    """
    _require_size({"symbols": list(symbols or ()), "timeframes": list(timeframes or ())})
    snapshot = strategy.snapshot() if isinstance(strategy, Strategy) else dict(strategy)
    data = {**snapshot["training_data"]}
    if symbols is not None:
        data["symbols"] = _symbols(symbols)
    if timeframes is not None:
        data["timeframes"] = _timeframes(timeframes, data["timeframes"])
    data |= _given(start_date=start_date, end_date=end_date)
    training = {**snapshot["training"], **_given(epochs=epochs, seed=seed)}
    changed = {**snapshot, "training_data": data, "training": training}
    return strategy_from_data(changed, source=SOURCE)


def apply_settings(snapshot: Mapping[str, Any], settings: Mapping[str, Any]) -> Strategy:
    """
    A copy of a snapshot with settings by dotted path, such as `training.learning_rate`.

    Raises:
        StrategyInvalid: a path leads nowhere, the settings are larger than a strategy may be, or
            do not fit the rest; without lines.
    """
    _require_size(dict(settings))
    changed = copy.deepcopy(dict(snapshot))
    for path, value in settings.items():
        *parents, key = path.split(".", MAX_DEPTH)
        section: Any = changed
        for parent in parents:
            section = section.get(parent) if isinstance(section, dict) else None
        if not isinstance(section, dict):
            fault = Fault(
                location=tuple(part[:MAX_SHOWN] for part in (*parents, key)),
                message="there is no such setting",
            )
            raise StrategyInvalid(SOURCE, [fault])
        section[key] = value
    _require_size(changed, times=GROWTH)
    return strategy_from_data(changed, source=SOURCE)


def _require_size(data: dict[str, Any], *, times: int = 1) -> None:
    if message := size_fault(data, times=times):
        raise StrategyInvalid(SOURCE, [Fault(location=(), message=message)])


def _symbols(symbols: Sequence[str]) -> dict[str, Any]:
    if len(symbols) == 1:
        return {"mode": "single", "symbol": symbols[0]}
    return {"mode": "multi_symbol", "list": list(symbols)}


def _timeframes(timeframes: Sequence[str], before: Mapping[str, Any]) -> dict[str, Any]:
    if len(timeframes) == 1:
        return {"mode": "single", "timeframe": timeframes[0]}
    base = before.get("base_timeframe", before.get("timeframe"))
    if base not in timeframes:
        base = next((name for name in TIMEFRAMES if name in timeframes), base)
    return {"mode": "multi_timeframe", "list": list(timeframes), "base_timeframe": base}


def _given(**settings: Any) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}
