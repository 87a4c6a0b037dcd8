"""`fuzzy_sets` and `nn_inputs`: which indicator's output, which shape, at which timeframes."""

from collections.abc import Mapping
from typing import Any

from training.strategy.converting.draft import Data, Draft, Kind, unquoted
from training.strategy.converting.indicators import SECTIONS
from training.strategy.converting.market import timeframe_of
from training.strategy.faults import Location
from training.strategy.synonyms import meant, plain

SETS: Location = ("fuzzy_sets",)
INPUTS: Location = ("nn_inputs",)

SHAPES = ("triangular", "trapezoidal", "gaussian")
OTHER_SHAPES: Mapping[str, str] = {
    "gauss": "gaussian",
    "gaussmf": "gaussian",
    "normal": "gaussian",
    "trapezoid": "trapezoidal",
    "trapmf": "trapezoidal",
    "triangle": "triangular",
    "trimf": "triangular",
}
POINTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "triangular": (("a", "left"), ("b", "peak", "center", "centre"), ("c", "right")),
    "trapezoidal": (("a",), ("b",), ("c",), ("d",)),
    "gaussian": (("centre", "center", "mean", "mu", "c"), ("sigma", "std", "width")),
}
"""Names that a shape's parameters have where they are a mapping."""

OUTPUTS: Mapping[str, str] = {
    "diminus": "minus_di",
    "diplus": "plus_di",
    "kijunsen": "kijun",
    "macd": "line",
    "mid": "middle",
    "percentd": "d",
    "percentk": "k",
    "senkouspana": "senkou_a",
    "senkouspanb": "senkou_b",
    "tenkansen": "tenkan",
    "trend": "line",
}
"""Outputs that `meant` does not find, by what `plain` makes of them."""


def convert_inputs(draft: Draft) -> None:
    """Fuzzy sets first: inputs may be missing, and are all of them then."""
    for name, content in draft.section(*SETS).items():
        if isinstance(content, dict):
            _fuzzy_set(draft, name, content)
    given = _as_list(draft, draft.data.get("nn_inputs"))
    if not given and draft.section(*SETS):
        draft.data["nn_inputs"] = [
            {"fuzzy_set": name, "timeframes": "all"} for name in draft.section(*SETS)
        ]
        draft.tell(Kind.WRITTEN, INPUTS, "every fuzzy set at all timeframes, for none were written")
    elif isinstance(given, list):
        for position in range(len(given)):
            _input(draft, given, position)
        _once(draft, given)


def _as_list(draft: Draft, given: Any) -> Any:
    """Inputs by the name of their fuzzy set."""
    if not isinstance(given, dict):
        return given
    listed = [
        {"fuzzy_set": name, **(content if isinstance(content, dict) else {})}
        for name, content in given.items()
    ]
    draft.data["nn_inputs"] = listed
    draft.tell(Kind.CHANGED, INPUTS, "is a list here, each with its fuzzy_set")
    return listed


def _once(draft: Draft, inputs: list[Any]) -> None:
    """Inputs that are written again, at the same timeframes, are there once."""
    everywhere = [
        {**given, "timeframes": given.get("timeframes", "all")}
        if isinstance(given, dict)
        else given
        for given in inputs
    ]
    for position in reversed(range(len(inputs))):
        if everywhere[position] in everywhere[:position]:
            del inputs[position]
            draft.tell(Kind.REMOVED, (*INPUTS, position), "removed: it is written before")


def _fuzzy_set(draft: Draft, name: str, given: Data) -> None:
    place = (*SETS, name)
    draft.without_nulls(given, place)
    if "indicator" not in given and name in draft.section("indicators"):
        given["indicator"] = name
        draft.tell(Kind.CHANGED, (*place, "indicator"), f"{name} written, as the set is called")
    _output_key(draft, given, place)
    if isinstance(given.get("indicator"), str):
        _reference(draft, given, "indicator", place)
    for key in [key for key in given if key not in ("indicator", "memberships")]:
        if isinstance(given[key], str):
            draft.remove(given, place, key, "it is no membership")
        else:
            _membership(draft, given, key, place)


def _output_key(draft: Draft, given: Data, place: Location) -> None:
    """`output: histogram` beside an indicator."""
    output, indicator = given.get("output"), given.get("indicator")
    if isinstance(output, str) and isinstance(indicator, str) and "." not in indicator:
        del given["output"]
        given["indicator"] = f"{indicator}.{output}"
        draft.tell(Kind.CHANGED, (*place, "output"), f"is indicator: {given['indicator']} here")


def _reference(draft: Draft, inside: Data, key: str, place: Location) -> None:
    """The output of an indicator; without one the first, which KTRDR took."""
    written = inside[key]
    name, _, output = written.partition(".")
    indicators = draft.section("indicators")
    if name not in indicators:
        name = next((known for known in indicators if known.lower() == name.lower()), name)
    content = indicators.get(name)
    kind = SECTIONS.get(content.get("type", "")) if isinstance(content, dict) else None
    outputs = kind.outputs if kind else ()
    why = ""
    if outputs and not output:
        output, why = outputs[0], "the output that KTRDR took"
    elif not outputs and kind:
        output = ""
    elif output not in outputs:
        output = OUTPUTS.get(plain(output), meant(output, outputs) or output)
    reference = f"{name}.{output}" if output else name
    if reference != written:
        draft.put(inside, place, key, reference, why)


def _membership(draft: Draft, inside: Data, key: str, place: Location) -> None:
    given = inside[key]
    where = (*place, key)
    if isinstance(given, list) and any(isinstance(point, str) for point in given):
        inside[key] = given = [unquoted(point) for point in given]
        draft.tell(Kind.CHANGED, where, "numbers are not in quotes here")
    if isinstance(given, list) and len(given) == 4:
        inside[key] = {"type": "trapezoidal", "parameters": given}
        draft.tell(Kind.CHANGED, where, "four points are type: trapezoidal here")
    elif isinstance(given, dict):
        draft.without_nulls(given, where)
        _shape(draft, given, where)


def _shape(draft: Draft, given: Data, where: Location) -> None:
    for old in ("params", "points", "values"):
        draft.rename(given, where, old, "parameters")
    if "shape" in given and "type" not in given:
        draft.rename(given, where, "shape", "type")
    word = given.get("type")
    if isinstance(word, str) and word not in SHAPES:
        shape = meant(word, SHAPES) or OTHER_SHAPES.get(plain(word))
        if shape:
            draft.put(given, where, "type", shape)
    points = given.get("parameters", given)
    if isinstance(points, dict):
        _points(draft, given, points, where)
    if "type" not in given and isinstance(given.get("parameters"), list):
        shape = {2: "gaussian", 3: "triangular", 4: "trapezoidal"}.get(len(given["parameters"]))
        if shape:
            given["type"] = shape
            draft.tell(Kind.CHANGED, (*where, "type"), f"{shape} written, for so many parameters")


def _points(draft: Draft, given: Data, points: Data, where: Location) -> None:
    """Named points as a list."""
    named = [given["type"]] if given.get("type") in POINTS else [*POINTS]
    for shape in sorted(named, key=lambda name: -len(POINTS[name])):
        keys = [next((n for n in names if n in points), None) for names in POINTS[shape]]
        if all(key is not None for key in keys):
            values = [points[str(key)] for key in keys]
            rest = {"type": shape, "parameters": values}
            given.clear()
            given.update(rest)
            draft.tell(Kind.CHANGED, where, f"its points are a list here, of a {shape} shape")
            return


def _input(draft: Draft, inputs: list[Any], position: int) -> None:
    place = (*INPUTS, position)
    if isinstance(inputs[position], str):
        inputs[position] = {"fuzzy_set": inputs[position]}
        draft.tell(Kind.CHANGED, place, f"is fuzzy_set: {inputs[position]['fuzzy_set']} here")
    given = inputs[position]
    if not isinstance(given, dict):
        return
    draft.without_nulls(given, place)
    kind = given.get("type")
    if kind in ("fuzzy_set", "raw_indicator") and kind not in given:
        draft.rename(given, place, "name", kind)
        draft.remove(given, place, "type", f"{kind} says it")
    draft.rename(given, place, "indicator", "raw_indicator")
    draft.rename(given, place, "timeframe", "timeframes")
    if isinstance(given.get("raw_indicator"), str):
        _reference(draft, given, "raw_indicator", place)
    name = given.get("fuzzy_set")
    if isinstance(name, str) and name not in draft.section(*SETS):
        same = next((s for s in draft.section(*SETS) if s.lower() == name.lower()), None)
        if same:
            draft.put(given, place, "fuzzy_set", same)
    if "timeframes" in given:
        _timeframes(draft, given, place)


def _timeframes(draft: Draft, given: Data, place: Location) -> None:
    written = given["timeframes"]
    names = written.replace(",", " ").split() if isinstance(written, str) else written
    if not isinstance(names, list):
        return
    if len(names) == 1 and str(names[0]).lower() == "all":
        wanted: Any = "all"
    else:
        wanted = [timeframe_of(name) or name for name in names]
    if wanted != written:
        told = wanted if isinstance(wanted, str) else f"[{', '.join(map(str, wanted))}]"
        given["timeframes"] = wanted
        draft.tell(Kind.CHANGED, (*place, "timeframes"), f"is {told} here")
