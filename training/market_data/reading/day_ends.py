"""When days that are dated by their date have ended, where the file's instants say it."""

import numpy as np
from numpy.typing import NDArray

from training.market_data.bars import Int64Array
from training.market_data.reading.forms import Written
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.record import About, By
from training.market_data.reading.words import clock_face, duration
from training.market_data.reading.zones import NO_TIME, Zone, instants, parse_zone
from training.market_data.timeframes import DAY

_CLOCKS_NAMED = 3


def local_midnights(
    faces: Int64Array, is_date: NDArray[np.bool_], written: Written, zone: Zone | None
) -> tuple[int, int]:
    """
    Seconds from midnight UTC to the earliest and the latest local midnight.

    New York's is 5 h after the midnight UTC of the same date, Tokyo's 9 h before it. 0 where none
    is earlier, and where none is later.

    Args:
        faces: what the file's clock showed, seconds [rows].
        is_date: which of them are dates [rows].
        written: offsets and zones that the rows name.
        zone: of those that name none, if it was said.
    """
    offsets = -written.offset.to_numpy()[is_date & written.offset.is_not_null().to_numpy()]
    found = [0, int(offsets.min(initial=0)), int(offsets.max(initial=0))]
    unplaced = is_date & written.offset.is_null().to_numpy()
    for name in [None, *written.zone.unique().drop_nulls()]:
        its_zone = zone if name is None else parse_zone(name)
        if its_zone is not None:
            zones = written.zone
            own = (zones.is_null() if name is None else zones.eq_missing(name)).to_numpy()
            dates = np.unique(faces[unplaced & own])
            moments = instants(dates, its_zone)
            found.append(int((moments - dates)[moments != NO_TIME].max(initial=0)))
            ends = np.unique([dates, dates + DAY])  # of a day on which clocks change, another one
            moments = instants(ends, its_zone)
            found.append(int((moments - ends)[moments != NO_TIME].min(initial=0)))
    return min(found), max(found)


def tell_day_closes(day_closes: int, ledger: Ledger) -> None:
    """Enter how long before midnight UTC days have ended, if any has."""
    if day_closes:
        words = (
            f"days have ended up to {duration(-day_closes)} before midnight UTC, with the earliest "
            "local midnight: beside shorter bars they see no later ones"
        )
        ledger.decide(About.DAY_CLOSES, day_closes, By.PROOF, words)


def tell_day_ends(opens: Int64Array, day_ends: int, ledger: Ledger) -> None:
    """Enter when days, weeks or months end, unless all of them do at midnight UTC."""
    words = []
    if day_ends:
        later = duration(day_ends)
        words.append(f"a day has ended {later} after midnight UTC, with the latest local midnight")
    clocks = np.unique(opens % DAY)
    if clocks.any():
        shown = [clock_face(int(clock))[11:16] for clock in clocks[:_CLOCKS_NAMED]]
        more = ", …" if clocks.size > _CLOCKS_NAMED else ""
        words.append(f"days begin at {', '.join(shown)}{more} UTC, as the file has it")
    if words:
        ledger.decide(About.DAY_ENDS, day_ends, By.PROOF, "; ".join(words))
