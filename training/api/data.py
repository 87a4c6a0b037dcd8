"""Bars of one series, as they are stored."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from operations import selectors
from operations.access.permissions import Permission
from operations.api.base import query, success, user_of
from operations.api.endpoint import endpoint
from operations.api_view import ApiView
from operations.bounded.errors import TooBusy
from operations.bounded.visit import visit_of
from operations.errors import StorageUnavailable
from training.api import answers, examples
from training.api.files import MEDIA_TYPES, AsFiles, SpanQuery, format_of, sent
from training.api.imports import NumberBody
from training.api.serializers import present_data
from training.market_data import MarketDataDamaged
from training.market_data.errors import (
    MarketDataMissing,
    MarketDataPinned,
    SeriesChanged,
    SeriesNotFound,
    TooManyBars,
    TooManyDownloads,
)
from training.market_data.looking.asking import Look, ask_export, ask_rows, find_series
from training.market_data.report import as_text
from training.series.versions import forget_market_data


class ForgetQuery(NumberBody):
    """The same, in the query."""


class SeriesView(ApiView):
    permission = Permission.DELETE_DATA

    @endpoint(
        "get_series",
        "The market data of a symbol at a timeframe",
        data=answers.ImportedData(),
        raises=[SeriesNotFound],
        example=examples.DATA,
    )
    def get(self, request: Request, symbol: str, timeframe: str) -> Response:
        return success(present_data(find_series(symbol, timeframe)))

    @endpoint(
        "forget_data",
        "Delete a series with all its imports",
        description="Refused where trainings that may go on, or models, stand on its bars.",
        query=ForgetQuery,
        data=answers.ForgottenSeries(),
        raises=[SeriesNotFound, MarketDataMissing, MarketDataPinned, SeriesChanged],
        example={"symbol": "ACME", "timeframe": "1d", "imports": 3},
    )
    def delete(self, request: Request, symbol: str, timeframe: str) -> Response:
        number = query(ForgetQuery, request).get("number")
        find_series(symbol, timeframe)
        count = forget_market_data(symbol, timeframe, number=number, user=user_of(request))
        return success({"symbol": symbol, "timeframe": timeframe, "imports": count})


class BarsView(AsFiles):
    """JSON comes in pages; a file has all of them."""

    @endpoint(
        "get_bars",
        "The bars of a series",
        description="Oldest first. JSON comes in pages of 1,000 bars, of which `next` has the "
        "rest; `format=csv` and `parquet` are one file of at most 5,000,000 bars. What is exported "
        "reads back to the bit, without an option; only `day_ends` and "
        "`day_closes` no file of dates tells.",
        query=SpanQuery,
        data=answers.Bar(many=True),
        paged=True,
        media_types=list(MEDIA_TYPES.values()),
        raises=[
            SeriesNotFound,
            MarketDataDamaged,
            StorageUnavailable,
            TooManyBars,
            TooManyDownloads,
            TooBusy,
        ],
        example=[examples.BAR],
    )
    def get(self, request: Request, symbol: str, timeframe: str) -> HttpResponseBase:
        wanted = query(SpanQuery, request)
        look = Look(
            series=find_series(symbol, timeframe),
            user=request.user,
            visit=visit_of(request),
            start=wanted["start"],
            end=wanted["end"],
        )
        return _page(request, look) if format_of(request) == "json" else _file(request, look)


def _page(request: Request, look: Look) -> Response:
    found = ask_rows(look, limit=selectors.MAX_ROWS)
    here, then = request.build_absolute_uri(), found["next"]
    following = then and replace_query_param(here, "from", as_text(then))
    return success(found["rows"], next=following, previous=None)


def _file(request: Request, look: Look) -> HttpResponseBase:
    export = ask_export(look, format=format_of(request))
    return sent(request, export, name=f"{look.series.symbol}_{look.series.timeframe}")
