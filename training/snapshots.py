"""What is read from a strategy's snapshot as it lies in a request or a model: no parsing, so that
it may be done inside a write transaction."""

from collections.abc import Mapping
from typing import Any


def symbols_of(training_data: Mapping[str, Any]) -> list[str]:
    """The symbols of a snapshot's section, in its order."""
    section = training_data["symbols"]
    return list(section.get("list") or [section["symbol"]])


def timeframes_of(training_data: Mapping[str, Any]) -> list[str]:
    """Likewise the timeframes."""
    section = training_data["timeframes"]
    return list(section.get("list") or [section["timeframe"]])


def training_of(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request of a training: itself, or that which a family repeats."""
    found: Mapping[str, Any] = request.get("base", request)
    return found
