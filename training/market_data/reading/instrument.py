"""Whose prices a file has."""

import re
from dataclasses import replace

import polars as pl

from training.market_data.reading.ledger import Ledger
from training.market_data.reading.names import PARTS, SYMBOLS, plain
from training.market_data.reading.record import About, By
from training.market_data.reading.table import Table, positions
from training.market_data.reading.words import counted

_SHOWN = 8


def as_symbol(name: str) -> str:
    """`BTC/USDT` as BTC-USDT: what a symbol of ours may be."""
    return re.sub(r"[^A-Za-z0-9._^=-]+", "-", name.strip()).strip("-")


def base_of(instrument: str | None) -> str | None:
    """BTC of `BTC/USD`; None where two units cannot be told apart."""
    found = re.fullmatch(r"([A-Za-z0-9]+)[/_-]([A-Za-z0-9]+)", instrument or "")
    return found[1] if found else None


def instruments_of(table: Table) -> list[str]:
    """Names of the instruments that a file names, in their order."""
    if table.tickers:
        return list(dict.fromkeys(name for name in table.tickers if name))
    index = _column(table, None)
    return [] if index is None else _values(table, index)


def one_instrument(table: Table, ledger: Ledger, symbol: str | None) -> tuple[Table, str | None]:
    """
    The rows, or the columns, of one instrument, and its name in the file.

    Args:
        symbol: the name under which the bars will be stored: decides where the file has it.

    Raises:
        MarketDataInvalid: it has several, and nobody said which.
    """
    asked = dict(ledger.options.columns).get("symbol")
    index = _column(table, asked)
    names = instruments_of(table) if table.tickers or index is None else _values(table, index)
    if not names:
        if ledger.options.only is not None:
            ledger.refuse("no column names its instrument: --only has nothing to choose from")
        return table, None
    chosen, by = _choose(names, ledger, symbol)
    if len(names) > 1:
        table = (
            _only_column(table, chosen) if table.tickers else _only_rows(table, index or 0, chosen)
        )
    others = f", {counted(len(names) - 1, 'other')} left out" if len(names) > 1 else ""
    ledger.decide(About.INSTRUMENT, chosen, by, f"its instrument is {chosen}{others}")
    return table, chosen


def _choose(names: list[str], ledger: Ledger, symbol: str | None) -> tuple[str, By]:
    wanted = ledger.options.only
    for given, by in ((wanted, By.OPTION), (symbol if wanted is None else None, By.PROOF)):
        same = [name for name in names if given is not None and _is_same(name, given)]
        if len(same) == 1:
            return same[0], by
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    if wanted is not None:
        ledger.refuse(f"there is no {wanted} in it; there is {shown}: say another --only")
    if len(names) > 1:
        ledger.refuse(f"it has {len(names)} instruments ({shown}): say --only {names[0]}")
    return names[0], By.PROOF


def _is_same(name: str, given: str) -> bool:
    return name == given or as_symbol(name) == as_symbol(given)


def _column(table: Table, asked: str | None) -> int | None:
    """The column that names instruments: the first known one with several, else the first."""
    if asked is not None and asked.startswith("#") and asked[1:].isdecimal():
        return int(asked[1:]) - 1 if 0 < int(asked[1:]) <= table.width else None
    if asked is not None:
        return next((at for at, name in enumerate(table.names) if name.strip() == asked), None)
    known = [
        (SYMBOLS.index(plain(name)), at)
        for at, name in enumerate(table.names)
        if plain(name) in SYMBOLS
    ]
    columns = [at for _, at in sorted(known)]
    several = [at for at in columns if len(_values(table, at)) > 1]
    return next(iter([*several, *_parting(table), *columns]), None)


def _parting(table: Table) -> list[int]:
    """Columns of which every value is another series: expiries, exchanges, lengths of bars."""
    known = [at for at, name in enumerate(table.names) if plain(name) in PARTS]
    return [at for at in known if 1 < len(_values(table, at)) <= len(table.frame) / 2]


def _values(table: Table, index: int) -> list[str]:
    return table.texts(index).drop_nulls().unique(maintain_order=True).to_list()


def _only_rows(table: Table, index: int, chosen: str) -> Table:
    """Other rows stay, empty, so that each keeps its number."""
    is_other = (table.texts(index) != chosen).fill_null(value=True)
    empty = pl.when(~is_other).then(pl.all())
    return replace(table, frame=table.frame.select(empty))


def _only_column(table: Table, chosen: str) -> Table:
    kept = [at for at, name in enumerate(table.tickers) if name in ("", chosen)]
    return replace(
        table,
        frame=positions(table.frame.select(f"c{at}" for at in kept)),
        names=tuple(table.names[at] for at in kept),
        tickers=(),
    )
