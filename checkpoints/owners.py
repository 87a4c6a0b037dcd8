"""All that checkpoints know of the operations they belong to. Nothing is imported from there."""

from collections.abc import Iterable
from typing import Any, Protocol

from django.apps import apps


class Owner(Protocol):
    """An operation, as far as its checkpoints care."""

    pk: str
    attempt: int
    """The current one: nothing is ever committed for an earlier one."""

    @property
    def is_live(self) -> bool:
        """Whether an attempt runs or will: else nothing is committed for it."""

    @property
    def is_of_live_family(self) -> bool:
        """Whether another operation that is live may let it go on."""

    @property
    def is_resumable(self) -> bool:
        """Whether it has stopped and can go on."""


def find_owners(operation_ids: Iterable[str]) -> dict[str, Owner]:
    """By id, those that exist."""
    rows = _operations().objects.only("status", "attempt", "part_of")
    found: dict[str, Owner] = rows.in_bulk(set(operation_ids))
    return found


def lock_owner(operation_id: str) -> Owner | None:
    """The operation, held until the end of the transaction; None when there is no such row."""
    owner: Owner | None = _operations().objects.select_for_update().filter(pk=operation_id).first()
    return owner


def _operations() -> Any:
    return apps.get_model("operations", "Operation")
