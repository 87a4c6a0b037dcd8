"""A way in for the first user of a site on one's own machine."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.contrib.auth import get_user_model

NAME = "ktrdr"
FILE = "first_login"
"""In the data directory."""


class Output(Protocol):
    def isatty(self) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Login:
    name: str
    password: str
    file: Path | None
    """Where it is written, and is not to be shown."""

    def __str__(self) -> str:
        if self.file is None:
            return f"{self.name} / {self.password}   (shown this once)"
        return f"as {self.file} says, which you delete when you have read it"


def create_first_login(directory: Path, *, output: Output) -> Login | None:
    """None when somebody can already sign in.

    The password is shown on a terminal only. Any other output is kept by somebody, a service's
    journal for one: then it is in a file of `directory`, for this user alone, before it is valid.
    """
    users = get_user_model()._default_manager
    if users.filter(is_superuser=True, is_active=True).exists():
        return None
    file = None if output.isatty() else directory / FILE
    login = Login(name=NAME, password=secrets.token_urlsafe(12), file=file)
    if file is not None:
        _write(file, login)
    user, _ = users.get_or_create(username=NAME)
    user.is_active = user.is_staff = user.is_superuser = True
    user.set_password(login.password)
    user.save(update_fields=["is_active", "is_staff", "is_superuser", "password"])
    return login


def _write(file: Path, login: Login) -> None:
    """Anew: an older file may have been for others, too."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(f"{login.name} / {login.password}\n")
