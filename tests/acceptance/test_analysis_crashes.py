"""SIGKILL once at every named point of an analysis's life: it ends once, with the same bytes, and
measures no group twice."""

import re
import signal
import time
from pathlib import Path

import pytest

from operations.cancel import cancel_operation
from operations.dispatch import ring_after_commit
from operations.models import LIVE, Operation, OperationQuerySet, Status
from operations.resume import resume_operation
from tests.acceptance import analysis_points, trainings
from tests.acceptance.killing import at_once, kill_at, stopped_horses
from tests.chaos.crew import Crew
from tests.chaos.invariants import broken_rules
from tests.operations.history import assert_whole
from tests.running.stack import PROJECT, Stack, wait_until
from tests.training.explaining.scenes import another, as_bytes, ended, model_of
from training.explaining.start import start_importance
from training.models import TrainedModel

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

MATRIX_SECONDS = 240
"""On a busy machine; an idle one needs a twentieth."""

STARTING = ("start.written", "ring.taken")
HALT = "analysis.group.kept"
"""Where every horse stops, until somebody has looked; the first one is killed there, too."""
KILLED = [point for point in analysis_points.EVERY if point != HALT]
EVERY = (*STARTING, *KILLED, HALT)


def test_an_analysis_ends_once_with_the_same_bytes_whatever_is_killed_where(
    stack: Stack, valkey: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.sweeper()
    model = model_of()
    undisturbed = as_bytes(ended(start_importance(model)))
    reached = tmp_path / "reached"
    reached.mkdir()
    began = time.monotonic()

    of_the_test_part = _kill_who_starts_it(model, reached)
    crew = _crew(stack, at_once(KILLED, reached, f"{HALT}=stop"))
    failing: list[Operation] = []
    cancelled: list[Operation] = []
    measured: list[Operation] = []
    while not {*EVERY} <= _names(reached):
        failing += [_gone(model) for _ in analysis_points.FAILING]
        measured += [_started(model) for _ in analysis_points.MEASURING]
        cancelled += [_started(model) for _ in analysis_points.CANCELLED]
        _until_all_ended(crew, cancelled, reached)
    for operation in cancelled:
        if trainings.now(operation).status == Status.CANCELLED:  # others were through
            resume_operation(operation.pk)
    _until_all_ended(crew, [], reached)

    every = list(Operation.objects.filter(operation_type="analysis"))
    assert [fault for operation in every for fault in broken_rules(operation)] == []
    for operation in every:
        assert_whole(operation.pk)
    for operation in (*measured, *cancelled):
        assert as_bytes(operation) == undisturbed, trainings.story(operation)
    assert trainings.now(of_the_test_part).status == Status.COMPLETED
    assert {trainings.now(operation).error_code for operation in failing} == {"model_not_found"}
    with capsys.disabled():
        print(_told(reached, every, time.monotonic() - began))


def test_the_matrix_reaches_every_failpoint_of_an_analysis() -> None:
    package = PROJECT / "training" / "explaining"
    source = "".join(path.read_text() for path in package.rglob("*.py"))
    in_source = set(re.findall(r'failpoint\("([^"]+)"\)', source))
    assert in_source - {*EVERY} == set()


def _kill_who_starts_it(model: TrainedModel, reached: Path) -> Operation:
    """Before it is there, and before its bell: then whoever asks again is told of that one."""

    def start() -> Operation:
        return start_importance(model, part="test")

    for point in STARTING:
        kill_at(point, start, reached)
    (operation,) = Operation.objects.filter(operation_type="analysis", request__part="test")
    assert start().pk == operation.pk
    Operation.objects.filter(pk=operation.pk).update(max_restarts=1000)
    return operation


def _started(model: TrainedModel) -> Operation:
    operation = another(model, max_restarts=1000)
    ring_after_commit(operation.pk, operation.attempt)
    return operation


def _gone(model: TrainedModel) -> Operation:
    """One of a model that is no longer there."""
    operation = another(model, max_restarts=1000, model_id=0)
    ring_after_commit(operation.pk, operation.attempt)
    return operation


def _crew(stack: Stack, env: dict[str, str]) -> Crew:
    posts = ("first worker", "second worker")
    return Crew({post: lambda: stack.worker(**env) for post in posts})


def _until_all_ended(crew: Crew, to_cancel: list[Operation], reached: Path) -> None:
    def looked() -> bool:
        crew.look()
        _disturb(crew, to_cancel, reached)
        return not _live().exists()

    wait_until(looked, MATRIX_SECONDS, lambda: "\n".join(map(trainings.story, _live())))


def _disturb(crew: Crew, to_cancel: list[Operation], reached: Path) -> None:
    """Where horses have stopped: kill the first, cancel what has measured of `to_cancel`, and when
    that is done tell workers to stop, until a horse was killed at each point of its way out."""
    awaited = _live().filter(pk__in=[one.pk for one in to_cancel], cancel_requested_at=None)
    for operation in awaited.filter(metrics__isnull=False).distinct():
        cancel_operation(operation.pk)
    is_next = not awaited.exists() and not {*analysis_points.INTERRUPTED} <= _names(reached)
    for worker in crew.at.values():
        for horse in stopped_horses(worker):
            if HALT not in _names(reached):
                horse.kill()
                (reached / HALT).touch()
            elif is_next:
                worker.send(signal.SIGTERM)
            horse.resume()


def _live() -> OperationQuerySet:
    return Operation.objects.filter(status__in=LIVE)


def _names(reached: Path) -> set[str]:
    return {path.name for path in reached.iterdir()}


def _told(reached: Path, ended: list[Operation], seconds: float) -> str:
    lost = sum(operation.attempts.filter(outcome="lost").count() for operation in ended)
    points = len(_names(reached))
    return f"\n{points} points of {len(ended)} analyses, {lost} attempts lost, in {seconds:.0f} s"
