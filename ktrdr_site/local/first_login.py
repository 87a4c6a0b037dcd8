"""A way in for the first user of a site on one's own machine."""

import secrets
from dataclasses import dataclass

from django.contrib.auth import get_user_model

NAME = "ktrdr"


@dataclass(frozen=True, kw_only=True)
class Login:
    name: str
    password: str


def create_first_login() -> Login | None:
    """None when somebody can already sign in; the password is nowhere but in the answer."""
    users = get_user_model()._default_manager
    if users.filter(is_superuser=True, is_active=True).exists():
        return None
    login = Login(name=NAME, password=secrets.token_urlsafe(12))
    user, _ = users.get_or_create(username=NAME)
    user.is_active = user.is_staff = user.is_superuser = True
    user.set_password(login.password)
    user.save(update_fields=["is_active", "is_staff", "is_superuser", "password"])
    return login
