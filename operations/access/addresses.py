"""From where somebody signs in: the address as counts know it, and where a user is known."""

from datetime import timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

KNOWN_FOR = timedelta(days=30)


class KnownAddress(models.Model):
    """That a user has signed in from there. Kept as a keyed hash: the list tells nobody where."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_addresses"
    )
    digest = models.CharField(max_length=64)
    last_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="known_address_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.digest[:8]}…"


def address_of(request: HttpRequest) -> str:
    """Whose tries are counted together: an IPv4 address, or the /64 of an IPv6 one.

    Whoever has one address of a /64 has all of them. Empty where the server listens on a socket.
    """
    told = request.META.get("REMOTE_ADDR") or ""
    try:
        address = ip_address(told)
    except ValueError:
        return told
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False))


def is_known(username: str, address: str) -> bool:
    """Whether the user of this name, if there is one, signed in from there in the last 30 days."""
    return KnownAddress.objects.filter(
        user__username=username, digest=_digest(address), last_at__gt=Now() - KNOWN_FOR
    ).exists()


def remember(user: AbstractBaseUser, address: str) -> None:
    """The user has signed in from there, now."""
    KnownAddress.objects.update_or_create(
        user_id=user.pk, digest=_digest(address), defaults={"last_at": Now()}
    )


def prune() -> int:
    """Forget where nobody signed in for so long; returns how many that were."""
    forgotten, _ = KnownAddress.objects.filter(last_at__lte=Now() - KNOWN_FOR).delete()
    return forgotten


def _digest(address: str) -> str:
    return salted_hmac("ktrdr.known_address", address, algorithm="sha256").hexdigest()
