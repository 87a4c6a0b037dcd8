"""How large a strategy may be, whichever way it comes: as a text, a file, a form, or as settings.

Generous strategies have 5,000 characters and 1,000 values. These limits keep the check of the worst
one, in whatever it is wrong, at about a tenth of a second.
"""

from collections.abc import Iterable
from typing import Any

MAX_CHARACTERS = 65_536
MAX_VALUES = 6_000  # keys, values, lists and mappings, all counted
MAX_ENTRIES = 500  # of one list or mapping
MAX_DEPTH = 20  # the grammar needs 5
MAX_SHOWN = 60  # characters of a text in a message
MAX_DIGITS = 20  # of a whole number; a seed has 19

TOO_LONG = f"is longer than {MAX_CHARACTERS:,} characters"
TOO_MANY_VALUES = f"holds more than {MAX_VALUES:,} values"
TOO_MANY_ENTRIES = f"has more than {MAX_ENTRIES} entries"
TOO_DEEP = "it is nested too deeply"
TOO_MANY_DIGITS = "is a number with too many digits"


def size_fault(data: Any, *, times: int = 1) -> str:
    """What is too much of plain data, as the end of a sentence; empty where nothing is.

    `times`: so often the values and characters of a text, for what is made of several.
    """
    level, num_values, num_characters = [data], 0, 0
    for _ in range(MAX_DEPTH):
        num_values += len(level)
        num_characters += sum(len(value) for value in level if isinstance(value, str))
        if num_values > times * MAX_VALUES:
            return TOO_MANY_VALUES
        if num_characters > times * MAX_CHARACTERS:
            return TOO_LONG
        if any(isinstance(value, int) and abs(value) >= 10**MAX_DIGITS for value in level):
            return TOO_MANY_DIGITS
        if any(isinstance(value, dict | list) and len(value) > MAX_ENTRIES for value in level):
            return TOO_MANY_ENTRIES
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return ""
    return TOO_DEEP


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value
