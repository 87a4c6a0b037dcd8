import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from tests.asking.clients import Browser


@pytest.fixture(autouse=True)
def no_old_counts() -> None:
    """The chips' counts are kept for a second, for all pages of a process."""
    cache.clear()


@pytest.fixture
def browser() -> Browser:
    """A signed-in browser of this user."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def page(browser: Browser, staff: User) -> Client:
    """The browser of a member of staff, who may see and do everything."""
    return browser(staff)
