import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from tests.asking.commands import manage as manage
from tests.training.views.scenes import signed_in


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def browser(owner: User) -> Client:
    """Signed in as the owner."""
    return signed_in(owner)


@pytest.fixture(autouse=True)
def redis_down(settings: Settings) -> None:
    """Nothing here waits for a worker."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
