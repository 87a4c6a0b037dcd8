"""Dates and times that tempt a reader to guess."""

from datetime import timedelta

from tests.training.market_data.difficulties import (
    AUTUMN,
    BEFORE_1970,
    DAYS,
    DMY_CLOCK,
    HOURS,
    ISO_CLOCK,
    JUNE,
    MINUTES,
    NEW_YORK,
    lines,
    refused,
    taken,
)
from tests.training.market_data.writing import (
    HEADER,
    HOUR,
    csv,
    local,
    plain,
    rows,
    shifted,
)

LAST_MINUTES = csv(HEADER, plain("%Y-%m-%d %H:%M"), shifted(HOURS, timedelta(minutes=59)))

TIMES = (
    # the last minute of a bar
    refused("last_minute", LAST_MINUTES, "with --stamps close they end with that minute", "1h"),
    taken("last_minute_closes", LAST_MINUTES, HOURS, "", "1h", "--stamps close"),
    taken("close_time_59", LAST_MINUTES.replace(b"Date", b"close_time"), HOURS, "", "1h"),
    refused(
        "last_minute_of_days",
        csv(HEADER, plain("%Y-%m-%d 23:59"), DAYS),
        "with --stamps close they end with that minute",
    ),
    # other calendars
    refused(
        "thai_years",
        csv(HEADER, plain("%Y-%m-%d"), DAYS).replace(b"2024-", b"2567-"),
        "prices.csv line 2 (2567-01-02)",
    ),
    refused(
        "persian_years",
        csv(HEADER, plain("%Y-%m-%d"), DAYS).replace(b"2024-", b"1402-"),
        "years from 1600 to 2199 are read",
    ),
    # dates
    refused(
        "dmy_1h", csv(HEADER, plain(DMY_CLOCK), JUNE), "--dates dmy makes it 3 June 2024", "1h"
    ),
    refused(
        "mdy_1h", csv(HEADER, plain(DMY_CLOCK), JUNE), "--dates mdy makes it 6 March 2024", "1h"
    ),
    taken(
        "dmy_1h_said",
        csv(HEADER, plain(DMY_CLOCK), JUNE),
        JUNE,
        "dates are day, month, year",
        "1h",
        "--dates dmy",
    ),
    refused("dmy_one_day", csv(HEADER, plain(DMY_CLOCK), MINUTES), "--dates", "1m"),
    taken(
        "dmy_one_day_said", csv(HEADER, plain(DMY_CLOCK), MINUTES), MINUTES, "", "1m", "--dates dmy"
    ),
    taken("dots", csv(HEADER, plain("%d.%m.%Y"), DAYS[:5]), DAYS[:5], "as dates with dots are"),
    taken("two_digits", csv(HEADER, plain("%d/%m/%y"), DAYS), DAYS, "dates are day, month, year"),
    refused(
        "two_digits_year_first",
        csv(HEADER, plain("%y/%m/%d"), DAYS[:8]),
        "--dates ymd makes it 2 January 2024",
    ),
    taken(
        "two_digits_said",
        csv(HEADER, plain("%y/%m/%d"), DAYS[:8]),
        DAYS[:8],
        "",
        options="--dates ymd",
    ),
    refused(
        "both_orders",
        csv(HEADER, plain("%d/%m/%Y"), DAYS) + b"02/28/2024,1,2,1,2,3\n",
        "the date cannot be read: prices.csv line 42 (02/28/2024)",
    ),
    # forms of a time
    taken(
        "h24",
        csv(
            HEADER,
            lambda row: (
                (row.time - HOUR).strftime("%Y-%m-%d ") + f"{(row.time - HOUR).hour + 1:02}:00",
                *row.prices,
                row.volume,
            ),
            HOURS,
        ),
        HOURS,
        "",
        "1h",
    ),
    taken("digits", csv(HEADER, plain("%Y%m%d%H%M%S"), HOURS), HOURS, "", "1h"),
    taken("dash", csv(HEADER, plain("%Y%m%d-%H:%M:%S"), HOURS), HOURS, "", "1h"),
    taken(
        "in_words",
        csv(HEADER, lambda row: (f'"{row.time:%b %d, %Y}"', *row.prices, row.volume), DAYS),
        DAYS,
    ),
    taken(
        "half_days",
        csv(
            HEADER,
            lambda row: (f'"{row.time:%-m/%-d/%Y, %-I:%M:%S\u202f%p}"', *row.prices, row.volume),
            rows("2024-01-20", step=HOUR),
        ),
        rows("2024-01-20", step=HOUR),
        "",
        "1h",
    ),
    taken(
        "negative_epochs",
        csv(HEADER, lambda row: (int(row.time.timestamp()), *row.prices, row.volume), BEFORE_1970),
        BEFORE_1970,
    ),
    taken(
        "float_epochs",
        csv(HEADER, lambda row: (f"{row.time.timestamp():.1f}", *row.prices, row.volume), HOURS),
        HOURS,
        "",
        "1h",
    ),
    taken(
        "clock_of_digits",
        csv(
            "Date,Time,Open,High,Low,Close,Volume",
            lambda row: (
                local(row, "UTC", "%m/%d/%Y"),
                row.time.hour * 100,
                *row.prices,
                row.volume,
            ),
            HOURS,
        ),
        HOURS,
        "",
        "1h",
        "--dates mdy",
    ),
    taken(
        "midnight_and_clock",
        csv(
            "Date,Time,Open,High,Low,Close,Volume",
            lambda row: (
                local(row, "UTC", "%Y-%m-%d 00:00:00"),
                f"{row.time:%H:%M}",
                *row.prices,
                row.volume,
            ),
            HOURS,
        ),
        HOURS,
        "clock is Time",
        "1h",
    ),
    refused(
        "clock_alone",
        csv("Time,Open,High,Low,Close,Volume", plain("%H:%M"), HOURS),
        "there is no column for date",
        "1h",
    ),
    refused(
        "row_numbers",
        csv(
            "Index,Open,High,Low,Close,Volume",
            lambda row: (HOURS.index(row), *row.prices, row.volume),
            HOURS,
        ),
        "there is no column for date",
        "1h",
    ),
    refused(
        "blank_epoch",
        lines(
            "time,open,high,low,close,volume",
            lambda row: (
                "" if row is DAYS[3] else int(row.time.timestamp()),
                *row.prices,
                row.volume,
            ),
        ),
        "the date cannot be read: prices.csv line 5 (empty);",
    ),
    refused(
        "nineteen_nines",
        b"time,open,high,low,close,volume\n9999999999999999999,1,2,0.5,1.5,7\n",
        "line 2 (9999999999999999999)",
    ),
    # zones
    taken(
        "new_york",
        csv(HEADER, plain(ISO_CLOCK, NEW_YORK), AUTUMN),
        AUTUMN,
        "read in America/New_York",
        "1h",
        "--timezone America/New_York",
    ),
    taken(
        "new_york_newest_first",
        csv(HEADER, plain(ISO_CLOCK, NEW_YORK), AUTUMN[::-1]),
        AUTUMN,
        "",
        "1h",
        "--timezone America/New_York",
    ),
    refused(
        "an_hour_once",
        csv(HEADER, plain(ISO_CLOCK, NEW_YORK), [row for row in AUTUMN if row is not AUTUMN[5]]),
        "line 7 (2024-11-03 01:00:00); there is no such time in America/New_York, or there are two",
        "1h",
        "--timezone America/New_York",
    ),
    refused(
        "an_hour_twice_in_utc",
        csv(HEADER, plain(ISO_CLOCK, NEW_YORK), AUTUMN),
        "told apart by --timezone ZONE",
        "1h",
    ),
    taken("short_offset", csv(HEADER, plain("%Y-%m-%d %H:%M:%S+00"), HOURS), HOURS, "", "1h"),
    taken(
        "gmt_offset",
        csv(
            "Local time,Open,High,Low,Close,Volume", plain("%d.%m.%Y %H:%M:%S.000 GMT+0000"), HOURS
        ),
        HOURS,
        "",
        "1h",
    ),
    taken("days_of_new_york", csv(HEADER, plain("%Y-%m-%d 00:00:00-05:00"), DAYS), DAYS),
)
