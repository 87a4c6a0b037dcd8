"""Columns of a file without a header, by their order: what they hold has to fit it."""

from collections.abc import Mapping

import polars as pl

from training.market_data.reading import forms
from training.market_data.reading.clocks import is_clock
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.names import PRICES
from training.market_data.reading.table import Table
from training.market_data.reading.times import time_form

BARE = ("time", "open", "high", "low", "close", "volume")
"""The order; a clock may stand beside the time."""
_MOST_WRONG = 0.1
"""Of the rows."""
_FEW = 10
"""Rows that show nothing."""
_SORT_AS_TEXT = (forms.UNIX, forms.COMPACT, forms.YEAR_FIRST)
_SWAPPED = 2.0
"""A bar opens where the one before it closed, more or less: by so much nearer the other way round,
open and close are."""


def by_position(table: Table, ledger: Ledger) -> dict[str, int | None]:
    """
    Columns by role.

    Raises:
        MarketDataInvalid: high and low are not so, a bar does not begin where the one before ended,
            or the volume is a price.
    """
    sample = table.sample()
    if forms.form_of(sample.texts(0)) is None:
        ledger.refuse(
            f"no line names the columns, and the first one is no time; {table.columns_told()}: say "
            "--columns time=#1,open=#2,high=#3,low=#4,close=#5,volume=#6"
        )
    shift = int(table.width > len(BARE) - 1 and _is_bare_clock(sample))
    if table.width < len(BARE) - 1 + shift:
        ledger.refuse(f"no line names the columns, and there are only {table.width}")
    roles = ("time", "clock", *BARE[1:]) if shift else BARE
    places = {role: index for index, role in enumerate(roles) if index < table.width}
    chosen = {role: places.get(role) for role in ("time", "clock", *BARE[1:])}
    _check(table, sample, chosen, ledger)
    return chosen


def _is_bare_clock(sample: Table) -> bool:
    """Whether the second column is a clock beside dates: 930 without a mark would be a price."""
    dates, clocks = sample.texts(0), sample.texts(1).drop_nulls()
    is_padded = clocks.str.contains(r":|^0\d{3}$|^\d{6}$")
    has_clock = "clock" in (time_form(dates) or "clock")
    return not has_clock and bool(is_padded.any()) and is_clock(clocks)


def _check(table: Table, sample: Table, chosen: Mapping[str, int | None], ledger: Ledger) -> None:
    _refuse_several(table, {index for index in chosen.values() if index is not None}, ledger)
    values = _values(sample, chosen)
    if why := _does_not_fit(values, _values(table, chosen, rows=600)):
        ledger.refuse(
            "no line names the columns, and the order time, open, high, low, close, volume does "
            f"not fit ({why}): say --columns time=#1,open=#2,high=#3,low=#4,close=#5,volume=#6, "
            "with the right numbers"
        )


def _refuse_several(table: Table, used: set[int], ledger: Ledger) -> None:
    """Words in a column that no role has, a few of them again and again, name instruments."""
    if ledger.options.only is not None:
        return
    for index in set(range(table.width)) - used:
        words = table.texts(index).drop_nulls()
        words = words.filter(words.str.contains(r"^[A-Za-z]"))
        several = words.unique(maintain_order=True)
        if 1 < len(several) <= len(words) / 2:
            ledger.refuse(
                f"no line names the columns, and #{index + 1} has several values "
                f"({', '.join(several.head(3))}), as of several instruments: say "
                f"--columns symbol=#{index + 1} --only {several[0]}"
            )


def _does_not_fit(values: pl.DataFrame, neighbours: pl.DataFrame) -> str | None:
    """Why; None where it does."""
    is_right = pl.col("high") >= pl.max_horizontal("open", "close", "low")
    is_right &= pl.col("low") <= pl.min_horizontal("open", "close")
    if _share(values, is_right) < 1 - _MOST_WRONG:
        return "high is not the highest"
    if _is_swapped(neighbours):
        return "bars begin where the next one would end: open and close seem to be swapped"
    within = (pl.col("volume") >= pl.col("low")) & (pl.col("volume") <= pl.col("high"))
    if "volume" in values.columns and _share(values, within, empty=0) > 1 - _MOST_WRONG:
        return "the sixth column lies between low and high: it seems to be an average price"
    return None


def _share(values: pl.DataFrame, condition: pl.Expr, *, empty: float = 1) -> float:
    found = values.drop_nulls().select(condition.alias("found"))["found"]
    return float(found.mean()) if len(found) else empty  # type: ignore[arg-type]


def _is_swapped(neighbours: pl.DataFrame) -> bool:
    """By rows that stand beside each other, whichever of them is the later one."""
    rows = neighbours.drop_nulls()
    if len(rows) < _FEW or forms.form_of(rows["time"]) not in _SORT_AS_TEXT:
        return False
    is_falling = rows["time"][0] > rows["time"][-1]
    rows = rows.reverse() if is_falling else rows
    opens, closes = rows["open"].to_numpy(), rows["close"].to_numpy()
    as_said = abs(opens[1:] - closes[:-1]).mean()
    swapped = abs(closes[1:] - opens[:-1]).mean()
    return bool(as_said > _SWAPPED * swapped)


def _values(
    table: Table, chosen: Mapping[str, int | None], *, rows: int | None = None
) -> pl.DataFrame:
    """Time as it is written, and numbers, of the first `rows`."""
    part = table if rows is None else table.first_rows(rows)
    columns = {
        role: part.texts(index).str.replace_all(",", ".").cast(pl.Float64, strict=False)
        for role in (*PRICES, "volume")
        if (index := chosen[role]) is not None
    }
    return pl.DataFrame({"time": part.texts(chosen["time"] or 0), **columns})
