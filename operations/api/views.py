"""The operations' endpoints. Each one parses, calls, presents: no rule lives here."""

from dataclasses import asdict
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.utils.urls import replace_query_param

from operations import paging, selectors
from operations.api.base import ApiView, body, query, success, user_of
from operations.api.idempotency import idempotent
from operations.api.serializers import (
    AttemptSerializer,
    CancelBody,
    CheckpointSerializer,
    EmptyBody,
    EventSerializer,
    EventsQuery,
    ListQuery,
    MetricSerializer,
    MetricsQuery,
    ResumeBody,
    WorkerSerializer,
    present,
    present_whole,
)
from operations.cancel import cancel_operation
from operations.errors import NoResult
from operations.models import Operation, Process, Status
from operations.operation_types import ResumeOptions
from operations.overview import overview, overviews
from operations.restart import restart_operation
from operations.resume import resume_operation


class OperationListView(ApiView):
    def get(self, request: Request) -> Response:
        wanted = query(ListQuery, request)
        ordering, page_size = wanted.pop("ordering"), wanted.pop("page_size")
        cursor = wanted.pop("cursor", None)
        rows = (
            selectors.matching(selectors.visible_to(request.user), **wanted)
            .select_related("owner")
            .defer("request", "pinned", "result")
        )
        page = paging.page(rows, ordering=ordering, page_size=page_size, cursor=cursor)
        return success(
            [present(shown) for shown in overviews(page.rows)],
            next=_at(request, page.next),
            previous=_at(request, page.previous),
        )


class OneOperationView(ApiView):
    """About one operation, which the user may see."""

    operation: Operation

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.operation = selectors.get_visible(request.user, kwargs["operation_id"])


class OperationDetailView(OneOperationView):
    def get(self, request: Request, operation_id: str) -> Response:
        attempts = selectors.attempts(operation_id)
        return success(present_whole(overview(self.operation), attempts))

    def delete(self, request: Request, operation_id: str) -> Response:
        return _cancel(request, operation_id)


class CancelView(OneOperationView):
    @idempotent
    def post(self, request: Request, operation_id: str) -> Response:
        return _cancel(request, operation_id)


class ResumeView(OneOperationView):
    @idempotent
    def post(self, request: Request, operation_id: str) -> Response:
        options = ResumeOptions(**body(ResumeBody, request))
        return success(asdict(resume_operation(operation_id, options)))


class RestartView(OneOperationView):
    @idempotent
    def post(self, request: Request, operation_id: str) -> Response:
        body(EmptyBody, request)
        return accepted(request, restart_operation(operation_id, owner=user_of(request)))


class AttemptsView(OneOperationView):
    def get(self, request: Request, operation_id: str) -> Response:
        return success(AttemptSerializer(selectors.attempts(operation_id), many=True).data)


class CheckpointsView(OneOperationView):
    def get(self, request: Request, operation_id: str) -> Response:
        return success(CheckpointSerializer(selectors.checkpoints(operation_id), many=True).data)


class MetricsView(OneOperationView):
    def get(self, request: Request, operation_id: str) -> Response:
        after_epoch = query(MetricsQuery, request)["after_epoch"]
        rows = selectors.metrics(operation_id, after_step=after_epoch)
        return success(MetricSerializer(rows, many=True).data)


class EventsView(OneOperationView):
    def get(self, request: Request, operation_id: str) -> Response:
        after = query(EventsQuery, request)["after"]
        rows = selectors.events(operation_id, after=after)
        more = len(rows) == selectors.MAX_ROWS
        following = replace_query_param(
            request.build_absolute_uri(), "after", rows[-1].number if rows else after
        )
        return success(
            EventSerializer(rows, many=True).data, next=following if more else None, previous=None
        )


class ResultsView(OneOperationView):
    def get(self, request: Request, operation_id: str) -> Response:
        if self.operation.result is None:
            raise NoResult(operation_id=operation_id, status=self.operation.status)
        return success(self.operation.result)


class WorkersView(ApiView):
    """Who is alive. What each one runs is told only of operations that the user may see."""

    def get(self, request: Request) -> Response:
        workers = selectors.alive(Process.Kind.WORKER)
        running = selectors.running_by_worker(selectors.visible_to(request.user))
        return success(
            [
                {**WorkerSerializer(worker).data, "operation_id": running.get(worker.name)}
                for worker in workers
            ]
        )


def accepted(request: Request, operation: Operation) -> Response:
    """202 for an operation that has just been made, with its address."""
    operation = selectors.get_visible(request.user, operation.pk)
    response = success(
        present_whole(overview(operation), selectors.attempts(operation.pk)), status=202
    )
    response["Location"] = reverse(
        "api:operation", kwargs={"operation_id": operation.pk}, request=request
    )
    return response


def _cancel(request: Request, operation_id: str) -> Response:
    answer = cancel_operation(operation_id, **body(CancelBody, request))
    at_once = answer.status == Status.CANCELLED
    return success(asdict(answer), status=200 if at_once else 202)


def _at(request: Request, cursor: str | None) -> str | None:
    """This list's address at another page of it."""
    return cursor and replace_query_param(request.build_absolute_uri(), "cursor", cursor)
