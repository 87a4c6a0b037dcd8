"""Answers that can be files of a table: how they are asked for, and how they are sent."""

from collections.abc import Callable
from typing import IO, Any, Protocol

from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from operations.api.base import StrictSerializer
from operations.api.downloads import FileRenderer, file_download
from operations.api_view import ApiView
from training.strategy.values import first_second, last_second

MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


class CsvRenderer(FileRenderer):
    media_type = MEDIA_TYPES["csv"]
    format = "csv"


class ParquetRenderer(FileRenderer):
    media_type = MEDIA_TYPES["parquet"]
    format = "parquet"


class ByFormat(DefaultContentNegotiation):
    """`format` in the query goes before `Accept`; a format that is none is the query's fault."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        wanted = request.query_params.get("format")
        for renderer in renderers:
            if renderer.format == wanted:
                return renderer, renderer.media_type
        return super().select_renderer(request, renderers, format_suffix)


class AsFiles(ApiView):
    """A view that answers with JSON or with files of a table."""

    renderer_classes = [JSONRenderer, CsvRenderer, ParquetRenderer]
    content_negotiation_class = ByFormat


def format_of(request: Request) -> str:
    """json, csv or parquet, as it was negotiated."""
    return str(request.accepted_renderer.format)


class Written(Protocol):
    """A file that closing deletes, at its beginning."""

    @property
    def file(self) -> IO[bytes]: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def sha256(self) -> str: ...


def sent(request: Request, written: Written, *, name: str) -> HttpResponseBase:
    format = format_of(request)
    return file_download(
        request,
        written.file,
        name=f"{name}.{format}",
        size_bytes=written.size_bytes,
        sha256=written.sha256,
        content_type=MEDIA_TYPES[format],
    )


def format_field() -> serializers.ChoiceField:
    return serializers.ChoiceField(
        ["json", *MEDIA_TYPES],
        required=False,
        error_messages={"invalid_choice": '"{input}" is no format here: json, csv or parquet.'},
        help_text="Without, as `Accept` says, or JSON. That comes in pages; a file has all of it, "
        "the same numbers to the bit.",
    )


class FormatQuery(StrictSerializer):
    format = format_field()


class SpanQuery(FormatQuery):
    """Bars by the time of their open; gives Unix seconds of both ends as `start` and `end`, and
    leaves the format to the negotiation."""

    def get_fields(self) -> dict[str, Any]:
        """`from` is no name of Python's."""
        first, last = (
            serializers.CharField(required=False, max_length=40, help_text=words)
            for words in (
                "Of the first bar's open: a date or a UTC time.",
                "Of the last bar's open; a date is all of it.",
            )
        )
        return {"from": first, "to": last, **super().get_fields()}

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        start, end = (
            _second(of, name, given) for of, name in ((first_second, "from"), (last_second, "to"))
        )
        others = {
            name: value for name, value in given.items() if name not in ("from", "to", "format")
        }
        return {**others, "start": start, "end": end}


def _second(of: Callable[[str], int], name: str, given: dict[str, Any]) -> int | None:
    try:
        return of(given[name]) if name in given else None
    except (ValueError, OverflowError) as error:
        raise serializers.ValidationError({name: [str(error)]}) from error
