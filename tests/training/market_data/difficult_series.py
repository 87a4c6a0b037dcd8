"""Files that hold more than one series, or columns in another order than one would think."""

from collections.abc import Callable
from datetime import timedelta

from tests.training.market_data.difficulties import (
    DAYS,
    HOURS,
    ISO_CLOCK,
    NEW_YORK,
    refused,
    taken,
)
from tests.training.market_data.writing import HEADER, HOUR, Row, csv, local, plain, rows

OLD_DAYS, OLD_WEEKS = rows("2023-06-01", count=60), rows("2022-01-03", step=timedelta(days=7))
SESSIONS = [
    row for row in rows("2024-01-02 09:30", step=HOUR, count=200) if 9 <= row.time.hour < 16
]


FEW_MINUTES = rows("2024-01-02", step=timedelta(minutes=1), count=300)
FEW_HOURS = rows("2024-02-01", step=HOUR, count=15)
FOURS = rows("2024-03-01", step=4 * HOUR, count=8)


def of_both(row: Row) -> list[object]:
    return ["4h" if row in FOURS else "1h", row.time.strftime(ISO_CLOCK), *row.prices, row.volume]


def epoch(row: Row) -> int:
    return int(row.time.timestamp())


def fractions(form: Callable[[int, float], str]) -> bytes:
    """Prices of bonds, whose fractions are 32nds."""

    def line(row: Row) -> list[object]:
        prices = [form(int(float(text)), float(text) % 1 * 32) for text in row.prices]
        return [f"{row.time:%Y-%m-%d}", *prices, row.volume]

    return csv(HEADER, line, DAYS)


def halves_of(name: str, first: str, second: str, extra: str = "") -> bytes:
    """One column parts a file of days."""
    return csv(
        f"Date,{name},Open,High,Low,Close,Volume",
        lambda row: (
            f"{row.time:%Y-%m-%d}",
            first if row.time < DAYS[20].time else second,
            *row.prices,
            row.volume,
        ),
        DAYS,
    )


TWO_BARE = csv(
    None,
    lambda row: (
        f"{row.time:%Y-%m-%d}",
        *row.prices,
        row.volume,
        "AAPL" if row.time < DAYS[20].time else "MSFT",
    ),
    DAYS,
)
SERIES = (
    # no line names the columns
    refused(
        "average_before_volume",
        csv(None, lambda row: (epoch(row), *row.prices, row.close, row.volume), HOURS),
        "the sixth column lies between low and high",
        "1h",
    ),
    refused(
        "close_before_open",
        csv(
            None,
            lambda row: (epoch(row), row.close, row.high, row.low, row.open, row.volume),
            HOURS,
        ),
        "open and close seem to be swapped",
        "1h",
    ),
    refused(
        "close_before_open_newest_first",
        csv(
            None,
            lambda row: (epoch(row), row.close, row.high, row.low, row.open, row.volume),
            HOURS[::-1],
        ),
        "open and close seem to be swapped",
        "1h",
    ),
    taken(
        "newest_first_without_names",
        csv(None, lambda row: (epoch(row), *row.prices, row.volume), HOURS[::-1]),
        HOURS,
        "",
        "1h",
    ),
    refused(
        "instruments_without_names",
        TWO_BARE,
        "#7 has several values (AAPL, MSFT), as of several instruments: say --columns symbol=#7",
    ),
    taken(
        "one_of_them",
        TWO_BARE,
        DAYS[20:],
        "its instrument is MSFT, 1 other left out",
        options="--columns symbol=#7 --only MSFT",
    ),
    # two candidates
    taken(
        "close_price_and_last_price",
        csv(
            "Date,Open Price,High Price,Low Price,Last Price,Close Price,Total Traded Quantity",
            lambda row: (
                f"{row.time:%d-%b-%Y}",
                *row.prices[:3],
                row.open,
                row.close,
                row.volume,
            ),
            DAYS,
        ),
        DAYS,
        "close is Close Price",
    ),
    refused(
        "last_and_settle",
        csv(
            "Date,Open,High,Low,Last,Settle,Volume",
            lambda row: (f"{row.time:%Y-%m-%d}", *row.prices, row.open, row.volume),
            DAYS,
        ),
        'say --columns close="Last" or close="Settle"',
    ),
    # bars of several kinds
    refused(
        "days_then_hours",
        csv(HEADER, plain(ISO_CLOCK), [*OLD_DAYS, *rows("2024-01-01", step=HOUR, count=200)]),
        "it has bars of two lengths",
        "1h",
    ),
    refused(
        "weeks_then_days",
        csv(HEADER, plain(), [*OLD_WEEKS, *rows("2024-01-01", count=80)]),
        "on bars are 7 days apart, others 1d",
    ),
    taken("sessions", csv(HEADER, plain(ISO_CLOCK), SESSIONS), SESSIONS, "", "1h"),
    refused("expiries", halves_of("Expiry", "2024-01", "2024-03"), "it has 2 instruments"),
    refused("exchanges", halves_of("Exchange", "XNAS", "XNYS"), "say --only XNAS"),
    refused("intervals", halves_of("interval", "1d", "1w"), "it has 2 instruments (1d, 1w)"),
    # fractions
    refused("in_32nds", fractions(lambda whole, part: f"{whole}'{int(part):02}"), "(100'00)"),
    refused(
        "in_32nds_and_quarters",
        fractions(lambda whole, part: f"{whole}'{int(part):02}{'0257'[int(part * 4) % 4]}"),
        "100'000 seems to be a bond's price in 32nds",
    ),
    refused(
        "in_32nds_after_a_space",
        fractions(lambda whole, part: f"{whole} {int(part):02}"),
        "open is not a finite number: prices.csv line 2 (100 00)",
    ),
    # clocks and zones
    refused(
        "half_days_without_a_word",
        csv(HEADER, lambda row: (f"{row.time:%Y-%m-%d %I:%M}", *row.prices, row.volume), SESSIONS),
        "nothing says whether it is morning or afternoon",
        "1h",
    ),
    taken(
        "hours_alone",
        csv(
            "Date,Hour,Open,High,Low,Close,Volume",
            lambda row: (f"{row.time:%Y-%m-%d}", row.time.hour, *row.prices, row.volume),
            HOURS,
        ),
        HOURS,
        "clock is Hour",
        "1h",
    ),
    taken(
        "offset_column",
        csv(
            "datetime,utc_offset,open,high,low,close,volume",
            lambda row: (
                local(row, NEW_YORK, ISO_CLOCK),
                local(row, NEW_YORK, "%z"),
                *row.prices,
                row.volume,
            ),
            HOURS,
        ),
        HOURS,
        "utc_offset says the zone of its times",
        "1h",
    ),
    refused(
        "minutes_then_a_few_hours",
        csv(HEADER, plain(ISO_CLOCK), [*FEW_MINUTES, *FEW_HOURS]),
        "from prices.csv line 302 on bars are 1 h apart, others 1m",
        "1m",
    ),
    refused(
        "tf_column",
        csv("tf,time,open,high,low,close,volume", of_both, [*HOURS, *FOURS]),
        "it has 2 instruments (1h, 4h): say --only 1h",
        "1h",
    ),
    refused(
        "offset_in_seconds",
        csv(
            "datetime,gmtoffset,open,high,low,close,volume",
            lambda row: (local(row, NEW_YORK, ISO_CLOCK), -18000, *row.prices, row.volume),
            HOURS,
        ),
        "its column gmtoffset (-18000) seems to say the zone of its times",
        "1h",
    ),
    taken(
        "zone_behind_the_clock",
        csv(HEADER, plain(f"%Y-%m-%d %H:%M {NEW_YORK}", NEW_YORK), HOURS),
        HOURS,
        "times say their own zone, America/New_York",
        "1h",
    ),
    refused(
        "no_such_zone",
        csv(HEADER, plain("%Y-%m-%d %H:%M Amerika/New_York"), HOURS),
        "the date cannot be read: prices.csv line 2",
        "1h",
    ),
)
