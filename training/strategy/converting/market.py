"""`training_data`: symbols, timeframes and dates."""

from typing import Any

from training.strategy.converting.draft import Data, Draft, Kind
from training.strategy.faults import Location
from training.strategy.synonyms import meant, plain
from training.strategy.values import TIMEFRAMES

PLACE: Location = ("training_data",)
SYMBOLS: Location = (*PLACE, "symbols")
FRAMES: Location = (*PLACE, "timeframes")
CONTEXT = "context_data"


def convert_market(draft: Draft) -> None:
    """The whole section."""
    for place in ((), PLACE):
        if CONTEXT in draft.section(*place):
            draft.refuse(
                (*place, CONTEXT),
                "other symbols, rates and positions of traders are no inputs here: leave out what "
                "is made of them",
            )
            draft.section(*place).pop(CONTEXT)
    data = draft.section(*PLACE)
    if not data:
        return
    _one_or_several(draft, data, SYMBOLS, single="symbol", several="multi_symbol")
    _one_or_several(draft, data, FRAMES, single="timeframe", several="multi_timeframe")
    _timeframe_words(draft, draft.section(*FRAMES))
    _base(draft, draft.section(*FRAMES))
    _dates(draft, data)
    draft.without_nulls(data, PLACE)


def _one_or_several(
    draft: Draft, data: Data, place: Location, *, single: str, several: str
) -> None:
    """A mode that says how many there are; in KTRDR `single` may have a list of one."""
    key = str(place[-1])
    given = data.get(key)
    if not isinstance(given, dict):
        names = _names(given)
        if names:
            data[key] = {"list": names}
            _settle_mode(draft, data[key], place, single=single, several=several)
        return
    draft.without_nulls(given, place)
    if key in given and "list" not in given:
        draft.rename(given, place, key, "list")
    _settle_mode(draft, given, place, single=single, several=several)


def _settle_mode(draft: Draft, given: Data, place: Location, *, single: str, several: str) -> None:
    names = _names(given.get("list", given.get(single)))
    if not names:
        return
    if len(set(names)) < len(names):
        names = list(dict.fromkeys(names))
        draft.tell(Kind.CHANGED, (*place, "list"), "each is listed once here")
    is_one = len(names) == 1 and given.get("mode") != several
    wanted: Data = {"mode": "single", single: names[0]} if is_one else {}
    if not is_one:
        base = {k: given[k] for k in ("base_timeframe",) if k in given and single == "timeframe"}
        wanted = {"mode": several, "list": names, **base}
    if wanted == given:
        return
    before = dict(given)
    given.clear()
    given.update(wanted)
    told = {key: value for key, value in before.items() if wanted.get(key) != value}
    if told:
        draft.tell(Kind.CHANGED, place, f"is written as {_in_words(wanted)}")


def _in_words(wanted: Data) -> str:
    return ", ".join(
        f"{key}: [{', '.join(value)}]" if isinstance(value, list) else f"{key}: {value}"
        for key, value in wanted.items()
    )


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part for part in value.replace(",", " ").split() if part]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(value)
    return []


def _timeframe_words(draft: Draft, frames: Data) -> None:
    for key in ("timeframe", "base_timeframe"):
        if isinstance(frames.get(key), str):
            _timeframe(draft, frames, key, (*FRAMES, key))
    listed = frames.get("list")
    if isinstance(listed, list):
        for position in range(len(listed)):
            _timeframe(draft, listed, position, (*FRAMES, "list", position))
        if all(isinstance(name, str) for name in listed) and len({*listed}) < len(listed):
            frames["list"] = list(dict.fromkeys(listed))
            draft.tell(Kind.CHANGED, (*FRAMES, "list"), "each is listed once here")


def _base(draft: Draft, frames: Data) -> None:
    """Of several the first, where none is named."""
    listed = frames.get("list")
    if isinstance(listed, list) and listed and "base_timeframe" not in frames:
        frames["base_timeframe"] = listed[0]
        draft.tell(
            Kind.WRITTEN,
            (*FRAMES, "base_timeframe"),
            f"{listed[0]} written, the first of the list, which KTRDR took; by default it is the "
            "finest here",
        )


def _timeframe(draft: Draft, inside: Any, key: Any, place: Location) -> None:
    word = timeframe_of(inside[key])
    if word is not None and word != inside[key]:
        draft.tell(Kind.CHANGED, place, f"{inside[key]} is {word} here")
        inside[key] = word


def timeframe_of(word: Any) -> str | None:
    """`1H`, `60min` and `hourly` as `1h`; None where it is no timeframe."""
    if word in TIMEFRAMES:
        return str(word)
    if not isinstance(word, str):
        return None
    letters = plain(word)
    for long, short in (("minutes", "m"), ("minute", "m"), ("mins", "m"), ("min", "m")):
        letters = letters.replace(long, short)
    for long, short in (("hours", "h"), ("hour", "h"), ("days", "d"), ("day", "d"), ("weeks", "w")):
        letters = letters.replace(long, short)
    found = meant(letters.replace("week", "w"), TIMEFRAMES)
    return found or meant(word, TIMEFRAMES)


def _dates(draft: Draft, data: Data) -> None:
    """`date_range` is understood, but the keys of this grammar are written."""
    given = data.get("date_range")
    if not isinstance(given, dict):
        return
    for old, new in (("start", "start_date"), ("end", "end_date")):
        value = given.get(old, given.get(new))
        if value is not None and new not in data:
            data[new] = value
    del data["date_range"]
    draft.tell(Kind.CHANGED, (*PLACE, "date_range"), "is start_date and end_date here")
