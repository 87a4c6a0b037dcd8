"""What was imported into a series, and what takes it back."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from operations.access.idempotency import Written
from operations.access.permissions import Permission
from operations.api.base import StrictSerializer, body, query, success
from operations.api.endpoint import endpoint
from operations.api.idempotency import idempotent_after
from operations.api_view import ApiView
from operations.models import LARGEST_INTEGER
from training.api import answers, examples
from training.market_data.errors import (
    MarketDataMissing,
    NothingToUndo,
    SeriesChanged,
    SeriesNotFound,
)
from training.market_data.looking.asking import find_series
from training.models import Import
from training.series.presenting import import_as_json
from training.series.versions import prepare_undo, write_undo


class ImportsQuery(StrictSerializer):
    before = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_INTEGER,
        help_text="Number of an import: those before it.",
    )
    page_size = serializers.IntegerField(default=50, min_value=1, max_value=200)


class NumberBody(StrictSerializer):
    number = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_INTEGER,
        help_text="Of the newest import, as you have seen it: refused where it is another one.",
    )


class ImportsView(ApiView):
    @endpoint(
        "list_imports",
        "What was imported into a series, newest first",
        description="The newest one's bars count. `is_kept` tells whether an import's bars are "
        "stored still: the newest ten versions, and those that trainings or models stand on. A "
        "sample has no imports.",
        query=ImportsQuery,
        data=answers.SeriesImport(many=True),
        paged=True,
        raises=[SeriesNotFound],
        example=[examples.IMPORT],
    )
    def get(self, request: Request, symbol: str, timeframe: str) -> Response:
        wanted = query(ImportsQuery, request)
        find_series(symbol, timeframe)
        rows = _before(Import.objects.of(symbol, timeframe), wanted.get("before"))
        found = list(rows[: wanted["page_size"] + 1])
        shown = found[: wanted["page_size"]]
        following = None
        if len(found) > len(shown):
            here = request.build_absolute_uri()
            following = replace_query_param(here, "before", shown[-1].number)
        return success([import_as_json(one) for one in shown], next=following, previous=None)


def _before(rows: QuerySet[Import], number: int | None) -> QuerySet[Import]:
    return rows if number is None else rows.filter(number__lt=number)


def _prepare_undo(request: Request, symbol: str, timeframe: str) -> Import:
    number = body(NumberBody, request).get("number")
    find_series(symbol, timeframe)
    return prepare_undo(symbol, timeframe, number=number)


def _write_undo(request: Request, undo: Import) -> Written:
    return {"id": write_undo(undo).pk}


class UndoView(ApiView):
    permission = Permission.DELETE_DATA

    @endpoint(
        "undo_import",
        "Let the bars from before a series' newest import count again",
        description="Nothing is deleted: the undo is an import of its own, and the next undo goes "
        "back another one. What trainings and models stand on stays stored.",
        body=NumberBody,
        body_example={"number": 3},
        data=answers.SeriesImport(),
        raises=[SeriesNotFound, MarketDataMissing, NothingToUndo, SeriesChanged],
        example={**examples.IMPORT, **examples.UNDO},
    )
    @idempotent_after(_prepare_undo, _write_undo)
    def post(self, request: Request, undone: dict[str, Any]) -> Response:
        return success(import_as_json(Import.objects.get(pk=undone["id"])))
