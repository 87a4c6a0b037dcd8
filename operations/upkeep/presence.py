"""Who is alive: each worker and sweeper writes a beat into its own `Process` row."""

import os
import secrets
import socket
from typing import Any

from django.db.models.functions import Now

from operations.models import Process


def beat(kind: Process.Kind, name: str, **details: Any) -> Process:
    process, _ = Process.objects.update_or_create(
        kind=kind,
        name=name,
        defaults={
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "beat_at": Now(),
            "details": details,
        },
    )
    return process


def starting(name: str) -> Process:
    """A worker's, before it compiles: it is there, takes nothing yet, and beats again after it."""
    return beat(Process.Kind.WORKER, name, starting=True)


def unique_name(given: str | None = None) -> str:
    """New for each boot: host names and process numbers come again, and their rows may be there."""
    return f"{given or f'{socket.gethostname()}.{os.getpid()}'}.{secrets.token_hex(2)}"


def leave(kind: Process.Kind, name: str) -> None:
    """The end of a process that ends in order; of the others the sweeper clears the rows away."""
    Process.objects.filter(kind=kind, name=name).delete()
