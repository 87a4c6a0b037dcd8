"""Saves of short epochs lie apart; an end is saved all the same, and no byte moves."""

import pytest
from pytest_django.fixtures import Settings

from operations.models import EventType, Operation, Status
from tests.acceptance import trainings
from tests.training.launch import attempts
from training.attempt.requests import StopReason

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]

EPOCHS = 12
AN_HOUR = 3600.0


def saved(operation: Operation) -> list[str]:
    events = operation.events.filter(event_type=EventType.CHECKPOINT_SAVED).order_by("number")
    return [event.data["checkpoint_type"] for event in events]


def test_how_many_saves_there_were_moves_no_byte(settings: Settings) -> None:
    settings.KTRDR_CHECKPOINT_SECONDS = 0
    often = attempts.run(attempts.start(epochs=EPOCHS, every_epochs=1))
    settings.KTRDR_CHECKPOINT_SECONDS = AN_HOUR
    never = attempts.run(attempts.start(epochs=EPOCHS, every_epochs=1))

    assert "periodic" in saved(often)
    assert saved(never) == []
    assert trainings.digests(never) == trainings.digests(often)


@pytest.mark.parametrize("reason", [StopReason.CANCEL, StopReason.SHUTDOWN])
def test_a_stop_is_saved_however_short_a_while_ago_the_last_save_was(
    settings: Settings, reason: StopReason
) -> None:
    settings.KTRDR_CHECKPOINT_SECONDS = AN_HOUR
    stopped = attempts.run_until(attempts.start(epochs=EPOCHS, every_epochs=1), 40, reason)

    assert stopped.status == Status.CANCELLED or stopped.attempt == 2
    assert saved(stopped) == [reason.value]
