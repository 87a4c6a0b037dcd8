"""Which column of a file is which."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from training.market_data.reading.bare import by_position
from training.market_data.reading.candidates import Candidate, apart, clock_of, time_candidates
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.names import ADJUSTED, CLOCKS, OF_UTC, PRICES, plain
from training.market_data.reading.record import About, By
from training.market_data.reading.stated_zones import StatedZone, zone_in_name
from training.market_data.reading.table import Table
from training.market_data.reading.volumes import choose_volume
from training.market_data.reading.words import duration
from training.market_data.reading.zone_columns import zone_column

_NOTHING_KNOWN = (
    "is it a file of prices? If it is, say --columns time=NAME,open=NAME and so on, with the names "
    "of its first line or #1, #2 …"
)
"""Says nothing of what is there instead: a path may be mistaken, and lead to somebody's secrets."""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Columns of a table by number, from 0."""

    time: int
    clock: int | None
    open: int
    high: int
    low: int
    close: int
    volume: int | None
    is_close_time: bool = False
    """The time says that it is a bar's close."""
    is_utc: bool = False
    """The time says, by its name, that it is UTC."""
    zone: int | None = None
    """It says the zone, or the offset, of the local times beside."""
    unadjusted: int | None = None
    """The close that the four prices belong to, where `close` is an adjusted one."""


def find_columns(table: Table, ledger: Ledger, *, whole_days: bool, base: str | None) -> Columns:
    """
    Choose columns by option, by memory, or by their names and what they hold.

    Args:
        whole_days: bars last a day or longer, so a date is enough.
        base: what is traded in, like BTC, if that is known.

    Raises:
        MarketDataInvalid: columns are missing, or two could be meant.
    """
    said = dict(ledger.options.columns)
    known = ledger.remembered_like(table.container, table.delimiter, table.names)
    recalled = None if known is None else known.decided(About.COLUMNS)
    if recalled is not None and not said:
        ledger.decide(About.COLUMNS, recalled.value, By.MEMORY, recalled.words)
        return _by_name(table, recalled.value, ledger)
    if not table.names and not {"time", *PRICES} <= set(said):
        chosen = by_position(table, ledger)
        ledger.decide(About.COLUMNS, _named(table, chosen), By.DEFAULT, _words(table, chosen, []))
        return _columns(table, chosen, ledger)
    times = time_candidates(table)
    prices = _prices(table, said, ledger, has_time=bool(times) or "time" in said)
    time, clock = _time(table, said, times, ledger, whole_days=whole_days)
    volume, notes = _volume(table, said, ledger, base)
    chosen = {"time": time, "clock": clock, **prices, "volume": volume}
    columns = _columns(table, chosen, ledger)
    by = By.OPTION if said else By.PROOF
    told = [*_about_times(times, time), *_about_prices(table, prices), *notes]
    told += _about_adjusted(table, columns)
    if columns.zone is not None:
        told.append(f"{table.label(columns.zone)} says the zone of its times")
    ledger.decide(About.COLUMNS, _named(table, chosen), by, _words(table, chosen, told))
    return columns


def _columns(table: Table, chosen: Mapping[str, int | None], ledger: Ledger) -> Columns:
    name = table.names[chosen["time"] or 0] if table.names else ""
    stated = list(_zones_in_names(table, chosen))
    ledger.stated_zones += stated
    is_utc = plain(name) in OF_UTC and not stated
    columns = Columns(**chosen, is_utc=is_utc)  # type: ignore[arg-type]
    is_close_time = any(
        one.index == columns.time and one.group == 2 for one in time_candidates(table)
    )
    zone = zone_column(table, columns.time, ledger)
    columns = replace(columns, is_close_time=is_close_time, zone=zone)
    if not table.names or plain(table.names[columns.close]) not in ADJUSTED:
        return columns
    plain_close = _first_named(table, PRICES["close"])
    return replace(columns, unadjusted=plain_close)


def _zones_in_names(table: Table, chosen: Mapping[str, int | None]) -> Iterator[StatedZone]:
    indices = {chosen.get("time"), chosen.get("clock")} if table.names else set()
    for index in indices - {None}:
        if (stated := zone_in_name(table.label(index or 0))) is not None:
            yield stated


def _by_name(table: Table, value: Mapping[str, str], ledger: Ledger) -> Columns:
    chosen = {role: _index(table, name, role, ledger) for role, name in value.items()}
    return _columns(table, {"clock": None, "volume": None} | chosen, ledger)


def _named(table: Table, chosen: Mapping[str, int | None]) -> dict[str, str]:
    """As `--columns` says them: by name where that is one column's alone."""
    return {
        role: table.names[index]
        if table.names and table.names[index] and table.names.count(table.names[index]) == 1
        else f"#{index + 1}"
        for role, index in chosen.items()
        if index is not None
    }


def _words(table: Table, chosen: Mapping[str, int | None], told: list[str]) -> str:
    parts = [
        f"{role} is {table.label(index)}" for role, index in chosen.items() if index is not None
    ]
    if chosen["volume"] is None:
        parts.append("there is no volume")
    return "; ".join([", ".join(parts), *told])


def _index(table: Table, name: str, role: str, ledger: Ledger) -> int | None:
    """The column that a person means by a name. Raises `MarketDataInvalid`."""
    if name == "none":
        return None
    if name.startswith("#") and name[1:].isdecimal() and 0 < int(name[1:]) <= table.width:
        return int(name[1:]) - 1
    exact = [index for index, there in enumerate(table.names) if there.strip() == name]
    alike = [index for index, there in enumerate(table.names) if plain(there) == plain(name)]
    if len(exact or alike) == 1:
        return (exact or alike)[0]
    many = "there are several columns" if exact or alike else "there is no column"
    return ledger.refuse(f"--columns {role}={name}: {many} of that name; {table.columns_told()}")


def _first_named(table: Table, names: tuple[str, ...]) -> int | None:
    plains = [plain(name) for name in table.names]
    return next((plains.index(name) for name in names if name in plains), None)


def _prices(
    table: Table, said: Mapping[str, str], ledger: Ledger, *, has_time: bool
) -> dict[str, int | None]:
    found = {
        role: _index(table, said[role], role, ledger)
        if role in said
        else _first_named(table, names)
        for role, names in PRICES.items()
    }
    missing = [role for role, index in found.items() if index is None]
    missing = missing if has_time else ["date", *missing]
    if len(missing) == 1 + len(PRICES) and not said:
        ledger.refuse(f"there is no column for {', '.join(missing)}: {_NOTHING_KNOWN}")
    if missing:
        adjusted = _first_named(table, ADJUSTED)
        hint = (
            "" if adjusted is None else f' (--columns close="{table.label(adjusted)}" takes that)'
        )
        ledger.refuse(
            f"there is no column for {', '.join(missing)}{hint}; {table.columns_told()}: "
            "say --columns"
        )
    for role, index in found.items():
        if role not in said and index is not None:
            _refuse_twins(table, role, index, ledger)
            _refuse_rivals(table, role, index, ledger)
    return found


def _refuse_rivals(table: Table, role: str, index: int, ledger: Ledger) -> None:
    """Last and Settle differ, and neither is called Close, or Close Price."""
    if role in plain(table.names[index]):
        return
    ours = table.texts(index)
    for other, name in enumerate(table.names):
        if other != index and plain(name) in PRICES[role] and (ours != table.texts(other)).any():
            row = int((ours != table.texts(other)).fill_null(value=False).arg_max() or 0)
            ledger.refuse(
                f"two columns could be the {role}, {table.label(index)} ({ours[row]}) and "
                f"{table.label(other)} ({table.texts(other)[row]}): say --columns "
                f'{role}="{table.label(index)}" or {role}="{table.label(other)}"'
            )


def _refuse_twins(table: Table, role: str, index: int, ledger: Ledger) -> None:
    """Two columns of one name that differ are two instruments."""
    name = plain(table.names[index])
    for other in range(index + 1, table.width):
        if plain(table.names[other]) != name:
            continue
        ours, theirs = table.texts(index), table.texts(other)
        differs = (ours != theirs).fill_null(value=True)
        if differs.any():
            row = int(differs.arg_max() or 0)
            ledger.refuse(
                f"two columns are called {table.label(index)}, and they differ ({ours[row]} and "
                f"{theirs[row]} in {table.word} {table.first + row}), as those of two instruments "
                f"do: say --columns {role}=#{index + 1} or #{other + 1}, and so on"
            )


def _time(
    table: Table,
    said: Mapping[str, str],
    found: list[Candidate],
    ledger: Ledger,
    *,
    whole_days: bool,
) -> tuple[int, int | None]:
    clock = _index(table, said["clock"], "clock", ledger) if "clock" in said else None
    if "time" in said:
        time = _index(table, said["time"], "time", ledger)
        return (0 if time is None else time), clock
    best = _best(found, ledger, whole_days=whole_days)
    if clock is None and best.rank and all(_is_midnight(it) for it in best.seconds):
        clock = clock_of(table, CLOCKS)
    return best.index, clock


def _best(found: list[Candidate], ledger: Ledger, *, whole_days: bool) -> Candidate:
    """The likeliest time; of a file of days, a date is as good as a local time."""

    def kind(one: Candidate) -> tuple[int, int]:
        return one.group, min(one.rank, 1) if whole_days else one.rank

    best = min(found, key=lambda one: (*kind(one), one.place))
    for other in found:
        is_rival = other is not best and kind(other) == kind(best) and other.rank == best.rank
        if is_rival and apart(best, other) is not None:
            ledger.refuse(
                f"two columns could be the time, {best.label} ({best.first}) and {other.label} "
                f"({other.first}): say --columns time={best.label} or time={other.label}"
            )
    return best


def _is_midnight(seconds: int | None) -> bool:
    return seconds is None or seconds % 86_400 == 0


def _about_times(found: list[Candidate], time: int) -> Iterator[str]:
    """Other times that a file has, and how they differ."""
    chosen = next((one for one in found if one.index == time), None)
    for other in found:
        if chosen is None or other.index == time or other.group == 2 != chosen.group:
            continue
        seconds = apart(chosen, other)
        if seconds is not None:
            side = "ahead of" if seconds > 0 else "behind"
            yield f"{other.label} is {duration(abs(seconds))} {side} it and is not used"


def _about_prices(table: Table, chosen: Mapping[str, int | None]) -> Iterator[str]:
    """Others that a price may be called, as Last beside Close."""
    for role, index in chosen.items():
        used = plain(table.names[index]) if table.names and index is not None else None
        for other, name in enumerate(table.names):
            if plain(name) in PRICES[role] and plain(name) != used and other not in chosen.values():
                yield f"{table.label(other)} is not used"


def _volume(
    table: Table, said: Mapping[str, str], ledger: Ledger, base: str | None
) -> tuple[int | None, list[str]]:
    if "volume" in said:
        return _index(table, said["volume"], "volume", ledger), []
    return choose_volume(table, ledger, base)


def _about_adjusted(table: Table, columns: Columns) -> Iterator[str]:
    if columns.unadjusted is not None:
        yield f"the four prices are adjusted by {table.label(columns.close)}"
        return
    adjusted = _first_named(table, ADJUSTED)
    if adjusted not in (None, columns.close):
        yield f"{table.label(adjusted or 0)} is not used"
