"""What is written with a training's request, whoever writes it: what it stands on, and the words
that it is found by."""

from collections.abc import Iterator, Mapping
from typing import Any

from operations import places
from operations.labels import LABEL_MAX_LENGTH, Label
from training.series.pinning import hold_bars
from training.snapshots import symbols_of, timeframes_of


def hold(operation_id: str, request: Mapping[str, Any]) -> None:
    """In the transaction that writes the request. Raises `Outdated` as `hold_bars` does."""
    hold_each({operation_id: request})


def hold_each(requests: Mapping[str, Mapping[str, Any]]) -> None:
    """The same for requests that are written together, by the operations' ids."""
    hold_bars(requests)
    labels = [
        Label(operation_id=operation_id, kind=kind, value=value)
        for operation_id, request in requests.items()
        for kind, value in labels_of(request.get("strategy", {}))
    ]
    Label.objects.bulk_create(labels, ignore_conflicts=True)
    places.renew(requests)


def labels_of(strategy: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Kind and value, each once, of a snapshot; `presentation/found_by.py` says what they are."""
    if (data := strategy.get("training_data")) is None:
        return
    for symbol in dict.fromkeys(symbols_of(data)):
        yield "symbol", symbol
    for timeframe in dict.fromkeys(timeframes_of(data)):
        yield "timeframe", timeframe
    yield "strategy", strategy["name"][:LABEL_MAX_LENGTH]
    yield "network", strategy["model"]["type"]
    yield "seed", str(strategy["training"]["seed"])
