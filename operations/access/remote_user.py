"""Users whom the proxy in front has signed in, and who are here already: no name makes a user.

The doorway writes the name into a request's scope, where no client can; no header is read here.
"""

from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.backends import RemoteUserBackend
from django.http import HttpRequest

REMOTE_USER = "ktrdr.remote_user"
"""Where a request's ASGI scope has the name that a trusted proxy gives, empty for none."""


class KnownRemoteUser(RemoteUserBackend):
    """Refuses who is unknown, or locked."""

    create_unknown_user = False


def name_by_proxy(request: HttpRequest) -> str:
    """Empty where the proxy names nobody, or is not trusted to."""
    name: str = getattr(request, "scope", {}).get(REMOTE_USER, "")
    return name


def is_session_by_proxy(request: HttpRequest) -> bool:
    """Whether this session is good only for as long as the proxy says the same name."""
    backend = f"{KnownRemoteUser.__module__}.{KnownRemoteUser.__qualname__}"
    return bool(request.session.get(BACKEND_SESSION_KEY) == backend)
