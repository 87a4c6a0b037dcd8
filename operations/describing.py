"""Tags and a note of an operation, for the page, the REST endpoint and the command alike."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from operations import lifecycle, places
from operations.errors import InvalidInput, OperationNotFound
from operations.labels import TAG, Label
from operations.models import Operation
from operations.text import DIRECTING, unspeakable

MOST_TAGS = 20
TAG_MAX_LENGTH = 50
NOTE_MAX_LENGTH = 5_000


@dataclass(frozen=True, kw_only=True)
class Described:
    operation_id: str
    tags: list[str]
    """Sorted."""
    note: str


def describe_operation(
    operation_id: str,
    *,
    tags: Iterable[str] | None = None,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    note: str | None = None,
) -> Described:
    """Give it these tags instead of its own, or some more, or take some; and this note.

    Saying again what it has is no error, and no event. Raises `OperationNotFound`, and
    `InvalidInput` for what is no tag, and for too many.
    """
    given = None if tags is None else _read(tags)
    added, removed = _read(add), {tag.strip() for tag in remove}
    if note is not None:
        _check_note(note)
    with transaction.atomic():
        operation = Operation.objects.select_for_update().filter(pk=operation_id).first()
        if operation is None:
            raise OperationNotFound(operation_id=operation_id)
        before = set(_tags(operation_id))
        after = ((before if given is None else given) | added) - removed
        if len(after) > MOST_TAGS:
            raise InvalidInput(reason=f"An operation has at most {MOST_TAGS} tags.")
        wanted = operation.note if note is None else note
        if (after, wanted) != (before, operation.note):
            _write(operation, before=before, after=after, note=wanted)
    return Described(operation_id=operation_id, tags=sorted(after), note=wanted)


def _tags(operation_id: str) -> list[str]:
    labels = Label.objects.filter(operation_id=operation_id, kind=TAG)
    return list(labels.values_list("value", flat=True))


def _write(operation: Operation, *, before: set[str], after: set[str], note: str) -> None:
    added, removed = sorted(after - before), sorted(before - after)
    lifecycle.describe(operation.pk, note=note, added=added, removed=removed)
    Label.objects.filter(operation=operation, kind=TAG, value__in=removed).delete()
    Label.objects.bulk_create(Label(operation=operation, kind=TAG, value=tag) for tag in added)
    places.renew([operation.pk])


def _read(tags: Iterable[str]) -> set[str]:
    read = {tag.strip() for tag in tags} - {""}
    for tag in read:
        if len(tag) > TAG_MAX_LENGTH:
            raise InvalidInput(reason=f"A tag has at most {TAG_MAX_LENGTH} characters.")
        if character := unspeakable(tag) or ("a comma" if "," in tag else ""):
            raise InvalidInput(reason=f"A tag is text on one line: it holds {character}.")
    return read


def _check_note(note: str) -> None:
    if len(note) > NOTE_MAX_LENGTH:
        raise InvalidInput(reason=f"A note has at most {NOTE_MAX_LENGTH:,} characters.")
    if found := DIRECTING.search(note):
        raise InvalidInput(reason=f"A note is text: it holds U+{ord(found[0]):04X}.")
