"""Columns and numbers that tempt a reader to guess."""

from tests.training.market_data.difficulties import (
    DAYS,
    HOURS,
    ISO_CLOCK,
    STUBS,
    THOUSANDS,
    WHOLE,
    lines,
    refused,
    taken,
)
from tests.training.market_data.writing import (
    csv,
    local,
    plain,
    rows,
)

COLUMNS = (
    taken(
        "close_beside_last",
        csv(
            "Date,Open,High,Low,Last,Close,Volume",
            lambda row: (
                row.time.strftime("%Y-%m-%d"),
                *row.prices[:3],
                99,
                row.prices[3],
                row.volume,
            ),
            DAYS,
        ),
        DAYS,
        "Last is not used",
    ),
    # columns
    taken(
        "tickvol",
        lines(
            "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>",
            lambda row: (
                local(row, "UTC", "%Y.%m.%d"),
                local(row, "UTC", "%H:%M:%S"),
                *row.prices,
                row.volume,
                0,
            ),
            HOURS,
            "\t",
        ),
        HOURS,
        "<VOL>, for it is 0 throughout, is not used",
        "1h",
    ),
    taken(
        "two_times",
        lines(
            "timestamp,datetime,open,high,low,close,volume",
            lambda row: (
                int(row.time.timestamp()),
                local(row, "Etc/GMT+5", ISO_CLOCK),
                *row.prices,
                row.volume,
            ),
            HOURS,
        ),
        HOURS,
        "datetime is 5 h behind it and is not used",
        "1h",
    ),
    refused(
        "two_local_times",
        lines(
            "datetime,local_time,open,high,low,close",
            lambda row: (
                local(row, "UTC", ISO_CLOCK),
                local(row, "Etc/GMT+5", ISO_CLOCK),
                *row.prices,
            ),
            HOURS,
        ),
        "say --columns time=datetime or time=local_time",
        "1h",
    ),
    refused(
        "two_volumes",
        lines(
            "date,open,high,low,close,Volume BTC,Volume ETH",
            lambda row: (local(row, "UTC", "%Y-%m-%d"), *row.prices, row.volume, 2 * row.volume),
        ),
        "say --columns volume=Volume BTC or volume=Volume ETH",
    ),
    refused(
        "twins",
        lines(
            "Date,Close,Close,High,High,Low,Low,Open,Open",
            lambda row: (
                local(row, "UTC", "%Y-%m-%d"),
                *(
                    value
                    for name in (3, 1, 2, 0)
                    for value in (row.prices[name], float(row.prices[name]) * 2)
                ),
            ),
        ),
        "as those of two instruments do",
    ),
    refused(
        "two_instruments",
        lines(
            "symbol,timestamp,open,high,low,close,volume",
            lambda row: (
                "AAPL" if row.time < DAYS[20].time else "MSFT",
                local(row, "UTC", "%Y-%m-%d"),
                *row.prices,
                row.volume,
            ),
        ),
        "it has 2 instruments (AAPL, MSFT): say --only AAPL",
    ),
    taken(
        "only",
        lines(
            "symbol,timestamp,open,high,low,close,volume",
            lambda row: (
                "AAPL" if row.time < DAYS[20].time else "MSFT",
                local(row, "UTC", "%Y-%m-%d"),
                *row.prices,
                row.volume,
            ),
        ),
        DAYS[20:],
        "its instrument is MSFT, 1 other left out",
        options="--only MSFT",
    ),
    refused(
        "yf_two_tickers",
        lines(
            "Price,Close,Close,High,High,Low,Low,Open,Open\nTicker,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT\nDate,,,,,,,,",
            lambda row: (
                local(row, "UTC", "%Y-%m-%d"),
                *(value for name in (3, 1, 2, 0) for value in (row.prices[name], "1")),
            ),
        ),
        "it has 2 instruments (AAPL, MSFT)",
    ),
    taken(
        "unnamed_index",
        csv(",open,high,low,close,volume", plain("%Y-%m-%d %H:%M:%S+00:00"), STUBS),
        STUBS,
        "4 shorter steps of bars that a session cuts short",
        "1h",
    ),
    taken("index_without_a_name", csv("open,high,low,close,volume", plain(), DAYS), DAYS),
    taken(
        "adjusted",
        lines(
            "Date,Open,High,Low,Close,Adj Close,Volume",
            lambda row: (
                local(row, "UTC", "%Y-%m-%d"),
                *(f"{2 * float(value):.4f}" for value in row.prices),
                row.close,
                row.volume,
            ),
        ),
        DAYS,
        "the four prices are adjusted by Adj Close",
        options="--columns close='Adj Close'",
    ),
    taken(
        "by_number",
        csv(
            None,
            lambda row: (
                row.volume,
                row.close,
                row.low,
                row.high,
                row.open,
                f"{row.time:%Y-%m-%d}",
            ),
            DAYS,
        ),
        DAYS,
        options="--columns time=#6,open=#5,high=#4,low=#3,close=#2,volume=#1",
    ),
    refused(
        "no_header_other_order",
        csv(
            None, lambda row: (f"{row.time:%Y-%m-%d}", row.close, row.low, row.high, row.open), DAYS
        ),
        "say --columns time=#1",
    ),
    # numbers
    refused(
        "thousands",
        lines("Date;Open;High;Low;Close;Volume", plain("%d.%m.%Y"), THOUSANDS, ";"),
        "18.000 is 18.000 with --decimal . and 18000 with --decimal ,",
    ),
    taken(
        "thousands_said",
        lines("Date;Open;High;Low;Close;Volume", plain("%d.%m.%Y"), THOUSANDS, ";"),
        WHOLE,
        "",
        options="--decimal ,",
    ),
    taken(
        "points_said",
        lines("Date;Open;High;Low;Close;Volume", plain("%d.%m.%Y"), THOUSANDS, ";"),
        THOUSANDS,
        "",
        options="--decimal .",
    ),
    taken(
        "commas",
        lines(
            "Date;Open;High;Low;Close;Volume",
            lambda row: (
                f"{row.time:%d.%m.%Y}",
                *(value.replace(".", ",") for value in row.prices),
                row.volume,
            ),
            DAYS,
            ";",
        ),
        DAYS,
        "the decimal mark is ,",
    ),
    taken(
        "swiss",
        lines(
            "Date;Open;High;Low;Close;Volume",
            lambda row: (
                f"{row.time:%Y-%m-%d}",
                *(f"{float(value):,.4f}".replace(",", "'") for value in row.prices),
                row.volume,
            ),
            rows(price=2000),
            ";",
        ),
        rows(price=2000),
    ),
    taken(
        "narrow_spaces",
        lines(
            "Date;Open;High;Low;Close;Volume",
            lambda row: (
                f"{row.time:%Y-%m-%d}",
                *(
                    f"{float(value):,.4f}".replace(",", "\u202f").replace(".", ",")
                    for value in row.prices
                ),
                row.volume,
            ),
            rows(price=2000),
            ";",
        ),
        rows(price=2000),
    ),
)
