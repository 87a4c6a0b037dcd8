"""From text or snapshot to a checked strategy, with every fault in one answer."""

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from training.strategy.consistency import check_consistency
from training.strategy.document import Document, DocumentInvalid, read_document
from training.strategy.draft import Draft, Finding
from training.strategy.faults import MAX_FAULTS, Fault, Location, StrategyInvalid
from training.strategy.lenient import ACTED, IGNORED, KEYS_THAT_ACTED, without_old_keys
from training.strategy.locations import accepted_keys, written_location
from training.strategy.messages import message_of, unknown_of
from training.strategy.references import check_references
from training.strategy.rule_references import check_rules
from training.strategy.strategy import Strategy

KEYS = accepted_keys(("",))
"""Of the document itself."""
NO_STRATEGY = Fault(
    location=(),
    message=f"this is no strategy: none of its top-level keys is one of {', '.join(KEYS)}",
)
"""Says nothing of what is there instead: a path may be mistaken, and lead to somebody's secrets."""


@dataclass(frozen=True, kw_only=True)
class LoadedStrategy:
    """A valid strategy, and what its author may want to know."""

    strategy: Strategy
    warnings: tuple[Fault, ...] = ()


def load_strategy(text: str, *, source: str, lenient: bool = False) -> LoadedStrategy:
    """
    Read a strategy's YAML.

    Args:
        text: the YAML.
        source: what to call it in messages: a file's path, a name, "request".
        lenient: ignore, with a warning each, the keys of older files that have no effect here.

    Raises:
        StrategyInvalid: with all faults and their lines.
    """
    try:
        document = read_document(text)
    except DocumentInvalid as error:
        raise StrategyInvalid(source, [error.fault]) from error
    if _is_something_else(document):
        raise StrategyInvalid(source, [NO_STRATEGY])
    data, ignored = without_old_keys(document.data) if lenient else (document.data, [])
    found = _check(data)
    unread = {fault.location for fault in document.faults}
    faults = [*document.faults, *(fault for fault in found.faults if fault.location not in unread)]
    if found.strategy is None or faults:
        raise StrategyInvalid(source, _in_order(faults, document), num_more=found.num_more)
    warnings = _in_order([*ignored, *found.warnings], document)
    return LoadedStrategy(strategy=found.strategy, warnings=warnings)


def strategy_from_data(data: Mapping[str, Any], *, source: str) -> Strategy:
    """
    Check plain data, such as a snapshot.

    Raises:
        StrategyInvalid: with all faults.
    """
    found = _check(data)
    if found.strategy is None:
        raise StrategyInvalid(source, found.faults, num_more=found.num_more)
    return found.strategy


def _is_something_else(document: Document) -> bool:
    has_keys = bool(document.data or document.faults)
    return has_keys and document.data.keys().isdisjoint(KEYS)


@dataclass(frozen=True, kw_only=True)
class _Checked:
    strategy: Strategy | None
    """None with faults."""
    faults: list[Fault]
    num_more: int = 0
    """Faults that were only counted."""
    warnings: list[Fault] = field(default_factory=list)


def _check(data: Mapping[str, Any]) -> _Checked:
    shape = _check_shape(data)
    return shape if shape.num_more else _check_rules(data, shape.strategy, shape.faults)


def _check_rules(
    data: Mapping[str, Any], strategy: Strategy | None, faults: list[Fault]
) -> _Checked:
    """What holds between sections, as far as they can be read."""
    wrong = {fault.location for fault in faults}
    draft = Draft.read(data, without=wrong)
    findings = [*check_references(draft), *check_rules(draft), *check_consistency(draft)]
    around = {place[:depth] for place in wrong for depth in range(len(place) + 1)}
    sound = [finding for finding in findings if not _is_moot(finding, wrong, around)]
    faults = [*faults, *(finding.fault for finding in sound if not finding.is_warning)]
    warnings = [finding.fault for finding in sound if finding.is_warning]
    return _Checked(strategy=None if faults else strategy, faults=faults, warnings=warnings)


def _check_shape(data: Mapping[str, Any]) -> _Checked:
    try:
        return _Checked(strategy=Strategy.model_validate(data), faults=[])
    except ValidationError as error:
        errors = _without_echoes(error.errors(include_url=False))
        faults = [_fault(details, data) for details in errors[:MAX_FAULTS]]
        different = {(fault.location, fault.message): fault for fault in faults}
        num_more = len(errors) - len(faults)
        return _Checked(strategy=None, faults=list(different.values()), num_more=num_more)


def _without_echoes(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """A list whose values are all wrong counts as too short, too: that is no fault of its own."""
    around = {it["loc"][:depth] for it in errors for depth in range(len(it["loc"]))}
    return [it for it in errors if it["type"] != "too_short" or it["loc"] not in around]


def _fault(details: ErrorDetails, data: Mapping[str, Any]) -> Fault:
    location = written_location(details["loc"], data)
    if details["type"] == "extra_forbidden" and location in IGNORED:
        did = ACTED if location in KEYS_THAT_ACTED else "never had an effect"
        message = f"unknown key (it {did}; --lenient ignores it)"
        return Fault(location=location, message=message)
    return Fault(location=location, message=message_of(details), unknown=unknown_of(details))


def _is_moot(finding: Finding, wrong: Collection[Location], around: Collection[Location]) -> bool:
    """Whether what it says of, or stands on, is itself wrong: `around` are the places around."""
    return finding.fault.location in wrong or any(
        place in around or any(place[:depth] in wrong for depth in range(len(place)))
        for place in finding.because_of
    )


def _in_order(faults: Iterable[Fault], document: Document) -> tuple[Fault, ...]:
    lined = [
        dataclasses.replace(fault, line=fault.line or document.line_of(fault.location))
        for fault in faults
    ]
    return tuple(sorted(lined, key=lambda fault: (fault.line or 0, fault.path)))
