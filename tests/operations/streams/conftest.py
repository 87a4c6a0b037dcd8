from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.running.servers import Servers
from tests.running.web import Web


@pytest.fixture(scope="session")
def web(
    servers: Servers, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:
    """One for all tests: each brings its own operations."""
    log = tmp_path_factory.mktemp("web") / "web.log"
    running = Web(servers, log, database=str(connection.settings_dict["NAME"]))
    yield running
    running.stop()


@pytest.fixture
def staff(transactional_db: None) -> User:
    return User.objects.create_user("staff", is_staff=True)


@pytest.fixture
def owner(transactional_db: None) -> User:
    return User.objects.create_user("owner")
