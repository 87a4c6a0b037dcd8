"""Which of the cookies that a browser sends are read.

Every other site of the same host name sends its own here, too; and parsing a quoted cookie takes
time that grows with the square of its length (CVE-2024-7592, in Python before 3.11.10).
"""

from collections.abc import Sequence

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage

from operations.views import theme

Header = tuple[bytes, bytes]

MOST_BYTES = 4096
"""What a browser keeps of one cookie (RFC 6265 §6.1); parsed within 30 ms at worst."""


def own_names() -> frozenset[bytes]:
    """Of the cookies that this site sets."""
    names = (
        *(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME),
        *(CookieStorage.cookie_name, theme.COOKIE),
    )
    return frozenset(name.encode() for name in names)


def reduced(headers: Sequence[Header]) -> list[Header]:
    """Without foreign cookies where all of them are over `MOST_BYTES`; without any where the own
    ones alone still are."""
    kept = [header for header in headers if header[0] != b"cookie"]
    cookies = b"; ".join(value for name, value in headers if name == b"cookie")
    if len(cookies) > MOST_BYTES:
        own = own_names()
        cookies = b"; ".join(pair for pair in _pairs(cookies) if _name(pair) in own)
    if cookies and len(cookies) <= MOST_BYTES:
        kept.append((b"cookie", cookies))
    return kept


def has_session(headers: Sequence[Header]) -> bool:
    """Whether it says that it is of somebody who has signed in; what it says is not looked at."""
    session = settings.SESSION_COOKIE_NAME.encode()
    return any(
        _name(pair) == session
        for name, value in headers
        if name == b"cookie"
        for pair in _pairs(value)
    )


def _pairs(cookies: bytes) -> list[bytes]:
    return [pair.strip() for pair in cookies.split(b";")]


def _name(pair: bytes) -> bytes:
    return pair.partition(b"=")[0].strip()
