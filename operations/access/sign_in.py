"""Signing in with a password, which nobody may guess at."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from operations.access import rates
from operations.access.rates import Rate


class LimitedGuesses(AuthenticationForm):
    """Refuses further tries for a user name from an address once too many in a minute failed.

    Each try is counted before its password is looked at, so that tries at the same time are, too.
    """

    def clean(self) -> dict[str, Any]:
        assert self.request is not None
        subject = (self.request.META.get("REMOTE_ADDR"), self.cleaned_data.get("username"))
        if wait := rates.take(Rate.FAILED_LOGINS, subject):
            raise ValidationError(
                f"Too many failed tries to sign in. Try again in {wait} s.", code="throttled"
            )
        cleaned: dict[str, Any] = super().clean()
        rates.forget(Rate.FAILED_LOGINS, subject)
        return cleaned


class SignInForm(LimitedGuesses):
    """The site's own sign-in form."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This name and password do not go together. Both are case-sensitive.",
    }


class AdminSignInForm(LimitedGuesses, AdminAuthenticationForm):
    """The admin's sign-in form."""
