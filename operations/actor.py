"""Who acts: whoever sent the request, else what this process is. Each event keeps it."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.http import HttpRequest

from operations import log_context
from operations.access.tokens import ApiToken
from operations.models import ACTOR_NAME_MAX_LENGTH, ActorKind


@dataclass(frozen=True, kw_only=True)
class Actor:
    kind: ActorKind
    name: str = ""


_of_this_process = Actor(kind=ActorKind.SYSTEM)


def current() -> Actor:
    """For what is written now, on any thread."""
    request = log_context.current_request()
    return (request and _who_sent(request)) or _of_this_process


@contextmanager
def process_is(actor: Actor) -> Iterator[None]:
    """What any thread of this process does meanwhile, in no request, is this one's doing."""
    global _of_this_process
    before, _of_this_process = _of_this_process, actor
    try:
        yield
    finally:
        _of_this_process = before


def system(name: str) -> Actor:
    """A worker or the sweeper."""
    return Actor(kind=ActorKind.SYSTEM, name=name[:ACTOR_NAME_MAX_LENGTH])


def command(name: str) -> Actor:
    """One of `manage.py`, with whom the machine knows its caller as."""
    return Actor(kind=ActorKind.COMMAND, name=f"{name} ({_login()})")


def _who_sent(request: HttpRequest) -> Actor | None:
    user = log_context.known_user(request)
    if not user:
        return None
    token = getattr(request, "auth", None)  # REST framework leaves it on Django's request, too
    if isinstance(token, ApiToken):
        return Actor(kind=ActorKind.TOKEN, name=f"{user} ({token.hint}…)")
    return Actor(kind=ActorKind.USER, name=user)


def _login() -> str:
    """Of the account that the process runs as: an environment variable could say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user without a name
        return f"uid {os.getuid()}"
