"""
What an operation stands on: the import of each series that it was started with.

`imports` of a request say so, by `SYMBOL/timeframe` of the series that is loaded (bars of another
timeframe may be resampled from it); 0 is the sample that ships with KTRDR. A row of `Pin` for each
keeps the bars stored.
"""

from collections.abc import Mapping
from typing import Any

from operations.writing import Outdated
from training.models import Import, MarketData, Pin

SAMPLE = 0
"""Number of the import that stands for a shipped sample."""


def pinned_import(name: str, number: int) -> Import | None:
    """An import whose bars are there; None where they are gone."""
    symbol, _, timeframe = name.rpartition("/")
    found = Import.objects.of(symbol, timeframe).filter(number=number).select_related("data")
    return found.exclude(data=None).first()


def hold_bars(operation_id: str, request: Mapping[str, Any]) -> None:
    """
    Pin what a request stands on, in the transaction that writes it, and nothing else any more.

    Requests of version 0.1.0 name no imports: what was pinned for them stays.

    Raises:
        Outdated: bars that it was to stand on have gone since they were looked at.
    """
    imports: dict[str, int] | None = request.get("imports")
    if imports is None:
        return
    wanted = {data.pk for name, number in imports.items() if (data := _data(name, number))}
    locked = MarketData.objects.filter(pk__in=wanted).order_by("pk").select_for_update()
    if {data.pk for data in locked} != wanted:
        raise Outdated
    pins = Pin.objects.filter(operation_id=operation_id)
    pins.exclude(data__in=wanted).delete()
    Pin.objects.bulk_create(
        [Pin(operation_id=operation_id, data_id=key) for key in sorted(wanted)],
        ignore_conflicts=True,
    )


def _data(name: str, number: int) -> MarketData | None:
    """None of a sample. Raises `Outdated`."""
    if number == SAMPLE:
        return None
    found = pinned_import(name, number)
    if found is None:
        raise Outdated
    return found.data
