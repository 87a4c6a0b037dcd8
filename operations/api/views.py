"""The operations' endpoints. Each one parses, calls, presents: no rule lives here."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.utils.urls import replace_query_param

from operations import operation_types, selectors
from operations.access.idempotency import Written
from operations.access.permissions import Permission
from operations.api import answers, examples
from operations.api.base import body, page_address, query, success, user_of
from operations.api.endpoint import endpoint
from operations.api.idempotency import idempotent_after
from operations.api.serializers import (
    CancelBody,
    DescribeBody,
    EmptyBody,
    EventsQuery,
    ListQuery,
    LogsQuery,
    ResumeBody,
)
from operations.api_view import ApiView
from operations.cancel import CancelAnswer, cancel_operation
from operations.describing import Described, describe_operation
from operations.errors import (
    InvalidInput,
    NoCheckpoint,
    NoResult,
    NotCancellable,
    NotResumable,
    NoUsableCheckpoint,
    PartOfLiveFamily,
    StorageUnavailable,
    TooManyStreams,
)
from operations.models import Operation, Process, Status
from operations.reading import attempt_logs, choosing
from operations.reading.as_json import (
    AttemptSerializer,
    CheckpointSerializer,
    EventSerializer,
    LogSerializer,
    ShownOperation,
    WholeOperation,
    WorkerSerializer,
    present,
    present_whole,
)
from operations.reading.overview import overview, overviews
from operations.restart import PreparedRestart, prepare_restart, restart_prepared
from operations.resume import PreparedResume, prepare_resume, resume_prepared
from operations.streams.views import stream_events
from operations.streams.wire import EventStreamRenderer

describes_cancel = partial(
    endpoint,
    description="At once when no worker has claimed it, else its worker finishes its batch and "
    "saves: nothing is lost. `force` does not ask a worker that does not answer; what that had "
    "not saved is lost.",
    body=CancelBody,
    body_example={"reason": "enough for today"},
    data=answers.CancelAnswered(),
    statuses=(200, 202),
    raises=[NotCancellable],
    example=examples.CANCELLED,
)


def _prepare_cancel(request: Request, operation_id: str) -> Callable[[], CancelAnswer]:
    return partial(cancel_operation, operation_id, **body(CancelBody, request))


def _write_cancel(request: Request, cancel: Callable[[], CancelAnswer]) -> Written:
    return asdict(cancel())


def _prepare_resume(request: Request, operation_id: str) -> PreparedResume:
    return prepare_resume(operation_id, **body(ResumeBody, request))


def _write_resume(request: Request, prepared: PreparedResume) -> Written:
    return asdict(resume_prepared(prepared))


def _prepare_restart(request: Request, operation_id: str) -> PreparedRestart:
    body(EmptyBody, request)
    return prepare_restart(operation_id, owner=user_of(request))


def _write_restart(request: Request, prepared: PreparedRestart) -> Written:
    return {"operation_id": restart_prepared(prepared).pk}


class OperationListView(ApiView):
    @endpoint(
        "list_operations",
        "List operations",
        description="Newest first, or sorted by how long they took or by a figure of what came of "
        "them; with any filters.",
        query=ListQuery,
        data=ShownOperation(many=True),
        paged=True,
        raises=[InvalidInput],
        example=[examples.OPERATION],
    )
    def get(self, request: Request) -> Response:
        wanted = query(ListQuery, request)
        page_size, cursor = wanted.pop("page_size"), wanted.pop("cursor", None)
        page = choosing.page(
            request.user,
            choosing.choice_of(wanted),
            page_size=page_size,
            cursor=cursor,
        )
        return success(
            [present(shown) for shown in overviews(page.rows)],
            next=page_address(request, page.next),
            previous=page_address(request, page.previous),
        )


class OneOperationView(ApiView):
    """About one operation, which the user may see."""

    operation: Operation

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.operation = selectors.get_visible(request.user, kwargs["operation_id"])


class OperationDetailView(OneOperationView):
    permission = Permission.CANCEL

    @endpoint(
        "get_operation",
        "One operation",
        data=WholeOperation(),
        example=examples.WHOLE_OPERATION,
    )
    def get(self, request: Request, operation_id: str) -> Response:
        attempts = selectors.attempts(operation_id)
        return success(present_whole(overview(self.operation), attempts))

    @describes_cancel("delete_operation", "Cancel a live operation (as POST cancel)")
    def delete(self, request: Request, operation_id: str) -> Response:
        return _cancel_answer(_write_cancel(request, _prepare_cancel(request, operation_id)))


class CancelView(OneOperationView):
    permission = Permission.CANCEL

    @describes_cancel("cancel_operation", "Cancel a live operation")
    @idempotent_after(_prepare_cancel, _write_cancel)
    def post(self, request: Request, cancelled: Written) -> Response:
        return _cancel_answer(cancelled)


class ResumeView(OneOperationView):
    permission = Permission.RESUME

    @endpoint(
        "resume_operation",
        "Resume a cancelled or failed operation",
        description="It goes on from its newest checkpoint that verifies. On every error the "
        "operation and its attempts are as they were.",
        body=ResumeBody,
        body_example={},
        data=answers.ResumeAnswered(),
        raises=lambda: [
            NotResumable,
            PartOfLiveFamily,
            NoCheckpoint,
            NoUsableCheckpoint,
            StorageUnavailable,
            *operation_types.resume_errors(),
        ],
        example=examples.RESUMED,
    )
    @idempotent_after(_prepare_resume, _write_resume)
    def post(self, request: Request, resumed: Written) -> Response:
        return success(resumed)


class RestartView(OneOperationView):
    permission = Permission.START

    @endpoint(
        "restart_operation",
        "Start the same again, from the beginning, as a new operation",
        body=EmptyBody,
        data=WholeOperation(),
        statuses=(202,),
        raises=lambda: [PartOfLiveFamily, *operation_types.restart_errors()],
        example=examples.ACCEPTED,
    )
    @idempotent_after(_prepare_restart, _write_restart)
    def post(self, request: Request, restarted: Written) -> Response:
        return accepted(request, restarted["operation_id"])


def _prepare_description(request: Request, operation_id: str) -> Callable[[], Described]:
    return partial(describe_operation, operation_id, **body(DescribeBody, request))


def _write_description(request: Request, describe: Callable[[], Described]) -> Written:
    return asdict(describe())


class DescribeView(OneOperationView):
    permission = Permission.START

    @endpoint(
        "describe_operation",
        "Change its tags and its note",
        description="`tags` instead of those that it has; `add` and `remove` leave the others. "
        "What is not given stays.",
        body=DescribeBody,
        body_example={"add": ["candidate"], "note": "Best so far on the older half."},
        data=answers.DescribeAnswered(),
        raises=[InvalidInput],
        example=examples.DESCRIBED,
    )
    @idempotent_after(_prepare_description, _write_description)
    def post(self, request: Request, described: Written) -> Response:
        return success(described)


class AttemptsView(OneOperationView):
    @endpoint(
        "list_attempts",
        "Its attempts, oldest first",
        data=AttemptSerializer(many=True),
        example=[examples.ATTEMPT],
    )
    def get(self, request: Request, operation_id: str) -> Response:
        return success(AttemptSerializer(selectors.attempts(operation_id), many=True).data)


class CheckpointsView(OneOperationView):
    @endpoint(
        "list_operation_checkpoints",
        "Its checkpoints, newest first",
        data=CheckpointSerializer(many=True),
        example=[examples.CHECKPOINT],
    )
    def get(self, request: Request, operation_id: str) -> Response:
        return success(CheckpointSerializer(selectors.checkpoints(operation_id), many=True).data)


class EventsView(OneOperationView):
    renderer_classes = [JSONRenderer, EventStreamRenderer]

    @endpoint(
        "list_events",
        "What happened to it, in order",
        description="As `text/event-stream` it goes on until the event that ends the operation: "
        "each with its number as `id`, which a client that was cut off sends as `Last-Event-ID`. "
        "204 says that there is nothing to come.",
        query=EventsQuery,
        data=EventSerializer(many=True),
        paged=True,
        media_types=[EventStreamRenderer.media_type],
        raises=[TooManyStreams],
        example=[examples.EVENT],
    )
    def get(self, request: Request, operation_id: str) -> HttpResponseBase:
        after = query(EventsQuery, request)["after"]
        if isinstance(request.accepted_renderer, EventStreamRenderer):
            return stream_events(request, operation_id, after=after)
        rows = selectors.events(operation_id, after=after)
        then = following(request, "after", [row.number for row in rows])
        return success(EventSerializer(rows, many=True).data, next=then, previous=None)


class LogsView(OneOperationView):
    @endpoint(
        "get_log",
        "What an attempt logged and printed",
        description="The log of the current attempt, or of `attempt`. At most 64 KiB: the "
        "first 16 and the newest 48; a line in between says what is left out.",
        query=LogsQuery,
        data=LogSerializer(),
        raises=[InvalidInput],
        example=examples.LOG,
    )
    def get(self, request: Request, operation_id: str) -> Response:
        attempt = query(LogsQuery, request).get("attempt")
        return success(LogSerializer(attempt_logs.read(self.operation, attempt)).data)


class ResultsView(OneOperationView):
    @endpoint(
        "get_results",
        "What came out of it",
        data=serializers.JSONField(),
        raises=[NoResult],
        example={"epochs_trained": 40, "best_epoch": 31},
    )
    def get(self, request: Request, operation_id: str) -> Response:
        if self.operation.result is None:
            raise NoResult(operation_id=operation_id, status=self.operation.status)
        return success(operation_types.result(self.operation))


class WorkersView(ApiView):
    """Who is alive. What each one runs is told only of operations that the user may see."""

    @endpoint(
        "list_workers",
        "Which workers are alive",
        data=answers.AliveWorker(many=True),
        example=[examples.WORKER],
    )
    def get(self, request: Request) -> Response:
        workers = selectors.alive(Process.Kind.WORKER)
        visible = selectors.visible_to(request.user).only("worker")
        running = {name: it.pk for name, it in selectors.running_by_worker(visible).items()}
        return success(
            [
                {**WorkerSerializer(worker).data, "operation_id": running.get(worker.name)}
                for worker in workers
            ]
        )


def accepted(request: Request, operation_id: str) -> Response:
    """202 for an operation that has just been made, with its address."""
    operation = selectors.get_visible(request.user, operation_id)
    response = success(
        present_whole(overview(operation), selectors.attempts(operation.pk)), status=202
    )
    response["Location"] = reverse(
        "api:operation", kwargs={"operation_id": operation.pk}, request=request
    )
    return response


def following(request: Request, parameter: str, numbers: list[int]) -> str | None:
    """Where a history goes on behind rows with these numbers; None behind the last of it."""
    if len(numbers) < selectors.MAX_ROWS:
        return None
    return replace_query_param(request.build_absolute_uri(), parameter, numbers[-1])


def _cancel_answer(cancelled: Written) -> Response:
    at_once = cancelled["status"] == Status.CANCELLED
    return success(cancelled, status=200 if at_once else 202)
