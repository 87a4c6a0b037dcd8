import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from tests.asking.commands import manage as manage
from tests.operations.fake_type import fake_type as fake_type
from tests.operations.family_type import family_type as family_type
from tests.running.servers import NOBODY_LISTENS


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
