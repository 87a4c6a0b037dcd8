"""What only a training has: starting one, strategies, models, market data."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from operations import paging, selectors
from operations.api.base import ApiView, body, query, success, user_of
from operations.api.idempotency import idempotent
from operations.api.views import OneOperationView, accepted
from operations.tokens import Scope
from training.api.errors import SymbolNotFound
from training.api.serializers import (
    ExtendBody,
    ForkBody,
    ModelsQuery,
    PredictQuery,
    StartBody,
    TrainedModelSerializer,
    ValidateBody,
    WholeModelSerializer,
    present_data,
    present_fault,
    present_strategy,
    start_request,
)
from training.launch.branching import Branch, extend_operation, fork_operation
from training.launch.start import start_training
from training.market_data import list_market_data
from training.market_data.report import as_text
from training.strategy import Fault, StrategyInvalid, find_strategy, list_strategies, load_strategy
from training.trained import stored_models


class StartView(ApiView):
    @idempotent
    def post(self, request: Request) -> Response:
        wanted = start_request(body(StartBody, request))
        return accepted(request, start_training(wanted, owner=user_of(request)))


class ExtendView(OneOperationView):
    @idempotent
    def post(self, request: Request, operation_id: str) -> Response:
        epochs = body(ExtendBody, request)["epochs"]
        branch = extend_operation(operation_id, epochs=epochs, owner=user_of(request))
        return _accepted(request, branch)


class ForkView(OneOperationView):
    @idempotent
    def post(self, request: Request, operation_id: str) -> Response:
        wanted = body(ForkBody, request)
        branch = fork_operation(
            operation_id,
            settings=wanted["set"],
            checkpoint_id=wanted.get("checkpoint"),
            owner=user_of(request),
        )
        return _accepted(request, branch)


class StrategiesView(ApiView):
    def get(self, request: Request) -> Response:
        return success([present_strategy(file) for file in list_strategies()])


class StrategyView(ApiView):
    def get(self, request: Request, name: str) -> Response:
        file = find_strategy(name)
        snapshot = file.load().strategy.snapshot()
        return success({**present_strategy(file), "yaml": file.text, "strategy": snapshot})


class ValidateView(ApiView):
    """An invalid strategy is an answer here, and no error."""

    post_scope = Scope.READ

    def post(self, request: Request) -> Response:
        given = body(ValidateBody, request)
        faults: tuple[Fault, ...] = ()
        warnings: tuple[Fault, ...] = ()
        try:
            warnings = load_strategy(
                given["strategy_yaml"], source="strategy_yaml", lenient=given["lenient"]
            ).warnings
        except StrategyInvalid as error:
            faults = error.faults
        return success(
            {
                "valid": not faults,
                "faults": [present_fault(fault) for fault in faults],
                "warnings": [present_fault(fault) for fault in warnings],
            }
        )


class ModelsView(ApiView):
    def get(self, request: Request) -> Response:
        wanted = query(ModelsQuery, request)
        page = paging.page(
            stored_models.visible_to(request.user).defer("evaluation"),
            ordering="-created_at",
            page_size=wanted["page_size"],
            cursor=wanted.get("cursor"),
        )
        here = request.build_absolute_uri()
        return success(
            TrainedModelSerializer(page.rows, many=True).data,
            next=page.next and replace_query_param(here, "cursor", page.next),
            previous=page.previous and replace_query_param(here, "cursor", page.previous),
        )


class ModelView(ApiView):
    def get(self, request: Request, model_id: int) -> Response:
        return success(WholeModelSerializer(stored_models.get_visible(request.user, model_id)).data)


class PredictView(ApiView):
    """Decisions from a date on, oldest first; of more than a page, `next` has the rest."""

    def get(self, request: Request, model_id: int) -> Response:
        from training.trained.prediction import (
            forecast,  # with TA-Lib: 45 MB that few web processes need
        )

        model = stored_models.get_visible(request.user, model_id)
        wanted = query(PredictQuery, request)
        found = forecast(stored_models.read_network(model), limit=selectors.MAX_ROWS, **wanted)
        here, then = request.build_absolute_uri(), found.next_time
        return success(
            found.to_json(),
            next=then and replace_query_param(here, "since", as_text(then)),
            previous=None,
        )


class DataView(ApiView):
    def get(self, request: Request) -> Response:
        return success([present_data(entry) for entry in list_market_data()])


class SymbolDataView(ApiView):
    def get(self, request: Request, symbol: str) -> Response:
        entries = list_market_data(symbol)
        if not entries:
            raise SymbolNotFound(symbol=symbol)
        return success([present_data(entry) for entry in entries])


def _accepted(request: Request, branch: Branch) -> Response:
    """202, with what the new operation takes over from its parent."""
    response = accepted(request, branch.operation)
    response.data["data"]["carried_over"] = branch.plan.table()
    return response
