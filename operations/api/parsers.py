"""JSON in, with everything refused that a database or an answer could not hold."""

from collections.abc import Iterable, Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from operations.text import unstorable

MAX_DEPTH = 50
"""Lists and objects inside of each other; no endpoint takes more than a dozen."""

MOST_VALUES = 10_000
"""In all of its lists and objects; a strategy may have 6,000. Each costs its check, or a fault."""


class StorableJSONParser(JSONParser):
    """Refuses characters that cannot be stored, a depth that later readers cannot follow, and more
    values than are checked soon."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise _too_deep() from error
        _check(data)
        return data


def _check(data: Any) -> None:
    """Level by level: what is nested deeply must not end in a recursion of our own."""
    level, num_values = [data], 0
    for _ in range(MAX_DEPTH):
        for text in level:
            if isinstance(text, str) and (character := unstorable(text)):
                message = f"The JSON holds the character {character}, which cannot be stored."
                raise ParseError(message)
        num_values += sum(len(value) for value in level if isinstance(value, dict | list))
        if num_values > MOST_VALUES:
            raise ParseError(f"The JSON holds more than {MOST_VALUES:,} values.")
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise _too_deep()


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _too_deep() -> ParseError:
    return ParseError("The JSON is nested too deeply.")
