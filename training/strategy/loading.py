"""From text or snapshot to a checked strategy, with every fault in one answer."""

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from training.strategy.consistency import check_consistency
from training.strategy.document import Document, DocumentInvalid, read_document
from training.strategy.draft import Draft, Finding
from training.strategy.faults import Fault, Location, StrategyInvalid
from training.strategy.lenient import KEYS_WITHOUT_EFFECT, without_old_keys
from training.strategy.locations import written_location
from training.strategy.messages import message_of
from training.strategy.references import check_references
from training.strategy.strategy import Strategy


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
        lenient: ignore, with a warning each, the keys of older files that never had an effect.

    Raises:
        StrategyInvalid: with all faults and their lines.
    """
    try:
        document = read_document(text)
    except DocumentInvalid as error:
        raise StrategyInvalid(source, [error.fault]) from error
    data, ignored = without_old_keys(document.data) if lenient else (document.data, [])
    strategy, faults, warnings = _check(data)
    unread = {fault.location for fault in document.faults}
    faults = [*document.faults, *(fault for fault in faults if fault.location not in unread)]
    if strategy is None or faults:
        raise StrategyInvalid(source, _in_order(faults, document))
    return LoadedStrategy(strategy=strategy, warnings=_in_order([*ignored, *warnings], document))


def strategy_from_data(data: Mapping[str, Any], *, source: str) -> Strategy:
    """
    Check plain data, such as a snapshot.

    Raises:
        StrategyInvalid: with all faults.
    """
    strategy, faults, _ = _check(data)
    if strategy is None:
        raise StrategyInvalid(source, faults)
    return strategy


def _check(data: Mapping[str, Any]) -> tuple[Strategy | None, list[Fault], list[Fault]]:
    """The strategy, or None with faults; and warnings."""
    strategy, faults = _check_shape(data)
    wrong = {fault.location for fault in faults}
    draft = Draft.read(data, without=wrong)
    findings = [*check_references(draft), *check_consistency(draft)]
    sound = [finding for finding in findings if not _is_moot(finding, wrong)]
    faults += [finding.fault for finding in sound if not finding.is_warning]
    warnings = [finding.fault for finding in sound if finding.is_warning]
    return (None if faults else strategy), faults, warnings


def _check_shape(data: Mapping[str, Any]) -> tuple[Strategy | None, list[Fault]]:
    try:
        return Strategy.model_validate(data), []
    except ValidationError as error:
        faults = {}
        for details in error.errors(include_url=False):
            location = written_location(details["loc"], data)
            message = message_of(details) + _hint(location, details["type"])
            faults[location, message] = Fault(location=location, message=message)
        return None, list(faults.values())


def _hint(location: Location, error_type: str) -> str:
    is_old = error_type == "extra_forbidden" and location in KEYS_WITHOUT_EFFECT
    return " (it never had an effect; --lenient ignores it)" if is_old else ""


def _is_moot(finding: Finding, wrong: Collection[Location]) -> bool:
    return finding.fault.location in wrong or any(
        _overlap(place, fault) for place in finding.because_of for fault in wrong
    )


def _overlap(one: Location, other: Location) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def _in_order(faults: Iterable[Fault], document: Document) -> tuple[Fault, ...]:
    lined = [
        dataclasses.replace(fault, line=fault.line or document.line_of(fault.location))
        for fault in faults
    ]
    return tuple(sorted(lined, key=lambda fault: (fault.line or 0, fault.path)))
