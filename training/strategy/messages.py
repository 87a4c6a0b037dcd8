"""Validation errors in the words of someone who writes a strategy."""

import re
from collections.abc import Callable
from typing import Any

from pydantic_core import ErrorDetails

from training.strategy.faults import Unknown
from training.strategy.locations import accepted_keys
from training.strategy.values import IDENTIFIER, IDENTIFIER_TEXT, SYMBOL, SYMBOL_TEXT

_PATTERNS = {IDENTIFIER: IDENTIFIER_TEXT, SYMBOL: SYMBOL_TEXT}


def message_of(error: ErrorDetails) -> str:
    """What is wrong, as the end of a sentence that begins with the path."""
    wording = _WORDINGS.get(error["type"])
    return wording(error) if wording else error["msg"]


def unknown_of(error: ErrorDetails) -> Unknown | None:
    """The word that is not known, where that is what is wrong."""
    if error["type"] == "extra_forbidden":
        return Unknown(word=str(error["loc"][-1]), known=accepted_keys(error["loc"]))
    if error["type"] == "literal_error":
        return Unknown(word=str(error["input"]), known=_quoted(error["ctx"]["expected"]))
    if error["type"] == "union_tag_invalid":
        return Unknown(word=error["ctx"]["tag"], known=_quoted(error["ctx"]["expected_tags"]))
    return None


def _unknown_word(error: ErrorDetails) -> str:
    return f"{_shown(error['input'])} is not accepted"


def _unknown_tag(error: ErrorDetails) -> str:
    return f"unknown {error['ctx']['discriminator'].strip(chr(39))} {_shown(error['ctx']['tag'])}"


def _no_tag(error: ErrorDetails) -> str:
    return f"{error['ctx']['discriminator'].strip(chr(39))} is required here"


def _missing(error: ErrorDetails) -> str:
    last = error["loc"][-1]
    return "has too few values" if isinstance(last, int) else "is required"


def _pattern(error: ErrorDetails) -> str:
    pattern = error["ctx"]["pattern"]
    accepted = _PATTERNS.get(pattern, f"it must match {pattern}")
    return f"{_shown(error['input'])} is not accepted: {accepted}"


def _expected(what: str) -> Callable[[ErrorDetails], str]:
    return lambda error: f"expected {what}, not {_shown(error['input'])}"


def _bound(words: str, name: str) -> Callable[[ErrorDetails], str]:
    return lambda error: f"must be {words} {error['ctx'][name]}, not {_shown(error['input'])}"


def _quoted(words: str) -> tuple[str, ...]:
    return tuple(re.findall(r"'([^']*)'", words))


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


_WORDINGS: dict[str, Callable[[ErrorDetails], str]] = {
    "extra_forbidden": lambda error: "unknown key",
    "literal_error": _unknown_word,
    "union_tag_invalid": _unknown_tag,
    "union_tag_not_found": _no_tag,
    "missing": _missing,
    "value_error": lambda error: str(error["ctx"]["error"]),
    "string_pattern_mismatch": _pattern,
    "model_type": _expected("a mapping"),
    "dict_type": _expected("a mapping"),
    "model_attributes_type": _expected("a mapping"),
    "tuple_type": _expected("a list"),
    "string_type": _expected("text (in quotes if need be)"),
    "bool_type": _expected("true or false"),
    "int_type": _expected("a whole number"),
    "float_type": _expected("a number"),
    "finite_number": _expected("a finite number"),
    "too_short": lambda error: f"needs at least {error['ctx']['min_length']}",
    "too_long": lambda error: f"takes at most {error['ctx']['max_length']} values",
    "string_too_long": lambda error: f"takes at most {error['ctx']['max_length']} characters",
    "greater_than": _bound("above", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("below", "lt"),
    "less_than_equal": _bound("at most", "le"),
}
