"""Names by which columns are known, in the languages of their vendors."""

import re
import unicodedata
from collections.abc import Sequence

OPEN_TIMES = (
    "open_time", "opentime", "time_open", "timeopen", "start_time", "starttime", "start",
    "period_start", "time_period_start", "start_at", "candle_begin_time", "begin", "begins_at",
    "window_start", "bucket_start",
)  # fmt: skip
"""They say that they are a bar's open."""
TIMES = (
    "datetime", "date_time", "timestamp", "gmt_time", "utc_time", "time_utc", "date_utc",
    "datetime_utc", "timestamp_utc", "local_time", "localtime", "date", "dates", "time", "times",
    "time_stamp", "ts", "t", "ts_event", "dt", "day", "week", "month", "trade_date", "tradedate",
    "trading_day", "price_date", "date_gmt", "unix", "unix_time", "unix_timestamp", "unixtime",
    "epoch", "kline_time", "bar_time", "bucket", "datum", "zeit", "datum_zeit", "zeitstempel",
    "fecha", "data", "dtyyyymmdd", "yyyymmdd", "timestamp_ms", "open_timestamp", "unnamed",
    "index", "index_level", "",
)  # fmt: skip
CLOSE_TIMES = (
    "close_time", "closetime", "time_close", "timeclose", "end_time", "endtime", "end",
    "period_end", "time_period_end", "candle_end_time", "close_timestamp",
)  # fmt: skip
"""They say that they are a bar's close."""
CLOCKS = (
    "time",
    "clock",
    "hour",
    "hhmm",
    "hhmmss",
    "time_of_day",
    "zeit",
    "uhrzeit",
    "hora",
    "timestamp",
)
"""The time of day, beside a column with the date alone."""
OF_UTC = (
    "gmt_time",
    "utc_time",
    "time_utc",
    "date_utc",
    "datetime_utc",
    "timestamp_utc",
    "date_gmt",
)
"""Their times are UTC, by name."""

PRICES: dict[str, tuple[str, ...]] = {
    "open": (
        "open", "open_price", "openprice", "opening_price", "price_open", "o", "first", "op",
        "eroffnung", "eroffn", "eroffnungskurs", "erster", "anfang", "ouv", "ouverture", "apertura",
        "abertura", "aperture",
    ),
    "high": (
        "high", "high_price", "highprice", "price_high", "daily_high", "h", "max", "hi", "hoch",
        "tageshoch", "plus_haut", "haut", "maximo", "massimo", "maxima",
    ),
    "low": (
        "low", "low_price", "lowprice", "price_low", "daily_low", "l", "min", "lo", "tief",
        "tagestief", "plus_bas", "bas", "minimo", "minima",
    ),
    "close": (
        "close", "close_last", "close_price", "closeprice", "closing_price", "price_close", "last",
        "price", "last_price", "latest", "c", "cl", "schluss", "schlusskurs", "schlusskurse",
        "zuletzt", "dernier", "cloture", "ultimo", "cierre", "chiusura", "fechamento", "settle",
    ),
}  # fmt: skip
ADJUSTED = ("adj_close", "adjclose", "adjusted_close", "adj_close_price", "close_adj", "adjusted")
"""Closes that were divided by later splits and dividends: used only if asked for."""
VOLUMES = (
    "volume", "vol", "v", "stuecke", "volumen", "volume_base", "base_volume", "volumefrom",
    "total_volume", "volume_traded", "total_trade_quantity", "total_traded_quantity",
    "traded_quantity", "shares_traded", "no_of_shares",
    "quantity", "qty",
    "umsatz_stuck", "stuck", "volume_from", "contracts", "ttl_trd_qnty", "vol_shares",
    "tick_volume", "tickvol", "tickvolume", "tick_vol",
)  # fmt: skip
"""Of several that a file has the first one listed counts; ticks only for want of others."""
QUOTE_VOLUMES = (
    "volumeto", "volume_to", "quote_volume", "quote_asset_volume", "quotevolume", "volume_quote",
    "quote_vol", "turnover", "amount", "volume_currency", "dollar_volume", "volume_dollars",
    "value", "umsatz", "umsatz_eur", "real_volume",
)  # fmt: skip
"""They count money, or something else: never taken, but named."""
LIKE_VOLUMES = re.compile(r"(?:^|_)(?:vol\w*|turnover|amount|qty|quantity|umsatz)(?:_|$)|volume")
QUOTES = (
    "usd", "usdt", "usdc", "busd", "tusd", "fdusd", "dai", "eur", "euro", "euros", "gbp", "jpy",
    "chf", "aud", "cad", "krw", "try", "brl", "rub", "inr", "cny", "dollar", "dollars", "currency",
    "quote",
)  # fmt: skip
"""Units of money: `Volume USD` beside `Volume BTC`."""
SYMBOLS = (
    "symbol", "symbols", "ticker", "tic", "instrument", "instrument_name", "code", "isin", "pair",
    "currency_pair", "stock", "stock_code", "asset", "security", "act_symbol", "product_id",
    "contract", "coin", "underlying", "name", "series",
)  # fmt: skip
PARTS = (
    "expiry", "expiration", "expiration_date", "expiry_date", "contract_month", "delivery_month",
    "maturity", "maturity_date", "contract_code", "exchange", "venue", "mic", "permno", "gvkey",
    "cusip", "figi", "ric", "sedol", "sid", "conid", "instrument_id", "publisher_id", "interval",
    "timeframe", "time_frame", "period", "per", "granularity", "resolution", "bar_size", "freq",
    "frequency", "tf", "barsize", "candle_size", "bar_type",
)  # fmt: skip
"""They name no instrument, but rows that differ in one are not of one series."""
ZONES = (
    "timezone", "time_zone", "tz", "zone", "utc_offset", "utcoffset", "gmt_offset", "gmtoffset",
    "tz_offset", "timezone_offset", "offset", "tzinfo", "exchange_timezone",
)  # fmt: skip
"""The zone, or the offset from UTC, of the time beside."""


def plain(name: str) -> str:
    """`<TICKVOL>` as tickvol, `Gmt time` as gmt_time, `1. open` as open, `Hôte` as hote."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    words = re.sub(r"[^a-z0-9]+", " ", letters).split()
    return "_".join(word for word in words if not word.isdecimal())


def is_known(name: str) -> bool:
    """Whether a column of that name may be used, or is named as one that is not."""
    known = plain(name)
    lists = (
        OPEN_TIMES, TIMES, CLOSE_TIMES, CLOCKS, ADJUSTED, VOLUMES, QUOTE_VOLUMES, SYMBOLS, PARTS,
        ZONES, *PRICES.values(),
    )  # fmt: skip
    return any(known in names for names in lists) or bool(LIKE_VOLUMES.search(known))


def roles_named(names: Sequence[str]) -> int:
    """How many of the four prices some names name."""
    found = {plain(name) for name in names}
    return sum(bool(found & set(known)) for known in PRICES.values())
