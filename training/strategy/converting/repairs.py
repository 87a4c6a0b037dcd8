"""What the grammar itself shows to be wrong and how to mend it: words, numbers, unknown keys."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from training.strategy.converting.draft import Draft, unquoted
from training.strategy.document import DocumentInvalid, read_value
from training.strategy.faults import MAX_FAULTS, Location, dotted
from training.strategy.inert import inert_keys
from training.strategy.lenient import ACTED, KEYS_THAT_ACTED, KEYS_WITHOUT_EFFECT
from training.strategy.locations import accepted_keys, written_location
from training.strategy.messages import unknown_of
from training.strategy.strategy import Strategy
from training.strategy.synonyms import meant
from training.strategy.values import Settle

ROUNDS = 8  # a repair may lay another fault bare; each goes one level deeper

SETTLES: tuple[Settle, Settle] = ("strict", "loose")
REFUSED_KEYS = frozenset({"data_source", "<<"})
"""To leave them out would change what the rest means."""


def repair(draft: Draft) -> None:
    """Mend what can be mended without a guess, in place."""
    for _ in range(ROUNDS):
        num_mended = sum(_mend(draft, error) for error in _errors(draft))
        if not num_mended:
            break
    _remove_inert(draft)


def _errors(draft: Draft) -> list[ErrorDetails]:
    try:
        Strategy.model_validate(draft.data)
    except ValidationError as error:
        return error.errors(include_url=False)[:MAX_FAULTS]
    return []


def _mend(draft: Draft, error: ErrorDetails) -> bool:
    """Whether something was changed."""
    place = written_location(error["loc"], draft.data)
    if error["type"] == "union_tag_invalid":
        place = (*place, error["ctx"]["discriminator"].strip("'"))
    holder = _holder(draft, place)
    if holder is None:
        return False
    if error["type"] == "extra_forbidden":
        return _unknown_key(draft, error, place, holder)
    if holder[place[-1]] is None and isinstance(holder, dict):
        draft.remove(holder, place[:-1], str(place[-1]), "without a value the default counts")
        return True
    mended = _MENDERS.get(error["type"], _nothing)(error, holder[place[-1]])
    if mended is None:
        return False
    draft.put(holder, place[:-1], place[-1], mended[0])  # type: ignore[arg-type]
    return True


def _holder(draft: Draft, place: Location) -> Any:
    """The mapping or list that has the place; None where the data has no such place."""
    found: Any = draft.data
    for part in place[:-1]:
        found = _inside(found, part)
    return found if place and _has(found, place[-1]) else None


def _has(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _inside(value: Any, part: str | int) -> Any:
    return value[part] if _has(value, part) else None


def _unknown_key(draft: Draft, error: ErrorDetails, place: Location, holder: Any) -> bool:
    key = str(place[-1])
    if key in REFUSED_KEYS:
        return False
    if place in KEYS_THAT_ACTED:
        why = ACTED
    elif place in KEYS_WITHOUT_EFFECT:
        why = "it had no effect"
    else:
        free = [name for name in accepted_keys(error["loc"]) if name not in holder]
        if same := meant(key, free):
            draft.rename(holder, place[:-1], key, same)
            return True
        why = f"{dotted(place[:-1]) or 'a strategy'} has no such key here"
    draft.remove(holder, place[:-1], key, why)
    return True


Mended = tuple[Any] | None


def _nothing(error: ErrorDetails, value: Any) -> Mended:
    return None


def _number(error: ErrorDetails, value: Any) -> Mended:
    """A number in quotes, or a whole one with a point."""
    found = unquoted(value)
    if error["type"] == "int_type" and isinstance(found, float) and found.is_integer():
        found = int(found)
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return (found,) if is_number and found is not value else None


def _flag(error: ErrorDetails, value: Any) -> Mended:
    words = {"true": True, "yes": True, "on": True, "1": True}
    words |= {"false": False, "no": False, "off": False, "0": False}
    found = words.get(str(value).strip().lower())
    return None if found is None else (found,)


def _word(error: ErrorDetails, value: Any) -> Mended:
    unknown = unknown_of(error)
    found = meant(str(value), unknown.known) if unknown else None
    return (found,) if found is not None and found != value else None


def _text(error: ErrorDetails, value: Any) -> Mended:
    return (str(value),) if isinstance(value, int | float) else None


def _listed(error: ErrorDetails, value: Any) -> Mended:
    """A list in quotes, or one value in place of a list of one."""
    if isinstance(value, dict):
        return None
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            return (read_value(value),)
        except DocumentInvalid:
            return None
    return ([value],)


def _name(error: ErrorDetails, value: Any) -> Mended:
    """Of a strategy: other characters than it may have are written as _."""
    if error["loc"] != ("name",) or not isinstance(value, str):
        return None
    found = re.sub(r"[^A-Za-z0-9 ._-]", "_", value.strip())[:100].lstrip(" ._-")
    return (found,) if found and found != value else None


_MENDERS: dict[str, Callable[[ErrorDetails, Any], Mended]] = {
    "int_type": _number,
    "float_type": _number,
    "bool_type": _flag,
    "literal_error": _word,
    "union_tag_invalid": _word,
    "string_type": _text,
    "tuple_type": _listed,
    "string_pattern_mismatch": _name,
}


def _remove_inert(draft: Draft) -> None:
    """Keys that the rest of the strategy leaves without effect, which here are refused."""
    if _errors(draft):
        return
    strategy = Strategy.model_validate(draft.data)
    for key in inert_keys(strategy.training, strategy.decisions):
        holder = _holder(draft, key.location)
        if holder is not None:
            *parents, name = key.location
            draft.remove(holder, tuple(parents), name, f"it has no effect {key.reason}")


def suggestions(strategy: Strategy) -> Iterator[tuple[Location, str]]:
    """What is valid and may not start: bars until indicators have settled, by timeframe."""
    data = strategy.training_data
    if data.history_required is None or data.settle == "loose":
        return
    longest, loose = (
        max(one.settle_length(settle) for one in strategy.indicators.values()) for settle in SETTLES
    )
    if longest > data.history_required and loose < longest:
        yield (
            ("training_data", "history_required"),
            f"indicators settle for {longest} bars of every timeframe here, more than the "
            f"{data.history_required} that KTRDR took: where there are fewer, write "
            f"settle: loose, which takes {loose}",
        )
