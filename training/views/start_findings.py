"""What a start page says of its fields before anything is started."""

from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.contrib.auth.models import AbstractBaseUser

from operations.errors import DomainError
from training.errors import PreviewRefused, WouldFail
from training.launch.checking import check_start
from training.strategy import Fault, Strategy, StrategyInvalid
from training.views.start_form import StartForm


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fault or warning, and where it is."""

    place: str
    """A path in the text, or a field's name; empty for all of it."""
    message: str
    line: int | None = None
    """In the text, from 1."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    faults: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    strategy: Strategy | None = None
    """As it would be trained; None when there are faults."""
    unread_bars: int = 0
    """So many bars were too many to look at while somebody types."""


def check(form: StartForm, *, owner: AbstractBaseUser) -> Findings:
    """What a start of the form would say."""
    if not form.is_valid():
        return of_form(form)
    try:
        checked = check_start(form.to_request(), owner=owner, previewed=form.previewed)
    except DomainError as error:
        return refused(error)
    loaded = checked.loaded
    return Findings(
        strategy=loaded.strategy,
        warnings=tuple(_of_text(fault) for fault in loaded.warnings),
        unread_bars=checked.unread_bars,
    )


def of_form(form: forms.Form) -> Findings:
    """What its fields say of a form that is not valid."""
    return Findings(faults=tuple(_of_fields(form)))


def refused(error: DomainError) -> Findings:
    """What a start or a preview was refused for; the fault itself, whoever has found it."""
    if isinstance(error, StrategyInvalid):
        return Findings(faults=tuple(_of_text(fault) for fault in error.faults))
    named = tuple(
        Finding(place=fault["pointer"].removeprefix("#/"), message=fault["detail"])
        for fault in error.errors
    )
    words = error.reason if isinstance(error, PreviewRefused | WouldFail) else str(error)
    return Findings(faults=named or (Finding(place="", message=words),))


def _of_fields(form: forms.Form) -> Iterator[Finding]:
    for name, messages in form.errors.items():
        label = str(form.fields[name].label or name) if name in form.fields else ""
        yield from (Finding(place=label, message=str(message)) for message in messages)


def _of_text(fault: Fault) -> Finding:
    return Finding(place=fault.path, message=fault.message, line=fault.line)
