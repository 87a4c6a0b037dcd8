"""Following ends when the operation does, and not before: see also the real processes below."""

import json
import signal

import pytest
from django.db import connection

from operations import lifecycle, selectors
from operations.models import EventType, Operation
from operations.resume import resume_operation
from tests.asking.commands import Manage
from tests.operations import scenes
from tests.running.postgres import PostgresServer
from tests.running.stack import Stack, wait_until

pytestmark = pytest.mark.usefixtures("fake_type")


@pytest.mark.parametrize(
    ("scene", "code"), [(scenes.completed, 0), (scenes.failed, 5), (scenes.cancelled, 6)]
)
def test_the_exit_code_is_how_it_ended(manage: Manage, scene, code: int) -> None:  # type: ignore[no-untyped-def]
    operation = scene()
    outcome = manage("follow_operation", operation.pk)
    assert outcome.code == code
    lines = outcome.out.splitlines()
    assert lines[0].endswith("attempt 1  created")
    assert f"Operation {operation.pk} is {operation.status}." in lines[-1]


def test_a_failure_says_what_happened(manage: Manage) -> None:
    assert manage("follow_operation", scenes.failed().pk).out.endswith("It broke.\n")


def test_json_is_one_object_a_line_and_the_operation_last(manage: Manage) -> None:
    operation = scenes.completed()
    lines = [
        json.loads(line)
        for line in manage("follow_operation", operation.pk, "--json").out.splitlines()
    ]
    assert [line["event_type"] for line in lines[:-1]] == scenes.events(operation)
    assert lines[-1]["status"] == "completed"


def test_saves_that_follow_each_other_are_folded(manage: Manage) -> None:
    operation = scenes.running()
    for epoch in range(6):
        lifecycle.note(operation.pk, EventType.CHECKPOINT_SAVED, {"epoch": epoch}, attempt=1)
    assert lifecycle.cancel(operation.pk, 1)
    told = manage("follow_operation", operation.pk)
    lines = [line for line in told.out.splitlines() if "checkpoint_saved" in line]
    assert [line.partition("epoch=")[2] for line in lines] == ["0", "5  and 4 before it"]
    assert "cancelled" in told.out.partition(lines[1])[2].splitlines()[1]
    every = manage("follow_operation", operation.pk, "--json").out
    assert every.count('"checkpoint_saved"') == 6


def test_without_an_id_it_is_the_newest_that_lives(manage: Manage) -> None:
    nothing = manage("follow_operation")
    assert (nothing.code, nothing.out) == (4, "")
    assert "Nothing waits or runs." in nothing.err
    older, newest = scenes.pending(), scenes.pending()
    scenes.completed()
    assert selectors.newest_live().pk == newest.pk
    lifecycle.request_cancel(newest.pk)
    assert selectors.newest_live().pk == older.pk


def test_a_process_follows_across_cancel_and_resume_and_shows_every_event_once(
    stack: Stack,
) -> None:
    operation = scenes.as_training(scenes.running())
    scenes.save(operation, 3)
    follower = stack.start("follow", "follow_operation", operation.pk)
    wait_until(lambda: "checkpoint_saved" in follower.output, describe=lambda: follower.output)
    assert lifecycle.interrupt(operation.pk, 1)
    scenes.claim(operation)
    progress = {"phase": "training", "epoch": 4, "total_epochs": 9, "val_loss": 0.69314}
    lifecycle.heartbeat(operation.pk, 2, progress=progress)
    wait_until(
        lambda: "5 of 9 epochs, val_loss 0.6931" in follower.output,
        describe=lambda: follower.output,
    )
    with lifecycle.completing(operation.pk, 2, result={}):
        pass
    assert follower.wait() == 0
    shown = [line.split()[3] for line in follower.output.splitlines() if "  attempt " in line]
    assert shown == scenes.events(operation)


def test_an_end_that_was_resumed_before_it_was_seen_is_no_end(stack: Stack) -> None:
    operation = scenes.running()
    scenes.save(operation, 3)
    follower = stack.start("follow", "follow_operation", operation.pk)
    wait_until(lambda: "claimed" in follower.output, describe=lambda: follower.output)
    # the follower is stopped while all of it happens, so that it cannot see the end alone
    follower.send(signal.SIGSTOP)
    lifecycle.cancel(operation.pk, 1)
    resume_operation(operation.pk)
    follower.send(signal.SIGCONT)
    wait_until(lambda: "resumed" in follower.output, describe=lambda: follower.output)
    assert follower.alive
    lifecycle.request_cancel(operation.pk)
    assert follower.wait() == 6


def test_ctrl_c_detaches_and_says_so(stack: Stack) -> None:
    operation = scenes.running()
    follower = stack.start("follow", "follow_operation", operation.pk)
    wait_until(lambda: "claimed" in follower.output, describe=lambda: follower.output)
    follower.send(signal.SIGINT)
    assert follower.wait() == 130
    assert f"Detached. {operation.pk} goes on" in follower.output
    assert "Traceback" not in follower.output
    assert Operation.objects.get(pk=operation.pk).status == "running"


def test_it_survives_a_restart_of_the_database(
    stack: Stack, postgres_server: PostgresServer
) -> None:
    operation = scenes.running()
    follower = stack.start("follow", "follow_operation", operation.pk)
    wait_until(lambda: "claimed" in follower.output, describe=lambda: follower.output)
    postgres_server.stop()
    wait_until(lambda: "looking again" in follower.output, describe=lambda: follower.output)
    postgres_server.start()
    connection.close()
    assert lifecycle.force_cancel(operation.pk, 1)
    assert follower.wait() == 6
