"""Files of web sites, spreadsheets and chart programs."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from tests.training.market_data.vendor import (
    CENTS,
    DAYS,
    HOURS,
    MINUTES,
    NEW_YORK,
    NY_HOURS,
    Vendor,
    epoch,
    german,
    server,
)
from tests.training.market_data.writing import (
    HEADER,
    HOUR,
    csv,
    local,
    plain,
    rows,
    shifted,
    workbook,
    zipped,
)

CHARTS = (
    Vendor(
        name="Yahoo Finance, downloaded by hand",
        file="AAPL.csv",
        bars=DAYS,
        content=lambda bars: csv(
            "Date,Open,High,Low,Close,Adj Close,Volume",
            lambda row: (local(row, "UTC", "%Y-%m-%d"), *row.prices, "1.5", row.volume),
            bars,
        ),
        said="Adj Close is not used",
    ),
    Vendor(
        name="yfinance, `download(...).to_csv()` with its three lines of header",
        file="prices.csv",
        bars=DAYS,
        content=lambda bars: csv(
            "Price,Close,High,Low,Open,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\nDate,,,,,",
            lambda row: (
                local(row, "UTC", "%Y-%m-%d"),
                row.close,
                row.high,
                row.low,
                row.open,
                row.volume,
            ),
            bars,
        ),
        said="its instrument is AAPL",
    ),
    Vendor(
        name="yfinance, one `Ticker.history()`, hours with an offset",
        file="msft_1h.csv",
        bars=NY_HOURS,
        timeframe="1h",
        content=lambda bars: csv(
            "Datetime,Open,High,Low,Close,Volume,Dividends,Stock Splits",
            lambda row: (
                row.time.astimezone(ZoneInfo(NEW_YORK)).isoformat(" "),
                *row.prices,
                row.volume,
                "0.0",
                "0.0",
            ),
            bars,
        ),
        said="times say their own offset",
    ),
    Vendor(
        name="Stooq",
        file="aapl_us_d.txt",
        bars=DAYS,
        content=lambda bars: csv(
            "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
            lambda row: (
                "AAPL.US",
                "D",
                local(row, "UTC", "%Y%m%d"),
                "000000",
                *row.prices,
                row.volume,
                0,
            ),
            bars,
        ),
        said="its instrument is AAPL.US",
    ),
    Vendor(
        name="Nasdaq.com",
        file="HistoricalData.csv",
        bars=CENTS,
        content=lambda bars: csv(
            "Date,Close/Last,Volume,Open,High,Low",
            lambda row: (
                local(row, "UTC", "%m/%d/%Y"),
                f"${row.close}",
                row.volume,
                f"${row.open}",
                f"${row.high}",
                f"${row.low}",
            ),
            list(reversed(bars)),
        ),
        said="dates are month, day, year",
    ),
    Vendor(
        name="Investing.com, in English",
        file="S&P 500 Historical Data.csv",
        bars=rows(places=2, price=2900.0),
        content=lambda bars: csv(
            '"Date","Price","Open","High","Low","Vol.","Change %"',
            lambda row: (
                f'"{local(row, "UTC", "%m/%d/%Y")}"',
                *(f'"{float(value):,.2f}"' for value in (row.close, row.open, row.high, row.low)),
                f'"{row.volume / 1000:.3f}K"',
                '"0.1%"',
            ),
            list(reversed(bars)),
        ),
        said="close is Price",
    ),
    Vendor(
        name="Investing.com, in German",
        file="DAX Historische Daten.csv",
        bars=rows(places=2, price=18000.0),
        content=lambda bars: csv(
            '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"',
            lambda row: (
                f'"{local(row, "UTC", "%d.%m.%Y")}"',
                *(f'"{german(value)}"' for value in (row.close, row.open, row.high, row.low)),
                f'"{row.volume}"',
                '"0,10%"',
            ),
            list(reversed(bars)),
        ),
        said="the decimal mark is ,",
    ),
    Vendor(
        name="Excel in German, saved as CSV",
        file="kurse.csv",
        bars=rows(places=2),
        content=lambda bars: (
            csv(
                "Datum;Eröffnung;Hoch;Tief;Schluss;Volumen",
                lambda row: (
                    local(row, "UTC", "%d.%m.%Y"),
                    *(value.replace(".", ",") for value in row.prices),
                    row.volume,
                ),
                bars,
                mark=";",
            )
            .decode()
            .encode("cp1252")
        ),
        said="text in Windows-1252",
    ),
    Vendor(
        name="Excel, a workbook",
        file="prices.xlsx",
        bars=HOURS,
        timeframe="1h",
        content=lambda bars: workbook(
            [HEADER.split(","), *([row.time, *map(float, row.prices), row.volume] for row in bars)]
        ),
        said="workbook, sheet Prices",
    ),
    Vendor(
        name="MetaTrader 4, exported (server time two hours ahead of UTC)",
        file="EURUSD60.csv",
        bars=HOURS,
        timeframe="1h",
        options="--timezone +02:00",
        content=lambda bars: csv(
            None,
            lambda row: (
                local(row, "Etc/GMT-2", "%Y.%m.%d"),
                local(row, "Etc/GMT-2", "%H:%M"),
                *row.prices,
                row.volume,
            ),
            bars,
        ),
        said="no line names the columns",
    ),
    Vendor(
        name="MetaTrader 5, exported (server time seven hours ahead of New York)",
        file="EURUSD_H1.csv",
        bars=rows("2024-03-07 00:00", step=HOUR, count=90),
        timeframe="1h",
        options="--timezone America/New_York+7h",
        content=lambda bars: csv(
            "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>",
            lambda row: (
                server(row, "%Y.%m.%d"),
                server(row, "%H:%M:%S"),
                *row.prices,
                row.volume,
                0,
                12,
            ),
            bars,
            mark="\t",
        ),
        said="<VOL>, for it is 0 throughout, is not used",
    ),
    Vendor(
        name="HistData.com (its clock is five hours behind UTC all year)",
        file="DAT_ASCII_EURUSD_M1_202401.zip",
        bars=MINUTES,
        timeframe="1m",
        options="--timezone=-05:00",
        content=lambda bars: zipped(
            {
                "DAT_ASCII_EURUSD_M1_202401.csv": csv(
                    None,
                    lambda row: (local(row, "Etc/GMT+5", "%Y%m%d %H%M%S"), *row.prices, 0),
                    bars,
                    mark=";",
                )
            }
        ),
        said="zip file, unpacked",
        has_volume=False,
    ),
    Vendor(
        name="Dukascopy",
        file="EURUSD_Candlestick_1_h_BID.csv",
        bars=HOURS,
        timeframe="1h",
        content=lambda bars: csv(
            "Gmt time,Open,High,Low,Close,Volume", plain("%d.%m.%Y %H:%M:%S.000"), bars
        ),
        said="read in UTC, as the name of their column says",
    ),
    Vendor(
        name="Dukascopy, local time",
        file="EURUSD_Candlestick_1_h_BID_local.csv",
        bars=HOURS,
        timeframe="1h",
        content=lambda bars: csv(
            "Local time,Open,High,Low,Close,Volume",
            plain("%d.%m.%Y %H:%M:%S.000 GMT%z", "Europe/Berlin"),
            bars,
        ),
        said="times say their own offset",
    ),
    Vendor(
        name="Interactive Brokers, `ib_insync` or `ib_async`",
        file="spy_1h.csv",
        bars=NY_HOURS,
        timeframe="1h",
        content=lambda bars: csv(
            "date,open,high,low,close,volume,average,barCount",
            lambda row: (
                local(row, NEW_YORK, "%Y%m%d %H:%M:%S US/Eastern"),
                *row.prices,
                row.volume,
                1,
                2,
            ),
            bars,
        ),
        said="times say their own zone, US/Eastern",
    ),
    Vendor(
        name="TradingView, exported chart",
        file="NASDAQ_AAPL, 60.csv",
        bars=HOURS,
        timeframe="1h",
        content=lambda bars: csv(
            "time,open,high,low,close,Volume,Volume MA",
            lambda row: (epoch(row), *row.prices, row.volume, 1),
            bars,
        ),
        said="Volume MA is not used",
    ),
    Vendor(
        name="TradeStation",
        file="SPY.txt",
        bars=rows("2024-01-22 14:30", step=timedelta(minutes=30), count=60),
        timeframe="30m",
        options="--timezone America/New_York --stamps close",
        content=lambda bars: csv(
            '"Date","Time","Open","High","Low","Close","Up","Down"',
            lambda row: (
                local(shifted([row], timedelta(minutes=30))[0], NEW_YORK, "%m/%d/%Y"),
                local(shifted([row], timedelta(minutes=30))[0], NEW_YORK, "%H%M").lstrip("0")
                or "0",
                *row.prices,
                row.volume,
                0,
            ),
            bars,
        ),
        said="a time is the close of its bar",
        has_volume=False,
    ),
    Vendor(
        name="Binance, data.binance.vision (no header; milliseconds, from 2025 on microseconds)",
        file="BTCUSDT-1h-2024-12.zip",
        bars=rows("2024-12-30", step=HOUR, count=72),
        timeframe="1h",
        content=lambda bars: zipped(
            {
                "BTCUSDT-1h-2024-12.csv": csv(
                    None,
                    lambda row: (
                        epoch(row, 1000 if row.time.year < 2025 else 1_000_000),
                        *row.prices,
                        row.volume,
                        epoch(row, 1000) + 3_599_999,
                        "1.5",
                        7,
                        "1.5",
                        "1.5",
                        0,
                    ),
                    bars,
                )
            }
        ),
        said="volume is #6",
    ),
)
