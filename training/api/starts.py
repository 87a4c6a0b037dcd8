"""Starting a training, from a strategy or from where another one stands."""

from rest_framework.request import Request
from rest_framework.response import Response

from operations.access.permissions import Permission
from operations.api.base import body, user_of
from operations.api.endpoint import endpoint
from operations.api.examples import ACCEPTED
from operations.api.idempotency import idempotent, idempotent_after
from operations.api.views import OneOperationView, accepted
from operations.api_view import ApiView
from operations.errors import NoCheckpoint, NoUsableCheckpoint, StorageUnavailable
from operations.reading.as_json import WholeOperation
from training.api import answers, examples
from training.api.serializers import (
    ExtendBody,
    ForkBody,
    StartBody,
    start_request,
)
from training.errors import (
    CannotBranch,
    DataChanged,
    FeaturesChanged,
    NotEnoughDisk,
    StartInvalid,
    TestWasTrainedOn,
)
from training.features.errors import (
    EmptyPart,
    TooFewBars,
    TooFewTrainingRows,
)
from training.launch.branching import Branch, extend_operation, fork_operation
from training.launch.start import PreparedStart, prepare_start, start_prepared
from training.market_data import MarketDataDamaged, MarketDataMissing
from training.strategy import (
    StrategyInvalid,
    StrategyNotFound,
)

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


def _accepted(request: Request, branch: Branch) -> Response:
    """202, with what the new operation takes over from its parent."""
    response = accepted(request, branch.operation)
    response.data["data"]["carried_over"] = branch.plan.table()
    return response
