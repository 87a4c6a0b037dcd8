"""What other programs, the original KTRDR among them, call the things of this grammar."""

import re
from collections.abc import Collection, Mapping

_SEPARATORS = re.compile(r"[^a-z0-9]")

INDICATORS: Mapping[str, str] = {
    "bb": "bollinger",
    "bbands": "bollinger",
    "bollingerbands": "bollinger",
    "bandwidth": "bollinger_width",
    "bbw": "bollinger_width",
    "bbwidth": "bollinger_width",
    "bollingerbandwidth": "bollinger_width",
    "bollingerbandswidth": "bollinger_width",
    "squeezeintensity": "squeeze",
    "ttmsqueeze": "squeeze",
    "fishertransform": "fisher",
    "williams": "williams_r",
    "williamspercentr": "williams_r",
    "willr": "williams_r",
    "wpr": "williams_r",
    "psar": "parabolic_sar",
    "sar": "parabolic_sar",
    "accumulationdistribution": "ad_line",
    "accumulationdistributionline": "ad_line",
    "ad": "ad_line",
    "adl": "ad_line",
    "kc": "keltner",
    "keltnerchannel": "keltner",
    "keltnerchannels": "keltner",
    "donchianchannel": "donchian",
    "donchianchannels": "donchian",
    "averagetruerange": "atr",
    "relativestrengthindex": "rsi",
    "movingaverageconvergencedivergence": "macd",
    "ma": "sma",
    "movingaverage": "sma",
    "simplemovingaverage": "sma",
    "exponentialmovingaverage": "ema",
    "weightedmovingaverage": "wma",
    "averagedirectionalindex": "adx",
    "dmi": "adx",
    "stoch": "stochastic",
    "stochasticoscillator": "stochastic",
    "commoditychannelindex": "cci",
    "moneyflowindex": "mfi",
    "chaikinmoneyflow": "cmf",
    "onbalancevolume": "obv",
    "rateofchange": "roc",
    "mom": "momentum",
    "ichimokucloud": "ichimoku",
    "volumeweightedaverageprice": "vwap",
    "relativevigorindex": "rvi",
    "madistance": "distance_from_ma",
}
"""Types of indicators, by what `plain` makes of their other names."""

_WORDS: Mapping[str, tuple[str, ...]] = {
    **{name: (meant,) for name, meant in INDICATORS.items()},
    "fast": ("fast_period",),
    "fastlength": ("fast_period",),
    "slow": ("slow_period",),
    "slowlength": ("slow_period",),
    "signal": ("signal_period",),
    "signallength": ("signal_period",),
    "length": ("period",),
    "lookback": ("period", "sequence_length", "lookahead"),
    "timeperiod": ("period",),
    "window": ("period", "sequence_length", "max_holding_period"),
    "windowsize": ("sequence_length", "period"),
    "deviations": ("multiplier",),
    "factor": ("multiplier",),
    "nbdev": ("multiplier",),
    "numstd": ("multiplier",),
    "std": ("multiplier",),
    "stddev": ("multiplier",),
    "hist": ("histogram",),
    "cosineannealing": ("cosine",),
    "cosineannealinglr": ("cosine",),
    "exponentiallr": ("exponential",),
    "onecyclelr": ("one_cycle",),
    "reducelronplateau": ("plateau",),
    "reduceonplateau": ("plateau",),
    "steplr": ("step",),
    "clipgradnorm": ("gradient_clip",),
    "gradclip": ("gradient_clip",),
    "lossfunction": ("loss",),
    "lr": ("learning_rate",),
    "lrschedule": ("lr_scheduler",),
    "scheduler": ("lr_scheduler",),
    "validationsplit": ("data_split",),
    "crossentropyloss": ("cross_entropy",),
    "focalloss": ("focal",),
    "mseloss": ("mse",),
    "units": ("hidden_size", "hidden_layers"),
    "layers": ("hidden_layers", "num_layers"),
    "profittargetatr": ("pt_multiplier",),
    "profittarget": ("pt_multiplier",),
    "takeprofit": ("pt_multiplier",),
    "stoploss": ("sl_multiplier",),
    "stoplossatr": ("sl_multiplier",),
    "maxholdingbars": ("max_holding_period",),
    "spread": ("round_trip_cost",),
    "commission": ("round_trip_cost",),
    "transactioncost": ("round_trip_cost",),
    "daterange": ("start_date",),
    "60m": ("1h",),
    "h1": ("1h",),
    "h4": ("4h",),
    "hourly": ("1h",),
    "d": ("1d",),
    "d1": ("1d",),
    "daily": ("1d",),
    "w": ("1w",),
    "w1": ("1w",),
    "weekly": ("1w",),
    "mn1": ("1M",),
    "monthly": ("1M",),
}
"""Words of this grammar, by `plain` other ones; of several the one that is known there."""


def plain(word: str) -> str:
    """`Bollinger-Bands`, `bollinger_bands` and `BollingerBandsIndicator` as `bollingerbands`."""
    letters = _SEPARATORS.sub("", word.lower())
    return letters.removesuffix("indicator") or letters


def meant(word: str, known: Collection[str]) -> str | None:
    """The known word that is written otherwise, or called otherwise elsewhere; None for neither."""
    letters = plain(word)
    same = (name for name in known if plain(name) == letters)
    other = (name for name in _WORDS.get(letters, ()) if name in known)
    return next(same, None) or next(other, None)
