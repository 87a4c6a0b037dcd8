"""The page on which a model decides on stored bars."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from operations.bounded.visit import visit_of
from operations.errors import DomainError
from operations.reading.words import share_words
from operations.views.base import PageView, refused
from training.market_data import list_market_data
from training.market_data.report import as_text
from training.models import TrainedModel
from training.strategy import Strategy
from training.trained import stored_models
from training.trained.asking import ask

MOST_SHOWN = 100  # bars; the rest is a page further


class PredictForm(forms.Form):
    """Shapes only: what can be predicted is for `forecast` to say."""

    symbol = forms.CharField(required=False, max_length=32)
    since = forms.CharField(required=False, max_length=40)
    any_symbol = forms.BooleanField(required=False)


class PredictView(PageView):
    """What is asked is in the address; a refusal stands on the page, beside the form."""

    def is_counted(self, request: HttpRequest) -> bool:
        return True

    def get(self, request: HttpRequest, model_id: int) -> HttpResponse:
        model = stored_models.get_visible(request.user, model_id)
        symbols = Strategy.from_snapshot(model.strategy).symbols
        form = PredictForm({"symbol": symbols[0], **request.GET.dict()})
        context = {
            "model": model,
            "form": form,
            "trained": symbols,
            "there": sorted({entry.symbol for entry in list_market_data()}),
        }
        if not form.is_valid():
            return render(request, "training/predict.html", context, status=400)
        try:
            context |= _found(request, model, form.cleaned_data)
        except DomainError as error:
            page = render(request, "training/predict.html", {**context, "error": error})
            return refused(page, error)
        return render(request, "training/predict.html", context)


def _found(request: HttpRequest, model: TrainedModel, asked: dict[str, Any]) -> dict[str, Any]:
    found = ask(
        model,
        user=request.user,
        visit=visit_of(request),
        symbol=asked["symbol"] or None,
        since=asked["since"] or None,
        any_symbol=asked["any_symbol"],
        limit=MOST_SHOWN,
    )
    return {
        "found": {**found.shown, "class_names": found.class_names},
        "rows": [{**row, "shares": _shares(row)} for row in found.shown["predictions"]],
        "next": found.next_time and _from(found.next_time, asked),
    }


def _from(time: int, asked: dict[str, Any]) -> str:
    """The address of the same question from a later bar on."""
    given = {name: value for name, value in asked.items() if value}
    return "?" + urlencode(given | {"since": as_text(time)})


def _shares(row: dict[str, Any]) -> list[str]:
    """Probabilities in percent, or the predicted return."""
    if "probabilities" in row:
        return [share_words(share) for share in row["probabilities"].values()]
    return [f"{row['predicted_return']:+.3%}"]
