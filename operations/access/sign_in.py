"""Signing in with a password, which nobody may guess at."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpResponse

from operations.access import addresses, delays, rates
from operations.access.addresses import address_of
from operations.access.rates import Rate
from operations.access.remote_user import name_by_proxy


@dataclass(frozen=True)
class _Try:
    """One try to sign in, which counts as failed until its password was found to be right."""

    name: str
    address: str

    def take(self) -> int:
        """The seconds to wait, 0 to go on."""
        waits = [
            rates.take(Rate.FAILED_LOGINS, (self.address, self.name)),
            rates.take(Rate.FAILED_LOGINS_OF_ADDRESS, self.address),
        ]
        if self._is_delayed and not any(waits):
            waits.append(delays.take(self.name))
        return max(filter(None, waits), default=0)

    def was_right(self, user: AbstractBaseUser) -> None:
        """A guesser's tries at the name stay counted when its user signs in from a known place."""
        rates.forget(Rate.FAILED_LOGINS, (self.address, self.name))
        rates.give_back(Rate.FAILED_LOGINS_OF_ADDRESS, self.address)
        if self._is_delayed:
            delays.forget(self.name)
        addresses.remember(user, self.address)

    @cached_property
    def _is_delayed(self) -> bool:
        is_limited = settings.KTRDR_FAILED_LOGINS_PER_MINUTE > 0
        return is_limited and not addresses.is_known(self.name, self.address)


class LimitedGuesses(AuthenticationForm):
    """Refuses further tries from an address once too many for a user name, or for all, failed; and,
    from wherever, tries for a name that come sooner than its delay allows, except for those from
    where that user signed in lately: nobody can lock a user out by guessing.

    Each try is counted before its password is looked at, so that tries at the same time are, too.
    """

    wait_seconds = 0
    """Where it was refused: for `Retry-After`."""

    def clean(self) -> dict[str, Any]:
        assert self.request is not None
        if name_by_proxy(self.request):  # whose word would replace this one with the next request
            raise ValidationError("The proxy in front of this site says who you are.")
        tried = _Try(self.cleaned_data.get("username", ""), address_of(self.request))
        if wait := tried.take():
            self.wait_seconds = wait
            raise ValidationError(
                f"Too many failed tries to sign in. Try again in {wait} s.", code="throttled"
            )
        cleaned: dict[str, Any] = super().clean()
        if user := self.get_user():
            tried.was_right(user)
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
