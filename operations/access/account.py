"""What users decide about their own account: the forms, and the one way to set a password."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, PasswordChangeForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from operations.access import rates, tokens
from operations.access.rates import Rate
from operations.access.tokens import NAME_MAX_LENGTH, ApiToken, Scope

if TYPE_CHECKING:
    AdminForm = AdminPasswordChangeForm[User]
else:
    AdminForm = AdminPasswordChangeForm

LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "no end"))
SCOPES = (
    (Scope.READ.value, "read"),
    (Scope.OPERATE.value, "read, start, cancel, resume"),
)


class EndsTokens(forms.Form):
    """A new password ends sessions by itself: their hash is made with the old one."""

    end_tokens = forms.BooleanField(required=False)

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit=False)  # type: ignore[misc]
        if commit:  # the hash, which takes half a second, holds no lock
            self._write(user)
        return user

    @transaction.atomic
    def _write(self, user: User) -> None:
        user.save()
        if self.cleaned_data.get("end_tokens"):
            tokens.revoke_all(user)


class PasswordForm(EndsTokens, PasswordChangeForm):
    """One's own: needs the old one, which nobody may guess at in a session left open."""

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(user, data)
        # The page begins with something else.
        self.fields["old_password"].widget.attrs.pop("autofocus", None)

    def clean_old_password(self) -> str:
        subject = ("password change", self.user.pk)
        if wait := rates.take(Rate.FAILED_LOGINS, subject):
            raise ValidationError(f"Too many tries with a wrong password. Try again in {wait} s.")
        given: str = super().clean_old_password()
        rates.forget(Rate.FAILED_LOGINS, subject)
        return given


class AdminPasswordForm(EndsTokens, AdminForm):
    """An administrator's, for somebody else."""


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=NAME_MAX_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(choices=SCOPES)
    days = forms.ChoiceField(choices=LIFETIMES, required=False, initial="90")

    def issue(self, user: User) -> tuple[ApiToken, str]:
        """The token, and its secret to be shown this once."""
        chosen: dict[str, Any] = self.cleaned_data
        lifetime = timedelta(days=int(chosen["days"])) if chosen["days"] else None
        return tokens.issue(
            user, scope=Scope(chosen["scope"]), name=chosen["name"], lifetime=lifetime
        )
