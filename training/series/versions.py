"""Which bars of a series count, and which are kept: every change is a row of `Import`.

A change looks first, at no lock, and then writes in one short transaction that holds the row of
the import it was based on. Whoever comes second finds a newer one, and begins again.
"""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from checkpoints import files
from checkpoints.errors import StorageUnreachableError
from checkpoints.failpoints import failpoint
from operations import actor
from operations.writing import Outdated, write_prepared
from training.market_data.errors import (
    MarketDataMissing,
    MarketDataPinned,
    NothingToUndo,
)
from training.models import Import, ImportKind, MarketData, Pin

KEPT = 10
"""Versions of a series that stay although nothing pins them."""
NAMED = 5
"""Operations that a refusal names."""


def current_import(symbol: str, timeframe: str) -> Import | None:
    """The import whose bars count; None of a sample, and where there is nothing."""
    return Import.objects.of(symbol, timeframe).select_related("data").first()


def undo_import(symbol: str, timeframe: str) -> Import:
    """
    Let the bars before the newest import count again; the next undo goes back another one.

    Nothing is deleted: the undo is an import of its own. What stands on the bars that no longer
    count keeps them.

    Raises:
        MarketDataMissing: nothing was imported.
        NothingToUndo: there are no bars before, or they are kept no longer.
    """
    return write_prepared(lambda: _undone(symbol, timeframe), _write_undo)


def forget_market_data(symbol: str, timeframe: str) -> int:
    """
    Delete a series with all its imports; returns how many those were.

    Raises:
        MarketDataMissing: nothing was imported.
        MarketDataPinned: operations stand on its bars; it names them.
    """

    def look() -> Import:
        return _existing(symbol, timeframe)

    def write(current: Import) -> int:
        hold(symbol, timeframe, current.number)
        versions = MarketData.objects.filter(symbol=symbol, timeframe=timeframe)
        locked = list(versions.order_by("pk").select_for_update())  # a start pins none of them now
        _refuse_pinned(symbol, timeframe)
        Import.objects.of(symbol, timeframe).delete()
        _delete(locked)
        return current.number

    return write_prepared(look, write)


def pinned_by(symbol: str, timeframe: str) -> list[str]:
    """Ids of the operations that stand on bars of a series, the newest first."""
    pins = Pin.objects.in_use().filter(data__symbol=symbol, data__timeframe=timeframe)
    ids = pins.order_by("-operation__created_at", "-operation_id")
    return list(dict.fromkeys(ids.values_list("operation_id", flat=True)))


def hold(symbol: str, timeframe: str, number: int | None) -> None:
    """
    Let nobody else change a series until the transaction ends.

    Raises:
        Outdated: `number` is no longer its newest import; None of a series without any.
    """
    imports = Import.objects.of(symbol, timeframe)
    if number is not None and not imports.filter(number=number).select_for_update().exists():
        raise Outdated
    if imports.filter(number__gt=number or 0).exists():
        raise Outdated


def add_import(made: Import) -> Import:
    """
    Enter an import, and drop the versions that nobody needs; within the caller's transaction.

    Raises:
        Outdated: another one has its number.
    """
    who = actor.current()
    made.actor_kind, made.actor_name = who.kind, who.name
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Outdated from error
    failpoint("import.written")
    drop_versions(made.symbol, made.timeframe)
    made.refresh_from_db()
    return made


def drop_versions(symbol: str, timeframe: str) -> None:
    """Delete versions of a series that nothing pins, except for the newest."""
    of_series = MarketData.objects.filter(symbol=symbol, timeframe=timeframe)
    kept = _newest(symbol, timeframe)
    superfluous = list(of_series.exclude(pk__in=kept).order_by("pk").select_for_update())
    if superfluous:
        pins = Pin.objects.filter(data__in=superfluous)
        needed = set(pins.in_use().values_list("data_id", flat=True))
        _delete([data for data in superfluous if data.pk not in needed])


def _newest(symbol: str, timeframe: str) -> list[int]:
    """Versions of the newest imports: as many different ones as are kept."""
    imports = Import.objects.of(symbol, timeframe).exclude(data=None)
    newest: dict[int, None] = {}
    for key in imports.values_list("data_id", flat=True).iterator(chunk_size=100):
        newest[key] = None
        if len(newest) == KEPT:
            break
    return list(newest)


def _delete(versions: list[MarketData]) -> None:
    """Rows now, files after the commit: a kill in between leaves files that no row refers to."""
    keys = [data.pk for data in versions]
    Pin.objects.filter(data__in=keys).delete()  # of operations that nothing can resume
    MarketData.objects.filter(pk__in=keys).delete()
    remove_unused(data.file for data in versions)


def remove_unused(names: Iterable[str]) -> None:
    """Delete files after the commit, except for those that a row refers to."""
    named = set(names)
    used = set(MarketData.objects.filter(file__in=named).values_list("file", flat=True))
    unused = sorted(named - used)

    def remove() -> None:
        for name in unused:
            failpoint("import.remove.file")
            try:
                files.remove(name)
            except StorageUnreachableError:
                return  # the sweep of files without a row takes them

    if unused:
        transaction.on_commit(remove, robust=True)


def _existing(symbol: str, timeframe: str) -> Import:
    current = current_import(symbol, timeframe)
    if current is None:
        raise MarketDataMissing(symbol=symbol, timeframe=timeframe, hint="")
    return current


def _undone(symbol: str, timeframe: str) -> Import:
    current = _existing(symbol, timeframe)
    before = Import.objects.of(symbol, timeframe).filter(number=current.based_on or 0).first()
    if before is None:
        raise NothingToUndo(
            symbol=symbol, timeframe=timeframe, reason="there are no bars before its first import"
        )
    if before.data_id is None:
        raise NothingToUndo(
            symbol=symbol,
            timeframe=timeframe,
            reason=f"the bars of import {before.number} are kept no longer",
        )
    return Import(
        symbol=symbol,
        timeframe=timeframe,
        number=current.number + 1,
        kind=ImportKind.UNDO,
        based_on=before.based_on,
        back_to=before.back_to or before.number,
        data_id=before.data_id,
        fingerprint=before.fingerprint,
        num_rows=before.num_rows,
        words=[f"back to the {before.num_rows} bars of import {before.back_to or before.number}"],
    )


def _write_undo(undo: Import) -> Import:
    hold(undo.symbol, undo.timeframe, undo.number - 1)
    if not MarketData.objects.select_for_update().filter(pk=undo.data_id or 0).exists():
        raise Outdated
    return add_import(undo)


def _refuse_pinned(symbol: str, timeframe: str) -> None:
    if pins := pinned_by(symbol, timeframe):
        more = f" and {len(pins) - NAMED} more" if len(pins) > NAMED else ""
        named = f"{', '.join(pins[:NAMED])}{more}"
        raise MarketDataPinned(symbol=symbol, timeframe=timeframe, operations=named)
