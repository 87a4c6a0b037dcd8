"""A resume on the command line: what it prints, and its exit codes."""

from typing import Any

import pytest
from django.conf import settings

from tests.asking.commands import Manage
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")


def test_it_says_what_was_resumed_and_how_to_follow(manage: Manage) -> None:
    operation = scenes.cancelled(20, 25)
    outcome = manage("resume_operation", operation.pk)
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        f"Successfully resumed operation: {operation.pk}",
        "Status: RUNNING",
        "Resumed from: epoch 25",
        f"Follow it with: {settings.FOLLOW} {operation.pk}",
    ]
    assert scenes.reread(operation).attempt == 2


def test_before_the_first_epoch_is_over_it_names_the_batch(manage: Manage) -> None:
    operation = scenes.running()
    scenes.save(operation, -1, 7)
    manage("cancel_operation", operation.pk, "--force")
    outcome = manage("resume_operation", operation.pk)
    assert "Resumed from: batch 7 of the first epoch" in outcome.out.splitlines()


def test_within_a_later_epoch_it_names_both(manage: Manage) -> None:
    operation = scenes.running()
    scenes.save(operation, 3, 7)
    manage("cancel_operation", operation.pk, "--force")
    outcome = manage("resume_operation", operation.pk)
    assert "Resumed from: epoch 3, batch 7 of the next" in outcome.out.splitlines()


def test_json_is_what_the_api_answers(manage: Manage) -> None:
    operation = scenes.cancelled(25)
    answer = manage("resume_operation", operation.pk, "--json").json
    assert (answer["operation_id"], answer["status"]) == (operation.pk, "running")
    assert answer["resumed_from"]["epoch"] == 25


def test_a_unique_beginning_of_the_id_is_enough(manage: Manage) -> None:
    operation = scenes.cancelled(1)
    assert manage("resume_operation", operation.pk[:-1]).code == 0


def test_a_beginning_of_several_ids_is_bad_input(manage: Manage) -> None:
    scenes.cancelled(1), scenes.cancelled(1)
    outcome = manage("resume_operation", "op_fake")
    assert outcome.code == 2
    assert "give more of the id" in outcome.err


@pytest.mark.parametrize(
    ("scene", "code", "words"),
    [
        (scenes.running, 3, "is already running"),
        (scenes.completed, 3, "is already completed"),
        (scenes.pending, 3, "from status pending"),
        (scenes.failed, 4, "has no checkpoint"),
    ],
)
def test_what_cannot_be_resumed_has_its_exit_code_and_stays_as_it_is(
    manage: Manage, scene: Any, code: int, words: str
) -> None:
    operation = scene()
    before = scenes.rows(operation)
    outcome = manage("resume_operation", operation.pk)
    assert (outcome.code, outcome.out) == (code, "")
    assert words in outcome.err
    assert scenes.rows(operation) == before


def test_an_unknown_operation_is_not_found(manage: Manage) -> None:
    outcome = manage("resume_operation", "op_nothing")
    assert outcome.code == 4
    assert "There is no operation op_nothing" in outcome.err


def test_no_checkpoint_that_verifies_is_a_failure(manage: Manage) -> None:
    operation = scenes.cancelled(1)
    scenes.spoil(scenes.newest(operation))
    assert manage("resume_operation", operation.pk).code == 5


def test_changed_data_are_a_conflict_unless_accepted(manage: Manage) -> None:
    operation = scenes.cancelled(1, data_changed=True)
    assert manage("resume_operation", operation.pk).code == 3
    assert manage("resume_operation", operation.pk, "--accept-changed-data").code == 0


def test_an_error_as_json_has_the_api_s_code(manage: Manage) -> None:
    outcome = manage("resume_operation", "op_nothing", "--json")
    assert outcome.code == 4
    assert '"code": "operation_not_found"' in outcome.err
