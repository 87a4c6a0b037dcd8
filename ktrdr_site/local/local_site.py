"""What a site on one's own machine needs before the settings can be read."""

import os
import secrets
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from django.core.management import execute_from_command_line

from ktrdr_site.environment import FILE, is_given
from ktrdr_site.local import up_lock
from ktrdr_site.local.place import DATABASE_FILE, data_directory
from ktrdr_site.private import make_directory

OTHER_SITES = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG")
"""What says, beside `KTRDR_…`, that a command belongs to another site than the demo's."""

DEMO_PACE = {
    "KTRDR_LEASE_SECONDS": "2",
    "KTRDR_HEARTBEAT_SECONDS": "0.3",
    "KTRDR_SWEEP_INTERVAL_SECONDS": "0.5",
}
"""So that a lost worker is noticed within seconds."""


def secret_key_file() -> Path:
    return data_directory() / "secret_key"


def has_a_key_of_its_own() -> bool:
    """Whether this is a site on one's own machine, as `make up` makes it."""
    return not is_given("SECRET_KEY") and secret_key_file().is_file()


def prepare_up() -> None:
    """Without SECRET_KEY in the environment the site keeps one of its own, for this user alone."""
    if is_given("SECRET_KEY") or secret_key_file().is_file():
        return
    make_directory(data_directory())
    # Written aside and linked: whoever starts at the same time reads a whole key, and the same one.
    draft = secret_key_file().with_name(f"secret_key.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(50) + "\n")
    try:
        os.link(draft, secret_key_file())
    except FileExistsError:
        return
    finally:
        draft.unlink()


def prepare_demo() -> None:
    """The demo has a site of its own, `var/demo`, which begins empty each time."""
    directory = data_directory() / "demo"
    for name in list(os.environ):
        if name.startswith("KTRDR_") or name.removesuffix(FILE) in OTHER_SITES:
            del os.environ[name]
    os.environ.update(DEMO_PACE, KTRDR_DATA_DIR=str(directory))
    try:
        lock = up_lock.take(directory)
    except up_lock.AlreadyUp as holder:
        sys.exit(f"A demo is running, or still stopping (process {holder}): {directory}")
    _empty(directory)
    os.close(lock)
    prepare_up()


def _empty(directory: Path) -> None:
    for entry in directory.iterdir():
        if entry.name == up_lock.NAME:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def prepare_import() -> None:
    """On a machine of one's own the first import makes the site that it imports into."""
    if any(is_given(name) for name in OTHER_SITES):
        return
    prepare_up()
    if not (data_directory() / DATABASE_FILE).exists():
        execute_from_command_line(["manage.py", "migrate", "--verbosity", "0"])


def lend_settings() -> None:
    """For what looks at no site: a help text, a strategy file, our code. No setting is written."""
    if is_given("SECRET_KEY") or secret_key_file().is_file():
        return
    os.environ.update(SECRET_KEY=secrets.token_urlsafe(50))
    os.environ.setdefault("ALLOWED_HOSTS", "localhost")


def prepare_doctor() -> None:
    """Where there is no site yet, it says so."""
    if not any(is_given(name) for name in OTHER_SITES):
        lend_settings()


def prepare(arguments: Sequence[str]) -> None:
    """What a command needs before Django reads the settings."""
    command = arguments[0] if arguments else ""
    if command in LOOKS_AT_NO_SITE or {"--help", "-h"} & set(arguments):
        lend_settings()
    elif command in PREPARATIONS:
        PREPARATIONS[command]()


LOOKS_AT_NO_SITE = ("", "help", "validate_strategy", "convert_strategy", "compile", "spectacular")

PREPARATIONS: dict[str, Callable[[], None]] = {
    "up": prepare_up,
    "demo": prepare_demo,
    "import_market_data": prepare_import,
    "doctor": prepare_doctor,
}
"""By command."""
