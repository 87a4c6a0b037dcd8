"""Each page opens, in every state of an operation, and without a script."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.operations import scenes

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type", "redis_down"),
]


def test_each_fragment_of_each_state_opens(page: Client) -> None:
    for operation in (
        scenes.pending(),
        scenes.running(),
        scenes.cancelled(3),
        scenes.failed(),
        scenes.failed(4),
        scenes.completed(5),
    ):
        for name in ("", "-row", "-header", "-history", "-curve"):
            answer = page.get(reverse(f"operation{name}", args=[operation.pk]))
            assert answer.status_code == 200, (operation.status, name)
    assert page.get(reverse("operations")).status_code == 200
    assert page.get(reverse("workers")).status_code == 200
