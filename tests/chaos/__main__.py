"""`make chaos MINUTES=n`: on servers of its own; prints the table, exits 1 if a rule broke."""

import argparse
import os
import secrets
import sys
import tempfile
from pathlib import Path

import django
import psycopg

from tests.running.servers import Servers

DATABASE = "ktrdr"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", default=secrets.token_hex(4), help="Repeats another run's dice.")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    servers = Servers()
    try:
        return _run(servers, minutes=options.minutes, seed=options.seed)
    finally:
        servers.stop()


def _run(servers: Servers, *, minutes: float, seed: str) -> int:
    _prepare(servers)
    from django.conf import settings

    from tests.chaos.play import play
    from tests.running.stack import Stack

    logs = Path(tempfile.mkdtemp(prefix="ktrdr chaos "))
    stack = Stack(servers, logs, database=DATABASE)
    try:
        storage = Path(settings.KTRDR_CHECKPOINT_STORAGE)
        report = play(stack, servers, storage=storage, seconds=60 * minutes, seed=seed)
    finally:
        stack.stop()
    print("\n".join([report.table(), *report.broken]))
    if report.broken:
        print(f"What the processes said: {logs}")
    return 1 if report.broken else 0


def _prepare(servers: Servers) -> None:
    """The servers, an empty database, and Django on both."""
    for name in [name for name in os.environ if name.startswith("KTRDR_")]:
        del os.environ[name]
    os.environ.update(servers.environment(), DJANGO_SETTINGS_MODULE="ktrdr_site.settings")
    (servers.directory / "var").mkdir()
    servers.postgres.start()
    servers.valkey.start()
    with psycopg.connect(
        host=str(servers.postgres.directory), user="postgres", autocommit=True
    ) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
