"""The page that starts an operation again, with what is taken over shown before."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from operations import selectors
from operations.access import permissions
from operations.access.idempotency import Written
from operations.access.permissions import Permission
from operations.errors import DomainError
from operations.models import Operation
from operations.operation_types import presentation
from operations.restart import PreparedRestart, plan_restart, prepare_restart, restart_prepared
from operations.views.base import PageView, refused, user_of
from operations.views.once import do_once, empty_form, sent_form


class RestartView(PageView):
    """A table and a button; a refusal stands in the table's place."""

    def is_counted(self, request: HttpRequest) -> bool:
        return True

    def acts(self, request: HttpRequest) -> bool:
        """To look ahead costs as much as a start: it reads bars."""
        return True

    def get(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        return self._page(selectors.get_visible(request.user, operation_id))

    def post(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        try:
            permissions.require(request.user, Permission.START)
            child = self._started(operation)
        except DomainError as error:
            return self._page(operation, error)
        messages.success(request, f"Started again from the beginning, as {child}.")
        return redirect("operation", child)

    def _started(self, operation: Operation) -> str:
        """The child's id; that of an earlier submit of the same form."""

        def write(prepared: PreparedRestart) -> Written:
            return {"operation_id": restart_prepared(prepared).pk}

        prepare = partial(prepare_restart, operation.pk, owner=user_of(self.request))
        child: str = do_once(self.request, sent_form(self.request), prepare, write)["operation_id"]
        return child

    def _page(self, operation: Operation, error: DomainError | None = None) -> HttpResponse:
        context = {
            "operation": operation,
            "presentation": presentation(operation.operation_type),
            "form": empty_form(),
            "may_start": permissions.may(self.request.user, Permission.START),
        }
        try:
            context["plan"] = plan_restart(operation.pk, owner=user_of(self.request))
        except DomainError as found:
            error = error or found
        page = render(self.request, "operations/restart.html", {**context, "error": error})
        return refused(page, error) if error else page
