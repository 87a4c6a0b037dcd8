"""System checks: what would quietly break KTRDR's promises in a deployment.

`manage.py check` and every command run them; those of the database run with `manage.py migrate` and
`manage.py check --database default`.
"""

import os
import platform
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.files.storage import FileSystemStorage, storages
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ktrdr_site import pooler
from ktrdr_site.environment import is_given
from operations.webhook import addresses, notices

JSON_SERIALIZER = "rq.serializers.JSONSerializer"
DOORBELL = {
    "WORKER_CLASS": "training.worker.TrainingWorker",
    "JOB_CLASS": "operations.doorbell.ring.DoorbellJob",
}
LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", ".localhost"}
HEARTBEATS_PER_LEASE = 3
"""A lease survives two lost heartbeats."""

SQLITE_SYNCHRONOUS_FULL = 2

FIRST_WITHOUT_HOLES = {(3, 11): 10, (3, 12): 6}
"""By line, the patch level; newer lines never had them."""
HOLES = "a long cookie costs seconds (CVE-2024-7592), a zip file an endless loop (CVE-2024-8088)"


@register(Tags.database)
def database_is_durable(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A committed checkpoint is still there after a power cut, and nobody holds a row for ever."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        found += _sqlite(connection) if connection.vendor == "sqlite" else _postgresql(connection)
    return found


def _sqlite(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    if not connection.features.can_return_columns_from_insert:
        return [
            Error(
                "This Python has a SQLite before 3.35, which does not say what an UPDATE wrote.",
                hint="Use another Python, or PostgreSQL (DATABASE_URL).",
                id="ktrdr.E013",
            )
        ]
    faults = []
    if _ask(connection, "PRAGMA journal_mode") != "wal":
        faults.append("its journal_mode is not WAL (a network filesystem cannot have it)")
    if int(_ask(connection, "PRAGMA synchronous")) < SQLITE_SYNCHRONOUS_FULL:
        faults.append("synchronous is less than FULL")
    if connection.settings_dict["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
        faults.append("transaction_mode is not IMMEDIATE")
    if not faults:
        return []
    return [
        Error(
            f"The SQLite database {connection.settings_dict['NAME']} can lose a checkpoint or "
            f"refuse a writer: {', '.join(faults)}.",
            hint="Put it on a local disk and leave its OPTIONS as settings.py has them.",
            id="ktrdr.E001",
        )
    ]


def _postgresql(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    if refusals := pooler.refusals(connection):
        return refusals
    return [*_durability(connection), *pooler.unlimited(connection)]


def _durability(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    vital = ("fsync", "full_page_writes")
    off = [name for name in vital if _ask(connection, f"SHOW {name}") == "off"]
    if off:
        found.append(
            Error(
                f"PostgreSQL runs with {' and '.join(off)} off: a power cut can destroy it.",
                hint="Turn it on in postgresql.conf.",
                id="ktrdr.E002",
            )
        )
    if _ask(connection, "SHOW synchronous_commit") == "off":
        found.append(
            Warning(
                "PostgreSQL runs with synchronous_commit off: what was answered before a crash "
                "can be forgotten, a checkpoint too.",
                hint="ALTER DATABASE … SET synchronous_commit = on",
                id="ktrdr.W001",
            )
        )
    return found


def _ask(connection: BaseDatabaseWrapper, question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])


@register(Tags.files)
def checkpoint_storage_is_writable(**kwargs: Any) -> list[CheckMessage]:
    storage = storages["checkpoints"]
    if not isinstance(storage, FileSystemStorage) or _can_be_written(Path(storage.location)):
        return []
    return [
        Error(
            f"Checkpoints cannot be written to {storage.location}.",
            hint="Make it a directory this user may write to, or set KTRDR_CHECKPOINT_STORAGE.",
            id="ktrdr.E003",
        )
    ]


def _can_be_written(directory: Path) -> bool:
    """Also when it has yet to be made: then the nearest directory above it counts."""
    existing = next(path for path in (directory, *directory.parents) if path.exists())
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)


@register
def queues_speak_json(**kwargs: Any) -> list[CheckMessage]:
    """A pickled job would run any code that whoever reaches Redis puts into it."""
    return [
        Error(
            f"The queue {name} does not use {JSON_SERIALIZER}: its workers would unpickle jobs.",
            hint=f'Set "SERIALIZER": "{JSON_SERIALIZER}" in RQ_QUEUES.',
            id="ktrdr.E004",
        )
        for name, queue in settings.RQ_QUEUES.items()
        if queue.get("SERIALIZER") != JSON_SERIALIZER
    ]


@register
def redis_names_no_code(**kwargs: Any) -> list[CheckMessage]:
    """RQ's own classes run whatever function, callback or command Redis names, and its pages read
    jobs in another class than the one that believes nothing but rings."""
    found: list[CheckMessage] = [
        Error(
            f"RQ's {name} is not {path}: whoever can write to Redis could run code here.",
            hint=f'Set "{name}": "{path}" in RQ.',
            id="ktrdr.E007",
        )
        for name, path in DOORBELL.items()
        if settings.RQ.get(name) != path
    ]
    if getattr(settings, "RQ_SHOW_ADMIN_LINK", True):
        found.append(
            Error(
                "RQ_SHOW_ADMIN_LINK is on: RQ's pages in the admin unpickle what lies in Redis.",
                hint="Set RQ_SHOW_ADMIN_LINK = False.",
                id="ktrdr.E008",
            )
        )
    return found


@register
def strategies_are_read_by_libyaml(**kwargs: Any) -> list[CheckMessage]:
    if yaml.__with_libyaml__:
        return []
    return [
        Warning(
            "PyYAML is here without libyaml: checking a strategy takes ten times as long.",
            hint="Install it from its wheel, or with libyaml's headers at hand.",
            id="ktrdr.W002",
        )
    ]


@register(Tags.security)
def debug_is_for_this_machine_only(**kwargs: Any) -> list[CheckMessage]:
    strangers = sorted(set(settings.ALLOWED_HOSTS) - LOCAL_HOSTS)
    if not settings.DEBUG or not strangers:
        return []
    return [
        Error(
            f"DEBUG is on while the site answers to {', '.join(strangers)}: its error pages show "
            "code and settings to everyone.",
            hint="Unset DEBUG, or allow localhost alone.",
            id="ktrdr.E005",
        )
    ]


@register(Tags.security, deploy=True)
def python_has_no_known_holes(**kwargs: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"Python {platform.python_version()} has holes that are known: {HOLES}.",
            hint=f"Move to Python {wanted} or newer: delete .venv, then `make PYTHON=…`.",
            id="ktrdr.W004",
        )
        for wanted in without_holes(sys.version_info[:3])
    ]


def without_holes(version: tuple[int, int, int]) -> list[str]:
    """The first release of the same line without them, where `version` is an older one."""
    line = version[:2]
    patch = FIRST_WITHOUT_HOLES.get(line, 0)
    return [f"{line[0]}.{line[1]}.{patch}"] if version[2] < patch else []


@register(Tags.security)
def proxies_are_named_once(**kwargs: Any) -> list[CheckMessage]:
    if not is_given("KTRDR_TLS_PROXY"):
        return []
    if is_given("KTRDR_TRUSTED_PROXIES"):
        return [
            Warning(
                "KTRDR_TLS_PROXY has no effect beside KTRDR_TRUSTED_PROXIES, whose addresses alone "
                "are believed, whatever it says.",
                hint="Unset KTRDR_TLS_PROXY.",
                id="ktrdr.W006",
            )
        ]
    meant = "every machine in a private network" if settings.KTRDR_TLS_PROXY else "nobody"
    return [
        Warning(
            f"KTRDR_TLS_PROXY is the older name of a setting, and believes {meant}.",
            hint="Unset it, and name your proxies' addresses, if any, in KTRDR_TRUSTED_PROXIES.",
            id="ktrdr.W005",
        )
    ]


@register
def notices_can_be_sent(**kwargs: Any) -> list[CheckMessage]:
    if not settings.KTRDR_NOTIFY_URLS or find_spec("apprise") is not None:
        return []
    return [
        Error(
            "KTRDR_NOTIFY_URLS is set, and apprise, which sends to them, is not installed.",
            hint=".venv/bin/python -m pip install -c constraints.txt -r requirements-notify.txt",
            id="ktrdr.E011",
        )
    ]


@register(deploy=True)
def services_are_known(**kwargs: Any) -> list[CheckMessage]:
    """With `check --deploy`: to load all that apprise knows takes a second."""
    if not settings.KTRDR_NOTIFY_URLS or find_spec("apprise") is None:
        return []
    return [
        Error(
            f"Of KTRDR_NOTIFY_URLS, {addresses.shown(url)} is of no service that apprise knows, or "
            "lacks what that one needs.",
            hint="https://appriseit.com/services/ says how each service's addresses look.",
            id="ktrdr.E012",
        )
        for url in settings.KTRDR_NOTIFY_URLS
        if notices.service_at(url) is None
    ]


@register
def lease_outlives_lost_heartbeats(**kwargs: Any) -> list[CheckMessage]:
    least = HEARTBEATS_PER_LEASE * settings.KTRDR_HEARTBEAT_SECONDS
    if least <= settings.KTRDR_LEASE_SECONDS:
        return []
    return [
        Error(
            f"KTRDR_LEASE_SECONDS is {settings.KTRDR_LEASE_SECONDS:g}: one late heartbeat would "
            "cost a worker its training.",
            hint=f"Make it {least:g} or more: {HEARTBEATS_PER_LEASE} x KTRDR_HEARTBEAT_SECONDS.",
            id="ktrdr.E006",
        )
    ]
