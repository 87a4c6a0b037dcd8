"""Enter an import whose bars are stored: rows, and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass

from operations.writing import Outdated
from training.market_data.report import DataReport
from training.models import Import, MarketData
from training.series.versions import add_import, hold, remove_unused


@dataclass(frozen=True, kw_only=True)
class PreparedImport:
    """What an import is to write."""

    based_on: Import | None
    """The current import when it was looked at."""
    data: MarketData
    """The series from then on. Without `file` where it is stored already."""
    entry: Import | None
    """None where nothing changes."""
    report: DataReport
    """Of the file, with its reading."""
    words: tuple[str, ...]
    """What it does to the series, as sentences without a full stop."""
    goes_on: bool = False
    """The bars of `based_on` are the first ones of `data`, and are read from its file."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import did."""

    entry: Import
    """The newest import of the series: this one, unless nothing changed."""
    data: MarketData
    """The bars that count from now on."""
    report: DataReport
    """Of the file, with its reading."""
    words: tuple[str, ...]
    """What it did to the series, as sentences without a full stop."""
    changed: bool


def enter_all(prepared: Iterable[PreparedImport]) -> list[Imported]:
    """All of them, or none; raises as `enter_import`."""
    return [enter_import(one) for one in prepared]


def enter_import(prepared: PreparedImport) -> Imported:
    """
    Write the rows of an import, within the caller's transaction.

    Raises:
        Outdated: the series has changed since it was looked at.
    """
    new, based_on, entry = prepared.data, prepared.based_on, prepared.entry
    hold(new.symbol, new.timeframe, based_on.number if based_on else None)
    data = _version(new)
    if entry is not None:
        entry.data = data
        if prepared.goes_on and based_on is not None and based_on.data is not None:
            _read_from(data.file, based_on.data)
        entry = add_import(entry)
    newest = entry or based_on
    assert newest is not None
    return Imported(
        entry=newest,
        data=data,
        report=prepared.report,
        words=prepared.words,
        changed=entry is not None,
    )


def _version(new: MarketData) -> MarketData:
    """The row of the bars, one for each version of a series."""
    versions = MarketData.objects.filter(symbol=new.symbol, timeframe=new.timeframe)
    known = versions.filter(fingerprint=new.fingerprint).select_for_update().first()
    if known is not None:
        return _mended(known, new.file)
    if not new.file:
        raise Outdated
    new.save(force_insert=True)
    new.refresh_from_db(fields=["imported_at"])
    # Bars that were dropped and come again are those of the imports that had them.
    imports = Import.objects.of(new.symbol, new.timeframe).filter(data=None)
    imports.filter(fingerprint=new.fingerprint).update(data=new)
    return new


def _mended(data: MarketData, file: str) -> MarketData:
    """The version, with a whole file in place of a damaged one."""
    if file:
        _read_from(file, data)
        data.file = file
    return data


def _read_from(file: str, data: MarketData) -> None:
    """Let a version, and those that are the first of its bars, be read from another file."""
    now = MarketData.objects.filter(pk=data.pk).values_list("file", flat=True).get()
    sharing = MarketData.objects.filter(symbol=data.symbol, timeframe=data.timeframe, file=now)
    sharing.filter(num_rows__lte=data.num_rows).update(file=file)
    remove_unused([now])
