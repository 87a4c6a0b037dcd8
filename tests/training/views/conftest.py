import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from tests.commands import manage as manage


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def browser(owner: User) -> Client:
    """Signed in as the owner."""
    return signed_in(owner)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def redis_down(settings: Settings) -> None:
    """Nothing here waits for a worker."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
