"""The page that compares operations: which ones is in its address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from operations import selectors
from operations.errors import InvalidInput
from operations.views.base import PageView
from training.views.comparison import MOST_COMPARED, compare

MOST_OFFERED = 50


class CompareView(PageView):
    """With fewer than two ids, the newest operations to choose from."""

    def get(self, request: HttpRequest) -> HttpResponse:
        ids = list(dict.fromkeys(request.GET.getlist("ids")))
        if len(ids) > MOST_COMPARED:
            raise InvalidInput(reason=f"At most {MOST_COMPARED} operations fit side by side.")
        operations = selectors.get_all_visible(request.user, ids)
        if len(operations) > 1:
            comparison = compare(operations)
            equity = comparison.equity and comparison.equity.to_json()
            return render(
                request, "training/compare.html", {"comparison": comparison, "equity": equity}
            )
        newest = selectors.visible_to(request.user).defer("request", "result", "pinned")
        context = {"offered": newest[:MOST_OFFERED], "chosen": ids, "most": MOST_COMPARED}
        return render(request, "training/compare_choice.html", context)
