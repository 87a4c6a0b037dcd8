"""SIGKILL once at every named point of an operation's life.

Many trainings share one stack, in which every point kills the first process that reaches it: a
horse, a worker's parent, a sweeper, or a process that starts, resumes or cancels. Whatever ends is
started again. Then every operation has ended exactly once, each model equals its undisturbed
twin's, and the next housekeeping leaves no file without a row.
"""

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from operations.cancel import cancel_operation
from operations.models import LIVE, Operation, Status
from operations.resume import resume_operation
from operations.upkeep.housekeeping import clean_up
from tests.acceptance import analysis_points, family_points, trainings
from tests.acceptance.killing import at_once, kill_at
from tests.acceptance.trainings import DIVERGING
from tests.chaos.crew import Crew
from tests.chaos.invariants import broken_rules, orphans
from tests.running.stack import PROJECT, Stack, wait_until

pytestmark = pytest.mark.timeout(900)

EPOCHS = 30
NUM_COMPLETING = 4
MATRIX_SECONDS = 240
"""On a busy machine; two idle cores need a quarter of it."""

REQUEST = (
    "start.written",
    "ring.taken",
    "ring.enqueued",
    "ring.noted",
    "cancel_request.updated",
    "resume.written",
)
"""Reached by a process that starts, cancels or resumes."""

STOPPED = ("end.interrupt.written", "end.interrupt.committed")
"""Reached by a horse whose worker is told to stop."""

CANCELLED = tuple(f"end.cancelled.{step}" for step in ("begin", "written", "committed"))

HORSE = (
    *(f"claim.{step}" for step in ("begin", "written", "end")),
    "prepare.begin",
    *(f"heartbeat.{step}" for step in ("begin", "end")),
    *(f"checkpoint.stage.{step}" for step in ("begin", "artifact", "end")),
    *(f"checkpoint.write.{step}" for step in ("directory", "chunk", "sync", "rename")),
    "checkpoint.write.sync_directory",
    *(f"checkpoint.commit.{step}" for step in ("begin", "row", "inserted", "end")),
    "checkpoint.delete.rows",
    *(f"checkpoint.remove.{step}" for step in ("file", "directory")),
    "checkpoint.read",
    *(f"model.stage.{step}" for step in ("begin", "artifact")),
    "model.commit.score",
    "model.commit.row",
    *(f"end.completed.{step}" for step in ("begin", "committed")),
    *(f"end.complete.{step}" for step in ("updated", "written")),
    *(f"end.failed.{step}" for step in ("begin", "written", "committed")),
)
WORKER = ("worker.popped",)
QUEUED = ("horse.popped",)
"""Reached by a horse that has ended one operation and takes the next."""
SWEEPER = (
    *(f"sweep.{step}" for step in ("begin", "beaten", "recover.updated", "recovered", "end")),
)
EVERYWHERE = (*HORSE, *CANCELLED, *STOPPED, *WORKER, *QUEUED, *SWEEPER)
CHECKPOINTS_ONLY = "checkpoint."
"""tests/checkpoints/test_crash_matrix.py holds that every one of these is in a matrix."""


def test_every_operation_ends_once_whatever_is_killed_where(
    stack: Stack, twin, checkpoint_root: Path, tmp_path: Path, capsys
) -> None:
    undisturbed = twin(EPOCHS, trainings.RESTING)
    began = time.monotonic()
    reached = tmp_path / "reached"
    reached.mkdir()
    completing = [_start(EPOCHS) for _ in range(NUM_COMPLETING)]
    diverging = _start(EPOCHS, strategy_yaml=DIVERGING)
    crew = _crew(stack, reached, EVERYWHERE)
    _kill_the_requests(completing[0], reached)
    _tell_workers_to_stop(crew, reached)
    _look_until(crew, lambda: not Operation.objects.live().exists())
    cancelled = _cancel_until_reached(crew, reached)
    _resume(cancelled[0], reached)
    cancel_operation(cancelled[0].pk)
    _look_until(crew, lambda: not Operation.objects.live().exists())
    _queue_until_reached(crew, reached)

    assert _unreached(reached, (*EVERYWHERE, *REQUEST)) == set()
    ended = list(Operation.objects.all())
    assert [fault for operation in ended for fault in broken_rules(operation)] == []
    for operation in completing:
        assert trainings.digests(operation) == undisturbed
    assert trainings.now(diverging).error_code == "training_failed"
    assert {trainings.now(operation).status for operation in cancelled} == {Status.CANCELLED}
    for process in stack.processes:
        process.kill_all()
    _age_models(checkpoint_root)
    clean_up()
    assert orphans() == set()
    with capsys.disabled():
        print(_table(reached, ended, time.monotonic() - began))


def test_the_matrix_reaches_every_failpoint_of_an_operations_life() -> None:
    source = "".join(
        path.read_text()
        for package in ("operations", "training")
        for path in (PROJECT / package).rglob("*.py")
    )
    in_source = {
        re.sub(r"\{\w+\}", "*", name) for name in re.findall(r'failpoint\(f?"([^"]+)"\)', source)
    }
    of_families = (
        *family_points.WORKER,
        *family_points.REQUEST,
        *family_points.AROUND_A_RUNG,
        *analysis_points.EVERY,
    )
    every = (*EVERYWHERE, *REQUEST, *of_families)
    in_matrix = {point for point in every if "checkpoint." not in point}
    without_kind = {re.sub(r"^end\.\w+\.", "end.*.", point) for point in in_matrix}
    # A request's and an import's lives have tests of their own: test_keys_after_a_crash and
    # test_imports_at_once.
    # Its workers rest where an epoch is done; between two steps of it test_kill_harness kills.
    of_others = {name for name in in_source if name.startswith(("key.", "import.", "epoch."))}
    assert in_source - of_others - in_matrix - without_kind == set()


def _start(epochs: int, **changes: Any) -> Operation:
    given = {"strategy_yaml": trainings.RESTING, **changes}
    return trainings.start(epochs=epochs, max_restarts=1_000, **given)


def _crew(stack: Stack, reached: Path, points: tuple[str, ...]) -> Crew:
    env = at_once(points, reached, trainings.REST)
    return Crew(
        {
            "first worker": lambda: stack.worker(**env),
            "second worker": lambda: stack.worker(**env),
            "first sweeper": lambda: stack.sweeper(**env),
            "second sweeper": lambda: stack.sweeper(**env),
        }
    )


def _look_until(crew: Crew, condition: Callable[[], bool]) -> None:
    def looked() -> bool:
        crew.look()
        return condition()

    wait_until(looked, MATRIX_SECONDS, lambda: "\n".join(map(trainings.story, _live())))


def _live() -> list[Operation]:
    return list(Operation.objects.filter(status__in=LIVE))


def _kill_the_requests(operation: Operation, reached: Path) -> None:
    """Each in a process of its own."""
    for point in ("start.written", "ring.taken", "ring.enqueued", "ring.noted"):
        kill_at(point, lambda: _start(EPOCHS), reached)
    kill_at("cancel_request.updated", lambda: cancel_operation(operation.pk), reached)


def _tell_workers_to_stop(crew: Crew, reached: Path) -> None:
    """Until a horse was killed at each point of handing its operation on."""

    def told() -> bool:
        for post in ("first worker", "second worker"):
            worker = crew.at[post]
            if worker.alive and psutil.Process(worker.pid).children():
                worker.send(signal.SIGTERM)
        return not _unreached(reached, STOPPED)

    _look_until(crew, told)


def _cancel_until_reached(crew: Crew, reached: Path) -> list[Operation]:
    """One after the other, as each dies at one point of its end."""
    cancelled = []
    while _unreached(reached, CANCELLED):
        operation = _start(10_000)
        cancelled.append(operation)
        _look_until(crew, operation.checkpoints.exists)
        cancel_operation(operation.pk)
        _look_until(crew, lambda: not Operation.objects.live().exists())
    return cancelled


def _queue_until_reached(crew: Crew, reached: Path) -> None:
    """More at once than there are workers."""
    while _unreached(reached, QUEUED):
        for _ in range(4):
            _start(1)
        _look_until(crew, lambda: not Operation.objects.live().exists())


def _resume(operation: Operation, reached: Path) -> None:
    kill_at("resume.written", lambda: resume_operation(operation.pk), reached)
    resume_operation(operation.pk)


def _unreached(reached: Path, points: tuple[str, ...]) -> set[str]:
    return set(points) - {path.name for path in reached.iterdir()}


def _age_models(root: Path) -> None:
    """Their files go a day after they were written."""
    two_days_ago = time.time() - 2 * 86_400
    for path in (root / "models").rglob("*"):
        os.utime(path, (two_days_ago, two_days_ago))


def _table(reached: Path, ended: list[Operation], seconds: float) -> str:
    counts = {status.value: sum(one.status == status for one in ended) for status in Status}
    lost = sum(one.attempts.filter(outcome="lost").count() for one in ended)
    points = sorted(path.name for path in reached.iterdir())
    lines = [f"{len(points)} points, one SIGKILL at each, in {seconds:.0f} s:", *points]
    return "\n  ".join(lines) + f"\n{counts}, {lost} attempts lost, every rule holds"
