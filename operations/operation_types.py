"""What this site can run: the rows of `OPERATION_TYPES`, resolved from their dotted paths.

`operations` never imports what it runs. A second kind of operation is one row and its functions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol, cast

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.module_loading import import_string

from operations.errors import DomainError, InvalidInput
from operations.models import Operation, PartEnd, Status
from operations.resume_options import ResumeOption, ResumeOptions, declared


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page of the dashboard about an operation."""

    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Headline:
    """What came of it, in one line: what its page opens with once it has completed."""

    text: str
    about: Link | None = None
    """Where there is more."""

    def __str__(self) -> str:
        """For a terminal."""
        return f"{self.text}; {self.about.title.lower()}." if self.about else f"{self.text}."


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What helps after it failed."""

    words: str
    details: tuple[str, ...] = ()
    link: Link | None = None
    """What to press first; None where that is a button of every operation."""
    is_resume: bool
    """Whether that is Resume."""

    def __str__(self) -> str:
        """For a terminal."""
        return " ".join((self.words, *(f"{detail}." for detail in self.details)))


def _nothing(*_: object) -> dict[str, Any]:
    return {}


def _nothing_beside(operation_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {}


def _no_words(progress: Mapping[str, Any]) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class LabelKind:
    """Of labels that a type of operations writes with its request."""

    title: str
    about: str
    """For the API's description."""
    is_number: bool = False
    """A whole one, 0 or more."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What lists are sorted by of operations that have completed: a column of a row beside each."""

    title: str
    relation: str
    """Name of the one-to-one relation to that row; the row's own field is `operation`."""
    column: str
    place: str
    """The column of `places.FIGURES` that has it, too: lists are sorted by that."""
    words: Callable[[Mapping[str, Any]], str]
    """On a page, of all that `figures` and `beside_figures` tell of an operation."""
    is_time: bool = False


@dataclass(frozen=True, kw_only=True)
class Presentation:
    """How a kind of operation is shown where all of them are. By itself: percent and time left."""

    progress_keys: tuple[str, ...] = ("percent", "eta_seconds", "step", "save_error")
    """What its workers may report, and surfaces show; these four among them."""
    milestone: str = "step"
    """The one of them whose change is worth a line of a log."""
    position: Callable[[Mapping[str, Any]], str] = _no_words
    """Where a progress is, in words for a terminal."""
    small_curves: Callable[[Sequence[Operation]], dict[str, list[float]]] = _nothing
    """Evenly spaced values for a table's cell by the operation's id; the lowest is the best."""
    label_kinds: Mapping[str, LabelKind] = field(default_factory=dict)
    """What lists are filtered by, beside tags."""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    """What lists are sorted by, beside times; by its name in an address."""
    table: Callable[[Operation], list[tuple[str, ...]]] | None = None
    """Of a family, its parts' progress for a terminal: the head and the rows."""
    beside_figures: Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]] = _nothing_beside
    """By the ids of operations that have figures: what is told with those."""
    row_template: str = "operations/row_progress.html"
    """Three cells of the list: the progress, its best number, its curve."""
    facts_template: str = "operations/facts.html"
    """Pairs of `dt` and `dd` on its page, about the progress."""
    what_is_safe: str = "What was done"
    """What a checkpoint keeps, as the subject of a sentence."""
    restart_note: str = "A new operation with the same request, from the beginning."
    """What starting it again makes."""
    out_note: str = ""
    """What it takes that a part which is out of its family goes on by itself."""
    panel_template: str = ""
    """A panel of its own on its page; none where it is empty."""
    panel_head_template: str = ""
    """What the page's head needs for that panel: styles and scripts."""
    panel: Callable[[HttpRequest, Operation], dict[str, Any]] = _nothing
    """The context of `panel_template`."""


def out_note(operation: Operation) -> str:
    """What whoever resumes it should know; empty of what is not out of a family."""
    is_out = operation.part_end == PartEnd.OUT_AT_RUNG
    return presentation(operation.operation_type).out_note if is_out else ""


class CheckResume(Protocol):
    """Torch-free, and changes nothing. Raises a domain error when a resume makes no sense.

    Takes options of its type's `resume_options`. Returns the request that the next attempt works
    with.
    """

    def __call__(self, operation: Operation, options: Any) -> dict[str, Any]: ...


class RestartRequest(Protocol):
    """The request of the same from the start, for whoever will own it (None: the site itself).

    Raises a domain error when that makes no sense.
    """

    def __call__(
        self, operation: Operation, *, owner: AbstractBaseUser | None
    ) -> dict[str, Any]: ...


class QueueFor(Protocol):
    """The name of the queue on which this request waits for its worker."""

    def __call__(self, request: dict[str, Any]) -> str: ...


def presentation(operation_type: str) -> Presentation:
    """The plain one where the type has none, and of a type that this site no longer runs."""
    return _presentation(settings.OPERATION_TYPES.get(operation_type, {}).get("presentation", ""))


@cache
def _presentation(path: str) -> Presentation:
    return cast(Presentation, import_string(path)) if path else Presentation()


def label_kinds() -> dict[str, LabelKind]:
    """Of every type."""
    each = (presentation(name).label_kinds for name in settings.OPERATION_TYPES)
    return {name: kind for kinds in each for name, kind in kinds.items()}


def figures() -> dict[str, Figure]:
    """Of every type."""
    each = (presentation(name).figures for name in settings.OPERATION_TYPES)
    return {name: figure for figures in each for name, figure in figures.items()}


def beside_figures(operation_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Of every type: what is told with the figures of these."""
    each = (presentation(name).beside_figures(operation_ids) for name in settings.OPERATION_TYPES)
    return {pk: told for rows in each for pk, told in rows.items()}


def resume_options(operation_type: str) -> list[ResumeOption]:
    """What a caller of a resume may decide; nothing where the type says nothing."""
    return declared(_resume_options(operation_type))


def all_resume_options() -> list[ResumeOption]:
    """Those of every type, for surfaces that are described before they know the operation."""
    every = (option for name in settings.OPERATION_TYPES for option in resume_options(name))
    return list({option.name: option for option in every}.values())


def _resume_options(operation_type: str) -> type[ResumeOptions]:
    path = settings.OPERATION_TYPES.get(operation_type, {}).get("resume_options", "")
    return cast(type[ResumeOptions], import_string(path)) if path else ResumeOptions


def check_resume(operation: Operation, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Raises what the type's own raises, and `InvalidInput` for an option that it does not have."""
    options = _options_of(operation, chosen)
    return cast(CheckResume, _function(operation, "check_resume"))(operation, options)


def _options_of(operation: Operation, chosen: Mapping[str, Any]) -> ResumeOptions:
    """A surface for every type names them all: what was not chosen is as if it were not there."""
    known = {option.name for option in resume_options(operation.operation_type)}
    if foreign := sorted(name for name, value in chosen.items() if value and name not in known):
        raise InvalidInput(
            reason=f"A resume of an operation of type {operation.operation_type} "
            f"takes no {', '.join(foreign)}."
        )
    own = {name: value for name, value in chosen.items() if name in known}
    return _resume_options(operation.operation_type)(**own)


def restart_request(operation: Operation, owner: AbstractBaseUser | None) -> dict[str, Any]:
    made = cast(RestartRequest, _function(operation, "restart_request"))
    return made(operation, owner=owner)


def restart_plan(operation: Operation, request: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Parts, and what becomes of each where an operation is started again with this request."""
    if "restart_plan" not in settings.OPERATION_TYPES[operation.operation_type]:
        return [("request", "the same"), ("what was done", "anew, from the beginning")]
    return list(_function(operation, "restart_plan")(operation, request))


def queue_for(operation: Operation, request: dict[str, Any]) -> str:
    return cast(QueueFor, _function(operation, "queue_for"))(request)


def resumes_from_rows(operation: Operation) -> bool:
    """Whether it needs no checkpoint to go on: what it has is in the rows of its parts."""
    row = settings.OPERATION_TYPES.get(operation.operation_type, {})
    return bool(row.get("resumes_from") == "rows")


def has_parts(operation: Operation) -> bool:
    """Whether it is a family."""
    return "parts_job" in settings.OPERATION_TYPES.get(operation.operation_type, {})


def hold(operation: Operation, request: Mapping[str, Any]) -> None:
    """Let what a request stands on stay, in the transaction that writes the request.

    Raises `Outdated` where it has gone since it was looked at.
    """
    if "hold" in settings.OPERATION_TYPES[operation.operation_type]:
        _function(operation, "hold")(operation.pk, request)


def describe(operation: Operation) -> dict[str, Any]:
    """What only its type can tell of an operation, as JSON by name."""
    if "describe" not in settings.OPERATION_TYPES[operation.operation_type]:
        return {}
    described: dict[str, Any] = _function(operation, "describe")(operation)
    return described


def result(operation: Operation) -> dict[str, Any] | None:
    """What came out of it; where its type knows more by now, with that."""
    stored: dict[str, Any] | None = operation.result
    if "result" not in settings.OPERATION_TYPES[operation.operation_type]:
        return stored
    told: dict[str, Any] | None = _function(operation, "result")(operation)
    return told


def outcome(operation: Operation) -> list[tuple[str, str]]:
    """The result in words, by name, for a terminal."""
    if "outcome" not in settings.OPERATION_TYPES[operation.operation_type]:
        return []
    return list(_function(operation, "outcome")(operation))


def headline(operation: Operation) -> Headline | None:
    """None before it has completed, and where its type has none."""
    is_told = operation.status == Status.COMPLETED
    if not is_told or "headline" not in settings.OPERATION_TYPES[operation.operation_type]:
        return None
    return cast(Headline | None, _function(operation, "headline")(operation))


def remedy(operation: Operation) -> Remedy | None:
    """None where it has not failed, and where its type knows none."""
    is_asked = operation.status == Status.FAILED
    if not is_asked or "remedy" not in settings.OPERATION_TYPES[operation.operation_type]:
        return None
    return cast(Remedy, _function(operation, "remedy")(operation))


def links(operation: Operation) -> list[Link]:
    """The pages that only its type has."""
    if "links" not in settings.OPERATION_TYPES[operation.operation_type]:
        return []
    return list(_function(operation, "links")(operation))


def resume_errors() -> list[type[DomainError]]:
    """What the types' `check_resume` may raise, for the API's description."""
    return _errors("resume_errors")


def restart_errors() -> list[type[DomainError]]:
    """What the types' `restart_request` may raise, likewise."""
    return _errors("restart_errors")


def _errors(name: str) -> list[type[DomainError]]:
    rows = settings.OPERATION_TYPES.values()
    told = (import_string(row[name]) for row in rows if name in row)
    return [error for errors in told for error in errors]


def clean_up() -> list[str]:
    """Let each type remove the files it left behind; what was removed. Raises as they do."""
    rows = settings.OPERATION_TYPES.values()
    return [path for row in rows if "clean_up" in row for path in import_string(row["clean_up"])()]


def _function(operation: Operation, name: str) -> Any:
    return import_string(settings.OPERATION_TYPES[operation.operation_type][name])
