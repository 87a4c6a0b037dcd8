"""Every indicator of the grammar, with its defaults and with other parameters."""

from typing import Any, get_args

from pydantic import TypeAdapter

from training.strategy.indicators import Indicator

_ADAPTER: TypeAdapter[Any] = TypeAdapter(Indicator)

TYPES = tuple(
    get_args(section.model_fields["type"].annotation)[0]
    for section in get_args(get_args(Indicator)[0])
)

OTHER_PARAMETERS: dict[str, list[dict[str, Any]]] = {
    "sma": [{"period": 2}, {"period": 50, "source": "hlc3"}],
    "ema": [{"period": 2}, {"period": 9, "source": "open"}],
    "wma": [{"period": 3, "source": "ohlc4"}],
    "distance_from_ma": [{"period": 10, "ma": "ema"}],
    "rsi": [{"period": 2}, {"period": 21, "source": "hl2"}],
    "macd": [{"fast_period": 3, "slow_period": 8, "signal_period": 4, "source": "volume"}],
    "roc": [{"period": 1}],
    "momentum": [{"period": 3, "source": "volume"}],
    "stochastic": [{"k_period": 5, "smooth_k": 1, "d_period": 1}],
    "williams_r": [{"period": 2}],
    "cci": [{"period": 5}],
    "fisher": [{"period": 4}],
    "rvi": [{"period": 3, "signal_period": 7}],
    "adx": [{"period": 3}],
    "aroon": [{"period": 4}],
    "supertrend": [{"period": 4, "multiplier": 1.5}],
    "parabolic_sar": [{"step": 0.05, "max": 0.1}],
    "ichimoku": [{"tenkan_period": 3, "kijun_period": 5, "senkou_period": 12}],
    "atr": [{"period": 5, "method": "sma"}],
    "bollinger": [{"period": 5, "multiplier": 1.0, "deviation": "sample", "source": "hl2"}],
    "bollinger_width": [{"period": 5, "deviation": "sample"}],
    "donchian": [{"period": 3}],
    "keltner": [{"ema_period": 7, "atr_period": 4, "multiplier": 1.0}],
    "squeeze": [{"bb_period": 8, "bb_multiplier": 1.0, "kc_period": 5, "kc_multiplier": 3.0}],
    "vwap": [{"period": 3}],
    "volume_ratio": [{"period": 3}],
    "cmf": [{"period": 3}],
    "mfi": [{"period": 3}],
}


def section(type_name: str, **parameters: Any) -> Any:
    """An indicator as a strategy declares it."""
    return _ADAPTER.validate_python({"type": type_name, **parameters})


def all_sections() -> list[Any]:
    """Every indicator that can be an input, once for each set of parameters."""
    return [
        section(name, **parameters)
        for name in TYPES
        if section(name).look_ahead != {""}
        for parameters in [{}, *OTHER_PARAMETERS.get(name, [])]
    ]


def name_of(value: Any) -> str:
    return "-".join(str(part) for part in value.model_dump().values())
