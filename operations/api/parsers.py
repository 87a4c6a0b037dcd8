"""JSON in, with everything refused that a database or an answer could not hold."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StorableJSONParser(JSONParser):
    """Refuses what PostgreSQL, or UTF-8, cannot write: NUL and halves of surrogate pairs."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
            _refuse_unstorable(data)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        return data


def _refuse_unstorable(data: Any) -> None:
    if isinstance(data, str):
        if "\0" in data or any("\ud800" <= character <= "\udfff" for character in data):
            raise ParseError("The JSON contains a character that cannot be stored.")
    elif isinstance(data, list):
        for item in data:
            _refuse_unstorable(item)
    elif isinstance(data, dict):
        for key, item in data.items():
            _refuse_unstorable(key)
            _refuse_unstorable(item)
