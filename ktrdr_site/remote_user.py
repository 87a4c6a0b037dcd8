"""Signs in whom the proxy in front names, on pages and in the admin.

The proxy's word goes before any session: another name ends the old one, and so does no name, since
who signs out at the proxy is out here, too. The API and the metrics keep their tokens: there the
name signs nobody in, and a session that the proxy began counts only with its own name beside it.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from operations.access.remote_user import is_session_by_proxy, name_by_proxy
from operations.api.problems import API_ROOT

BY_TOKEN = (API_ROOT, "/metrics")


class RemoteUserMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.KTRDR_REMOTE_USER_HEADER and not _is_in_order(request):
            if request.path_info.startswith(BY_TOKEN):
                _forget_for_now(request)
            elif not _take_over(request):
                return _unknown(request)
        return self._get_response(request)


def _is_in_order(request: HttpRequest) -> bool:
    """Whether proxy and session say the same, if anything."""
    name = name_by_proxy(request)
    if is_session_by_proxy(request):
        return request.user.get_username() == name != ""
    return not name


def _forget_for_now(request: HttpRequest) -> None:
    """The session stays for the pages, which the proxy may serve in another way."""
    if is_session_by_proxy(request):
        request.user = AnonymousUser()


def _take_over(request: HttpRequest) -> bool:
    """Whether the proxy's user, or nobody, is signed in now."""
    name = name_by_proxy(request)
    user = authenticate(request, remote_user=name) if name else None
    if user is None:
        logout(request)
        return not name
    login(request, user)  # which ends the session of another
    return True


def _unknown(request: HttpRequest) -> HttpResponse:
    """No redirection to where one signs in: that would lead here again."""
    context = {"unknown_user": name_by_proxy(request)}
    answer = render(request, "operations/login.html", context, status=403)
    patch_cache_control(answer, private=True, no_store=True)
    return answer
