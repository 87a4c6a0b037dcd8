"""What a start page says of its fields before anything is started."""

from collections.abc import Iterator
from dataclasses import dataclass

from operations.errors import DomainError
from training.launch.start import check_request
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


def check(form: StartForm) -> Findings:
    """Cheap enough for every keystroke: no market data is looked at."""
    if not form.is_valid():
        return Findings(faults=tuple(_of_fields(form)))
    try:
        loaded = check_request(form.to_request())
    except DomainError as error:
        return refused(error)
    warnings = tuple(_of_text(fault) for fault in loaded.warnings)
    return Findings(strategy=loaded.strategy, warnings=warnings)


def refused(error: DomainError) -> Findings:
    """What a start or a preview was refused for."""
    if isinstance(error, StrategyInvalid):
        return Findings(faults=tuple(_of_text(fault) for fault in error.faults))
    named = tuple(
        Finding(place=fault["pointer"].removeprefix("#/"), message=fault["detail"])
        for fault in error.errors
    )
    return Findings(faults=named or (Finding(place="", message=str(error)),))


def _of_fields(form: StartForm) -> Iterator[Finding]:
    for name, messages in form.errors.items():
        label = str(form.fields[name].label or name) if name in form.fields else ""
        yield from (Finding(place=label, message=str(message)) for message in messages)


def _of_text(fault: Fault) -> Finding:
    return Finding(place=fault.path, message=fault.message, line=fault.line)
