"""One request, sent any number of times, does its work once (`Idempotency-Key`).

What was written is kept in the transaction of the work: both are there afterwards, or neither. A
request that has to look at much first claims its key before, in a transaction of its own, so that
a second sender sees it at once. Only success is kept; what was refused may be tried again under
the same key.

    claimed  →  written  →  answered
       └─ released, or taken over after a minute
"""

import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now

from checkpoints.failpoints import failpoint
from operations.errors import IdempotencyKeyInFlight, IdempotencyKeyReused
from operations.outage import DATABASE_AWAY
from operations.writing import write_prepared

T = TypeVar("T")
Written = dict[str, Any]
"""What a request has made, as JSON: enough to answer it."""

KEPT_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(seconds=60)
"""Longer than any request lasts: then its process has died, and the key may be claimed again."""


class IdempotencyKey(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotency_keys"
    )
    path = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    body_sha256 = models.CharField(max_length=64)
    claim = models.CharField(max_length=32)
    """Random per sender that does the work: one that was replaced cannot keep what it wrote."""
    claimed_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())
    written = models.JSONField(null=True)
    """What was made; None while the work is under way."""
    status = models.PositiveSmallIntegerField(null=True)
    """HTTP status of the answer; None until there is one."""
    location = models.CharField(max_length=500, blank=True, default="")
    body = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "path", "key"], name="idempotency_key_once")
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_by_age")]


@dataclass(frozen=True)
class Key:
    """Whose key, and of what: the same with another `body` is a mistake of its sender."""

    user: AbstractBaseUser
    path: str
    name: str
    body: bytes

    @cached_property
    def row(self) -> dict[str, Any]:
        """The columns that tell it from others."""
        return {"user_id": self.user.pk, "path": self.path, "key": self.name}

    @cached_property
    def body_sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    """HTTP."""
    body: str
    location: str = ""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right, and the duty, to do the work of a key."""

    key_id: int
    token: str


@dataclass(frozen=True, kw_only=True)
class Done:
    """The work of a key has been done."""

    key_id: int
    written: Written
    answer: Answer | None = None
    """None when whoever did the work has not answered yet, or died before."""


def claim(key: Key) -> Claim | Done:
    """The work is the caller's, or here is what came of it.

    Raises `IdempotencyKeyReused` when the key came with another body, and `IdempotencyKeyInFlight`
    while another sender does the work.
    """
    _forget_old()
    token = secrets.token_hex(16)
    mine = {"body_sha256": key.body_sha256, "claim": token}
    try:
        row, is_new = IdempotencyKey.objects.get_or_create(**key.row, defaults=mine)
    except IntegrityError as error:  # it was there, and has been released since
        raise IdempotencyKeyInFlight(key=key.name) from error
    if done := _done(row, key):
        return done
    if not is_new and not _take_over(row, token):
        raise IdempotencyKeyInFlight(key=key.name)
    failpoint("key.claimed")
    return Claim(key_id=row.pk, token=token)


def write_claimed(claim: Claim, prepare: Callable[[], T], write: Callable[[T], Written]) -> Done:
    """Do the work of a key, and keep what was written with it; an error gives the key back.

    Raises what both raise, and `IdempotencyKeyInFlight`, which undoes the work, when another
    sender has taken the key over.
    """

    def write_and_keep(prepared: T) -> Written:
        written = write(prepared)
        _keep(claim, written)
        failpoint("key.kept")
        return written

    try:
        written = write_prepared(prepare, write_and_keep)
    except BaseException:
        with suppress(*DATABASE_AWAY):  # then it is free in a minute: what happened is told
            release(claim)
        raise
    failpoint("key.written")
    return Done(key_id=claim.key_id, written=written)


def remember(key_id: int, answer: Answer) -> bool:
    """Let whoever sends the request again get this answer; False when there is one already."""
    return bool(
        IdempotencyKey.objects.filter(pk=key_id, status=None).update(
            status=answer.status, body=answer.body, location=answer.location
        )
    )


def release(claim: Claim) -> None:
    """Give the key back unless its work is done: the next sender does it."""
    _held(claim).delete()


def find(key: Key) -> Written | None:
    """What was made under this key; None before. Raises as `claim` does."""
    _forget_old()
    row = IdempotencyKey.objects.filter(**key.row).first()
    if row is None:
        return None
    if done := _done(row, key):
        return done.written
    raise IdempotencyKeyInFlight(key=key.name)


def write_once(key: Key, write: Callable[[], Written]) -> Written:
    """`write` and its key, in one transaction; what is there already, where another was first.

    Nobody claims first: of two senders at the same moment both prepare, and the second one waits
    here for no longer than the first one writes. Raises as `find` does.
    """
    row = IdempotencyKey(**key.row, body_sha256=key.body_sha256)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            row.written = written = write()
            row.save(update_fields=["written"])
            failpoint("key.kept")
            return written
    except IntegrityError:
        if (first := find(key)) is None:
            raise
        return first


def _forget_old() -> None:
    old = IdempotencyKey.objects.filter(created_at__lt=Now() - KEPT_FOR)
    if old.exists():  # a look locks nothing, a DELETE of nothing locks SQLite
        old.delete()


def _done(row: IdempotencyKey, key: Key) -> Done | None:
    """Raises `IdempotencyKeyReused`."""
    if row.body_sha256 != key.body_sha256:
        raise IdempotencyKeyReused(key=key.name)
    answer = None
    if row.status is not None:
        answer = Answer(status=row.status, body=row.body, location=row.location)
    if row.written is None and answer is None:
        return None
    return Done(key_id=row.pk, written=row.written or {}, answer=answer)


def _keep(claim: Claim, written: Written) -> None:
    if not _held(claim).update(written=written):
        raise IdempotencyKeyInFlight(key=str(claim.key_id))


def _take_over(row: IdempotencyKey, token: str) -> int:
    return (
        _under_way()
        .filter(pk=row.pk, claimed_at__lt=Now() - ABANDONED_AFTER)
        .update(claim=token, claimed_at=Now())
    )


def _held(claim: Claim) -> models.QuerySet[IdempotencyKey]:
    return _under_way().filter(pk=claim.key_id, claim=claim.token)


def _under_way() -> models.QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(written__isnull=True, status=None)
