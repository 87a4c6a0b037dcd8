"""Starting a training, from a strategy or from where another one stands."""

from rest_framework.request import Request
from rest_framework.response import Response

from operations.access.idempotency import Written
from operations.access.permissions import Permission
from operations.api.base import body, user_of
from operations.api.endpoint import endpoint
from operations.api.examples import ACCEPTED
from operations.api.idempotency import idempotent_after
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
from training.api.sweeps import SweepBody, sweep_start
from training.errors import (
    CannotBranch,
    DataChanged,
    FeaturesChanged,
    PriorityNotPermitted,
    StartInvalid,
    TestWasTrainedOn,
)
from training.features.errors import (
    EmptyPart,
    PriceNotPositive,
    TooFewBars,
    TooFewTrainingRows,
)
from training.launch.branching import (
    PreparedBranch,
    branch_prepared,
    prepare_extension,
    prepare_fork,
)
from training.launch.room import NO_ROOM
from training.launch.start import PreparedStart, prepare_start, start_prepared
from training.market_data import MarketDataDamaged, MarketDataMissing
from training.strategy import (
    StrategyInvalid,
    StrategyNotFound,
)
from training.sweep.space import SpaceInvalid
from training.sweep.start import PreparedSweep, prepare_sweep, sweep_prepared

DATA_FAULTS = [MarketDataMissing, MarketDataDamaged, TooFewBars, PriceNotPositive]
START_FAULTS = [*DATA_FAULTS, TooFewTrainingRows, EmptyPart, *NO_ROOM]
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


def _prepare_start(request: Request) -> PreparedStart:
    return prepare_start(start_request(body(StartBody, request)), owner=user_of(request))


def _write_start(request: Request, prepared: PreparedStart) -> Written:
    return {"operation_id": start_prepared(prepared).pk}


def _prepare_extension(request: Request, operation_id: str) -> PreparedBranch:
    epochs = body(ExtendBody, request)["epochs"]
    return prepare_extension(operation_id, epochs=epochs, owner=user_of(request))


def _prepare_fork(request: Request, operation_id: str) -> PreparedBranch:
    wanted = body(ForkBody, request)
    return prepare_fork(
        operation_id,
        settings=wanted["set"],
        checkpoint_id=wanted.get("checkpoint"),
        accept_seen_test=wanted["accept_seen_test"],
        owner=user_of(request),
    )


def _write_branch(request: Request, prepared: PreparedBranch) -> Written:
    branch = branch_prepared(prepared)
    return {"operation_id": branch.operation.pk, "carried_over": branch.plan.table()}


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
        raises=[
            StartInvalid,
            PriorityNotPermitted,
            StrategyNotFound,
            StrategyInvalid,
            *START_FAULTS,
        ],
        example=ACCEPTED,
    )
    @idempotent_after(_prepare_start, _write_start)
    def post(self, request: Request, started: Written) -> Response:
        return accepted(request, started["operation_id"])


def _prepare_sweep(request: Request) -> PreparedSweep:
    return prepare_sweep(sweep_start(body(SweepBody, request)), owner=user_of(request))


def _write_sweep(request: Request, prepared: PreparedSweep) -> Written:
    return {"operation_id": sweep_prepared(prepared).pk}


class SweepView(ApiView):
    permission = Permission.START

    @endpoint(
        "start_sweep",
        "Search a strategy's settings",
        description="Each point of the space is a training, and a part of the search. At each rung "
        "the best third goes on, and only the winner is scored on the test part. The same seed "
        "ends with the same winner, however many workers there are and whatever is killed.",
        body=SweepBody,
        body_example=examples.SWEEP,
        data=WholeOperation(),
        statuses=(202,),
        raises=[
            StartInvalid,
            SpaceInvalid,
            PriorityNotPermitted,
            StrategyNotFound,
            StrategyInvalid,
            *START_FAULTS,
        ],
        example=ACCEPTED,
    )
    @idempotent_after(_prepare_sweep, _write_sweep)
    def post(self, request: Request, started: Written) -> Response:
        return accepted(request, started["operation_id"])


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
    @idempotent_after(_prepare_extension, _write_branch)
    def post(self, request: Request, branched: Written) -> Response:
        return _accepted(request, branched)


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
    @idempotent_after(_prepare_fork, _write_branch)
    def post(self, request: Request, branched: Written) -> Response:
        return _accepted(request, branched)


def _accepted(request: Request, branched: Written) -> Response:
    """202, with what the new operation takes over from its parent."""
    response = accepted(request, branched["operation_id"])
    response.data["data"]["carried_over"] = branched["carried_over"]
    return response
