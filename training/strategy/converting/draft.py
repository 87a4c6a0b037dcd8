"""A document that is being converted: what it holds by now, and what was done to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from training.strategy.faults import Fault, Location, dotted
from training.strategy.scalars import plain_value

Data = dict[str, Any]

MAX_SHOWN = 60  # characters of a value in a message


class Kind(StrEnum):
    CHANGED = "changed"
    """Said otherwise, or with another value."""
    REMOVED = "removed"
    """It has no effect here, or is not known."""
    WRITTEN = "written"
    """KTRDR's default, which differs from the one here and was not written."""
    DIFFERS = "differs"
    """What the two do differently, whatever is written."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference between a file and what it was converted to, or how the two are taken."""

    location: Location
    """Where the original says it, or where it would."""
    kind: Kind
    message: str
    line: int | None = None
    """Of the original."""

    @property
    def path(self) -> str:
        return dotted(self.location)

    def as_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "line": self.line,
            "kind": self.kind.value,
            "message": self.message,
        }

    def __str__(self) -> str:
        return f"{self.path or 'the document'}: {self.message}"


@dataclass(kw_only=True)
class Draft:
    """The data of a file, and what was changed, removed, written and refused so far."""

    data: Data
    changes: list[Change] = field(default_factory=list)
    refused: list[Fault] = field(default_factory=list)

    def tell(self, kind: Kind, location: Location, message: str) -> None:
        self.changes.append(Change(location=location, kind=kind, message=message))

    def refuse(self, location: Location, message: str) -> None:
        self.refused.append(Fault(location=location, message=message))

    def section(self, *location: str | int) -> Data:
        """A mapping of the data; an empty one, for looking only, where there is none."""
        found: Any = self.data
        for part in location:
            found = found.get(part) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def made(self, name: str) -> Data:
        """A mapping at the top of the document, which is made where there is none."""
        if not isinstance(self.data.get(name), dict):
            self.data[name] = {}
        made: Data = self.data[name]
        return made

    def rename(self, section: Data, location: Location, old: str, new: str, why: str = "") -> None:
        """Call a key otherwise, at its place; where both are there the new one stays."""
        if old not in section:
            return
        if new in section:
            self.remove(section, location, old, f"{new} says it, too")
            return
        items = [(new if key == old else key, value) for key, value in section.items()]
        section.clear()
        section.update(items)
        self.tell(Kind.CHANGED, (*location, old), f"is {new} here{f'; {why}' if why else ''}")

    def put(self, section: Data, location: Location, key: str, value: Any, why: str = "") -> None:
        """Another value for a key that is there."""
        before, reason = section[key], f": {why}" if why else ""
        section[key] = value
        was = repr(before) if shown(before) == shown(value) else shown(before)
        message = f"{was} is {shown(value)} here{reason}"
        self.tell(Kind.CHANGED, (*location, key), message)

    def remove(self, section: Data, location: Location, key: str, why: str) -> None:
        """Leave out a key that is there."""
        value = section.pop(key)
        what = "" if value is None else f"{shown(value)} "
        self.tell(Kind.REMOVED, (*location, key), f"{what}removed: {why}")

    def write(self, section: Data, location: Location, defaults: Mapping[str, Any]) -> None:
        """KTRDR's defaults of keys that are not there: by key, its value and the one here."""
        for key, (theirs, ours) in defaults.items():
            if key not in section:
                section[key] = theirs
                message = f"{shown(theirs)} written, KTRDR's default; the default here is {ours}"
                self.tell(Kind.WRITTEN, (*location, key), message)

    def without_nulls(self, section: Data, location: Location) -> None:
        """Leave out keys without a value: their default counts."""
        for key in [key for key, value in section.items() if value is None]:
            self.remove(section, location, key, "without a value the default counts")


def shown(value: Any) -> str:
    """A value in a message, on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return f"{{{', '.join(_entries(value))}}}"[:MAX_SHOWN]
    text = "nothing" if value is None else " ".join(str(value).split())
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def _entries(value: Data) -> Iterator[str]:
    for key, item in value.items():
        yield f"{key}: {'{…}' if isinstance(item, dict) else shown(item)}"


def unquoted(value: Any) -> Any:
    """What a text in quotes would be without them; too many digits, and what is no text, stay."""
    try:
        return plain_value(value.strip()) if isinstance(value, str) else value
    except ValueError:
        return value
