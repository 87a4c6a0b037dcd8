"""A column that says the zone, or the offset from UTC, of the local times beside it."""

from training.market_data.reading import forms
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.names import OF_UTC, ZONES, plain
from training.market_data.reading.table import Table
from training.market_data.reading.times import time_form

_SAYS = r"^(?:Z|[A-Z]{3,4}|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]+(?:/[A-Za-z_]+)+)$"


def zone_column(table: Table, time: int, ledger: Ledger) -> int | None:
    """
    The column, where the times are local and nobody said their zone.

    Raises:
        MarketDataInvalid: it cannot be read; with the option that says it instead.
    """
    if ledger.options.timezone is not None or not table.names:
        return None
    index = next((at for at, name in enumerate(table.names) if plain(name) in ZONES), None)
    sample = table.sample()
    if index is None or _is_absolute(sample, time):
        return None
    said = sample.texts(index).drop_nulls()
    if said.is_empty():
        return None
    if said.str.contains(_SAYS).all():
        return index
    return ledger.refuse(
        f"its column {table.label(index)} ({said[0]}) seems to say the zone of its times, and is "
        "not read: say --timezone ZONE"
    )


def _is_absolute(sample: Table, time: int) -> bool:
    form = time_form(sample.texts(time)) or ""
    named = plain(sample.names[time]) in OF_UTC
    return named or form == forms.UNIX or "offset" in form or "zone" in form
