"""The way of one file: read, section by section, mended, written and checked."""

import copy
import dataclasses
from dataclasses import dataclass

from training.strategy.converting.deciding import convert_decisions
from training.strategy.converting.draft import Change, Draft, Kind
from training.strategy.converting.indicators import convert_indicators
from training.strategy.converting.inputs import convert_inputs
from training.strategy.converting.learning import convert_model, convert_training
from training.strategy.converting.market import convert_market
from training.strategy.converting.repairs import repair, suggestions
from training.strategy.converting.writing import to_yaml
from training.strategy.document import Document, DocumentInvalid, read_document
from training.strategy.faults import Fault, StrategyInvalid
from training.strategy.loading import load_strategy


@dataclass(frozen=True, kw_only=True)
class Converted:
    """A valid file of this grammar and what it took."""

    text: str
    """YAML, the changes as comments at its head."""
    changes: tuple[Change, ...]
    """By their lines in the original."""
    warnings: tuple[Fault, ...]
    """What is doubtful in the converted file; lines are of that."""


def convert(text: str, *, source: str) -> Converted:
    """
    A strategy file of the original KTRDR as one of this grammar.

    It means what it meant there, as far as there are settings for it: defaults that differ are
    written. What is different all the same is told, as is every change.

    Raises:
        StrategyInvalid: with everything that cannot be converted, and lines of the original.
    """
    try:
        document = read_document(text)
    except DocumentInvalid as error:
        raise StrategyInvalid(source, [error.fault]) from error
    draft = Draft(data=copy.deepcopy(document.data))
    _convert(draft)
    if document.faults or draft.refused:
        raise StrategyInvalid(source, [*document.faults, *_lined(draft.refused, document)])
    written = to_yaml(draft.data, ())
    try:
        loaded = load_strategy(written, source=source)
    except StrategyInvalid as error:
        raise StrategyInvalid(source, _lined(error.faults, document)) from error
    for place, message in suggestions(loaded.strategy):
        draft.tell(Kind.DIFFERS, place, message)
    changes = _in_order(draft.changes, document)
    return Converted(text=to_yaml(draft.data, changes), changes=changes, warnings=loaded.warnings)


def _convert(draft: Draft) -> None:
    _version(draft)
    convert_market(draft)
    convert_indicators(draft)
    convert_inputs(draft)
    convert_model(draft)
    convert_training(draft)
    convert_decisions(draft)
    if not draft.refused:
        repair(draft)


def _version(draft: Draft) -> None:
    given = draft.data.get("version")
    if given in (3.0, "3", "3.0.0", "v3", "v3.0", "V3") and given != "3.0":
        draft.put(draft.data, (), "version", "3.0")
    elif given is None:
        draft.data.pop("version", None)
        draft.data["version"] = "3.0"
        draft.tell(Kind.WRITTEN, ("version",), "3.0 written")
    draft.without_nulls(draft.data, ())


def _lined(faults: "list[Fault] | tuple[Fault, ...]", document: Document) -> list[Fault]:
    """With lines of the original, wherever they had others."""
    return [dataclasses.replace(fault, line=document.line_of(fault.location)) for fault in faults]


def _in_order(changes: list[Change], document: Document) -> tuple[Change, ...]:
    lined = [
        dataclasses.replace(change, line=document.line_of(change.location)) for change in changes
    ]
    return tuple(sorted(lined, key=lambda change: change.line or 0))
