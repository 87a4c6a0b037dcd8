"""What a site on one's own machine needs before the settings can be read."""

import os
import secrets
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from ktrdr_site.local import up_lock

BASE_DIR = Path(__file__).resolve().parents[2]

OTHER_SITES = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG")
"""What says, beside `KTRDR_…`, that a command belongs to another site than the demo's."""

DEMO_PACE = {
    "KTRDR_LEASE_SECONDS": "2",
    "KTRDR_HEARTBEAT_SECONDS": "0.3",
    "KTRDR_SWEEP_INTERVAL_SECONDS": "0.5",
}
"""So that a lost worker is noticed within seconds."""


def data_directory() -> Path:
    return Path(os.environ.get("KTRDR_DATA_DIR") or BASE_DIR / "var").absolute()


def secret_key_file() -> Path:
    return data_directory() / "secret_key"


def prepare_up() -> None:
    """Without SECRET_KEY in the environment the site keeps one of its own, for this user alone."""
    if os.environ.get("SECRET_KEY") or secret_key_file().is_file():
        return
    secret_key_file().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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
        if name.startswith("KTRDR_") or name in OTHER_SITES:
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


PREPARATIONS: dict[str, Callable[[], None]] = {"up": prepare_up, "demo": prepare_demo}
"""By command: manage.py runs these before Django reads the settings."""
