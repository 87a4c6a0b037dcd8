"""A migration is not cut off: between two statements it may compute for longer than a lease."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

LIMIT = "idle_in_transaction_session_timeout"
"""It is for workers that freeze while another one waits to take over."""


def connect() -> None:
    """To be called when the apps are there. Of one app, so that each is said once."""
    sender = apps.get_app_config("operations")
    pre_migrate.connect(_lift, sender=sender)
    post_migrate.connect(_restore, sender=sender)


def _lift(*, using: str, **_: Any) -> None:
    _say(using, f"SET {LIMIT} = 0")


def _restore(*, using: str, **_: Any) -> None:
    """To what the connection asked for when it was opened."""
    _say(using, f"RESET {LIMIT}")


def _say(alias: str, statement: str) -> None:
    """Not to a pooler, whose session may be another's next: there the role has the limit."""
    connection = connections[alias]
    if connection.vendor == "postgresql" and not settings.KTRDR_DATABASE_POOLER:
        with connection.cursor() as cursor:
            cursor.execute(statement)
