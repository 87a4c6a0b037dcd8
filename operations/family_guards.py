"""The conditional UPDATEs of a family and its parts.

Every one runs in a transaction that has locked the family's row first, in a statement of its own.
So `try_settle` may look at the parts' rows, too: none of them ends, holds or goes on meanwhile.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from checkpoints.prepared import Prepared
from operations.statuses import (
    CLAIMED,
    LIVE,
    NUMBERS,
    OPEN,
    UNCLAIMED,
    PartEnd,
    Status,
)

if TYPE_CHECKING:
    from operations.models import Operation


_OPEN_PART = Prepared(
    lambda family_id: (
        apps.get_model("operations.Operation")
        .objects.filter(OPEN, part_of=family_id)
        .order_by()
        .values_list("attempt")[:1]
    ),
    family_id="a family",
)


@cache
def _hold(*reported: str) -> Prepared:
    return Prepared(
        lambda part_id, attempt, **_: apps.get_model("operations.Operation").objects.filter(
            CLAIMED,
            pk=part_id,
            attempt=attempt,
            cancel_requested_at=None,
            hold_at__isnull=False,
            part_of__isnull=False,
        ),
        changes=lambda value, **told: {
            "attempt": F("attempt") + 1,
            "held_at": Now(),
            "part_value": value,
            "last_event": F("last_event") + 1,
            **UNCLAIMED,
            **{name: told[name] for name in reported},
        },
        returning=NUMBERS,
        part_id="a part",
        attempt=1_000_001,
        value="a value",
        **{name: {"the": name} for name in reported},
    )


class FamilyQuerySet(models.QuerySet["Operation"]):
    def settled(self, results: Sequence[str]) -> "FamilyQuerySet":
        """Families that wait for nothing any more.

        No part is open, or one has ended otherwise than with one of these results: `cancelled`, and
        codes of errors. That a part has completed always is one.
        """
        parts = self.model._default_manager.filter(part_of=OuterRef("pk"))
        return self.filter(status=Status.RUNNING, waiting=True).filter(
            ~Exists(parts.filter(OPEN)) | Exists(parts.filter(broken(results)))
        )

    def try_park(self, family_id: str, attempt: int) -> int:
        """Let a claimed family wait for its parts; costs no restart, and gives all of them back."""
        return self.filter(
            CLAIMED, pk=family_id, attempt=attempt, cancel_requested_at=None, part_of=None
        ).update(
            attempt=F("attempt") + 1,
            waiting=True,
            restarts=0,
            last_event=F("last_event") + 1,
            **UNCLAIMED,
        )

    def try_settle(self, family_id: str, *, results: Sequence[str]) -> int:
        """Wake a family that waits for nothing any more."""
        return self.settled(results).filter(pk=family_id).update(waiting=False)

    def has_open_part(self, family_id: str) -> bool:
        """Whether the family waits for one: asked in a quarter of the time of `try_settle`."""
        return _OPEN_PART.row(family_id=family_id) is not None

    def try_hold(
        self, part_id: str, attempt: int, *, value: str, **reported: Any
    ) -> "Operation | None":
        """Let a claimed part wait for its family, where it was told to: its `NUMBERS` then."""
        held: Operation | None = _hold(*reported).changed(
            part_id=part_id, attempt=attempt, value=value, **reported
        )
        return held

    def try_pin_family(self, family_id: str, *, pinned: dict[str, Any]) -> int:
        """The first of its parts to come here gets 1."""
        return self.filter(pk=family_id, status=Status.RUNNING, pinned={}).update(pinned=pinned)

    def held_parts(self, family_id: str, part_ids: Sequence[str]) -> "FamilyQuerySet":
        return self.filter(part_of=family_id, pk__in=part_ids, held_at__isnull=False)

    def try_release(self, family_id: str, part_ids: Sequence[str], *, hold_at: int | None) -> int:
        """Let held parts go on, to where they hold next; None: to their end."""
        return self.held_parts(family_id, part_ids).update(
            held_at=None, hold_at=hold_at, restarts=0, last_event=F("last_event") + 1
        )

    def try_retire(self, family_id: str, part_ids: Sequence[str]) -> int:
        """End held parts that are out."""
        return self.held_parts(family_id, part_ids).update(
            status=Status.CANCELLED,
            part_end=PartEnd.OUT_AT_RUNG,
            completed_at=Now(),
            held_at=None,
            last_event=F("last_event") + 1,
        )

    def try_dismiss(self, family_id: str) -> int:
        """End what nobody has claimed of the live parts of a family that ends."""
        return self.filter(part_of=family_id, status__in=LIVE, claimed_at=None).update(
            status=Status.CANCELLED,
            part_end=PartEnd.WITH_FAMILY,
            completed_at=Now(),
            held_at=None,
            hold_at=None,
            last_event=F("last_event") + 1,
        )

    def try_ask_parts(self, family_id: str, *, reason: str) -> int:
        """Put an intent on the others, unless there is one."""
        return self.filter(CLAIMED, part_of=family_id, cancel_requested_at=None).update(
            cancel_requested_at=Now(),
            cancel_reason=reason,
            part_end=PartEnd.WITH_FAMILY,
            hold_at=None,
            last_event=F("last_event") + 1,
        )


def broken(results: Sequence[str]) -> Q:
    """Parts that ended without a result: a family goes no further on what happened by chance."""
    failed = Q(status=Status.FAILED) & ~Q(error_code__in=results)
    by_hand = Q(status=Status.CANCELLED, part_end=PartEnd.BY_HAND)
    return failed if Status.CANCELLED in results else failed | by_hand
