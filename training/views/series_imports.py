"""What was imported into a series, on its page: listed, undone, forgotten."""

from dataclasses import dataclass
from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from operations.access import permissions
from operations.access.idempotency import Written
from operations.access.permissions import Permission
from operations.errors import DomainError, InvalidInput, NotPermitted
from operations.models import LARGEST_INTEGER
from operations.views.base import PageView, refused, user_of
from operations.views.once import OnceForm, do_once, new_key
from training.market_data.errors import MarketDataPinned, NothingToUndo
from training.market_data.looking.asking import User, find_series
from training.market_data.looking.uses import uses_of
from training.models import Import
from training.series.versions import (
    current_import,
    forget_market_data,
    prepare_undo,
    refuse_pinned,
    write_undo,
)

SHOWN = 20


class NumberForm(OnceForm):
    """Of a button that is about the newest import, as its page showed it."""

    number = forms.IntegerField(min_value=1, max_value=LARGEST_INTEGER, widget=forms.HiddenInput)

    def body(self) -> bytes:
        return str(self.cleaned_data["number"]).encode()


@dataclass(frozen=True, kw_only=True)
class ShownImports:
    """The newest imports of a series, and what may be done about them."""

    rows: list[Import]
    num_more: int
    undo: Import | None
    """What an undo would do, not saved; None where it would be refused."""
    refusal: str
    """Why; empty where it would not."""
    form: NumberForm | None
    """Of the button; None of a sample."""


def shown_imports(symbol: str, timeframe: str, user: User) -> ShownImports:
    rows = Import.objects.of(symbol, timeframe).defer("report")
    newest = list(rows[:SHOWN])
    undo, refusal = _offered(symbol, timeframe, user) if newest else (None, "")
    return ShownImports(
        rows=newest,
        num_more=max(0, rows.count() - SHOWN),
        undo=undo,
        refusal=refusal,
        form=_form(newest[0].number) if newest else None,
    )


def _offered(symbol: str, timeframe: str, user: User) -> tuple[Import | None, str]:
    if not permissions.may(user, Permission.DELETE_DATA):
        return None, str(NotPermitted(permission=Permission.DELETE_DATA.value))
    try:
        return prepare_undo(symbol, timeframe), ""
    except NothingToUndo as error:
        return None, str(error)


def _form(number: int) -> NumberForm:
    return NumberForm(initial={"key": new_key(), "number": number}, auto_id=False)


def _sent(request: HttpRequest) -> NumberForm:
    """Raises `InvalidInput`."""
    form = NumberForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(reason="That page was out of date. Press the button on this one.")
    return form


class UndoView(PageView):
    """POST: undo the newest import, and go back to the series."""

    def post(self, request: HttpRequest, symbol: str, timeframe: str) -> HttpResponse:
        permissions.require(request.user, Permission.DELETE_DATA)
        find_series(symbol, timeframe)
        try:
            messages.success(request, _undone(request, symbol, timeframe))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("series", symbol, timeframe)


def _undone(request: HttpRequest, symbol: str, timeframe: str) -> str:
    form = _sent(request)
    number = form.cleaned_data["number"]

    def write(undo: Import) -> Written:
        return {"words": list(write_undo(undo).words)}

    done = do_once(request, form, partial(prepare_undo, symbol, timeframe, number=number), write)
    return f"Import {number} is undone: {', '.join(done['words'])}."


class ForgetView(PageView):
    """GET: what would be deleted, and what forbids it. POST: delete it."""

    def get(self, request: HttpRequest, symbol: str, timeframe: str) -> HttpResponse:
        permissions.require(request.user, Permission.DELETE_DATA)
        return self._page(request, symbol, timeframe)

    def post(self, request: HttpRequest, symbol: str, timeframe: str) -> HttpResponse:
        permissions.require(request.user, Permission.DELETE_DATA)
        find_series(symbol, timeframe)
        try:
            number = _sent(request).cleaned_data["number"]
            count = forget_market_data(symbol, timeframe, number=number, user=request.user)
        except DomainError as error:
            return refused(self._page(request, symbol, timeframe, error=error), error)
        messages.success(request, f"Forgot {symbol} {timeframe}, with its imports: {count}.")
        return redirect("market-data")

    def _page(
        self,
        request: HttpRequest,
        symbol: str,
        timeframe: str,
        error: DomainError | None = None,
    ) -> HttpResponse:
        series = find_series(symbol, timeframe)
        newest = current_import(symbol, timeframe)
        forbids = _forbids(symbol, timeframe, user_of(request))
        context = {
            "series": series,
            "newest": newest,
            "forbids": forbids,
            "error": error or forbids,
            "form": _form(newest.number) if newest else None,
            "uses": uses_of(symbol, timeframe, request.user),
        }
        return render(request, "training/forget.html", context)


def _forbids(symbol: str, timeframe: str, user: User) -> DomainError | None:
    try:
        refuse_pinned(symbol, timeframe, user=user)
    except MarketDataPinned as error:
        return error
    return None
