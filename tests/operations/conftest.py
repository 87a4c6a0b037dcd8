import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from tests.operations.fake_type import OPERATION_TYPES, PATIENT

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def fake_type(settings: Settings) -> None:
    """Operations of the type `fake`, which need no training, and leases that no slow test outlives:
    `scenes.expire_lease` ends them."""
    settings.OPERATION_TYPES = OPERATION_TYPES
    for name, seconds in PATIENT.items():
        setattr(settings, name, seconds)


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
