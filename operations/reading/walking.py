"""Operations in an order, of those that have words and traits: along one index, with a bound.

Of several words that which the fewest have is walked along. Its index tells by bits what else each
has: where one is missing it is passed by, and only the few others are looked up. So to walk past
half a million that do not fit takes a tenth of a second, wherever those that do stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Exists, ExpressionWrapper, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from operations.places import EVERY, Place, microseconds, trait, word

CREATED = "created"
"""The column that every place has a number in."""
PLACE = "place"
"""What the rows are sorted by."""
GATHERED = 6_000
"""So few rows are gathered and sorted: to walk to a page of them takes longer."""
MOST_COUNTED = 100_000
"""So far a word is counted, to find that which the fewest have."""

Word = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What fits has all of it."""

    words: Sequence[Word] = ()
    """Kind and value of each."""
    traits: int = 0
    since: datetime | None = None
    """Created then or later."""
    until: datetime | None = None
    """Created before."""


def walk(column: str, wanted: Wanted) -> QuerySet[Place]:
    """Those that have a number in this column, as `PLACE`."""
    first = _rarest(wanted.words)
    others = [each for each in wanted.words if each != first]
    rows = _within(Place.objects.filter(word=word(*first)), wanted)
    is_gathered = bool(wanted.since or wanted.until) and column != CREATED and _are_few(rows)
    rows = _with_bits(rows, wanted.traits, others)
    for each in others:
        same = Place.objects.filter(operation=OuterRef("operation"), word=word(*each))
        rows = rows.filter(Exists(same))
    return _placed(rows, column, is_gathered=is_gathered).only("operation_id")


def narrowed(rows: QuerySet[Place], column: str, chosen: QuerySet[Any]) -> QuerySet[Place]:
    """Those among them that are `chosen`; few are gathered and sorted."""
    if not _are_few(chosen):
        return rows.filter(Exists(chosen.filter(pk=OuterRef("operation"))))
    found = rows.filter(operation__in=chosen.order_by().values("pk"))
    return _placed(found, column, is_gathered=True)


def _placed(rows: QuerySet[Place], column: str, *, is_gathered: bool) -> QuerySet[Place]:
    """A function of the column, where no database may walk along its index."""
    own = F(column)
    place: QuerySet[Place] = rows.annotate(**{PLACE: Coalesce(own, own) if is_gathered else own})
    return place.filter(**{f"{PLACE if is_gathered else column}__isnull": False})


def _are_few(rows: QuerySet[Any]) -> bool:
    return rows.order_by()[: GATHERED + 1].count() <= GATHERED


def _rarest(words: Sequence[Word]) -> Word:
    """Of those that more than `MOST_COUNTED` have, the first."""
    if len(words) < 2:
        return words[0] if words else EVERY
    fewest, limit = words[0], MOST_COUNTED
    for each in words:
        if (count := _count(each, limit)) <= limit:
            fewest, limit = each, count
    return fewest


def _count(each: Word, limit: int) -> int:
    """As far as `limit` + 1."""
    return Place.objects.filter(word=word(*each)).order_by()[: limit + 1].count()


def _with_bits(rows: QuerySet[Place], traits: int, words: Sequence[Word]) -> QuerySet[Place]:
    for each in words:
        traits |= trait(*each)
    if not traits:
        return rows
    # Not more than `traits`: to be at least as much is to be the same. PostgreSQL expects a third
    # of the rows to be more than a number, and would sort the few that it expects to be the same.
    of = ExpressionWrapper(F("traits").bitand(traits), output_field=BigIntegerField())
    return rows.alias(of=of).filter(of__gte=traits)


def _within(rows: QuerySet[Place], wanted: Wanted) -> QuerySet[Place]:
    if wanted.since:
        rows = rows.filter(created__gte=microseconds(wanted.since))
    if wanted.until:
        rows = rows.filter(created__lt=microseconds(wanted.until))
    return rows
