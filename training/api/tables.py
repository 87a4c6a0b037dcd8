"""Tables of trainings and their models: pages of JSON, or files."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from operations import selectors
from operations.api.base import query, success
from operations.api.endpoint import endpoint
from operations.api.examples import METRIC
from operations.api.serializers import MetricsQuery
from operations.api.views import OneOperationView, following
from operations.bounded.errors import TooBusy
from operations.bounded.visit import visit_of
from operations.errors import InvalidInput, StorageUnavailable
from operations.reading.as_json import MetricSerializer
from training.api import answers, examples
from training.api.files import MEDIA_TYPES, AsFiles, SpanQuery, format_field, format_of, sent
from training.errors import (
    CumulativeInput,
    ModelDamaged,
    ModelNotFound,
    SymbolNotKnown,
    SymbolNotTrained,
    TableTooLarge,
)
from training.features.errors import IndicatorNotFinite, PriceNotPositive, TooFewBarsToPredict
from training.market_data import MarketDataDamaged, MarketDataMissing
from training.market_data.errors import TooManyDownloads
from training.market_data.report import as_text
from training.strategy.values import SYMBOL
from training.tables import asking
from training.tables.asking import Asked
from training.trained import stored_models

F = TypeVar("F", bound=Callable[..., Any])
OF_FILES = [TableTooLarge, TooManyDownloads, TooBusy]
OF_INPUTS = [
    InvalidInput,
    ModelNotFound,
    ModelDamaged,
    StorageUnavailable,
    SymbolNotTrained,
    SymbolNotKnown,
    CumulativeInput,
    IndicatorNotFinite,
    MarketDataMissing,
    MarketDataDamaged,
    PriceNotPositive,
    TooFewBarsToPredict,
    *OF_FILES,
]


class MetricsFileQuery(MetricsQuery):
    format = format_field()


class MetricsView(AsFiles, OneOperationView):
    @endpoint(
        "list_metrics",
        "What it reported, one row per epoch",
        description="As the latest attempt that reached the epoch recorded it. As `csv` and "
        "`parquet` each value is a column.",
        query=MetricsFileQuery,
        data=MetricSerializer(many=True),
        paged=True,
        media_types=list(MEDIA_TYPES.values()),
        raises=OF_FILES,
        example=[METRIC],
    )
    def get(self, request: Request, operation_id: str) -> HttpResponseBase:
        after = query(MetricsFileQuery, request)["after_epoch"]
        if (format := format_of(request)) != "json":
            by = asked_by(request)
            file = asking.ask_metrics(by, operation_id, after_step=after, format=format)
            return sent(request, file, name=f"{operation_id}_metrics")
        rows = selectors.metrics(operation_id, after_step=after)
        then = following(request, "after_epoch", [row.step for row in rows])
        return success(MetricSerializer(rows, many=True).data, next=then, previous=None)


class InputsQuery(SpanQuery):
    symbol = serializers.RegexField(
        SYMBOL, required=False, help_text="May be left out of a model of one symbol."
    )
    any_symbol = serializers.BooleanField(
        default=False,
        help_text="Also one that it was not trained on, of a model that scales nothing.",
    )


class OfModelView(AsFiles):
    """A table of one model's bars."""

    table: ClassVar[str]

    def answer(self, request: Request, model_id: int) -> HttpResponseBase:
        model = stored_models.get_visible(request.user, model_id)
        wanted = query(InputsQuery, request)
        by = asked_by(request)
        if (format := format_of(request)) != "json":
            file = asking.ask_table(by, model, self.table, wanted, format=format)
            return sent(request, file, name=f"model_{model.pk}_{self.table}")
        limited = {**wanted, "limit": selectors.MAX_ROWS}
        found = asking.ask_page(by, model, self.table, limited)
        return success(found["rows"], next=_next(request, found["next"]), previous=None)


def _described(
    name: str, summary: str, description: str, example: dict[str, Any]
) -> Callable[[F], F]:
    return endpoint(
        name,
        summary,
        description=f"{description} Of the stored bars, oldest first.",
        query=InputsQuery,
        data=serializers.ListField(child=answers.TableRow()),
        paged=True,
        media_types=list(MEDIA_TYPES.values()),
        raises=OF_INPUTS,
        example=[example],
    )


class FeaturesView(OfModelView):
    table = "features"

    @_described(
        "list_features",
        "What a model's network sees of each bar",
        "The values that its inputs are made of, as `INDICATOR@TIMEFRAME`, and the inputs by their "
        "feature ids: memberships, and raw values as they are scaled.",
        examples.FEATURES,
    )
    def get(self, request: Request, model_id: int) -> HttpResponseBase:
        return self.answer(request, model_id)


class MembershipsView(OfModelView):
    table = "memberships"

    @_described(
        "list_memberships",
        "How much each bar belongs to the fuzzy sets of a model",
        "From 0 to 1, by feature id, with the values of the indicators, as `INDICATOR@TIMEFRAME`.",
        examples.MEMBERSHIPS,
    )
    def get(self, request: Request, model_id: int) -> HttpResponseBase:
        return self.answer(request, model_id)


def asked_by(request: Request) -> Asked:
    return Asked(user=request.user, visit=visit_of(request))


def _next(request: Request, time: int | None) -> str | None:
    here = request.build_absolute_uri()
    return None if time is None else replace_query_param(here, "from", as_text(time))
