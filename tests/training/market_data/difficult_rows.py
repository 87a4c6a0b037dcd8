"""Rows, lengths of bars, texts and containers that tempt a reader to guess."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from tests.training.market_data.difficulties import (
    CLOSES,
    DAYS,
    FIVE,
    HOURS,
    ISO_CLOCK,
    NEW_YORK,
    NULLED,
    OIL,
    RUNNING,
    STUBS,
    THREE,
    WEEKS,
    WITHOUT_7,
    ZEROS,
    refused,
    taken,
)
from tests.training.market_data.writing import (
    DAY,
    HEADER,
    csv,
    days,
    feather,
    frame,
    gzipped,
    hours,
    parquet,
    plain,
    shifted,
    workbook,
    zipped,
)

ROWS = (
    # stamps and lengths
    taken(
        "closes_as_opens",
        csv(HEADER, plain(ISO_CLOCK), CLOSES),
        CLOSES,
        "a time is the open of its bar: an assumption",
        "5m",
    ),
    taken("closes_said", csv(HEADER, plain(ISO_CLOCK), CLOSES), FIVE, "", "5m", "--stamps close"),
    taken(
        "close_time_alone",
        csv(
            "close_time,open,high,low,close,volume",
            lambda row: (int(row.time.timestamp()) * 1000 + 3_599_999, *row.prices, row.volume),
            HOURS,
        ),
        HOURS,
        "a time is the close of its bar",
        "1h",
    ),
    taken(
        "last_second_of_a_day",
        csv("timestamp,open,high,low,close,volume", plain("%Y-%m-%dT23:59:59.999Z"), DAYS),
        DAYS,
        "a time is the close of its bar",
    ),
    refused(
        "three_hours_as_two", hours(THREE), "the bars are 3 h apart, so these are not 2h bars", "2h"
    ),
    refused("three_hours_as_four", hours(THREE), "the bars are 3 h apart", "4h"),
    refused("days_as_hours", days(), "the bars are 1 day apart", "1h"),
    taken("stubs", hours(STUBS), STUBS, "4 shorter steps of bars that a session cuts short", "1h"),
    refused(
        "running_bar", hours(RUNNING), "line 10, the newest bar, is only 37 min 12 s after", "1h"
    ),
    taken(
        "running_bar_skipped",
        hours(RUNNING),
        RUNNING[:-1],
        "the newest bar is left out: prices.csv line 10",
        "1h",
        "--skip-last",
    ),
    refused(
        "half_hours_within_hours",
        hours(
            [*HOURS[:9], replace(HOURS[8], time=HOURS[8].time + timedelta(minutes=30)), *HOURS[9:]]
        ),
        "line 11 is only 30 min after",
        "1h",
    ),
    refused(
        "weeks_of_friday",
        days(WEEKS),
        "with --stamps open 2024-01-05 is the week from that day to 2024-01-11, with --stamps "
        "close the one from 2023-12-30",
        "1w",
    ),
    taken("weeks_of_friday_open", days(WEEKS), WEEKS, "", "1w", "--stamps open"),
    taken(
        "weeks_of_friday_close", days(WEEKS), shifted(WEEKS, -6 * DAY), "", "1w", "--stamps close"
    ),
    taken(
        "weeks_of_monday",
        days(shifted(WEEKS, 3 * DAY)),
        shifted(WEEKS, 3 * DAY),
        "an assumption",
        "1w",
    ),
    # rows
    taken(
        "null_row",
        NULLED,
        WITHOUT_7,
        "1 row without any price left out, the first is prices.csv line 9",
    ),
    taken("zero_row", ZEROS, WITHOUT_7, "1 row with 0 for every price left out"),
    taken(
        "footer",
        days() + b'"Downloaded from Barchart.com as of 11-27-2026 10:00am CST"\n',
        DAYS,
        "1 row without any price",
    ),
    taken(
        "header_again",
        days(DAYS[:20]) + days(DAYS[20:]),
        DAYS,
        "1 row without any price left out, the first is prices.csv line 22",
    ),
    refused(
        "bad_row",
        days() + b"2024-03-01,1,2,x,1,5\n",
        "low is not a finite number: prices.csv line 42 (x); --skip-bad-rows",
    ),
    taken(
        "bad_row_skipped",
        days() + b"2024-03-01,1,2,x,1,5\n",
        DAYS,
        "left out by --skip-bad-rows: low is not a finite number",
        options="--skip-bad-rows",
    ),
    refused(
        "negative",
        days(OIL),
        "low is not above 0: prices.csv line 11 (-40.32); --allow-negative takes it",
    ),
    taken("negative_allowed", days(OIL), OIL, "", options="--allow-negative"),
    # texts
    taken("comment", b"# Symbol: ACME\n" + days(), DAYS, "1 line before that left out"),
    taken("sep", b"sep=;\n" + days().replace(b",", b";"), DAYS, "semicolons"),
    taken("trailing_comma", days().replace(b"\n", b",\n").replace(b"Volume,", b"Volume"), DAYS),
    taken("carriage_returns", days().replace(b"\n", b"\r"), DAYS),
    taken("windows_lines", days().replace(b"\n", b"\r\n\r\n"), DAYS),
    taken("spaces", days().replace(b",", b"  "), DAYS, "parted by spaces"),
    taken("utf16", days().decode().replace(",", "\t").encode("utf-16"), DAYS, "text in UTF-16"),
    taken("utf8_mark", b"\xef\xbb\xbf" + days(), DAYS),
    taken("header_line", b"a,b,c,d,e,f\n" + days(), DAYS, options="--header 2"),
    refused(
        "thousands_unquoted",
        days() + b"2024-03-01,1,234,2,0.5,1.5,7\n",
        "line 42 has more fields than the header",
    ),
    # containers
    taken("gz", gzipped(days()), DAYS, "gzip file, unpacked", file="prices.csv.gz"),
    taken(
        "zip",
        zipped({"prices.csv": days(), "__MACOSX/._prices.csv": b"x"}),
        DAYS,
        "zip file, unpacked",
    ),
    refused(
        "zip_of_two",
        zipped({"a.csv": days(), "b.csv": days()}),
        "it is a zip file of 2 files (a.csv, b.csv)",
    ),
    refused(
        "bomb", zipped({"a.csv": b"0" * 40_000_000}), "it unpacks to more than 100 times its size"
    ),
    refused("gz_bomb", gzipped(b"0" * 40_000_000), "it unpacks to more than 100 times its size"),
    refused("gz_cut_off", gzipped(days())[:-20], "it is packed, and damaged or cut off"),
    taken(
        "workbook_1904",
        workbook(
            [
                HEADER.split(","),
                *([row.time, *map(float, row.prices), row.volume] for row in HOURS),
            ],
            date1904=True,
        ),
        HOURS,
        "",
        "1h",
    ),
    refused(
        "two_sheets", workbook([HEADER.split(",")], sheets=("Prices", "Notes")), "say --sheet NAME"
    ),
    taken(
        "sheet_said",
        workbook(
            [
                ["Some title"],
                HEADER.split(","),
                *([row.time, *map(float, row.prices), row.volume] for row in DAYS),
            ],
            sheets=("Prices", "Notes"),
        ),
        DAYS,
        "workbook, sheet Prices",
        options="--sheet Prices",
    ),
    taken(
        "parquet_index",
        parquet(frame(DAYS, [row.time.replace(tzinfo=None) for row in DAYS], "__index_level_0__")),
        DAYS,
    ),
    taken(
        "parquet_floats",
        parquet(frame(HOURS, [row.time.timestamp() for row in HOURS])),
        HOURS,
        "",
        "1h",
    ),
    taken("feather_days", feather(frame(DAYS, [row.time.date() for row in DAYS], "Date")), DAYS),
    taken(
        "parquet_zone",
        parquet(frame(HOURS, [row.time.astimezone(ZoneInfo(NEW_YORK)) for row in HOURS])),
        HOURS,
        "times say their own offset",
        "1h",
    ),
)
