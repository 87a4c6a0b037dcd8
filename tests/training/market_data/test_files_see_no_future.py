"""Whatever files say and however they say it: no row sees a price of a bar that has not ended.

Every price is the minute at which its bar was over on the exchange, so a row that sees a higher
price than its own minute saw the future.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from training.features.alignment import newest_closed_bar, too_old
from training.features.history import known_until
from training.market_data import Bars
from training.market_data.errors import TimeframeMismatch
from training.market_data.reading.options import Options
from training.market_data.reading.read import read_bars
from training.market_data.timeframes import (
    DAY,
    HOUR,
    bar_ends,
    divides,
    resample,
    seconds_of,
)
from training.strategy.values import TIMEFRAMES, Timeframe

FILES = int(os.environ.get("FORMATS", "100")) // 5
CHUNKS = 2
ZONES = ("UTC", "America/New_York", "America/New_York", "Europe/Berlin", "Asia/Tokyo")
SESSIONS = ((0, 24 * 60), (0, 24 * 60), (9 * 60 + 30, 16 * 60), (8 * 60, 16 * 60 + 30))
BASES: tuple[Timeframe, ...] = ("30m", "45m", "1h", "3h", "4h", "1d")
BASES_WITH_FINER: tuple[Timeframe, ...] = ("1h", "2h", "4h", "1d", "1w")
FINER: tuple[Timeframe, ...] = ("30m", "45m", "1h", "2h", "1d")
REFUSED = "refused"
FROM = int(datetime(2020, 1, 1, tzinfo=ZoneInfo("UTC")).timestamp())
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Traded:
    """A bar as the exchange knows it, in its local time."""

    open: datetime
    end: datetime


class Market:
    """Days of an exchange, across a change of its clocks; the change is on a Sunday."""

    trades_on = range(5)
    """Weekdays."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.zone = ZoneInfo(chance.choice(ZONES))
        self.session = chance.choice(SESSIONS)
        self.first = datetime(2024, chance.choice([2, 10]), 12)
        self.days = chance.randint(30, 75)

    def bars(self, timeframe: Timeframe) -> list[Traded]:
        """Bars on the exchange's clock, the first and last of a session cut short."""
        made: dict[datetime, Traded] = {}
        for day in (self.first + timedelta(days=number) for number in range(self.days)):
            if day.weekday() in self.trades_on:
                for bar in self._of_day(day, timeframe):
                    known = made.get(bar.open, bar)
                    made[bar.open] = Traded(known.open, bar.end)
        return list(made.values())

    def _of_day(self, day: datetime, timeframe: Timeframe) -> Iterator[Traded]:
        start, stop = (day + minute * MINUTE for minute in self.session)
        if timeframe == "1M":
            yield Traded(day.replace(day=1), stop)
        elif timeframe == "1w":
            yield Traded(day - timedelta(days=day.weekday()), stop)
        elif timeframe == "1d":
            yield Traded(day, stop)
        else:
            yield from self._intraday(day, start, stop, timedelta(seconds=seconds_of(timeframe)))

    def _intraday(
        self, day: datetime, start: datetime, stop: datetime, length: timedelta
    ) -> Iterator[Traded]:
        grid = day
        while grid < stop:
            if grid + length > start:
                yield Traded(max(grid, start), min(grid + length, stop))
            grid += length

    def minute(self, moment: datetime) -> int:
        """Of the moment's instant, from 2020 on: a price that tells when it was known."""
        instant = moment.replace(tzinfo=self.zone).timestamp()
        return (int(instant) - FROM) // 60


def read(folder: Path, market: Market, bars: list[Traded], timeframe: Timeframe) -> Bars:
    """Import a file of the bars, in one of the ways in which vendors write times."""
    chance, is_intraday = market.chance, seconds_of(timeframe) < DAY
    is_close = is_intraday and chance.random() < 0.3
    has_offset = not is_intraday or chance.random() < 0.5
    lines = ["Date,Open,High,Low,Close,Volume"]
    for bar in bars:
        time = bar.end if is_close else bar.open
        price = market.minute(bar.end)
        text = time.replace(tzinfo=market.zone if has_offset else None).isoformat(" ")
        lines.append(f"{text},{price},{price},{price},{price},1")
    path = folder / f"{timeframe}.csv"
    path.write_text("\n".join(lines))
    options = Options(
        stamps="close" if is_close else "open",
        timezone=None if has_offset else market.zone.key,
    )
    return read_bars(path, timeframe=timeframe, options=options)[0]


def with_gaps(bars: list[Traded], timeframe: Timeframe, chance: random.Random) -> list[Traded]:
    """Some are missing, except after a stub: nothing else tells that one was cut short."""
    share, length = chance.choice([0, 0, 0.02]), timedelta(seconds=seconds_of(timeframe))
    is_stub = [False, *(bar.end - bar.open < length for bar in bars)]
    return [
        bar for bar, kept in zip(bars, is_stub, strict=False) if kept or chance.random() >= share
    ]


def fault_of(folder: Path, seed: int) -> str | None:
    """The first row that sees what was not over, or why a file is refused; None if neither."""
    try:
        return first_early(folder, seed)
    except TimeframeMismatch:  # 3 h of a session from 09:30 to 16:00: most are 2 h 30 min apart
        return REFUSED


def first_early(folder: Path, seed: int) -> str | None:
    """The first row that sees what was not over; None if none does."""
    chance = random.Random(seed)
    market, base = Market(chance), chance.choice(BASES)
    longer = [name for name in TIMEFRAMES if seconds_of(name) > seconds_of(base)]
    higher = chance.choice([chance.choice(longer), chance.choice(longer[-3:])])
    traded = with_gaps(market.bars(base), base, chance)
    rows = read(folder, market, traded, base)
    if divides(base, higher) and chance.random() < 0.5:
        seen = resample(rows, source=base, target=higher)
        how = "resampled"
    else:
        seen, how = read(folder, market, market.bars(higher), higher), "of a file"
    visible = newest_closed_bar(bar_ends(rows, base), bar_ends(seen, higher))
    assert len(rows) == len(traded) and (visible[-1] >= 0 or higher == "1M"), (seed, base, higher)
    known = np.array([market.minute(bar.end) for bar in traded])
    early = np.flatnonzero((visible >= 0) & (seen.high[visible] > known)) if len(seen) else []
    if not len(early):
        return None
    row = int(early[0])
    return (
        f"seed {seed}: the {base} bar of {traded[row].open} in {market.zone.key} sees {higher} "
        f"{how}, known {seen.high[visible[row]] - known[row]:.0f} minutes later"
    )


def first_early_of_finer(folder: Path, seed: int) -> str | None:
    """The same of bars that are shorter than the rows."""
    chance = random.Random(seed)
    market, base = Market(chance), chance.choice(BASES_WITH_FINER)
    shorter = [name for name in FINER if seconds_of(name) < seconds_of(base)]
    finer = chance.choice(shorter)
    traded = with_gaps(market.bars(base), base, chance)
    rows = read(folder, market, traded, base)
    seen = read(folder, market, with_gaps(market.bars(finer), finer, chance), finer)
    row_ends, ends = known_until(rows, base, seen, finer), bar_ends(seen, finer)
    visible = newest_closed_bar(row_ends, ends)
    is_kept = ~too_old(row_ends, ends, visible, base)
    assert is_kept.mean() > 0.5, (seed, base, finer)
    known = np.array([market.minute(bar.end) for bar in traded])
    early = np.flatnonzero(is_kept & (seen.high[visible] > known))
    if not len(early):
        return None
    row = int(early[0])
    return (
        f"seed {seed}: the {base} bar of {traded[row].open} in {market.zone.key} sees {finer} "
        f"known {seen.high[visible[row]] - known[row]:.0f} minutes later"
    )


def fault_of_finer(folder: Path, seed: int) -> str | None:
    try:
        return first_early_of_finer(folder, seed)
    except TimeframeMismatch:
        return REFUSED


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_row_sees_a_price_of_a_finer_bar_that_has_not_ended(chunk: int, tmp_path: Path) -> None:
    seeds = range(chunk, FILES, CHUNKS)
    faults = [fault for seed in seeds if (fault := fault_of_finer(tmp_path, seed))]
    assert faults.count(REFUSED) * 2 < len(seeds)
    faults = [fault for fault in faults if fault != REFUSED]
    assert not faults, "\n".join([f"{len(faults)} of {len(seeds)}:", *faults[:10]])


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin", "Europe/London"])
@pytest.mark.parametrize("longer", ["1d", "1w", "1M"])
@pytest.mark.parametrize("seen_as", ["1h", "1d", "1w"])
def test_no_day_or_week_of_the_east_sees_what_hours_tell_of_the_next(
    zone: str, longer: Timeframe, seen_as: Timeframe, tmp_path: Path
) -> None:
    """
    Nor of days and weeks that are made of them: those end with midnight UTC, hours later.

    The last week and month of Berlin end with the day on which clocks change: no offset tells of
    the summer.
    """
    market = NeverClosed(random.Random(0))
    market.zone, market.first = ZoneInfo(zone), datetime(2024, 2, 12)
    market.days = 50 if longer == "1d" else 49  # to 31 March
    if zone == "Europe/London":  # whose winter is that of a file in UTC
        market.first, market.days = datetime(2024, 9, 2), 91  # to 1 December
    traded = market.bars(longer)
    rows = read(tmp_path, market, traded, longer)
    hours = market.hours(tmp_path)
    seen = hours if seen_as == "1h" else resample(hours, source="1h", target=seen_as)
    visible = newest_closed_bar(known_until(rows, longer, seen, seen_as), bar_ends(seen, seen_as))
    known = np.array([market.minute(bar.end) for bar in traded])
    early = np.flatnonzero((visible >= 0) & (seen.high[visible] > known))
    assert (visible >= 0).mean() > 0.5
    assert early.size == 0, f"{seen.high[visible[early[0]]] - known[early[0]]:.0f} minutes early"


class NeverClosed(Market):
    """Every hour of every day, on a local clock: bars of several hours span the change."""

    trades_on = range(7)

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.zone = ZoneInfo(chance.choice(ZONES[1:4]))
        self.session = SESSIONS[0]

    def hours(self, folder: Path) -> Bars:
        """A file of hours that has Unix times; prices as `minute` has them."""
        first = int(self.first.replace(tzinfo=self.zone).timestamp())
        lines = ["time,open,high,low,close"]
        for time in range(first, first + self.days * DAY, HOUR):
            price = (time + HOUR - FROM) // 60
            lines.append(f"{time},{price},{price},{price},{price}")
        path = folder / "1h.csv"
        path.write_text("\n".join(lines))
        return read_bars(path, timeframe="1h")[0]


LOCAL: tuple[Timeframe, ...] = ("4h", "6h", "8h", "12h", "1d")
"""None of them opens in an hour that comes twice."""
NIGHTS = (0, 1, 2, 5)
"""Seeds of both changes, each in Berlin and in New York."""


@pytest.mark.parametrize("timeframe", LOCAL)
@pytest.mark.parametrize("seed", NIGHTS)
def test_no_hour_sees_a_longer_bar_before_its_end_on_the_night_in_which_clocks_change(
    timeframe: Timeframe, seed: int, tmp_path: Path
) -> None:
    market = NeverClosed(random.Random(seed))
    rows = market.hours(tmp_path)
    longer = read(tmp_path, market, market.bars(timeframe), timeframe)
    even_longer = resample(longer, source=timeframe, target="1w")
    for seen, name in ((longer, timeframe), (even_longer, "1w")):
        visible = newest_closed_bar(bar_ends(rows, "1h"), bar_ends(seen, name))
        assert visible[-1] >= 0
        known = (rows.times + HOUR - FROM) // 60
        early = np.flatnonzero((visible >= 0) & (seen.high[visible] > known))
        assert early.size == 0, (name, market.zone.key, rows.times[early][:3])


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_row_sees_a_price_of_a_bar_that_has_not_ended(chunk: int, tmp_path: Path) -> None:
    seeds = range(chunk, FILES, CHUNKS)
    faults = [fault for seed in seeds if (fault := fault_of(tmp_path, seed))]
    assert faults.count(REFUSED) * 2 < len(seeds)
    faults = [fault for fault in faults if fault != REFUSED]
    assert not faults, "\n".join([f"{len(faults)} of {len(seeds)}:", *faults[:10]])
