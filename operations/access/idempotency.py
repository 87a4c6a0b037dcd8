"""One request, sent any number of times, does its work once (`Idempotency-Key`).

A key is claimed in a transaction of its own, so that a second sender sees it at once. The answer is
kept in the transaction that does the work: either both are there afterwards, or neither. Only
success is kept; what was refused may be tried again under the same key.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, models
from django.db.models.functions import Now
from django.utils import timezone

from operations.errors import IdempotencyKeyInFlight, IdempotencyKeyReused

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
    """Random per sender that does the work: one that was replaced cannot keep its answer."""
    claimed_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())
    status = models.PositiveSmallIntegerField(null=True)
    """HTTP status of the answer; None while the work is under way."""
    location = models.CharField(max_length=500, blank=True, default="")
    body = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "path", "key"], name="idempotency_key_once")
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_by_age")]


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


def claim(*, user: AbstractBaseUser, path: str, key: str, body: bytes) -> Claim | Answer:
    """The work is the caller's, or here is the answer that it got.

    Raises `IdempotencyKeyReused` when the key came with another body, and `IdempotencyKeyInFlight`
    while another sender does the work.
    """
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    digest, token = hashlib.sha256(body).hexdigest(), secrets.token_hex(16)
    try:
        row, is_new = IdempotencyKey.objects.get_or_create(
            user_id=user.pk, path=path, key=key, defaults={"body_sha256": digest, "claim": token}
        )
    except IntegrityError as error:  # it was there, and has been released since
        raise IdempotencyKeyInFlight(key=key) from error
    if row.body_sha256 != digest:
        raise IdempotencyKeyReused(key=key)
    if row.status is not None:
        return Answer(status=row.status, body=row.body, location=row.location)
    if not is_new and not _take_over(row, token):
        raise IdempotencyKeyInFlight(key=key)
    return Claim(key_id=row.pk, token=token)


def keep(claim: Claim, answer: Answer) -> None:
    """Within the transaction of the work. Raises `IdempotencyKeyInFlight`, which undoes the work,
    when another sender has taken the key over."""
    kept = _held(claim).update(status=answer.status, body=answer.body, location=answer.location)
    if not kept:
        raise IdempotencyKeyInFlight(key=str(claim.key_id))


def release(claim: Claim) -> None:
    """Give the key back unless its answer was kept: the next sender does the work."""
    _held(claim).delete()


def _take_over(row: IdempotencyKey, token: str) -> int:
    return IdempotencyKey.objects.filter(
        pk=row.pk, status=None, claimed_at__lt=timezone.now() - ABANDONED_AFTER
    ).update(claim=token, claimed_at=Now())


def _held(claim: Claim) -> models.QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(pk=claim.key_id, claim=claim.token, status=None)
