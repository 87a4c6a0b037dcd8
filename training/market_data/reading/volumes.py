"""Which column is the volume: what was traded, in units of the instrument."""

import re

import polars as pl

from training.market_data.reading.ledger import Ledger
from training.market_data.reading.names import (
    LIKE_VOLUMES,
    QUOTE_VOLUMES,
    QUOTES,
    VOLUMES,
    plain,
)
from training.market_data.reading.table import Table

_UNIT = re.compile(r"(?:volume|vol)_(?:in_)?(\w+)|(\w+)_(?:volume|vol)")


def choose_volume(table: Table, ledger: Ledger, base: str | None) -> tuple[int | None, list[str]]:
    """
    The column of the volume, if there is one, and what is said about the others.

    One that is 0 throughout counts only if all are; money is no volume.

    Raises:
        MarketDataInvalid: two could be meant.
    """
    looks = [
        index
        for index, name in enumerate(table.names)
        if LIKE_VOLUMES.search(plain(name)) or plain(name) in (*VOLUMES, *QUOTE_VOLUMES)
    ]
    ranked = [
        (rank, index)
        for index in looks
        if (rank := _rank(plain(table.names[index]), base)) is not None
    ]
    ranked.sort()
    if len(ranked) > 1:
        ranked = [it for it in ranked if not _is_zero(table, it[1])] or ranked
    if not ranked:
        return None, _unused(table, looks, None)
    rivals = [index for rank, index in ranked if rank == ranked[0][0]]
    first = rivals[0]
    for other in rivals[1:]:
        if (table.texts(first) != table.texts(other)).any():
            ledger.refuse(
                f"two columns could be the volume, {table.label(first)} "
                f"({table.texts(first)[0]}) and {table.label(other)} ({table.texts(other)[0]}): "
                f"say --columns volume={table.label(first)} or volume={table.label(other)}"
            )
    return first, _unused(table, looks, first)


def _rank(name: str, base: str | None) -> int | None:
    """Where a name stands among volumes; None of what is none."""
    if name in VOLUMES:
        return VOLUMES.index(name)
    found = _UNIT.fullmatch(name)
    if found is None or name in QUOTE_VOLUMES:
        return None
    unit = found[1] or found[2]
    if base is not None and unit == base.casefold():
        return 0
    is_other = unit in QUOTES or base is not None or not unit.isalnum() or unit in _OTHER
    return None if is_other else len(VOLUMES)


_OTHER = (
    "ma", "sma", "avg", "average", "pct", "percent", "change", "ratio", "notional", "delta", "buy",
    "sell", "taker", "ask", "bid",
)  # fmt: skip
"""Words beside `volume` that are no unit."""


def _is_zero(table: Table, index: int) -> bool:
    texts = table.texts(index)
    numbers = texts.cast(pl.Float64, strict=False)
    return bool(
        (numbers.fill_null(0) == 0).all()
        and texts.filter(numbers.is_null()).null_count() == numbers.null_count()
    )


def _unused(table: Table, looks: list[int], chosen: int | None) -> list[str]:
    told = []
    for index in looks:
        if index != chosen:
            why = (
                ", for it is 0 throughout," if chosen is not None and _is_zero(table, index) else ""
            )
            told.append(f"{table.label(index)}{why} is not used")
    return told
