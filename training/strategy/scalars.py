"""A plain scalar's value by YAML 1.2's core schema (§10.3.2): `on`, `no` and `010` are what they
look like, `1e-3` is a number and a date stays text."""

import re
from collections.abc import Callable
from typing import Any

from training.strategy.limits import MAX_DIGITS

_DIGITS = re.compile(r"[-+]?[0-9]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_OCTAL = re.compile(r"0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_BEGIN_NUMBERS = frozenset("+-.0123456789")
_WORDS: dict[str, Any] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)


def _whole(base: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if len(text) > MAX_DIGITS + 2:  # a sign, or 0x
            raise ValueError("too many digits")
        return int(text, base)

    return read


# The order matters: an integer is a float as well.
_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (_DIGITS, _whole(10)),
    (_HEXADECIMAL, _whole(16)),
    (_OCTAL, _whole(8)),
    (_FLOAT, lambda text: float(text) + 0.0),  # databases keep no minus zero
    (_INFINITE, lambda text: float(text.replace(".", "").lower())),
)


def plain_value(text: str) -> Any:
    """None, a truth value, a number or the text. Raises `ValueError` for too many digits."""
    if text[:1] not in _BEGIN_NUMBERS:
        return _WORDS.get(text, text)
    for pattern, number in _NUMBERS:
        if pattern.fullmatch(text):
            return number(text)
    return text
