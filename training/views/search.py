"""The page that starts a search for settings."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from operations import selectors
from operations.access import permissions
from operations.access.idempotency import Written
from operations.access.permissions import Permission
from operations.errors import DomainError, IdempotencyKeyReused
from operations.views.base import PageView, user_of
from operations.views.once import do_once, new_key
from training.strategy import find_strategy
from training.sweep.space import shipped_spaces
from training.sweep.start import PreparedSweep, prepare_sweep, sweep_prepared
from training.views import start_findings
from training.views.search_form import SearchForm
from training.views.snapshots import as_yaml
from training.views.start_form import DEFAULT_STRATEGY

BEGINNING = "training.learning_rate: {log: [1e-4, 1e-2]}\n"
"""Of a space, for a strategy that none is shipped for."""


class SearchView(PageView):
    """A plain form: what is wrong with it is said when it is sent, all at once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(SearchForm(initial={"key": new_key(), **self._texts(request.GET)}))

    def post(self, request: HttpRequest) -> HttpResponse:
        permissions.require(request.user, Permission.START)
        form = SearchForm(request.POST)
        if not form.is_valid():
            return self._refused(form, start_findings.of_form(form), status=400)
        try:
            return redirect(self._started(form))
        except IdempotencyKeyReused:
            again = SearchForm({**dict(form.data.items()), "key": new_key()})
            return self._page(again, has_started=True, status=409)
        except DomainError as error:
            return self._refused(form, start_findings.refused(error), status=error.status)

    def _texts(self, query: Mapping[str, str]) -> dict[str, str]:
        """Of a shipped strategy, or an operation's (`?like=`). Raises when it is not there."""
        if like := query.get("like"):
            snapshot = selectors.get_visible(self.request.user, like).request["strategy"]
            return {"strategy_yaml": as_yaml(snapshot), "space_yaml": BEGINNING}
        file = find_strategy(query.get("strategy", DEFAULT_STRATEGY))
        space = shipped_spaces().get(file.name)
        text = space.read_text(encoding="utf-8") if space else BEGINNING
        return {"strategy_yaml": file.text, "space_yaml": text}

    def _started(self, form: SearchForm) -> str:
        """Start the search, or find what the same submit has started; its page's address."""

        def write(prepared: PreparedSweep) -> Written:
            return {"operation_id": sweep_prepared(prepared).pk}

        prepare = partial(prepare_sweep, form.to_search(), owner=user_of(self.request))
        started = do_once(self.request, form, prepare, write)["operation_id"]
        return reverse("operation", args=[started])

    def _refused(
        self, form: SearchForm, findings: start_findings.Findings, *, status: int
    ) -> HttpResponse:
        return self._page(form, findings=findings, status=status)

    def _page(self, form: SearchForm, *, status: int = 200, **context: Any) -> HttpResponse:
        if not permissions.may(self.request.user, Permission.GO_FIRST):
            form.offer_no_high_priority()
        may_start = permissions.may(self.request.user, Permission.START)
        shown = {"form": form, "may_start": may_start, **context}
        return render(self.request, "training/search.html", shown, status=status)
