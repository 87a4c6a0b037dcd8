"""A network's inputs, computed from bars as in its training."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.trained.bundle_reader import FARTHEST, Array, belonging
from training.trained.from_bars.bar_file import (
    Bars,
    BarsRefused,
    Times,
    as_text,
    bar_ends,
    require_timeframe,
    resample,
)
from training.trained.from_bars.indicators import INDICATORS

RECIPE = "from_bars"  # the part of a manifest that says how


class NotFromBars(ValueError):
    """A model whose inputs cannot be computed here; the text names what is lacking."""


def recipe_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest says of making inputs of bars. Raises `NotFromBars`."""
    if lacking := [*_lacking(manifest.get(RECIPE))]:
        raise NotFromBars(
            f"This reader cannot make the model's inputs of bars: {'; '.join(lacking)}. Give the "
            f'inputs to read_bundle(directory).predict(features), in the order of "feature_ids" in '
            f"the manifest."
        )
    recipe: dict[str, Any] = manifest[RECIPE]
    return recipe


def _lacking(recipe: Mapping[str, Any] | None) -> Iterator[str]:
    if recipe is None:
        yield f'the manifest is from before there was "{RECIPE}" in it'
        return
    for name, settings in recipe["indicators"].items():
        if settings["type"] not in INDICATORS:
            yield f"it has no indicator {settings['type']} ({name})"
    if finer := recipe["finer"]:
        yield f"it takes bars of {recipe['timeframe']} only, and not of {', '.join(finer)}"
    if recipe["cusum"]:
        yield "it knows no CUSUM filter, on whose events alone the model decides"


def needs_volume(recipe: Mapping[str, Any]) -> bool:
    return any(
        "volume" in (*INDICATORS[settings["type"]].columns, settings.get("source"))
        for settings in recipe["indicators"].values()
    )


@dataclass(frozen=True)
class History:
    """Bars by timeframe; those of the model's own timeframe are rows from `first_row` on."""

    recipe: Mapping[str, Any]
    bars: Mapping[str, Bars]
    newest: Mapping[
        str, Times
    ]  # by higher timeframe: the bar that has closed by each own bar's end
    first_row: int

    @property
    def times(self) -> Times:
        """[rows]: opens, Unix seconds."""
        return self.bars[self.recipe["timeframe"]].times[self.first_row :]

    def seen(self, timeframe: str, first: int, end: int) -> Any:
        """The bars of a timeframe that rows from `first` to before `end` see."""
        rows = slice(self.first_row + first, self.first_row + end)
        return rows if timeframe == self.recipe["timeframe"] else self.newest[timeframe][rows]


def arrange(recipe: Mapping[str, Any], bars: Bars, window: int) -> History:
    """From where on there are rows: all inputs have settled. Raises `BarsRefused`."""
    base, seconds, settle = recipe["timeframe"], recipe["seconds"], recipe["settle"]
    require_timeframe(bars.times, base, seconds[base])
    own, start = (base, seconds[base]), recipe["start"]
    loaded = {
        name: bars if name == base else resample(bars, own, (name, seconds[name]))
        for name in seconds
    }
    used = {name: _since(loaded[name], start, recipe["warm_up"]) for name in loaded}
    ends = {name: bar_ends(used[name].times, name, seconds[name]) for name in used}
    newest = {
        name: np.searchsorted(ends[name], ends[base], side="right") - 1
        for name in used
        if name != base
    }
    settled = {name: int(np.searchsorted(rows, settle[name] - 1)) for name, rows in newest.items()}
    settled[base] = settle[base] - 1
    slowest = max(settled, key=lambda name: settled[name])
    first_row = max(settled[slowest], _first_since(used[base], start))
    if first_row + window > len(used[base].times):
        raise _too_few(recipe, len(bars.times), slowest, window)
    return History(recipe, used, newest, first_row)


def _too_few(recipe: Mapping[str, Any], num_bars: int, slowest: str, window: int) -> BarsRefused:
    base, start = recipe["timeframe"], recipe["start"]
    needed = recipe["settle"][slowest] + (window - 1 if slowest == base else 0)
    told = f"{num_bars} bars of {base} are too few: {needed} of {slowest} are needed"
    at_once = f" and it sees {window} of them at once" if window > 1 and slowest == base else ""
    since = f", and one from {as_text(start)} on" if start is not None else ""
    return BarsRefused(f"{told}, for the model's inputs have to settle{at_once}{since}.")


def _first_since(bars: Bars, start: int | None) -> int:
    return 0 if start is None else int(np.searchsorted(bars.times, start))


def _since(bars: Bars, start: int | None, warm_up: int) -> Bars:
    return bars.rows(slice(max(0, _first_since(bars, start) - warm_up), None))


def inputs(history: History, scalings: Mapping[str, Any], first: int, end: int) -> Array:
    """Of the rows from `first` to before `end`: [rows, inputs], before they become float32.

    `scalings` are the manifest's of the symbol. Raises `BarsRefused` where an input has no value.
    """
    columns: dict[tuple[str, str], dict[str, Array]] = {}
    matrix = np.empty((end - first, len(history.recipe["inputs"])))
    for number, wanted in enumerate(history.recipe["inputs"]):
        timeframe, name = wanted["timeframe"], wanted["indicator"]
        if (timeframe, name) not in columns:
            settings, bars = history.recipe["indicators"][name], history.bars[timeframe]
            columns[timeframe, name] = INDICATORS[settings["type"]].compute(bars.column, settings)
        values = columns[timeframe, name][wanted["output"]][history.seen(timeframe, first, end)]
        _require_finite(values, name, history.times[first:end])
        if wanted["column"] is not None:  # of a set that is learned
            middle, half = wanted["column"]
            matrix[:, number] = np.clip((values - middle) / half, -FARTHEST, FARTHEST)
        elif wanted["membership"] is None:
            scaling = scalings.get(wanted["id"], {"offset": 0.0, "scale": 1.0})
            matrix[:, number] = (values - scaling["offset"]) / scaling["scale"]
        else:
            matrix[:, number] = membership(values, **wanted["membership"])
    return matrix


def _require_finite(values: Array, name: str, times: Times) -> None:
    if not np.isfinite(values).all():
        bar = as_text(int(times[int(np.isfinite(values).argmin())]))
        raise BarsRefused(f"{name} has no value on {bar}, as a volume ratio without any volume.")


def membership(values: Array, *, type: str, parameters: list[float]) -> Array:
    """How much each value belongs to a fuzzy set; a triangle's plateau has no width."""
    is_triangle = type == "triangular"
    return belonging(values, *([*parameters[:2], *parameters[1:]] if is_triangle else parameters))


def scalings_of(manifest: Mapping[str, Any], symbol: str | None) -> dict[str, Any]:
    """How the raw inputs of a symbol are scaled, by input. Raises `BarsRefused`."""
    recipe, fits = manifest[RECIPE], manifest["normalization"]
    scaled = [wanted["id"] for wanted in recipe["inputs"] if wanted["is_scaled"]]
    if not scaled:
        return {}
    known = [
        name
        for name in recipe["symbols"]
        if all(fits.get(name, {}).get(i, {"method": "none"})["method"] != "none" for i in scaled)
    ]
    chosen = known[0] if symbol is None and len(recipe["symbols"]) == 1 else symbol
    if chosen not in known:
        asked = f"not {symbol}" if symbol else "say which one it is (--symbol)"
        told = f"The model scales {scaled[0]} by the bars that it was trained on"
        raise BarsRefused(f"{told}, and knows {', '.join(known)}: {asked}.")
    return dict(fits[chosen])
