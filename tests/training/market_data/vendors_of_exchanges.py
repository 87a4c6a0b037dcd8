"""Files of exchanges' own programs, and of the services and web sites that are met less often."""

import json
from collections.abc import Sequence

from tests.training.market_data.vendor import (
    CENTS,
    DAYS,
    HOURS,
    NEW_YORK,
    NY_HOURS,
    Vendor,
    epoch,
    german,
)
from tests.training.market_data.writing import (
    HOUR,
    Row,
    csv,
    local,
    plain,
    rows,
)


def arrays(bars: Sequence[Row], order: Sequence[str], factor: int = 1) -> bytes:
    """JSON as an exchange answers: an array for each bar, the newest first."""
    return json.dumps(
        [
            [epoch(row, factor), *(float(getattr(row, name)) for name in order)]
            for row in reversed(bars)
        ]
    ).encode()


EXCHANGES = (
    Vendor(
        name="Kraken, OHLCVT archive (no header)",
        file="XBTUSD_60.csv",
        bars=HOURS,
        timeframe="1h",
        content=lambda bars: csv(None, lambda row: (epoch(row), *row.prices, row.volume, 17), bars),
        said="no line names the columns",
    ),
    Vendor(
        name="Kraken, answers of its API (no header, an average price before the volume)",
        file="XBTUSD.csv",
        bars=HOURS,
        timeframe="1h",
        options="--columns time=#1,open=#2,high=#3,low=#4,close=#5,volume=#7",
        content=lambda bars: csv(
            None, lambda row: (epoch(row), *row.prices, row.close, row.volume, 17), bars
        ),
        said="volume is #7",
    ),
    Vendor(
        name="Coinbase Exchange, candles as JSON",
        file="candles.json",
        bars=HOURS,
        timeframe="1h",
        options="--columns time=#1,low=#2,high=#3,open=#4,close=#5,volume=#6",
        content=lambda bars: arrays(bars, ("low", "high", "open", "close", "volume")),
        said="JSON file",
    ),
    Vendor(
        name="Coinbase Exchange, candles with a header",
        file="BTC-USD.csv",
        bars=HOURS,
        timeframe="1h",
        content=lambda bars: csv(
            "time,low,high,open,close,volume",
            lambda row: (epoch(row), row.low, row.high, row.open, row.close, row.volume),
            list(reversed(bars)),
        ),
    ),
    Vendor(
        name="Bitfinex, candles as JSON",
        file="hist.json",
        bars=HOURS,
        timeframe="1h",
        options="--columns time=#1,open=#2,close=#3,high=#4,low=#5,volume=#6",
        content=lambda bars: arrays(bars, ("open", "close", "high", "low", "volume"), 1000),
    ),
    Vendor(
        name="Gate.io, archive (no header)",
        file="BTC_USDT-202401.csv",
        bars=HOURS,
        timeframe="1h",
        options="--columns time=#1,volume=#2,close=#3,high=#4,low=#5,open=#6",
        content=lambda bars: csv(
            None,
            lambda row: (epoch(row), row.volume, row.close, row.high, row.low, row.open),
            bars,
        ),
    ),
    Vendor(
        name="OKX, candles",
        file="BTC-USDT.csv",
        bars=HOURS,
        timeframe="1h",
        content=lambda bars: csv(
            "ts,o,h,l,c,vol,volCcy,volCcyQuote,confirm",
            lambda row: (epoch(row, 1000), *row.prices, row.volume, 3, 4, 1),
            list(reversed(bars)),
        ),
        said="volCcy is not used",
    ),
    Vendor(
        name="Bybit, public archive",
        file="BTCUSD2024.csv",
        bars=HOURS,
        timeframe="1h",
        content=lambda bars: csv(
            "symbol,interval,start_at,open,high,low,close,volume,turnover",
            lambda row: ("BTCUSD", 60, epoch(row), *row.prices, row.volume, 9),
            bars,
        ),
        said="time is start_at",
    ),
    Vendor(
        name="EODHD, days",
        file="MCD.US.csv",
        bars=DAYS,
        content=lambda bars: csv(
            "Date,Open,High,Low,Close,Adjusted_close,Volume",
            lambda row: (local(row, "UTC", "%Y-%m-%d"), *row.prices, "1.5", row.volume),
            bars,
        ),
        said="Adjusted_close is not used",
    ),
    Vendor(
        name="EODHD, hours",
        file="AAPL.US.csv",
        bars=HOURS,
        timeframe="1h",
        content=lambda bars: csv(
            "Timestamp,Gmtoffset,Datetime,Open,High,Low,Close,Volume",
            lambda row: (
                epoch(row),
                0,
                local(row, "UTC", "%Y-%m-%d %H:%M:%S"),
                *row.prices,
                row.volume,
            ),
            bars,
        ),
        said="time is Timestamp",
    ),
    Vendor(
        name="Twelve Data",
        file="twelve_data.csv",
        bars=NY_HOURS,
        timeframe="1h",
        options="--timezone America/New_York",
        content=lambda bars: csv(
            "datetime;open;high;low;close;volume",
            plain("%Y-%m-%d %H:%M:%S", NEW_YORK),
            list(reversed(bars)),
            mark=";",
        ),
        said="read in America/New_York",
    ),
    Vendor(
        name="Finam (its clock is Moscow's)",
        file="SBER_240101_240401.txt",
        bars=HOURS,
        timeframe="1h",
        options="--timezone Europe/Moscow",
        content=lambda bars: csv(
            "<TICKER>;<PER>;<DATE>;<TIME>;<OPEN>;<HIGH>;<LOW>;<CLOSE>;<VOL>",
            lambda row: (
                "SBER",
                60,
                local(row, "Europe/Moscow", "%Y%m%d"),
                local(row, "Europe/Moscow", "%H%M%S"),
                *row.prices,
                row.volume,
            ),
            bars,
            mark=";",
        ),
        said="its instrument is SBER",
    ),
    Vendor(
        name="MetaStock, ASCII",
        file="GOLD.asc",
        bars=DAYS,
        content=lambda bars: csv(
            "<TICKER>,<PER>,<DTYYYYMMDD>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
            lambda row: (
                "GOLD",
                "D",
                local(row, "UTC", "%Y%m%d"),
                "0000",
                *row.prices,
                row.volume,
                0,
            ),
            bars,
        ),
        said="its instrument is GOLD",
    ),
    Vendor(
        name="Marketstack",
        file="eod.csv",
        bars=DAYS,
        content=lambda bars: csv(
            "open,high,low,close,volume,adj_high,adj_low,adj_close,adj_open,adj_volume,"
            "split_factor,dividend,symbol,exchange,date",
            lambda row: (
                *row.prices,
                row.volume,
                *["1.5"] * 4,
                9,
                "1.0",
                "0.0",
                "AAPL",
                "XNAS",
                local(row, "UTC", "%Y-%m-%dT00:00:00+0000"),
            ),
            list(reversed(bars)),
        ),
        said="adj_volume is not used",
    ),
    Vendor(
        name="MarketWatch",
        file="STOCK_US_XNAS_AAPL.csv",
        bars=rows(places=2, price=4700.0),
        content=lambda bars: csv(
            "Date,Open,High,Low,Close,Volume",
            lambda row: (
                local(row, "UTC", "%m/%d/%Y"),
                *(f'"{float(value):,.2f}"' for value in row.prices),
                f'"{row.volume:,}"',
            ),
            list(reversed(bars)),
        ),
        said="dates are month, day, year",
    ),
    Vendor(
        name="The Wall Street Journal",
        file="HistoricalPrices.csv",
        bars=CENTS,
        content=lambda bars: csv(
            "Date, Open, High, Low, Close",
            lambda row: (local(row, "UTC", "%m/%d/%y"), *row.prices),
            list(reversed(bars)),
            mark=", ",
        ),
        has_volume=False,
    ),
    Vendor(
        name="ariva.de (`Volumen` is money, `Stuecke` are shares)",
        file="wkn_716460_historic.csv",
        bars=rows(places=2),
        content=lambda bars: csv(
            "Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen",
            lambda row: (
                local(row, "UTC", "%Y-%m-%d"),
                *map(german, row.prices),
                row.volume,
                "123.456,00",
            ),
            list(reversed(bars)),
            mark=";",
        ),
        said="volume is Stuecke; Volumen is not used",
    ),
    Vendor(
        name="A broker's export with the zone in a column of its own",
        file="export.csv",
        bars=rows("2024-10-28 09:00", step=HOUR, count=300, zone=NEW_YORK),
        timeframe="1h",
        content=lambda bars: csv(
            "Date,Time,Timezone,Open,High,Low,Close,Volume",
            lambda row: (
                local(row, NEW_YORK, "%Y-%m-%d"),
                local(row, NEW_YORK, "%H:%M"),
                NEW_YORK,
                *row.prices,
                row.volume,
            ),
            bars,
        ),
        said="Timezone says the zone of its times",
    ),
)
