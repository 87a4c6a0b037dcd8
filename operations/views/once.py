"""Forms that do their work once, however often they are sent: each carries a key of its own."""

import secrets
from collections.abc import Callable
from typing import TypeVar

from django import forms
from django.http import HttpRequest

from operations.access import idempotency
from operations.access.idempotency import Written
from operations.errors import InvalidInput
from operations.views.base import user_of

T = TypeVar("T")


def new_key() -> str:
    """For one submit: sent twice, it does its work once."""
    return secrets.token_urlsafe(18)


class OnceForm(forms.Form):
    """The key of a form, hidden in it."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def body(self) -> bytes:
        """What the key stands for: nothing else, where the address says it all."""
        return b""


def empty_form() -> OnceForm:
    """A button's, with a key that no submit has had."""
    return OnceForm(initial={"key": new_key()}, auto_id=False)


def sent_form(request: HttpRequest) -> OnceForm:
    """Raises `InvalidInput` without a key: from a page that is older than the site."""
    form = OnceForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(reason="That page was out of date. Press the button on this one.")
    return form


def do_once(
    request: HttpRequest,
    form: OnceForm,
    prepare: Callable[[], T],
    write: Callable[[T], Written],
) -> Written:
    """What `write` makes of what `prepare` finds out; or what the same submit has made before.

    A second click prepares for itself while the first one does, and waits for nobody: it finds
    what the first has made when it would write. `form` is valid. Raises what both raise, and
    `IdempotencyKeyReused` where the form was sent before and is another one now.
    """
    name = form.cleaned_data["key"]
    key = idempotency.Key(user_of(request), request.path, name, form.body())
    if (made := idempotency.find(key)) is not None:
        return made
    prepared = prepare()
    return idempotency.write_once(key, lambda: write(prepared))
