"""SIGKILL at every step of a save, a prune, a discard and a sweep.

Each case kills a real child process at a named point. Whatever it was doing, the old or the new
checkpoint loads whole afterwards, no row points to a missing file, and the next sweep leaves no
file without a row.
"""

import re
import signal
from datetime import timedelta
from pathlib import Path

import pytest

import checkpoints
from checkpoints import retention, store
from checkpoints.models import Checkpoint
from operations.models import Operation
from tests.checkpoints import scenes
from tests.checkpoints.killing import (
    Scenario,
    assert_something_loads,
    complete,
    end_attempt,
    run_until_killed,
    save,
    sweep,
)


def discard(operation: Operation) -> None:
    store.discard(scenes.stage(operation, 3))


def prune(operation: Operation) -> None:
    scenes.cancel(operation)
    retention.prune(older_than=timedelta(days=30))


def delete_by_hand(operation: Operation) -> None:
    scenes.cancel(operation)
    retention.delete_checkpoint(Checkpoint.objects.get(operation=operation, epoch=1))


WRITE = [f"checkpoint.write.{step}" for step in ("chunk", "sync", "rename", "sync_directory")]
REMOVE = ["checkpoint.remove.file", "checkpoint.remove.file@2", "checkpoint.remove.directory"]
DELETE = ["checkpoint.delete.rows", *REMOVE]

MATRIX: list[tuple[Scenario, list[str]]] = [
    (
        save,
        [
            "checkpoint.stage.begin",
            "checkpoint.write.directory",
            *WRITE,
            *(f"{point}@3" for point in WRITE if point != "checkpoint.write.sync_directory"),
            *(f"checkpoint.stage.artifact@{number}" for number in (1, 2, 3)),
            "checkpoint.stage.end",
            "checkpoint.commit.begin",
            "checkpoint.commit.row",
            "checkpoint.commit.inserted",
            "checkpoint.commit.end",
            *DELETE,
        ],
    ),
    (complete, DELETE),
    (discard, ["checkpoint.discard", *REMOVE]),
    (prune, ["checkpoint.read", "checkpoint.prune.verified", "checkpoint.prune.end", *DELETE]),
    (delete_by_hand, DELETE),
    (sweep, ["checkpoint.sweep.listed", "checkpoint.sweep.operations", *REMOVE]),
]
CASES = [
    pytest.param(scenario, point, id=f"{scenario.__name__}-{point}")
    for scenario, points in MATRIX
    for point in points
]


@pytest.mark.parametrize(("scenario", "point"), CASES)
def test_a_kill_loses_no_checkpoint_and_leaves_no_orphan(
    operation: Operation, root: Path, scenario: Scenario, point: str
) -> None:
    for epoch in (1, 2):
        scenes.age(scenes.save(operation, epoch), days=31)

    assert run_until_killed(scenario, operation, point) == -signal.SIGKILL

    assert_something_loads(operation)
    end_attempt(operation.pk)
    retention.sweep_orphans()
    assert scenes.stored_files(root) - {"checkpoints"} == scenes.indexed_files()


def test_the_matrix_reaches_every_failpoint_of_the_package() -> None:
    package = Path(checkpoints.__file__).parent
    source = "".join(path.read_text() for path in package.glob("*.py"))
    in_source = set(re.findall(r'failpoint\("([a-z_.]+)"\)', source))

    assert {point.partition("@")[0] for _, points in MATRIX for point in points} == in_source
