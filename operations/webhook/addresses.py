"""Whom to tell, as messages know them: by names that tell nothing of the tokens in an address."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.crypto import salted_hmac

WEBHOOK = ""
"""The webhook's own."""
DIGITS = 8


def names() -> Iterator[str]:
    """Of everybody who is told of an end."""
    if settings.KTRDR_WEBHOOK_URL:
        yield WEBHOOK
    yield from (name_of(url) for url in settings.KTRDR_NOTIFY_URLS)


def name_of(url: str) -> str:
    """`discord-1f2e3d4c`: the service, and digits that follow from the address and SECRET_KEY."""
    digits = salted_hmac("ktrdr.notices", url, algorithm="sha256").hexdigest()[:DIGITS]
    return f"{_service(url)[:20]}-{digits}"


def shown(url: str) -> str:
    """By place in the setting, as `address 2 (discord://)`."""
    return f"address {settings.KTRDR_NOTIFY_URLS.index(url) + 1} ({_service(url)}://)"


def _service(url: str) -> str:
    return url.partition(":")[0].lower()
