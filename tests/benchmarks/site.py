"""A KTRDR site of a benchmark's own: its servers, its database, its files."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.running.servers import Servers

TEST_TEMPO = (
    *("KTRDR_LEASE_SECONDS", "KTRDR_HEARTBEAT_SECONDS", "KTRDR_SWEEP_INTERVAL_SECONDS"),
    "KTRDR_CHECKPOINT_SECONDS",
)
"""Which the tests shorten; a benchmark keeps what a site has."""

KEPT = ("KTRDR_API_REQUESTS_PER_MINUTE", "KTRDR_API_ACTIONS_PER_MINUTE")
"""Which a benchmark may lift: it asks faster than a person."""


@contextmanager
def benchmark_site(*, on_sqlite: bool = False, valkey: bool = False) -> Iterator[Servers]:
    """Django, set up on a migrated, empty database; once in a process.

    Nothing of the user's own site is ever reached.
    """
    for name in [name for name in os.environ if name.startswith("KTRDR_")]:
        if name not in KEPT:
            del os.environ[name]
    servers = Servers()
    try:
        _prepare(servers, on_sqlite=on_sqlite)
        if valkey:
            servers.valkey.start()
        yield servers
    finally:
        servers.stop()


def _prepare(servers: Servers, *, on_sqlite: bool) -> None:
    environment = servers.environment()
    for name in TEST_TEMPO:
        del environment[name]
    if on_sqlite:
        environment["DATABASE_URL"] = f"sqlite:///{servers.directory}/var/benchmark.sqlite3"
    else:
        servers.postgres.start()
        environment["DATABASE_URL"] = servers.postgres.url("postgres")
    os.environ.update(environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "ktrdr_site.settings"
    (servers.directory / "var").mkdir()

    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
