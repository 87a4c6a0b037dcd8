"""`indicators`: names of types and parameters, and defaults that differ."""

from collections.abc import Mapping
from typing import Any, get_args

from training.strategy.converting.draft import Data, Draft, Kind, shown
from training.strategy.faults import Location
from training.strategy.indicators import Indicator, IndicatorSection
from training.strategy.synonyms import meant

PLACE: Location = ("indicators",)

SECTIONS: Mapping[str, type[IndicatorSection]] = {
    get_args(section.model_fields["type"].annotation)[0]: section
    for section in get_args(get_args(Indicator)[0])
}

NAMES: Mapping[str, Mapping[str, str]] = {
    "macd": {"fast": "fast_period", "slow": "slow_period", "signal": "signal_period"},
    "keltner": {"period": "ema_period"},
    "stochastic": {"period": "k_period", "k": "k_period", "d": "d_period", "smooth": "smooth_k"},
    "ichimoku": {"senkou_b_period": "senkou_period"},
    "parabolic_sar": {"step_af": "step", "max_af": "max"},
    "distance_from_ma": {"ma_type": "ma"},
}
"""Parameters of the original KTRDR that are called otherwise here, by type."""

IGNORED: Mapping[str, frozenset[str]] = {"macd": frozenset(NAMES["macd"])}
"""Of those, what it did not read, for it has the names of here, too."""

WINDOWS = {"period": ("bb_period", "kc_period"), "multiplier": ("bb_multiplier", "kc_multiplier")}
"""One key of a squeeze and the two that it stands for."""

DEFAULTS: Mapping[str, Mapping[str, tuple[Any, Any]]] = {
    "bollinger": {"deviation": ("sample", "population")},
    "bollinger_width": {"deviation": ("sample", "population")},
    "aroon": {"period": (14, 25)},
}
"""By type and parameter: KTRDR's value where none is written, and the one here."""


def convert_indicators(draft: Draft) -> None:
    """Every indicator."""
    given = draft.data.get("indicators")
    if isinstance(given, list):
        draft.refuse(PLACE, "is a list, as before version 3.0: migrate the file with KTRDR first")
        return
    for name, content in draft.section(*PLACE).items():
        if isinstance(content, str):
            draft.data["indicators"][name] = {"type": content}
            draft.tell(Kind.CHANGED, (*PLACE, name), f"is type: {content} here")
        if isinstance(draft.data["indicators"][name], dict):
            _indicator(draft, draft.data["indicators"][name], (*PLACE, name))


def _indicator(draft: Draft, given: Data, place: Location) -> None:
    if "data_source" in given:
        draft.refuse((*place, "data_source"), "prices of other symbols are no inputs here")
        given.pop("data_source")
    _flatten(draft, given, place)
    if "type" not in given and "name" in given:
        draft.rename(given, place, "name", "type")
    draft.without_nulls(given, place)
    word = given.get("type")
    kind = word if word in SECTIONS else meant(str(word), SECTIONS)
    if kind is None:
        return
    if kind != word:
        draft.put(given, place, "type", kind)
    _parameters(draft, kind, given, place)


def _flatten(draft: Draft, given: Data, place: Location) -> None:
    """Parameters in a mapping of their own."""
    for key in ("params", "parameters"):
        inside = given.get(key)
        if isinstance(inside, dict):
            del given[key]
            given.update({name: value for name, value in inside.items() if name not in given})
            draft.tell(Kind.CHANGED, (*place, key), "stand beside type here")


def _parameters(draft: Draft, kind: str, given: Data, place: Location) -> None:
    known = [field.alias or name for name, field in SECTIONS[kind].model_fields.items()]
    if kind == "squeeze":
        _both_windows(draft, given, place)
    for old, new in NAMES.get(kind, {}).items():
        why = ""
        if old in given and old in IGNORED.get(kind, ()):
            default = SECTIONS[kind].model_fields[new].default
            why = f"KTRDR did not read {old} and took {default}"
        draft.rename(given, place, old, new, why)
    for key in [key for key in given if key not in known]:
        same = meant(key, [name for name in known if name not in given])
        if same is not None:
            draft.rename(given, place, key, same)
        else:
            draft.remove(given, place, key, f"{kind} has no such parameter{_known(known)}")
    if isinstance(given.get("ma"), str):
        given["ma"] = given["ma"].lower()
    draft.write(given, place, DEFAULTS.get(kind, {}))


def _both_windows(draft: Draft, given: Data, place: Location) -> None:
    for key, both in WINDOWS.items():
        if key in given:
            value = given.pop(key)
            given.update({name: value for name in both if name not in given})
            message = f"{shown(value)} is {' and '.join(both)} here; KTRDR read only those"
            draft.tell(Kind.CHANGED, (*place, key), message)


def _known(known: list[str]) -> str:
    names = [name for name in known if name != "type"]
    return f", it has {', '.join(names)}" if names else ", nor any other"
