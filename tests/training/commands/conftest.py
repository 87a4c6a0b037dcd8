import pytest
from pytest_django import Settings

from tests.asking.commands import manage

__all__ = ["manage"]


@pytest.fixture(autouse=True)
def redis_down(settings: Settings) -> None:
    """Nothing here waits for a worker."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
