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
from training.api.folds import (
    CrossValidationBody,
    WalkForwardBody,
    cross_validation_start,
    walk_forward_start,
)
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
    WindowChanged,
)
from training.features.errors import (
    EmptyPart,
    PriceNotPositive,
    TooFewBars,
    TooFewTrainingRows,
)
from training.folds.extending import prepare_longer
from training.folds.start import PreparedFolds, folds_prepared, prepare_folds
from training.launch.branching import (
    PreparedBranch,
    branch_prepared,
    prepare_extension,
    prepare_fork,
    prepare_opening,
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


def _prepare_opening(request: Request, operation_id: str) -> PreparedBranch:
    return prepare_opening(operation_id, owner=user_of(request))


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


def _prepare_walk_forward(request: Request) -> PreparedFolds:
    start = walk_forward_start(body(WalkForwardBody, request))
    return prepare_folds(start, owner=user_of(request))


def _prepare_cross_validation(request: Request) -> PreparedFolds:
    start = cross_validation_start(body(CrossValidationBody, request))
    return prepare_folds(start, owner=user_of(request))


def _prepare_longer(request: Request, operation_id: str) -> PreparedFolds:
    return prepare_longer(operation_id, owner=user_of(request))


def _write_folds(request: Request, prepared: PreparedFolds) -> Written:
    return {"operation_id": folds_prepared(prepared).pk}


FOLDS_FAULTS = [
    StartInvalid,
    PriorityNotPermitted,
    StrategyNotFound,
    StrategyInvalid,
    *START_FAULTS,
]


class WalkForwardView(ApiView):
    permission = Permission.START

    @endpoint(
        "start_walk_forward",
        "Train on windows that move forward, and score what follows each",
        description="Each window is a training, and a part of the walk-forward. What they decided "
        "on the bars after them is put together to one account, which is one look at these bars. "
        "The same request ends with the same account, whatever is killed.",
        body=WalkForwardBody,
        body_example=examples.WALK_FORWARD,
        data=WholeOperation(),
        statuses=(202,),
        raises=FOLDS_FAULTS,
        example=ACCEPTED,
    )
    @idempotent_after(_prepare_walk_forward, _write_folds)
    def post(self, request: Request, started: Written) -> Response:
        return accepted(request, started["operation_id"])


class CrossValidationView(ApiView):
    permission = Permission.START

    @endpoint(
        "start_cross_validation",
        "Train on every choice of groups, and score the others",
        description="Combinatorial purged cross-validation: each choice of `test_groups` of the "
        "`groups` is a training's test, and a part of the cross-validation. Several paths run "
        "through all groups, each decided by trainings that have not seen them.",
        body=CrossValidationBody,
        body_example=examples.CROSS_VALIDATION,
        data=WholeOperation(),
        statuses=(202,),
        raises=FOLDS_FAULTS,
        example=ACCEPTED,
    )
    @idempotent_after(_prepare_cross_validation, _write_folds)
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


class OpenTestView(OneOperationView):
    permission = Permission.START

    @endpoint(
        "open_test",
        "Score a stopped training on its test part as it stands, as a new operation",
        description="Of a trial that is out of its search, or of any training that was stopped "
        "between two epochs. The new operation trains nothing and completes with a model. It is "
        "one more look at the bars of the test part.",
        data=answers.BranchedOperation(),
        statuses=(202,),
        raises=BRANCHING_FAULTS,
        example=examples.BRANCHED,
    )
    @idempotent_after(_prepare_opening, _write_branch)
    def post(self, request: Request, branched: Written) -> Response:
        return _accepted(request, branched)


class ExtendWalkForwardView(OneOperationView):
    permission = Permission.START

    @endpoint(
        "extend_walk_forward",
        "Extend a walk-forward by the windows that fit by now",
        description="A new operation trains the new windows alone; its account runs over all of "
        "them. Refused where the bars of a window that was trained are others now.",
        data=WholeOperation(),
        statuses=(202,),
        raises=[CannotBranch, WindowChanged, *FOLDS_FAULTS],
        example=ACCEPTED,
    )
    @idempotent_after(_prepare_longer, _write_folds)
    def post(self, request: Request, started: Written) -> Response:
        return accepted(request, started["operation_id"])


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
