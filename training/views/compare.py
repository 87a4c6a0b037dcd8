"""The page that compares operations: which ones is in its address."""

from collections.abc import Sequence

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from operations import selectors
from operations.errors import InvalidInput, OperationNotFound
from operations.models import Operation
from operations.views.base import PageView
from training.views.comparison import MOST_COMPARED, compare

MOST_OFFERED = 50


class CompareView(PageView):
    """With fewer than two ids, the newest operations to choose from."""

    def get(self, request: HttpRequest) -> HttpResponse:
        ids = list(dict.fromkeys(request.GET.getlist("ids")))
        if len(ids) > MOST_COMPARED:
            raise InvalidInput(reason=f"At most {MOST_COMPARED} operations fit side by side.")
        operations = _visible(request.user, ids)
        if len(operations) > 1:
            comparison = compare(operations)
            losses = {name: chart.to_json() for name, chart in comparison.losses.items()}
            equity = comparison.equity and comparison.equity.to_json()
            context = {"comparison": comparison, "losses": losses, "equity": equity}
            return render(request, "training/compare.html", context)
        newest = selectors.visible_to(request.user).defer("request", "result", "pinned")
        context = {"offered": newest[:MOST_OFFERED], "chosen": ids, "most": MOST_COMPARED}
        return render(request, "training/compare_choice.html", context)


def _visible(user: AbstractBaseUser | AnonymousUser, ids: Sequence[str]) -> list[Operation]:
    """In this order. Raises `OperationNotFound` also for another's."""
    found = selectors.visible_to(user).in_bulk(ids)
    for operation_id in ids:
        if operation_id not in found:
            raise OperationNotFound(operation_id=operation_id)
    return [found[operation_id] for operation_id in ids]
