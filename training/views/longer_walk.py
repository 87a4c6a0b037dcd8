"""The page that extends a walk-forward by the windows that fit by now."""

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
from operations.views.base import PageView, user_of
from operations.views.once import do_once, empty_form, sent_form
from training.folds.extending import prepare_longer
from training.folds.start import PreparedFolds, folds_prepared
from training.views import folds_picture


class LongerWalkView(PageView):
    """What would be trained, over the price, or why nothing would be; and one button."""

    def is_counted(self, request: HttpRequest) -> bool:
        return True

    def acts(self, request: HttpRequest) -> bool:
        """To look ahead costs as much as a start: it reads bars."""
        return True

    def get(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        if not permissions.may(request.user, Permission.START):
            return self._page(operation)
        try:
            prepared = prepare_longer(operation.pk, owner=user_of(request))
        except DomainError as error:
            return self._page(operation, refusal=str(error), status=error.status)
        picture = folds_picture.with_price(prepared.request)
        return self._page(operation, picture=picture, more=len(prepared.request.own_folds))

    def post(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        permissions.require(request.user, Permission.START)

        def write(prepared: PreparedFolds) -> Written:
            return {"operation_id": folds_prepared(prepared).pk}

        prepare = partial(prepare_longer, operation.pk, owner=user_of(request))
        try:
            child: str = do_once(request, sent_form(request), prepare, write)["operation_id"]
        except DomainError as error:
            return self._page(operation, refusal=str(error), status=error.status)
        messages.success(request, f"It goes on from {operation.pk}, as {child}.")
        return redirect("operation", child)

    def _page(self, operation: Operation, *, status: int = 200, **context: object) -> HttpResponse:
        shown = {
            "operation": operation,
            "form": empty_form(),
            "may_start": permissions.may(self.request.user, Permission.START),
            **context,
        }
        return render(self.request, "training/longer_walk.html", shown, status=status)
