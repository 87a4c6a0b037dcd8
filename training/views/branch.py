"""The pages that begin a training where another one stands, with what is carried shown before."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from operations import selectors
from operations.access import permissions
from operations.access.idempotency import Written
from operations.access.permissions import Permission
from operations.errors import DomainError, IdempotencyKeyReused
from operations.models import Operation
from operations.views.base import PageView, user_of
from operations.views.once import do_once, new_key
from training.errors import CannotBranch
from training.launch.branching import (
    PreparedBranch,
    branch_prepared,
    plan_extension,
    plan_fork,
    plan_opening,
    prepare_extension,
    prepare_fork,
    prepare_opening,
)
from training.launch.carry_plan import CarryPlan
from training.launch.start import OPERATION_TYPE
from training.views import branch_form, start_findings
from training.views.branch_form import BranchForm, ExtendForm, ForkForm, OpenTestForm
from training.views.start_findings import Findings


@dataclass(frozen=True, kw_only=True)
class Verb:
    """Extend, fork, or open the test part."""

    title: str
    says: str
    form: type[BranchForm]
    first: Callable[[Operation], dict[str, Any]]
    """What its form begins with."""
    plan: Callable[..., CarryPlan]
    prepare: Callable[..., PreparedBranch]


EXTEND = Verb(
    title="Extend",
    says="A new operation with the same settings goes on from where this one stands, for more "
    "epochs. Its end is one more look at the test part.",
    form=ExtendForm,
    first=branch_form.first_extension,
    plan=plan_extension,
    prepare=prepare_extension,
)
FORK = Verb(
    title="Fork",
    says="A new operation goes on from a state of this one, with other settings. Its end is one "
    "more look at the test part.",
    form=ForkForm,
    first=branch_form.first_fork,
    plan=plan_fork,
    prepare=prepare_fork,
)
OPEN_TEST = Verb(
    title="Open the test part",
    says="A new operation scores what this one has learned until now on its test part. It trains "
    "nothing, and is one more look at those bars.",
    form=OpenTestForm,
    first=lambda operation: {},
    plan=plan_opening,
    prepare=prepare_opening,
)


class BranchView(PageView):
    """One form with two buttons, where there is anything to decide: what is carried, and start."""

    verb: ClassVar[Verb]

    def is_counted(self, request: HttpRequest) -> bool:
        return True

    def acts(self, request: HttpRequest) -> bool:
        """To look ahead costs as much as a start: it reads bars."""
        return True

    def get(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = _training(request, operation_id)
        first = {"key": new_key(), **self.verb.first(operation)}
        if not permissions.may(request.user, Permission.START):
            return self._page(operation, self.verb.form(initial=first))
        return self._look_ahead(operation, self.verb.form(first))

    def post(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        selectors.get_visible(request.user, operation_id)
        permissions.require(request.user, Permission.START)
        operation = _training(request, operation_id)
        form = self.verb.form(request.POST)
        if request.POST.get("action") == "look":
            return self._look_ahead(operation, form)
        return self._start(operation, form)

    def _look_ahead(self, operation: Operation, form: BranchForm) -> HttpResponse:
        if not form.is_valid():
            return self._refused(operation, form, start_findings.of_form(form), 400)
        try:
            plan = self.verb.plan(operation.pk, **form.wanted())
        except DomainError as error:
            return self._refused(operation, form, start_findings.refused(error), error.status)
        return self._page(operation, form, plan=plan.table())

    def _start(self, operation: Operation, form: BranchForm) -> HttpResponse:
        if not form.is_valid():
            return self._refused(operation, form, start_findings.of_form(form), 400)
        try:
            child = self._started(operation, form)
        except IdempotencyKeyReused:
            again = self.verb.form({**dict(form.data.items()), "key": new_key()})
            return self._page(operation, again, has_started=True, status=409)
        except DomainError as error:
            return self._refused(operation, form, start_findings.refused(error), error.status)
        messages.success(self.request, f"It goes on from {operation.pk}, as {child}.")
        return redirect("operation", child)

    def _started(self, operation: Operation, form: BranchForm) -> str:
        """The child's id; that of an earlier submit of the same form."""

        def write(prepared: PreparedBranch) -> Written:
            return {"operation_id": branch_prepared(prepared).operation.pk}

        prepare = partial(
            self.verb.prepare, operation.pk, **form.wanted(), owner=user_of(self.request)
        )
        child: str = do_once(self.request, form, prepare, write)["operation_id"]
        return child

    def _refused(
        self, operation: Operation, form: BranchForm, found: Findings, status: int
    ) -> HttpResponse:
        return self._page(operation, form, findings=found, status=status)

    def _page(
        self,
        operation: Operation,
        form: BranchForm,
        *,
        status: int = 200,
        **context: Any,
    ) -> HttpResponse:
        context = {
            "operation": operation,
            "verb": self.verb,
            "form": form,
            "states": branch_form.states(operation),
            "may_start": permissions.may(self.request.user, Permission.START),
            **context,
        }
        return render(self.request, "training/branch.html", context, status=status)


def _training(request: HttpRequest, operation_id: str) -> Operation:
    """Raises `OperationNotFound`, and `CannotBranch` of another kind of operation."""
    operation = selectors.get_visible(request.user, operation_id)
    if operation.operation_type != OPERATION_TYPE:
        raise CannotBranch(reason=f"{operation.pk} is no training")
    return operation


class ExtendView(BranchView):
    verb = EXTEND


class ForkView(BranchView):
    verb = FORK


class OpenTestView(BranchView):
    verb = OPEN_TEST
