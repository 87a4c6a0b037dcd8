import pytest
from django.contrib.auth.models import User
from pytest_django import Settings
from rest_framework.test import APIClient

from operations.access import tokens
from operations.access.tokens import Scope
from tests.asking.clients import ClientFor
from tests.asking.described_client import DescribedClient


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def client_for(db: None) -> ClientFor:
    """A client with a new token of this user."""

    def make(user: User, scope: Scope = Scope.OPERATE) -> APIClient:
        _, secret = tokens.issue(user, scope=scope)
        return DescribedClient(headers={"authorization": f"Bearer {secret}"})

    return make


@pytest.fixture
def api(client_for: ClientFor, owner: User) -> APIClient:
    return client_for(owner)


@pytest.fixture(autouse=True)
def redis_down(settings: Settings) -> None:
    """Nothing here waits for a worker."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
