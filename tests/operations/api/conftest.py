from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from operations.access import tokens
from operations.access.tokens import Scope
from tests.asking.clients import ClientFor
from tests.asking.described_client import DescribedClient


@pytest.fixture
def client_for(db: None) -> ClientFor:
    """A client with a new token of this user."""

    def make(user: User, scope: Scope = Scope.OPERATE, **issue: Any) -> APIClient:
        _, secret = tokens.issue(user, scope=scope, **issue)
        return DescribedClient(headers={"authorization": f"Bearer {secret}"})

    return make


@pytest.fixture
def api(client_for: ClientFor, staff: User) -> APIClient:
    """A client of a member of staff, who may see and do everything."""
    return client_for(staff)
