"""A save that fails harms nothing; the training goes on and tries again."""

import contextlib
import html
import re
import time
from io import StringIO

import psutil
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from operations.models import Operation, Status
from tests.acceptance import trainings
from tests.acceptance.trainings import events_of, now, wait_for_end, wait_for_event
from tests.running.stack import Stack, wait_until

EPOCHS = 60
FULL = "checkpoint.write.chunk=ENOSPC"
PAUSE_SECONDS = 2.0
"""After a first failed save, until it is tried again."""


def test_a_disk_that_is_full_for_a_while_costs_one_save(stack: Stack, twin) -> None:
    undisturbed = twin(EPOCHS)
    operation = trainings.start(epochs=EPOCHS)
    worker = stack.worker("--burst", KTRDR_FAILPOINTS="checkpoint.write.chunk=ENOSPC@5")
    wait_for_event(operation, "checkpoint_failed")
    _rest(trainings.horse_of(worker), PAUSE_SECONDS)
    assert wait_for_end(operation).status == Status.COMPLETED
    events = events_of(operation)
    assert events.count("checkpoint_failed") == 1
    assert "checkpoint_saved" in events[events.index("checkpoint_failed") :]
    failed = operation.events.get(event_type="checkpoint_failed")
    assert "No space left on device" in failed.data["reason"]
    assert trainings.digests(operation) == undisturbed


def _rest(horse: psutil.Process, seconds: float) -> None:
    """It trains no epoch meanwhile: however fast a machine is, most are left after the pause."""
    horse.suspend()
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began > seconds)
    horse.resume()


def test_a_training_outlives_a_disk_that_stays_full_and_says_so(stack: Stack) -> None:
    operation = trainings.start_resting()
    stack.worker(KTRDR_FAILPOINTS=f"{FULL};{trainings.REST}")
    wait_for_event(operation, "checkpoint_failed", 2)
    running = now(operation)
    assert running.status == Status.RUNNING
    assert "No space left on device" in running.progress["save_error"]
    assert not operation.checkpoints.exists()


def test_a_cancel_whose_save_fails_ends_as_cancelled_and_says_what_was_lost(stack: Stack) -> None:
    operation = trainings.start_resting()
    stack.worker(KTRDR_FAILPOINTS=f"{FULL};{trainings.REST}", KTRDR_SHUTDOWN_GRACE_SECONDS="2")
    trainings.wait_for_epoch(operation, 2)
    trainings.cancel(operation)
    assert wait_for_end(operation).status == Status.CANCELLED
    cancelled = operation.events.get(event_type="cancelled").data
    assert cancelled["lost_checkpoint"] is True
    assert re.fullmatch(
        r"It stopped after \d+ epochs.*, and could not save them \(.*No space left on device.*\): "
        r"it has no checkpoint to go on from\.",
        cancelled["lost"],
    )
    for surface, said in told_of(operation).items():
        assert cancelled["lost"] in said, surface
        assert "is tried again" not in said, surface


def told_of(operation: Operation) -> dict[str, str]:
    """By surface, of an operation that has ended."""
    browser = Client()
    browser.force_login(User.objects.create_superuser("admin"))
    addresses = {
        "page": f"/operations/{operation.pk}/",
        "api": f"/api/v1/operations/{operation.pk}",
        "events": f"/api/v1/operations/{operation.pk}/events",
        "admin": f"/admin/operations/operation/{quote(operation.pk)}/change/",
    }
    told = {name: browser.get(address).content.decode() for name, address in addresses.items()}
    for command in ("show_operation", "follow_operation"):
        written = StringIO()
        with contextlib.suppress(SystemExit):
            call_command(command, operation.pk, stdout=written)
        told[command] = " ".join(written.getvalue().split())
    return {name: html.unescape(text) for name, text in told.items()}


def test_a_model_that_cannot_be_stored_waits_for_the_storage(stack: Stack, twin) -> None:
    undisturbed = twin(4)
    operation = trainings.start(epochs=4)
    stack.worker("--burst", KTRDR_FAILPOINTS="checkpoint.write.chunk=ENOSPC@1")
    assert wait_for_end(operation).status == Status.COMPLETED
    assert trainings.digests(operation) == undisturbed
