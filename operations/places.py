"""The lists' own rows: an operation has one for each word that it is found by.

Beside each word stands all that a list is sorted by, so that those of a word are read in any order
along one index; and what else is asked for is told there, too: see `reading/walking`. They follow
from other rows. `renew` writes them, in the transaction that changes those.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from operations.labels import Label
from operations.statuses import Status

EVERY, OWNER = ("", ""), "owner"
"""The word that every operation has, and the kind of the one that its owner's id makes."""
FIGURES = tuple(f"figure_{number}" for number in range(1, 9))
"""What came of an operation; its type says which is which."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

FAMILY = 1
"""The trait of what is no part of another."""
ENDED = {Status.CANCELLED.value: 2, Status.COMPLETED.value: 4, Status.FAILED.value: 8}
"""The trait of each end."""
WORD_BITS, FIRST_WORD_BIT = 59, 4
BATCH = 500


class Place(models.Model):
    pk = models.CompositePrimaryKey("operation_id", "word")
    operation = models.ForeignKey(
        "operations.Operation", on_delete=models.CASCADE, related_name="places", db_index=False
    )
    word = models.BigIntegerField()
    traits = models.BigIntegerField()
    """Bits: one of each trait, and three of each of its words, which others may have as well."""
    created = models.BigIntegerField()
    """Microseconds since 1970."""
    seconds = models.FloatField(null=True)
    """How long it took; null before its end."""
    figure_1 = models.FloatField(null=True)
    figure_2 = models.FloatField(null=True)
    figure_3 = models.FloatField(null=True)
    figure_4 = models.FloatField(null=True)
    figure_5 = models.FloatField(null=True)
    figure_6 = models.FloatField(null=True)
    figure_7 = models.FloatField(null=True)
    figure_8 = models.FloatField(null=True)

    class Meta:
        # Each holds all that a walk along it asks for: no row is read that does not fit.
        indexes = [
            models.Index(
                fields=["word", "created", "operation", "traits"], name="place_by_created"
            ),
            *(
                models.Index(
                    fields=["word", name, "operation", "traits", "created"],
                    name=f"place_by_{name}",
                    condition=Q(**{f"{name}__isnull": False}),
                )
                for name in ("seconds", *FIGURES)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation_id}: {self.word}"


def word(kind: str, value: str) -> int:
    """64 bits that stand for it."""
    return int.from_bytes(_digest(kind, value), signed=True)


def trait(kind: str, value: str) -> int:
    """The bits of what has this word."""
    number = int.from_bytes(_digest(kind, value))
    bits = ((number >> shift) % WORD_BITS + FIRST_WORD_BIT for shift in (0, 20, 40))
    return sum(1 << bit for bit in set(bits))


def _digest(kind: str, value: str) -> bytes:
    return hashlib.blake2b(f"{kind}={value}".encode(), digest_size=8).digest()


def microseconds(moment: datetime) -> int:
    """Since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def tell(operation_id: str, figures: Mapping[str, float | None]) -> None:
    """Write what came of it, by `FIGURES`. Raises RuntimeError where it has no places."""
    if not Place.objects.filter(operation=operation_id).update(**figures):
        raise RuntimeError(f"{operation_id} has no places")


def renew(operation_ids: Iterable[str]) -> None:
    """Let their places follow from their rows and labels; under the lock of each one's row."""
    ids = list(operation_ids)
    stored = Place.objects.filter(operation__in=ids).values_list("pk", "traits", "seconds")
    before = {pk: told for pk, *told in stored}
    after = {place.pk: place for place in _places(ids)}
    for operation_id, gone in before.keys() - after.keys():
        Place.objects.filter(operation=operation_id, word=gone).delete()
    Place.objects.bulk_create(
        [each for pk, each in after.items() if before.get(pk) != [each.traits, each.seconds]],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["operation", "word"],
        update_fields=["traits", "seconds"],
    )


def _places(ids: list[str]) -> Iterator[Place]:
    labels, told = _labels(ids), _told(ids)
    columns = ("pk", "part_of_id", "status", "owner_id", "created_at", "seconds")
    rows = Place.operation.field.related_model._default_manager.filter(pk__in=ids)
    for pk, part_of, status, owner, created_at, seconds in rows.values_list(*columns):
        known = [*labels.get(pk, ()), *([(OWNER, str(owner))] if owner else ())]
        traits = ENDED.get(status, 0) | (0 if part_of else FAMILY)
        for each in known:
            traits |= trait(*each)
        beside = {"traits": traits, "created": microseconds(created_at), "seconds": seconds}
        for each in (EVERY, *known):
            yield Place(operation_id=pk, word=word(*each), **beside, **told.get(pk, {}))


def _labels(ids: list[str]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    rows = Label.objects.filter(operation__in=ids).values_list("operation_id", "kind", "value")
    for pk, kind, value in rows:
        found.setdefault(pk, []).append((kind, value))
    return found


def _told(ids: list[str]) -> dict[str, dict[str, Any]]:
    """What stands beside the word that each has: a new one's is the same."""
    rows = Place.objects.filter(operation__in=ids, word=word(*EVERY))
    told = rows.values_list("operation_id", *FIGURES)
    return {pk: dict(zip(FIGURES, values, strict=True)) for pk, *values in told}
