"""What only a training has: starting one, strategies, models, market data."""

from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from operations import selectors
from operations.access.permissions import Permission
from operations.access.tokens import Scope
from operations.api.answers import WholeOperation
from operations.api.base import body, page_address, query, success, user_of
from operations.api.downloads import ZipRenderer, file_download
from operations.api.endpoint import endpoint
from operations.api.examples import ACCEPTED
from operations.api.idempotency import idempotent, idempotent_after
from operations.api.views import OneOperationView, accepted
from operations.api_view import ApiView
from operations.errors import InvalidInput, NoCheckpoint, NoUsableCheckpoint, StorageUnavailable
from operations.reading import paging
from training.api import answers, examples
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
from training.errors import (
    CannotBranch,
    CumulativeInput,
    DataChanged,
    FeaturesChanged,
    ModelDamaged,
    ModelNotFound,
    NotEnoughDisk,
    StartInvalid,
    SymbolNotKnown,
    SymbolNotTrained,
    TestWasTrainedOn,
)
from training.features.errors import (
    EmptyPart,
    IndicatorNotFinite,
    TooFewBars,
    TooFewBarsToPredict,
    TooFewTrainingRows,
)
from training.launch.branching import Branch, extend_operation, fork_operation
from training.launch.start import PreparedStart, prepare_start, start_prepared
from training.market_data import MarketDataDamaged, MarketDataMissing, list_market_data
from training.market_data.report import as_text
from training.strategy import (
    Fault,
    StrategyInvalid,
    StrategyNotFound,
    find_strategy,
    list_strategies,
    load_strategy,
)
from training.trained import looks, stored_models
from training.trained.bundle_archive import bundle_archive

DATA_FAULTS = [MarketDataMissing, MarketDataDamaged, TooFewBars]
START_FAULTS = [*DATA_FAULTS, TooFewTrainingRows, EmptyPart]
BRANCHING_FAULTS = [
    CannotBranch,
    DataChanged,
    FeaturesChanged,
    NoCheckpoint,
    NoUsableCheckpoint,
    StorageUnavailable,
    StrategyInvalid,
    TestWasTrainedOn,
    *START_FAULTS,
]


def _prepared(request: Request) -> PreparedStart:
    return prepare_start(start_request(body(StartBody, request)))


class StartView(ApiView):
    permission = Permission.START

    @endpoint(
        "start_training",
        "Start a training",
        description="Train a shipped strategy, by its name, or a YAML text. Everything that can "
        "be checked is checked before anything is made; every fault is told at once.",
        body=StartBody,
        body_example=examples.START,
        data=WholeOperation(),
        statuses=(202,),
        raises=[StartInvalid, StrategyNotFound, StrategyInvalid, NotEnoughDisk, *START_FAULTS],
        example=ACCEPTED,
    )
    @idempotent_after(_prepared)
    def post(self, request: Request, prepared: PreparedStart) -> Response:
        return accepted(request, start_prepared(prepared, owner=user_of(request)))


class ExtendView(OneOperationView):
    permission = Permission.START

    @endpoint(
        "extend_operation",
        "Train for more epochs, as a new operation that goes on where this one stands",
        body=ExtendBody,
        body_example={"epochs": 200},
        data=answers.BranchedOperation(),
        statuses=(202,),
        raises=BRANCHING_FAULTS,
        example=examples.BRANCHED,
    )
    @idempotent
    def post(self, request: Request, operation_id: str) -> Response:
        epochs = body(ExtendBody, request)["epochs"]
        branch = extend_operation(operation_id, epochs=epochs, owner=user_of(request))
        return _accepted(request, branch)


class ForkView(OneOperationView):
    permission = Permission.START

    @endpoint(
        "fork_operation",
        "Go on with other settings, as a new operation",
        body=ForkBody,
        body_example={"set": {"training.learning_rate": 0.0003}},
        data=answers.BranchedOperation(),
        statuses=(202,),
        raises=BRANCHING_FAULTS,
        example=examples.BRANCHED,
    )
    @idempotent
    def post(self, request: Request, operation_id: str) -> Response:
        wanted = body(ForkBody, request)
        branch = fork_operation(
            operation_id,
            settings=wanted["set"],
            checkpoint_id=wanted.get("checkpoint"),
            accept_seen_test=wanted["accept_seen_test"],
            owner=user_of(request),
        )
        return _accepted(request, branch)


class StrategiesView(ApiView):
    @endpoint(
        "list_strategies",
        "The shipped strategies",
        data=answers.ShownStrategy(many=True),
        example=[examples.STRATEGY],
    )
    def get(self, request: Request) -> Response:
        return success([present_strategy(file) for file in list_strategies()])


class StrategyView(ApiView):
    @endpoint(
        "get_strategy",
        "A shipped strategy, as its file and with every default",
        data=answers.WholeStrategy(),
        raises=[StrategyNotFound],
        example=examples.WHOLE_STRATEGY,
    )
    def get(self, request: Request, name: str) -> Response:
        file = find_strategy(name)
        snapshot = file.load().strategy.snapshot()
        return success({**present_strategy(file), "yaml": file.text, "strategy": snapshot})


class ValidateView(ApiView):
    """An invalid strategy is an answer here, and no error."""

    post_scope = Scope.READ

    @endpoint(
        "validate_strategy",
        "Check a strategy: every fault at once, each at its line",
        description="An invalid strategy is an answer here, and no error. The scope read is "
        "enough.",
        body=ValidateBody,
        body_example={"strategy_yaml": "name: my_strategy\n"},
        data=answers.Validation(),
        example=examples.VALIDATION,
    )
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
    @endpoint(
        "list_models",
        "List trained models, newest first",
        query=ModelsQuery,
        data=TrainedModelSerializer(many=True),
        paged=True,
        raises=[InvalidInput],
        example=[examples.MODEL],
    )
    def get(self, request: Request) -> Response:
        wanted = query(ModelsQuery, request)
        page = paging.page(
            stored_models.visible_to(request.user).defer("evaluation"),
            ordering="-created_at",
            page_size=wanted["page_size"],
            cursor=wanted.get("cursor"),
        )
        looks.count(page.rows)
        return success(
            TrainedModelSerializer(page.rows, many=True).data,
            next=page_address(request, page.next),
            previous=page_address(request, page.previous),
        )


class ModelView(ApiView):
    @endpoint(
        "get_model",
        "A trained model, with its evaluation and the files of its bundle",
        data=WholeModelSerializer(),
        raises=[ModelNotFound],
        example=examples.WHOLE_MODEL,
    )
    def get(self, request: Request, model_id: int) -> Response:
        model = stored_models.get_visible(request.user, model_id)
        looks.count([model])
        return success(WholeModelSerializer(model).data)


class DownloadView(ApiView):
    renderer_classes = [JSONRenderer, ZipRenderer]

    @endpoint(
        "download_model",
        "Download a model's bundle as a zip",
        description="Weights (safetensors), manifest, and a reader that needs NumPy alone. The "
        "same model always gives the same bytes; `Repr-Digest` (RFC 9530) has their SHA-256.",
        media_types=[ZipRenderer.media_type],
        raises=[ModelNotFound, ModelDamaged, StorageUnavailable],
    )
    def get(self, request: Request, model_id: int) -> HttpResponseBase:
        bundle = bundle_archive(stored_models.get_visible(request.user, model_id))
        return file_download(
            request,
            bundle.file,
            name=bundle.name,
            size_bytes=bundle.size_bytes,
            sha256=bundle.sha256,
            content_type=ZipRenderer.media_type,
        )


class PredictView(ApiView):
    """Decisions from a date on, oldest first; of more than a page, `next` has the rest."""

    @endpoint(
        "predict",
        "What a model decides on imported bars",
        description="Oldest first, from `since` on, or on the newest 30 bars; of more than a "
        "page, `next` has the rest.",
        query=PredictQuery,
        data=answers.Predictions(),
        paged=True,
        raises=[
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
            TooFewBarsToPredict,
        ],
        example=examples.PREDICTIONS,
    )
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
    @endpoint(
        "list_data",
        "Which market data there are",
        data=answers.ImportedData(many=True),
        example=[examples.DATA],
    )
    def get(self, request: Request) -> Response:
        return success([present_data(entry) for entry in list_market_data()])


class SymbolDataView(ApiView):
    @endpoint(
        "get_data",
        "The market data of a symbol, by timeframe",
        data=answers.ImportedData(many=True),
        raises=[SymbolNotFound],
        example=[examples.DATA],
    )
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
