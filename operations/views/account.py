"""A user's own account: password, tokens, sessions. Works without JavaScript."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from operations.access import sessions, tokens
from operations.access.account import PasswordForm, TokenForm
from operations.access.remote_user import is_session_by_proxy
from operations.views.base import PageView, user_of


class AccountView(PageView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return show(request)


class PasswordView(PageView):
    """POST: a new password. The other sessions end; tokens if asked."""

    def post(self, request: HttpRequest) -> HttpResponse:
        if is_session_by_proxy(request):
            return show(request, status=403)
        form = PasswordForm(user_of(request), request.POST)
        if not form.is_valid():
            return show(request, status=400, password_form=form)
        update_session_auth_hash(request, form.save())
        ended = ", and so are your tokens" if form.cleaned_data["end_tokens"] else ""
        messages.success(request, f"Your password is changed. Other sessions are ended{ended}.")
        return redirect("account")


class MakeTokenView(PageView):
    """POST: the page with a new token's secret, which is on no later page."""

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST)
        if not form.is_valid():
            return show(request, status=400, token_form=form)
        token, secret = form.issue(user_of(request))
        return show(request, made=token, secret=secret)


class RevokeTokenView(PageView):
    def post(self, request: HttpRequest) -> HttpResponse:
        if tokens.revoke(user_of(request), _token_id(request)):
            messages.success(request, "The token is revoked: it opens nothing from now on.")
        else:
            messages.warning(request, "You have no such token: it may be revoked already.")
        return redirect("account")


class SignOutEverywhereView(PageView):
    """POST: end every session of this user, this one too. Tokens stay."""

    def post(self, request: HttpRequest) -> HttpResponse:
        sessions.end_all(user_of(request))
        logout(request)
        return redirect("login")


def show(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    user = user_of(request)
    context = {
        "password_form": PasswordForm(user),
        "token_form": TokenForm(),
        "tokens": tokens.of(user),
        "is_by_proxy": is_session_by_proxy(request),
        **context,
    }
    return render(request, "operations/account.html", context, status=status)


def _token_id(request: HttpRequest) -> int:
    """0, which none has, for what is no number."""
    given = request.POST.get("token", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
