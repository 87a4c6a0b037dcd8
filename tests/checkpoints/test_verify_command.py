"""`verify_checkpoints` reads every byte, quarantines what is wrong and releases what is whole."""

from pathlib import Path

import pytest

from checkpoints import store
from checkpoints.models import Checkpoint
from operations.models import Operation
from tests.checkpoints import scenes
from tests.checkpoints.commands import run


def quarantines(operation: Operation) -> int:
    return operation.events.filter(event_type="checkpoint_quarantined").count()


def test_whole_ones_are_marked(operation: Operation) -> None:
    checkpoint = scenes.save(operation, 1)

    answer = run("verify_checkpoints", "--json")

    assert answer.code == 0
    assert answer.json == [
        {"id": checkpoint.pk, "operation_id": operation.pk, "verdict": "whole", "reason": ""}
    ]
    assert Checkpoint.objects.get().verified_at is not None


def test_a_corrupted_one_is_quarantined_with_one_event(operation: Operation, root: Path) -> None:
    older, newer = scenes.save(operation, 1), scenes.save(operation, 2)
    (root / newer.directory / "model.pt").write_bytes(b"")

    answers = [run("verify_checkpoints", operation.pk) for _ in range(2)]

    assert [answer.code for answer in answers] == [5, 5]
    assert "model.pt has 0 bytes" in answers[0].out
    assert list(store.candidates(operation.pk)) == [older]
    assert quarantines(operation) == 1


def test_one_that_is_whole_again_is_released(operation: Operation) -> None:
    checkpoint = scenes.save(operation, 1)
    store.quarantine(checkpoint, "the volume was mounted read-only")

    assert run("verify_checkpoints", operation.pk).code == 0
    assert list(store.candidates(operation.pk)) == [checkpoint]


def test_a_storage_that_has_none_of_ours_quarantines_nothing(
    operation: Operation, root: Path
) -> None:
    for epoch in (1, 2):
        scenes.save(operation, epoch)
    (root / "checkpoints").rename(root / "elsewhere")
    (root / "checkpoints" / "of-another-site").mkdir(parents=True)

    answer = run("verify_checkpoints")

    assert answer.code == 1
    assert "has none of the 2 checkpoints of this site" in answer.err
    assert quarantines(operation) == 0
    assert store.candidates(operation.pk).count() == 2


def test_an_unreachable_storage_is_no_verdict(operation: Operation, root: Path) -> None:
    scenes.save(operation, 1)
    root.rename(root.parent / "elsewhere")

    answer = run("verify_checkpoints", operation.pk)

    assert answer.code == 1
    assert "does not answer" in answer.err
    assert quarantines(operation) == 0
    assert store.candidates(operation.pk).exists()


@pytest.mark.parametrize("id_", ["op_unknown", "op_"])
def test_what_has_no_checkpoint_is_not_found(operation: Operation, id_: str) -> None:
    assert run("verify_checkpoints", id_).code == 4
