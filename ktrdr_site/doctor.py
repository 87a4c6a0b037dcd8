"""What `doctor` looks at: the parts of a site, what was found of each, and what helps."""

import platform
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.core.checks import ERROR, WARNING, run_checks
from django.core.files.base import ContentFile
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from checkpoints.storage import checkpoint_storage, free_at, free_bytes
from ktrdr_site.local import up_lock
from ktrdr_site.local.place import BASE_DIR
from operations import health, redis_client
from operations.outage import DATABASE_FAULT
from operations.reading.words import size
from operations.reading.workers import STARTING, absence
from operations.text import without_login
from training.launch.disk_space import needed_bytes
from training.strategy import find_strategy
from training.version import VERSION

INSTALL = "`./install.sh requirements.txt` installs what is meant to be here"
START = "`./ktrdr up` starts the site"
SAMPLE = "sp500_daily"
SCARCE_BYTES = 1_000_000_000
"""Of free disk: a database that grows, and some checkpoints of other trainings."""


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It goes on as it is."""
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class Finding:
    part: str
    state: State
    found: str
    remedy: str = ""
    """What to do; empty where nothing has to be done."""


def examine() -> Iterator[Finding]:
    """One after the other: what takes long keeps nobody from reading what was found before."""
    yield python()
    yield packages()
    yield compiler()
    yield disk()
    if _has_no_database():
        found = f"there is no site in {settings.KTRDR_DATA_DIR} yet"
        yield Finding(part="database", state=State.WARNING, found=found, remedy=START)
        return
    stored = database()
    yield stored
    yield storage()
    yield from system_checks(with_database=stored.state is State.OK)
    yield redis()
    if stored.state is State.OK:
        tables = migrations()
        yield tables
        if tables.state is State.OK:
            yield from processes()


def python() -> Finding:
    """Whether it has known holes is for the system checks to say."""
    here = f"KTRDR {VERSION}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    return _ok("python", here)


def packages(requirements: Path = BASE_DIR / "requirements.txt") -> Finding:
    """What is installed against what is asked for."""
    asked = dict(_pins(requirements))
    missing = [name for name in asked if _installed(name) is None]
    others = [
        f"{name} {here} instead of {pinned}"
        for name, pinned in asked.items()
        if (here := _installed(name)) is not None and here.partition("+")[0] != pinned
    ]
    if missing:
        return _broken("packages", f"not installed: {', '.join(missing)}", INSTALL)
    if others:
        return _warning("packages", f"not as tested: {', '.join(others)}", INSTALL)
    return _ok(
        "packages", f"{len(asked)} as requirements.txt has them; torch {_installed('torch')}"
    )


def compiler() -> Finding:
    """The training kernel stands for all that is compiled."""
    try:
        from training.compilation import machine_code
        from training.trainer.engines.native.train import train_batches
    except Exception as error:  # noqa: BLE001  # whatever the installation of a compiler can raise
        return _broken("compiler", f"{type(error).__name__}: {error}", INSTALL)
    folder = machine_code.folder_of(train_batches)
    if folder is None:
        remedy = "let this user write to the checkout, or name a folder in NUMBA_CACHE_DIR"
        return _warning("compiler", "nothing compiled can be kept: each process compiles", remedy)
    if not machine_code.is_kept(train_batches):
        remedy = "`.venv/bin/python manage.py compile` does it now, the next worker otherwise"
        return _warning("compiler", "the training kernel is not compiled yet", remedy)
    return _ok("compiler", f"machine code for this processor is in {folder}")


def disk() -> Finding:
    """The least room of what the site writes to."""
    rooms = [free_at(settings.KTRDR_DATA_DIR), free_bytes()]
    free = min(room for room in rooms if room is not None)
    sample = find_strategy(SAMPLE).load().strategy
    needed = needed_bytes(sample, keep=settings.KTRDR_CHECKPOINT_KEEP)
    remedy = "make room: `./ktrdr prune checkpoints --dry-run` says what it would delete"
    if free < needed:
        found = f"{size(free)} free, and the sample's training alone needs {size(needed)}"
        return _broken("disk", found, remedy)
    if free < SCARCE_BYTES:
        return _warning("disk", f"{size(free)} free", remedy)
    return _ok("disk", f"{size(free)} free")


def database() -> Finding:
    began = monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        number = ".".join(map(str, connection.get_database_version()))
    except DATABASE_FAULT as error:
        told = without_login(str(error).strip()).partition("\n")[0]
        return _broken("database", told, "see that DATABASE_URL is right and its server runs")
    milliseconds = 1000 * (monotonic() - began)
    found = f"{connection.display_name} {number} answers within {milliseconds:.0f} ms"
    return _ok("database", found)


def migrations() -> Finding:
    executor = MigrationExecutor(connection)
    ahead = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not ahead:
        return _ok("migrations", "all are applied")
    remedy = "`.venv/bin/python manage.py migrate`, or `./ktrdr up`, which does it first"
    return _broken("migrations", f"{len(ahead)} are not applied", remedy)


def storage() -> Finding:
    """Write, read, delete."""
    store, name, content = checkpoint_storage(), f"doctor-{secrets.token_hex(8)}", b"is it there?"
    began = monotonic()
    try:
        stored = store.save(name, ContentFile(content))
        try:
            with store.open(stored) as file:
                came_back = file.read()
        finally:
            store.delete(stored)
    except Exception as error:  # noqa: BLE001  # each storage has its own
        told = without_login(str(error).strip()) or type(error).__name__
        return _broken("storage", told, "see KTRDR_CHECKPOINT_STORAGE and docs/DEPLOYMENT.md")
    if came_back != content:
        return _broken("storage", "what was written came back as something else", "replace it")
    milliseconds = 1000 * (monotonic() - began)
    where = settings.KTRDR_CHECKPOINT_STORAGE
    return _ok("storage", f"written, read and deleted in {milliseconds:.0f} ms: {where}")


def redis() -> Finding:
    try:
        redis_client.look()
    except (RedisError, OSError) as error:
        told = without_login(str(error)) or type(error).__name__
        if _is_down():
            return _warning("redis", "the site is not up, so its Valkey is not", START)
        what = "its log is in the data directory's valkey/" if settings.EMBEDDED_VALKEY else ""
        return _broken("redis", told, what or "see that REDIS_URL is right and its server runs")
    return _ok("redis", "answers")


def processes() -> Iterator[Finding]:
    """Who takes what waits, and who recovers what dies."""
    there = health.look()
    state, remedy = (State.BROKEN, "start one: docs/DEPLOYMENT.md says how")
    if _is_down():
        state, remedy = (State.WARNING, START)
    elif settings.EMBEDDED_VALKEY:
        remedy = "`./ktrdr up` starts it anew when it dies: what it prints says why"
    if there.workers:
        yield _ok("workers", f"{there.workers} alive")
    elif (told := absence()) == STARTING:
        yield _ok("workers", told)
    else:
        yield Finding(part="workers", state=state, found=told, remedy=remedy)
    if there.sweepers:
        yield _ok("sweeper", f"{there.sweepers} alive")
    else:
        found = "none is alive: nobody recovers what dies"
        yield Finding(part="sweeper", state=state, found=found, remedy=remedy)


def system_checks(*, with_database: bool) -> Iterator[Finding]:
    """Ours and Django's; what is for a deployment only where it is one."""
    found = run_checks(
        include_deployment_checks=settings.SERVES_HTTPS,
        databases=["default"] if with_database else None,
    )
    told = [message for message in found if message.level >= WARNING and not message.is_silenced()]
    for message in told:
        state = State.BROKEN if message.level >= ERROR else State.WARNING
        hint = message.hint or ""
        yield Finding(part="settings", state=state, found=message.msg, remedy=hint)
    if not told:
        yield _ok("settings", "the system checks find nothing")


def _ok(part: str, found: str) -> Finding:
    return Finding(part=part, state=State.OK, found=found)


def _warning(part: str, found: str, remedy: str) -> Finding:
    return Finding(part=part, state=State.WARNING, found=found, remedy=remedy)


def _broken(part: str, found: str, remedy: str) -> Finding:
    return Finding(part=part, state=State.BROKEN, found=found, remedy=remedy)


def _has_no_database() -> bool:
    """To connect would make one, empty."""
    return connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists()


def _is_down() -> bool:
    """Whether it is a site that `up` runs, and does not."""
    return settings.EMBEDDED_VALKEY and not up_lock.is_held(settings.KTRDR_DATA_DIR)


def _pins(requirements: Path) -> Iterator[tuple[str, str]]:
    """Names and versions."""
    for line in requirements.read_text().splitlines():
        name, is_pinned, pinned = line.partition("#")[0].strip().partition("==")
        if is_pinned:
            yield name.partition("[")[0], pinned


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
