import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.fixture
def browser(db: None, client: Client) -> Client:
    """Of a superuser who has logged in."""
    client.force_login(User.objects.create_superuser("admin"))
    return client
