"""Signing in with a password, which nobody may guess at."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpResponse

from operations.access import rates
from operations.access.rates import Rate


class LimitedGuesses(AuthenticationForm):
    """Refuses further tries from an address once too many for a user name, or for all, failed.

    Each try is counted before its password is looked at, so that tries at the same time are, too.
    """

    wait_seconds = 0
    """Where it was refused: for `Retry-After`."""

    def clean(self) -> dict[str, Any]:
        assert self.request is not None
        address = self.request.META.get("REMOTE_ADDR")
        subject = (address, self.cleaned_data.get("username"))
        waits = (
            rates.take(Rate.FAILED_LOGINS, subject),
            rates.take(Rate.FAILED_LOGINS_OF_ADDRESS, address),
        )
        if wait := max(filter(None, waits), default=0):
            self.wait_seconds = wait
            raise ValidationError(
                f"Too many failed tries to sign in. Try again in {wait} s.", code="throttled"
            )
        cleaned: dict[str, Any] = super().clean()
        rates.forget(Rate.FAILED_LOGINS, subject)
        rates.give_back(Rate.FAILED_LOGINS_OF_ADDRESS, address)
        return cleaned


class SignInView(LoginView):
    """Answers 429 with `Retry-After` to who guesses too often."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if wait := getattr(form, "wait_seconds", 0):
            response.status_code = 429
            response["Retry-After"] = str(wait)
        return response


class SignInForm(LimitedGuesses):
    """The site's own sign-in form."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This name and password do not go together. Both are case-sensitive.",
    }


class AdminSignInForm(LimitedGuesses, AdminAuthenticationForm):
    """The admin's sign-in form."""
