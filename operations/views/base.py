"""What every page of the dashboard has in common."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.generic import View

from operations.access import rates
from operations.errors import DomainError, InvalidInput, TooManyRequests
from operations.models import Operation

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class PageView(LoginRequiredMixin, View):
    """For signed-in users. A domain error is a page with its own sentence.

    What is done at a click counts among the same requests and actions as the API's.
    """

    login_url = "login"

    def is_counted(self, request: HttpRequest) -> bool:
        """Whether it is a click's request, and none that a page makes by itself."""
        return self.acts(request)

    def acts(self, request: HttpRequest) -> bool:
        """Whether it changes something, or costs as much."""
        return request.method == "POST"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = self._answer(request, *args, **kwargs)
        # After a sign-out, Back would show it to whoever sits there now.
        patch_cache_control(answer, private=True, no_store=True)
        return answer

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self._count(request)
            return super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            return refused(render(request, "operations/refused.html", {"error": error}), error)

    def _count(self, request: HttpRequest) -> None:
        """Raises `TooManyRequests`."""
        if request.user.is_authenticated and self.is_counted(request):
            wait = rates.take_request(request.user.pk, acts=self.acts(request))
            if wait is not None:
                raise TooManyRequests(wait=wait)


def refused(page: HttpResponse, error: DomainError) -> HttpResponse:
    """The page that tells of an error, with its status and, if it has one, its time to wait."""
    page.status_code = error.status
    if wait := getattr(error, "wait", None):
        page["Retry-After"] = str(wait)
    return page


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number in the address; None without one. Raises `InvalidInput`."""
    given = request.GET.get(name, "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise InvalidInput(reason=f"{name} is a whole number.")
    return int(given)


def user_of(request: HttpRequest) -> "User":
    assert request.user.is_authenticated  # as every page's reader is
    return request.user


def address(request: HttpRequest, operation: Operation, name: str) -> str:
    """Of a fragment of its page, that shows what the page was asked for."""
    query = request.GET.urlencode()
    return reverse(name, args=[operation.pk]) + (f"?{query}" if query else "")
