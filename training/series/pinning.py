"""
What an operation stands on: the import of each series that it was started with.

`imports` of a request say so, by `SYMBOL/timeframe` of the series that is loaded (bars of another
timeframe may be resampled from it); 0 is the sample that ships with KTRDR. A row of `Pin` for each
keeps the bars stored.
"""

from collections.abc import Mapping
from functools import cache
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


def hold_bars(requests: Mapping[str, Mapping[str, Any]]) -> None:
    """
    Pin what requests stand on, in the transaction that writes them, and nothing else any more.

    By the operations' ids. Those of version 0.1.0 name no imports: what was pinned for them stays.

    Raises:
        Outdated: bars that one was to stand on have gone since they were looked at.
    """
    known = cache(_data)
    wanted = {
        operation_id: {data.pk for each in request["imports"].items() if (data := known(*each))}
        for operation_id, request in requests.items()
        if request.get("imports") is not None
    }
    keys = {key for own in wanted.values() for key in own}
    locked = MarketData.objects.filter(pk__in=keys).order_by("pk").select_for_update()
    if {data.pk for data in locked} != keys:
        raise Outdated
    pins = Pin.objects.filter(operation__in=wanted).values_list("pk", "operation_id", "data_id")
    if gone := [pk for pk, operation_id, key in pins if key not in wanted[operation_id]]:
        Pin.objects.filter(pk__in=gone).delete()
    Pin.objects.bulk_create(
        [Pin(operation_id=pk, data_id=key) for pk, own in wanted.items() for key in sorted(own)],
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
