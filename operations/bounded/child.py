"""The process in which one piece of work is done: what confines it, and what it answers."""

import json
import logging
import os
import resource
import signal
import socket
from contextlib import nullcontext
from typing import Any

from django.db import transaction
from django.db.backends.signals import connection_created
from django.utils.module_loading import import_string

from operations import process_memory
from operations.bounded import refusals, wire
from operations.errors import DomainError

logger = logging.getLogger(__name__)

GRACE_SECONDS = 5
"""After its limit a child ends by itself, if the room has not ended it by then."""
NICENESS = 5
"""Pages come first."""


def run(line: socket.socket) -> None:
    """Do what the first line orders. Never raises: the process has nothing left to do."""
    order = next(iter(wire.Lines(line)), None)
    if order is not None:
        confine(seconds=order["seconds"], memory_mb=order["memory_mb"], writes=order["writes"])
        wire.send(line, step="starting")
        wire.send(line, **_answer(order, line))


def confine(*, seconds: float, memory_mb: int, writes: bool = False) -> None:
    """Bound what this process may take from now on. Memory is bounded on Linux only."""
    os.nice(NICENESS)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends compiled code, too
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE_SECONDS)
    if not writes:
        connection_created.connect(_read_only, dispatch_uid="bounded")
    process_memory.allow_more(memory_mb * 1024**2)
    process_memory.go_first_when_memory_runs_out()


def _read_only(connection: Any, **sent: Any) -> None:
    """The child's connection is its own, and changes nothing.

    The session behind it may be another's next, where a pooler lends it: nothing is set for that.
    """
    if connection.vendor == "postgresql":
        connection.connection.read_only = True  # psycopg says so as it begins a transaction
        connection.execute_wrappers = [_in_a_transaction]
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")


def _in_a_transaction(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    connection = context["connection"]
    with nullcontext() if connection.in_atomic_block else transaction.atomic(connection.alias):
        return execute(sql, params, many, context)


def _answer(order: dict[str, Any], line: socket.socket) -> dict[str, Any]:
    """Exactly one of `done`, `refused`, `out_of_memory` and `failed`."""
    try:
        function = import_string(order["function"])
        done = function(order["arguments"], lambda step: wire.send(line, step=step))
        json.dumps(done)
    except DomainError as error:
        return {"refused": refusals.as_json(error)}
    except MemoryError:
        return {"out_of_memory": True}
    except BrokenPipeError:  # its request was ended while it told of a step, and so is this process
        return {"failed": True}
    except Exception:
        logger.exception("%s failed", order["function"])
        return {"failed": True}
    return {"done": done}
