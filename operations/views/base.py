"""What every page of the dashboard has in common."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.generic import View

from operations.errors import DomainError, OperationNotFound


class PageView(LoginRequiredMixin, View):
    """For signed-in users. A domain error is a page with its own sentence."""

    login_url = "login"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except OperationNotFound as error:
            raise Http404(str(error)) from error
        except DomainError as error:
            return render(request, "operations/refused.html", {"error": error}, status=error.status)
