from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django.fixtures import Settings

from tests.asking.commands import manage as manage
from tests.operations.fake_type import fake_type as fake_type
from tests.operations.family_type import family_type as family_type
from tests.operations.racing import Racers
from tests.running.servers import NOBODY_LISTENS, Servers


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create_user("stranger")


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_user("staff", is_staff=True)


@pytest.fixture
def redis_down(settings: Settings) -> None:
    settings.REDIS_URL = NOBODY_LISTENS


@pytest.fixture(scope="module")
def racers(servers: Servers, django_db_setup: None) -> Iterator[Racers]:
    servers.valkey.start()
    name = str(connection.settings_dict["NAME"])
    with Racers(servers, {"DATABASE_URL": servers.database_url(name)}) as started:
        yield started
