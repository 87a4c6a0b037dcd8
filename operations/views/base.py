"""What every page of the dashboard has in common."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.generic import View

from operations.errors import DomainError, InvalidInput


class PageView(LoginRequiredMixin, View):
    """For signed-in users. A domain error is a page with its own sentence."""

    login_url = "login"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            return render(request, "operations/refused.html", {"error": error}, status=error.status)


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number in the address; None without one. Raises `InvalidInput`."""
    given = request.GET.get(name, "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise InvalidInput(reason=f"{name} is a whole number.")
    return int(given)
