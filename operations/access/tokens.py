"""Tokens for the API: shown once when they are issued, stored only as SHA-256."""

import hashlib
import logging
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from operations.outage import DATABASE_AWAY

logger = logging.getLogger(__name__)

PREFIX = "ktrdr_"
"""So that people, and scanners for leaked secrets, recognise one."""
SECRET_BYTES = 32
"""Too many to guess, so a plain hash without salt is enough."""
NAME_MAX_LENGTH = 100
LIFETIME_MAX_DAYS = 3650
HINT_CHARACTERS = len(PREFIX) + 4
LAST_USE_PRECISION = timedelta(minutes=1)
"""`last_used_at` costs a write: once in this time is enough to see what can be removed."""


class Scope(models.TextChoices):
    """What a token is good for."""

    READ = "read"
    OPERATE = "operate"
    """Read, and start, cancel, resume."""


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self) -> "ApiTokenQuerySet":
        unexpired = Q(expires_at=None) | Q(expires_at__gt=Now())
        return self.filter(unexpired, user__is_active=True)


class ApiToken(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=NAME_MAX_LENGTH, blank=True)
    scope = models.CharField(max_length=16, choices=Scope)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=16, editable=False)
    """Its first characters: which of one's tokens this is."""
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.hint}… ({self.scope})"

    def allows(self, scope: Scope) -> bool:
        return self.scope in (scope, Scope.OPERATE)


def issue(
    user: AbstractBaseUser, *, scope: Scope, name: str = "", lifetime: timedelta | None = None
) -> tuple[ApiToken, str]:
    """A new token and its secret, which nobody can read again. No lifetime: it never expires."""
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken.objects.create(
        user_id=user.pk,
        name=name,
        scope=scope,
        digest=_digest(secret),
        hint=secret[:HINT_CHARACTERS],
        expires_at=timezone.now() + lifetime if lifetime else None,
    )
    logger.info("token %s… of %s is made, with the scope %s", token.hint, user, scope)
    return token, secret


def of(user: AbstractBaseUser) -> list[ApiToken]:
    """The user's, newest first; expired ones too."""
    return list(ApiToken.objects.filter(user_id=user.pk))


def revoke(user: AbstractBaseUser, token_id: int) -> bool:
    """End one at once. False when the user has no such token."""
    return _revoke(user, ApiToken.objects.filter(user_id=user.pk, pk=token_id)) > 0


def revoke_all(user: AbstractBaseUser) -> int:
    """End all of a user's; returns how many there were."""
    return _revoke(user, ApiToken.objects.filter(user_id=user.pk))


def _revoke(user: AbstractBaseUser, tokens: ApiTokenQuerySet) -> int:
    revoked, _ = tokens.delete()
    if revoked:
        logger.info("%d tokens of %s are revoked", revoked, user)
    return revoked


def find_valid(secret: str) -> ApiToken | None:
    """The token of this secret with its user; None when unknown, expired or of a locked user."""
    token = ApiToken.objects.valid().select_related("user").filter(digest=_digest(secret)).first()
    if token is not None:
        _note_use(token)
    return token


def _note_use(token: ApiToken) -> None:
    """As far as that can be done: a database that only reads, after a failover, still answers."""
    if token.last_used_at is None or token.last_used_at < timezone.now() - LAST_USE_PRECISION:
        try:
            with transaction.atomic():
                ApiToken.objects.filter(pk=token.pk).update(last_used_at=Now())
        except DATABASE_AWAY as error:
            logger.warning("the use of token %s… is not noted: %s", token.hint, error)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
