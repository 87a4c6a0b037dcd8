import gc
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from tests.running.emptying import delete_rows
from tests.running.emptying import rows_are_deleted as rows_are_deleted
from tests.running.nursery import Nursery
from tests.running.passwords import passwords_are_hashed_once as passwords_are_hashed_once
from tests.running.postgres import PostgresServer
from tests.running.scheduling import pytest_collection_modifyitems as pytest_collection_modifyitems
from tests.running.scheduling import pytest_xdist_make_scheduler as pytest_xdist_make_scheduler
from tests.running.seconds import pytest_terminal_summary as pytest_terminal_summary
from tests.running.servers import ON_SQLITE, SERVERS, Servers, ValkeyServer
from tests.running.stack import Stack
from tests.running.template import Template

# How fast a machine is decides about no test.
hypothesis_settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("untimed")


def pytest_configure() -> None:
    """All tests and all of torch stay until the end: to look through them for garbage every few
    thousand objects took a fifteenth of a run."""
    gc.set_threshold(100_000, 50, 100)


def pytest_collection_finish() -> None:
    """Nor is any of it looked at again, by a test that collects garbage or at the end."""
    gc.freeze()


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Servers:
    return pytestconfig.stash[SERVERS]


@pytest.fixture(scope="session")
def shared_directory(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One that all processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """It may be a copy that is migrated already; its server's end is its own."""
    return True


@pytest.fixture(scope="session")
def migrated(shared_directory: Path) -> Template:
    """A PostgreSQL's data with the test database."""
    return Template(shared_directory / "migrated")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: Servers, migrated: Template) -> None:
    """pytest-django asks for this before it creates the test database."""
    if ON_SQLITE:
        # A file: the default, a database in memory, cannot be shared with another process.
        name = servers.directory / "var" / "test.sqlite3"
        settings.DATABASES["default"]["TEST"]["NAME"] = str(name)
    else:
        if not migrated.copied_with(servers.postgres.start):
            servers.postgres.start()
        # A test's own transaction may idle for longer than the tests' short lease.
        del settings.DATABASES["default"]["OPTIONS"]["options"]


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, servers: Servers, migrated: Template
) -> Iterator[None]:
    """The first test, too, begins without the rows of migrations: any test may be the first.

    What this process's room works on is the test database, too.
    """
    from training.bounded_work import ROOM

    with django_db_blocker.unblock():
        delete_rows()
        connection.close()
    migrated.publish(servers.postgres.copy_to)
    name = str(connection.settings_dict["NAME"])
    ROOM.children.environment["DATABASE_URL"] = servers.database_url(name)
    yield
    ROOM.children.close()


@pytest.fixture
def postgres_server(servers: Servers, db: None) -> Iterator[PostgresServer]:
    """For tests that take the database away; it is back for the next one."""
    if ON_SQLITE:
        pytest.skip("there is no database server on SQLite")
    yield servers.postgres
    servers.postgres.start()


@pytest.fixture
def valkey_server(servers: Servers) -> Iterator[ValkeyServer]:
    """For tests that take Valkey away; it is back, and empty, for the next one."""
    servers.valkey.start()
    yield servers.valkey
    servers.valkey.start()
    _flush(servers.valkey)


@pytest.fixture
def valkey(valkey_server: ValkeyServer) -> Iterator[redis.Redis]:
    """A client of the doorbell's server, which is empty when the test begins."""
    _flush(valkey_server)
    client = redis.Redis(unix_socket_path=str(valkey_server.socket))
    yield client
    client.close()


@pytest.fixture(scope="session")
def nursery(
    servers: Servers, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nursery]:
    log = tmp_path_factory.mktemp("nursery") / "nursery.log"
    nursery = Nursery(servers, log, database=str(connection.settings_dict["NAME"]))
    yield nursery
    nursery.stop()


@pytest.fixture
def stack(
    transactional_db: None,
    valkey: redis.Redis,
    servers: Servers,
    nursery: Nursery,
    tmp_path: Path,
) -> Iterator[Stack]:
    """Starts real processes on the test database; their output is shown if the test fails."""
    database = str(connection.settings_dict["NAME"])
    running = Stack(servers, tmp_path, database=database, nursery=nursery)
    yield running
    running.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and isinstance(running := getattr(item, "funcargs", {}).get("stack"), Stack):
        report.sections += [(f"output of {it.name}", it.output) for it in running.processes]
    return report


@pytest.fixture
def checkpoint_root() -> Path:
    """Where the checkpoint storage keeps its files in this run."""
    return Path(settings.KTRDR_CHECKPOINT_STORAGE)


def _flush(server: ValkeyServer) -> None:
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        client.flushall()
