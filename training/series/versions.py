"""Which bars of a series count, and which are kept: every change is a row of `Import`.

A change looks first, at no lock, and then writes in one short transaction that holds the row of
the import it was based on. Whoever comes second finds a newer one, and begins again.
"""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import IntegrityError, transaction

from checkpoints import files
from checkpoints.errors import StorageUnreachableError
from checkpoints.failpoints import failpoint
from operations import actor, selectors
from operations.writing import Outdated, write_prepared
from training.market_data.errors import (
    MarketDataMissing,
    MarketDataPinned,
    NothingToUndo,
    SeriesChanged,
)
from training.market_data.samples import sample_timeframes
from training.models import Import, ImportKind, MarketData, Pin

User = AbstractBaseUser | AnonymousUser

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

    Raises as `prepare_undo`.
    """
    return write_prepared(lambda: prepare_undo(symbol, timeframe), write_undo)


def prepare_undo(symbol: str, timeframe: str, *, number: int | None = None) -> Import:
    """
    The import that undoes the newest one, for `write_undo`.

    Args:
        symbol: of the series.
        timeframe: of the series.
        number: of the import that is meant; None of the newest, whichever that is.

    Raises:
        MarketDataMissing: nothing was imported.
        SeriesChanged: `number` is the newest no longer.
        NothingToUndo: there are no bars before, or they are kept no longer.
    """
    current = _existing(symbol, timeframe, number)
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


def write_undo(undo: Import) -> Import:
    """Raises `Outdated`."""
    hold(undo.symbol, undo.timeframe, undo.number - 1)
    if not MarketData.objects.select_for_update().filter(pk=undo.data_id or 0).exists():
        raise Outdated
    return add_import(undo)


def forget_market_data(
    symbol: str, timeframe: str, *, number: int | None = None, user: User | None = None
) -> int:
    """
    Delete a series with all its imports; returns how many those were.

    Args:
        symbol: of the series.
        timeframe: of the series.
        number: of its newest import, as whoever decided this saw it; None of any.
        user: who is told what stands on its bars, of what they may see; None of all of it.

    Raises:
        MarketDataMissing: nothing was imported.
        SeriesChanged: something was imported after `number`.
        MarketDataPinned: operations stand on its bars; it names them.
    """

    def look() -> Import:
        return _existing(symbol, timeframe, number)

    def write(current: Import) -> int:
        hold(symbol, timeframe, current.number)
        versions = MarketData.objects.filter(symbol=symbol, timeframe=timeframe)
        locked = list(versions.order_by("pk").select_for_update())  # a start pins none of them now
        refuse_pinned(symbol, timeframe, user=user)
        Import.objects.of(symbol, timeframe).delete()
        _delete(locked)
        return current.number

    return write_prepared(look, write)


def refuse_pinned(symbol: str, timeframe: str, *, user: User | None = None) -> None:
    """Raises `MarketDataPinned` where operations stand on bars of a series."""
    pins = pinned_by(symbol, timeframe)
    if not pins:
        return
    seen = pins if user is None else _visible(pins, user)
    told = [*seen[:NAMED]]
    if (more := len(pins) - len(told)) > 0:
        told.append(f"{more} more" if told else f"{more} of other users")
    raise MarketDataPinned(symbol=symbol, timeframe=timeframe, operations=" and ".join(told))


def pinned_by(symbol: str, timeframe: str) -> list[str]:
    """Ids of the operations that stand on bars of a series, the newest first."""
    pins = Pin.objects.in_use().filter(data__symbol=symbol, data__timeframe=timeframe)
    ids = pins.order_by("-operation__created_at", "-operation_id")
    return list(dict.fromkeys(ids.values_list("operation_id", flat=True)))


def _visible(ids: list[str], user: User) -> list[str]:
    seen = selectors.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)
    mine = set(seen)
    return [pk for pk in ids if pk in mine]


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


def _existing(symbol: str, timeframe: str, number: int | None) -> Import:
    current = current_import(symbol, timeframe)
    if current is None:
        is_sample = timeframe in sample_timeframes(symbol)
        hint = " The sample that ships with KTRDR is no import, and stays." if is_sample else ""
        raise MarketDataMissing(symbol=symbol, timeframe=timeframe, hint=hint)
    if number is not None and number != current.number:
        raise SeriesChanged(symbol=symbol, timeframe=timeframe, meant=number, newest=current.number)
    return current
