"""Tables of trainings and their models: pages of JSON, or files."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from operations import selectors
from operations.api.base import StrictSerializer, query, success
from operations.api.endpoint import endpoint
from operations.api.examples import METRIC
from operations.api.serializers import MetricsQuery
from operations.api.views import OneOperationView, following
from operations.bounded.errors import TooBusy
from operations.bounded.visit import visit_of
from operations.errors import DomainError, InvalidInput, StorageUnavailable
from operations.models import LARGEST_INTEGER
from operations.reading.as_json import MetricSerializer
from training.api import answers, examples
from training.api.files import (
    MEDIA_TYPES,
    AsFiles,
    FormatQuery,
    SpanQuery,
    format_field,
    format_of,
    sent,
)
from training.errors import (
    CumulativeInput,
    ModelDamaged,
    ModelNotFound,
    ScoredBarsGone,
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
OF_ACCOUNTS = [
    InvalidInput,
    ModelNotFound,
    ModelDamaged,
    StorageUnavailable,
    ScoredBarsGone,
    IndicatorNotFinite,
    MarketDataMissing,
    MarketDataDamaged,
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


class AccountQuery(FormatQuery):
    after = serializers.IntegerField(
        default=0, min_value=0, max_value=LARGEST_INTEGER, help_text="Rows to leave out."
    )


class OfModelView(AsFiles):
    """A table of one model."""

    table: ClassVar[str]
    asks: ClassVar[type[StrictSerializer]] = InputsQuery
    goes_on_by: ClassVar[str] = "from"

    def answer(self, request: Request, model_id: int) -> HttpResponseBase:
        model = stored_models.get_visible(request.user, model_id)
        wanted = query(self.asks, request)
        wanted.pop("format", None)  # it is negotiated
        by = asked_by(request)
        if (format := format_of(request)) != "json":
            file = asking.ask_table(by, model, self.table, wanted, format=format)
            return sent(request, file, name=f"model_{model.pk}_{self.table}")
        limited = {**wanted, "limit": selectors.MAX_ROWS}
        found = asking.ask_page(by, model, self.table, limited)
        return success(found["rows"], next=self.address(request, found["next"]), previous=None)

    def address(self, request: Request, then: int | None) -> str | None:
        here, by = request.build_absolute_uri(), self.goes_on_by
        moment = as_text if by == "from" else str
        return None if then is None else replace_query_param(here, by, moment(then))


def _described(
    name: str,
    summary: str,
    description: str,
    example: dict[str, Any],
    *,
    asks: type[StrictSerializer] = InputsQuery,
    raises: Sequence[type[DomainError]] = OF_INPUTS,
) -> Callable[[F], F]:
    return endpoint(
        name,
        summary,
        description=description,
        query=asks,
        data=serializers.ListField(child=answers.TableRow()),
        paged=True,
        media_types=list(MEDIA_TYPES.values()),
        raises=raises,
        example=[example],
    )


class FeaturesView(OfModelView):
    table = "features"

    @_described(
        "list_features",
        "What a model's network sees of each bar",
        "Of the stored bars, oldest first: the values that its inputs are made of, as "
        "`INDICATOR@TIMEFRAME`, and the inputs by their feature ids: memberships, and raw values "
        "as they are scaled.",
        examples.FEATURES,
    )
    def get(self, request: Request, model_id: int) -> HttpResponseBase:
        return self.answer(request, model_id)


class MembershipsView(OfModelView):
    table = "memberships"

    @_described(
        "list_memberships",
        "How much each bar belongs to the fuzzy sets of a model",
        "Of the stored bars, oldest first: from 0 to 1, by feature id, with the values of the "
        "indicators, as `INDICATOR@TIMEFRAME`.",
        examples.MEMBERSHIPS,
    )
    def get(self, request: Request, model_id: int) -> HttpResponseBase:
        return self.answer(request, model_id)


class OfAccountView(OfModelView):
    """Of the account that traded the test part."""

    asks = AccountQuery
    goes_on_by = "after"


class EquityView(OfAccountView):
    table = "equity"

    @_described(
        "list_equity",
        "What 1 became on a model's test part, period by period",
        "After costs, on the bars that scored it: every period, not the thinned curve of "
        "`evaluation`. A period begins at the open that positions are filled at.",
        examples.EQUITY,
        asks=AccountQuery,
        raises=OF_ACCOUNTS,
    )
    def get(self, request: Request, model_id: int) -> HttpResponseBase:
        return self.answer(request, model_id)


class TradesView(OfAccountView):
    table = "trades"

    @_described(
        "list_trades",
        "The trades of a model on its test part",
        "By entry. Entry and exit are the opens of the bars at which they are filled.",
        examples.TRADE,
        asks=AccountQuery,
        raises=OF_ACCOUNTS,
    )
    def get(self, request: Request, model_id: int) -> HttpResponseBase:
        return self.answer(request, model_id)


def asked_by(request: Request) -> Asked:
    return Asked(user=request.user, visit=visit_of(request))
