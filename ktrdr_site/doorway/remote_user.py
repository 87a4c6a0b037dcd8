"""The name of the user that a trusted proxy has signed in: the header's one reader.

Under every name that could be taken for it, it is taken out of everybody's requests.
"""

from collections.abc import Sequence

from django.conf import settings

from ktrdr_site.doorway.cookies import Header
from ktrdr_site.doorway.forwarded import is_by_trusted_proxy
from ktrdr_site.in_turn import Scope
from operations.access.remote_user import REMOTE_USER
from operations.api.problems import Problem
from operations.text import unstorable

UNCLEAR = Problem(
    status=400,
    code="remote_user_unclear",
    detail="Who asks is not clear: the proxy in front has to send the user's name once, and "
    "nothing of what its client sent under that name.",
)


class UnclearUser(ValueError):
    """A trusted proxy has passed on more than one name, or what is none."""


def without_header(scope: Scope) -> Scope:
    """With the name that a trusted proxy gives in the scope. Raises `UnclearUser`."""
    header: str = settings.KTRDR_REMOTE_USER_HEADER
    if not header:
        return scope
    said = [pair for pair in scope["headers"] if _is_alike(pair[0], header)]
    kept = [pair for pair in scope["headers"] if not _is_alike(pair[0], header)]
    name = _name(said, header) if said and is_by_trusted_proxy(scope) else ""
    return {**scope, "headers": kept, REMOTE_USER: name}


def _is_alike(name: bytes, header: str) -> bool:
    """As CGI's variables have it: neither case nor - and _ tell two names apart."""
    return _folded(name) == _folded(header.encode())


def _folded(name: bytes) -> bytes:
    return name.strip().lower().replace(b"_", b"-")


def _name(said: Sequence[Header], header: str) -> str:
    """Empty for another spelling than the proxy's own, which only its client can have sent."""
    if len(said) > 1:
        raise UnclearUser
    [(name, value)] = said
    if name.lower() != header.lower().encode():
        return ""
    try:
        text = value.decode().strip()
    except UnicodeDecodeError:
        raise UnclearUser from None
    if "," in text or unstorable(text):  # a comma is how two headers become one
        raise UnclearUser
    return text
