"""Reading checkpoints back keeps nobody waiting, whichever door asks for it: few at once."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.test import Client
from django.urls import reverse

from checkpoints.models import Checkpoint
from operations.bounded.slots import Slots
from operations.bounded.visit import Visit
from operations.upkeep import checkpoints
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")

TOLD = "are being read back: nothing was done. Try again in 5 s."


@pytest.fixture
def all_taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    slots = Slots(at_once=1, patience_seconds=0)
    monkeypatch.setattr(checkpoints, "READINGS", slots)
    with ExitStack() as stack:
        stack.enter_context(slots.taken(user="another", visit=Visit()))
        yield


@pytest.fixture
def spoiled(db: None) -> Checkpoint:
    """What would be quarantined if it were read."""
    checkpoint = scenes.newest(scenes.cancelled(1))
    scenes.spoil(checkpoint)
    return checkpoint


def assert_unread(checkpoint: Checkpoint) -> None:
    checkpoint.refresh_from_db()
    assert checkpoint.quarantined_at is None and checkpoint.verified_at is None


@pytest.mark.parametrize(("asked", "body"), [("{id}/verify", {}), ("cleanup", {"max_age_days": 0})])
def test_the_api_says_when_to_try_again(
    all_taken: None, spoiled: Checkpoint, admin_client: Client, asked: str, body: object
) -> None:
    address = f"/api/v1/checkpoints/{asked.format(id=spoiled.pk)}"
    answer = admin_client.post(address, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_busy")
    assert answer["Retry-After"] == "5" and TOLD in answer.json()["detail"]
    assert_unread(spoiled)


def test_the_page_says_so_in_a_message(
    all_taken: None, spoiled: Checkpoint, admin_client: Client
) -> None:
    answer = admin_client.post(reverse("verify-checkpoint", args=[spoiled.pk]), follow=True)
    assert TOLD in answer.content.decode()
    assert_unread(spoiled)


def test_the_admin_says_so_in_a_message(
    all_taken: None, spoiled: Checkpoint, admin_client: Client
) -> None:
    answer = admin_client.post(
        reverse("admin:checkpoints_checkpoint_changelist"),
        {"action": "verify_selected", "_selected_action": [spoiled.pk]},
        follow=True,
    )
    assert TOLD in answer.content.decode()
    assert_unread(spoiled)
