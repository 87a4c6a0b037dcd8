"""What pages that start a family have in common: a plain form, whose faults are told when sent."""

from abc import abstractmethod
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from operations import selectors
from operations.access import permissions
from operations.access.permissions import Permission
from operations.errors import DomainError, IdempotencyKeyReused
from operations.views.base import PageView
from operations.views.once import new_key
from training.snapshots import training_of
from training.strategy import StrategyFile, find_strategy
from training.views import start_findings
from training.views.snapshots import as_yaml
from training.views.start_form import DEFAULT_STRATEGY, StartForm


class FamilyStartView(PageView):
    form_class: ClassVar[type[StartForm]]
    template: ClassVar[str]
    title: ClassVar[str]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(self.form_class(initial={"key": new_key(), **self.texts()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        permissions.require(request.user, Permission.START)
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.page(form, findings=start_findings.of_form(form), status=400)
        try:
            return self.answer(form)
        except IdempotencyKeyReused:
            again = self.form_class({**dict(form.data.items()), "key": new_key()})
            return self.page(again, has_started=True, status=409)
        except DomainError as error:
            return self.page(form, findings=start_findings.refused(error), status=error.status)

    def texts(self) -> dict[str, str]:
        """Of a shipped strategy, or an operation's (`?like=`). Raises when it is not there."""
        if like := self.request.GET.get("like"):
            request = selectors.get_visible(self.request.user, like).request
            snapshot = training_of(request)["strategy"]
            return {"strategy_yaml": as_yaml(snapshot), **self.texts_beside(None)}
        file = find_strategy(self.request.GET.get("strategy", DEFAULT_STRATEGY))
        return {"strategy_yaml": file.text, **self.texts_beside(file)}

    def texts_beside(self, file: StrategyFile | None) -> dict[str, str]:
        """What else the form begins with, for a shipped strategy or one of one's own."""
        return {}

    def answer(self, form: Any) -> HttpResponse:
        """To a valid form. Raises as `start` does."""
        return redirect(reverse("operation", args=[self.start(form)]))

    @abstractmethod
    def start(self, form: Any) -> str:
        """Start what the form says, or find what the same submit has started; its id."""

    def page(self, form: StartForm, *, status: int = 200, **context: Any) -> HttpResponse:
        if not permissions.may(self.request.user, Permission.GO_FIRST):
            form.offer_no_high_priority()
        may_start = permissions.may(self.request.user, Permission.START)
        shown = {"form": form, "title": self.title, "may_start": may_start, **context}
        return render(self.request, self.template, shown, status=status)
