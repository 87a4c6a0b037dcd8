"""Files of exchanges, data services and programs."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from tests.training.market_data.vendor import (
    DAYS,
    HOURS,
    MINUTES,
    NEW_YORK,
    NY_HOURS,
    Vendor,
    epoch,
)
from tests.training.market_data.writing import (
    HEADER,
    HOUR,
    csv,
    feather,
    frame,
    gzipped,
    json_lines,
    local,
    parquet,
    plain,
    rows,
)

SERVICES = (
    Vendor(
        name="CryptoDataDownload",
        file="Binance_BTCUSDT_1h.csv",
        bars=rows(step=HOUR, count=60, places=2),
        timeframe="1h",
        content=lambda bars: csv(
            "https://www.CryptoDataDownload.com\nUnix,Date,Symbol,Open,High,Low,Close,Volume BTC,"
            "Volume USDT,tradecount",
            lambda row: (
                epoch(row, 1000),
                local(row, "UTC", "%Y-%m-%d %H:%M:%S"),
                "BTC/USDT",
                *row.prices,
                row.volume,
                "9.5",
                3,
            ),
            list(reversed(bars)),
        ),
        said="volume is Volume BTC; Volume USDT is not used",
    ),
    Vendor(
        name="CoinMarketCap",
        file="Bitcoin_1.1.2024-1.3.2024_historical_data_coinmarketcap.csv",
        bars=rows(weekends=True),
        content=lambda bars: csv(
            "timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;timestamp",
            lambda row: (
                *(
                    f'"{local(row, "UTC", "%Y-%m-%d")}T{clock}Z"'
                    for clock in ("00:00:00.000", "23:59:59.999", "14:03:00.000", "02:58:00.000")
                ),
                '"2781"',
                *row.prices,
                row.volume,
                1,
                f'"{local(row, "UTC", "%Y-%m-%d")}T23:59:59.999Z"',
            ),
            list(reversed(bars)),
            mark=";",
        ),
        said="time is timeOpen",
    ),
    Vendor(
        name="Kaggle, Bitcoin by the minute",
        file="bitstampUSD_1-min_data.csv",
        bars=rows(step=timedelta(minutes=1), count=60),
        timeframe="1m",
        content=lambda bars: csv(
            "Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price",
            lambda row: (epoch(row), *row.prices, row.volume, "1.5", "1.5"),
            bars,
        ),
        said="volume is Volume_(BTC); Volume_(Currency) is not used",
    ),
    Vendor(
        name="CCXT, `fetch_ohlcv` through pandas",
        file="btc_usdt_4h.csv",
        bars=rows(step=4 * HOUR, count=60),
        timeframe="4h",
        content=lambda bars: csv(
            ",timestamp,open,high,low,close,volume",
            lambda row: (bars.index(row), epoch(row, 1000), *row.prices, row.volume),
            bars,
        ),
        said="time is timestamp",
    ),
    Vendor(
        name="Polygon.io (Massive), aggregates",
        file="AAPL_aggs.csv",
        bars=HOURS,
        timeframe="1h",
        content=lambda bars: csv(
            "v,vw,o,c,h,l,t,n",
            lambda row: (
                row.volume,
                1,
                row.open,
                row.close,
                row.high,
                row.low,
                epoch(row, 1000),
                5,
            ),
            bars,
        ),
        said="volume is v",
    ),
    Vendor(
        name="Polygon.io (Massive), flat files",
        file="2024-01-02.csv.gz",
        bars=MINUTES,
        timeframe="1m",
        options="--only AAPL",
        content=lambda bars: gzipped(
            csv(
                "ticker,volume,open,close,high,low,window_start,transactions",
                lambda row: (
                    "AAPL",
                    row.volume,
                    row.open,
                    row.close,
                    row.high,
                    row.low,
                    epoch(row, 10**9),
                    5,
                ),
                bars,
            )
            + b"MSFT,5,1,1,1,1,1704205800000000000,1\n"
        ),
        said="its instrument is AAPL, 1 other left out",
    ),
    Vendor(
        name="Alpaca",
        file="bars.csv",
        bars=HOURS,
        timeframe="1h",
        options="--only AAPL",
        content=lambda bars: (
            csv(
                "symbol,timestamp,open,high,low,close,volume,trade_count,vwap",
                lambda row: (
                    "AAPL",
                    local(row, "UTC", "%Y-%m-%d %H:%M:%S+00:00"),
                    *row.prices,
                    row.volume,
                    5,
                    1,
                ),
                bars,
            )
            + b"MSFT,2024-02-02 03:00:00+00:00,390,393,389,392,4359,5,1\n"
        ),
        said="its instrument is AAPL",
    ),
    Vendor(
        name="Alpha Vantage",
        file="daily_IBM.csv",
        bars=DAYS,
        content=lambda bars: csv(
            "timestamp,open,high,low,close,volume", plain(), list(reversed(bars))
        ),
    ),
    Vendor(
        name="Tiingo",
        file="aapl.csv",
        bars=DAYS,
        content=lambda bars: csv(
            "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor",
            lambda row: (
                f"{local(row, 'UTC', '%Y-%m-%d')}T00:00:00.000Z",
                row.close,
                row.high,
                row.low,
                row.open,
                row.volume,
                *["1.5"] * 4,
                9,
                "0.0",
                "1.0",
            ),
            bars,
        ),
        said="adjVolume is not used",
    ),
    Vendor(
        name="Databento, OHLCV with pretty prices and times",
        file="glbx-mdp3-20240102.ohlcv-1m.csv",
        bars=MINUTES,
        timeframe="1m",
        content=lambda bars: csv(
            "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol",
            lambda row: (
                local(row, "UTC", "%Y-%m-%dT%H:%M:%S.000000000Z"),
                33,
                1,
                42,
                *row.prices,
                row.volume,
                "ESH4",
            ),
            bars,
        ),
        said="its instrument is ESH4",
    ),
    Vendor(
        name="FirstRate Data",
        file="AAPL_1min.txt",
        bars=rows("2024-01-02 09:30", step=timedelta(minutes=1), count=60, zone=NEW_YORK),
        timeframe="1m",
        options="--timezone America/New_York",
        content=lambda bars: csv(None, plain("%Y-%m-%d %H:%M:%S", NEW_YORK), bars),
        said="read in America/New_York",
    ),
    Vendor(
        name="Kibot",
        file="IBM.txt",
        bars=rows("2024-01-16 09:30", step=timedelta(minutes=1), count=60, zone=NEW_YORK),
        timeframe="1m",
        options="--timezone America/New_York",
        content=lambda bars: csv(
            None,
            lambda row: (
                local(row, NEW_YORK, "%m/%d/%Y"),
                local(row, NEW_YORK, "%H:%M"),
                *row.prices,
                row.volume,
            ),
            bars,
        ),
        said="dates are month, day, year",
    ),
    Vendor(
        name="Barchart",
        file="spy_daily_historical-data.csv",
        bars=DAYS,
        content=lambda bars: (
            csv(
                "Time,Open,High,Low,Latest,Change,%Change,Volume",
                lambda row: (local(row, "UTC", "%m/%d/%Y"), *row.prices, "0.1", "0.1%", row.volume),
                list(reversed(bars)),
            )
            + b'"Downloaded from Barchart.com as of 11-27-2026 10:00am CST"\n'
        ),
        said="1 row without any price left out",
    ),
    Vendor(
        name="NinjaTrader",
        file="ES 03-24.Last.txt",
        bars=MINUTES,
        timeframe="1m",
        content=lambda bars: csv(None, plain("%Y%m%d %H%M%S"), bars, mark=";"),
    ),
    Vendor(
        name="Sierra Chart",
        file="ESH24.txt",
        bars=HOURS,
        timeframe="1h",
        content=lambda bars: csv(
            "Date, Time, Open, High, Low, Last, Volume, NumberOfTrades, BidVolume, AskVolume",
            lambda row: (
                local(row, "UTC", "%Y/%-m/%-d"),
                local(row, "UTC", "%H:%M:%S"),
                *row.prices,
                row.volume,
                5,
                1,
                1,
            ),
            bars,
            mark=", ",
        ),
        said="BidVolume is not used",
    ),
    Vendor(
        name="Quandl (Nasdaq Data Link), Parquet",
        file="wiki.parquet",
        bars=DAYS,
        content=lambda bars: parquet(frame(bars, [row.time.date() for row in bars], "date")),
        said="Parquet file",
    ),
    Vendor(
        name="pandas, `to_feather` with a zone",
        file="prices.feather",
        bars=NY_HOURS,
        timeframe="1h",
        content=lambda bars: feather(
            frame(bars, [row.time.astimezone(ZoneInfo(NEW_YORK)) for row in bars])
        ),
        said="Feather file",
    ),
    Vendor(
        name="PostgreSQL, `\\copy … csv header`",
        file="bars.csv",
        bars=HOURS,
        timeframe="1h",
        content=lambda bars: csv(
            "datetime,open,high,low,close,volume", plain("%Y-%m-%d %H:%M:%S+00"), bars
        ),
    ),
    Vendor(
        name="Finnhub or another API, as JSON lines",
        file="candles.jsonl",
        bars=HOURS,
        timeframe="1h",
        content=json_lines,
        said="JSON file",
    ),
    Vendor(
        name="NSE India, bhavcopy of one symbol",
        file="RELIANCE.csv",
        bars=rows(places=2, price=2900.0),
        content=lambda bars: csv(
            "Date,series,OPEN,HIGH,LOW,PREV. CLOSE,ltp,close,vwap,VOLUME,VALUE,No of trades",
            lambda row: (
                local(row, "UTC", "%d-%b-%Y"),
                "EQ",
                row.open,
                row.high,
                row.low,
                "1.5",
                "1.5",
                row.close,
                "1.5",
                row.volume,
                "1.5",
                5,
            ),
            list(reversed(bars)),
        ),
        said="VALUE is not used",
    ),
    Vendor(
        name="Norgate or AmiBroker, dates in words",
        file="XAO.csv",
        bars=DAYS,
        content=lambda bars: csv(HEADER, plain("%d-%b-%y"), bars),
    ),
)
