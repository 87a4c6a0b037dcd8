"""The pages of market data: what there is, and one series as it is."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from operations.bounded.visit import visit_of
from operations.errors import DomainError
from operations.views.base import PageView, refused
from training.market_data.catalog import CatalogEntry, list_market_data
from training.market_data.looking.asking import Look, ask_candles, find_series
from training.market_data.looking.uses import uses_of
from training.market_data.report import as_text
from training.market_data.told import told
from training.strategy.values import first_second, last_second
from training.views.series_imports import shown_imports

NEWEST_SHOWN = 10
"""Bars as a table, for whom the chart is none."""


class DataView(PageView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "training/data.html", {"series": list_market_data()})


class RangeForm(forms.Form):
    """In the address, so that a part of a series has one."""

    start = forms.CharField(label="From", required=False, max_length=40)
    end = forms.CharField(label="To", required=False, max_length=40)

    def clean_start(self) -> int | None:
        return _second(first_second, self.cleaned_data["start"])

    def clean_end(self) -> int | None:
        return _second(last_second, self.cleaned_data["end"])


def _second(of: Any, moment: str) -> int | None:
    """Raises `ValidationError`."""
    try:
        return of(moment) if moment else None
    except ValueError as error:
        raise forms.ValidationError(str(error)) from error


class SeriesView(PageView):
    def is_counted(self, request: HttpRequest) -> bool:
        return True

    def get(self, request: HttpRequest, symbol: str, timeframe: str) -> HttpResponse:
        entry = find_series(symbol, timeframe)
        form = RangeForm({"start": request.GET.get("from", ""), "end": request.GET.get("to", "")})
        context = {
            "series": entry,
            "form": form,
            "told": list(told(entry.report)),
            "uses": uses_of(symbol, timeframe, request.user),
            "imports": shown_imports(symbol, timeframe, request.user),
        }
        if not form.is_valid():
            return render(request, "training/series.html", context, status=400)
        try:
            context |= _drawn(request, entry, form.cleaned_data)
        except DomainError as error:
            page = render(request, "training/series.html", {**context, "error": error})
            return refused(page, error)
        return render(request, "training/series.html", context)


def _drawn(request: HttpRequest, entry: CatalogEntry, wanted: dict[str, Any]) -> dict[str, Any]:
    candles = ask_candles(Look(series=entry, user=request.user, visit=visit_of(request), **wanted))
    columns = (candles.open, candles.high, candles.low, candles.close, candles.volume)
    rows = list(zip(map(as_text, candles.times), *columns, strict=True))
    return {
        "candles": asdict(candles),
        "shown": candles,
        "first": as_text(candles.times[0]) if rows else "",
        "last": as_text(candles.times[-1]) if rows else "",
        "newest": rows[: -NEWEST_SHOWN - 1 : -1],
    }
