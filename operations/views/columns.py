"""The columns that a list of operations can have, beside name and status."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from operations import operation_types
from operations.labels import TAG
from operations.operation_types import Figure
from operations.reading.choosing import CREATED, DURATION
from operations.reading.summaries import Summary
from operations.reading.words import NOTHING

STANDARD = ("progress", "attempts", DURATION, "heartbeat", "worker", "checkpoints")
"""What a list has where its address chooses none."""


@dataclass(frozen=True, kw_only=True)
class Column:
    name: str
    title: str
    words: Callable[[Summary], str] | None = None
    """Of its cell; None where the row's template writes it."""
    is_number: bool = True
    sorts: bool = False
    is_time: bool = False


@dataclass(frozen=True, kw_only=True)
class Cell:
    column: Column
    words: str


def all_columns() -> dict[str, Column]:
    """By name, in their order on the page."""
    every = (*_own(), *_of_labels(), *_of_figures())
    return {column.name: column for column in every}


def cells(shown: Summary, columns: list[Column]) -> list[Cell]:
    return [Cell(column=column, words=column.words(shown)) for column in columns if column.words]


def _own() -> tuple[Column, ...]:
    return (
        Column(name="progress", title="Progress"),
        Column(name="attempts", title="Attempts"),
        Column(name=DURATION, title="Time", sorts=True),
        Column(name="heartbeat", title="Heartbeat"),
        Column(name="worker", title="Worker", is_number=False),
        Column(name="checkpoints", title="Checkpoints"),
        Column(name=CREATED, title="Created", words=_created, sorts=True, is_time=True),
        Column(name="owner", title="Owner", words=_owner, is_number=False),
        Column(name="note", title="Note", words=_note, is_number=False),
    )


def _of_labels() -> list[Column]:
    kinds = operation_types.label_kinds().items()
    return [
        Column(name=name, title=kind.title, words=partial(_labels, name), is_number=False)
        for name, kind in kinds
        if name != TAG
    ]


def _of_figures() -> list[Column]:
    return [
        Column(
            name=name,
            title=figure.title,
            words=partial(_figure, name, figure),
            sorts=True,
            is_time=figure.is_time,
        )
        for name, figure in operation_types.figures().items()
    ]


def _created(shown: Summary) -> str:
    return f"{shown.overview.operation.created_at:%Y-%m-%d %H:%M}"


def _owner(shown: Summary) -> str:
    return str(shown.overview.operation.owner or "nobody")


def _note(shown: Summary) -> str:
    return shown.overview.operation.note


def _labels(kind: str, shown: Summary) -> str:
    return ", ".join(shown.overview.known.labels.get(kind, [])) or NOTHING


def _figure(name: str, figure: Figure, shown: Summary) -> str:
    told = shown.overview.known.figures
    return figure.words(told) if name in told else NOTHING
