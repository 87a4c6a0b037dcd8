"""The process that has run many operations, or parts, runs the next one as a new one would."""

import json
import os
import re
from itertools import cycle, islice

import psutil
import pytest
from pytest_django.fixtures import Settings

from operations import lifecycle
from operations.cancel import cancel_operation
from operations.decision import Decision, NewPart
from operations.models import Operation, Status
from operations.reading import attempt_logs
from tests.acceptance import trainings
from tests.operations import family_scenes, scenes
from tests.operations.family_type import PARTS_QUEUE
from tests.operations.family_types import FAMILY_TYPES
from tests.running.stack import Stack, StackProcess, wait_until
from tests.training.launch.attempts import STRATEGY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

LSTM = STRATEGY.replace("type: mlp", "type: lstm").replace(
    "{hidden_layers: [32, 16], activation: relu, dropout: 0.1}",
    "{sequence_length: 12, hidden_size: 6}",
)
ON_AUTOGRAD = STRATEGY.replace("hidden_layers: [32, 16]", "hidden_layers: [600, 400]")
ON_AUTOGRAD = ON_AUTOGRAD.replace("batch_size: 64", "batch_size: 512")
CLAIMED = '"message": "attempt 1 of '
NUM_PARTS = int(os.environ.get("PARTS", "8"))
CHANGING = re.compile(r"op_\w+|\d{4}-\d\d-\d\dT[\d:]+Z|[\d.e-]+ s\b")


@pytest.fixture(autouse=True)
def families(settings: Settings) -> None:
    settings.OPERATION_TYPES = {**settings.OPERATION_TYPES, **FAMILY_TYPES}


def family_of(strategies: list[str]) -> tuple[Operation, list[str]]:
    """A family, and the ids of trainings that it waits for, each to its end."""
    starts = {text: trainings.start(strategy_yaml=text, epochs=2) for text in set(strategies)}
    requests = [starts[text].request for text in strategies]
    for start in starts.values():
        assert cancel_operation(start.pk)
    new = [
        NewPart(
            operation_id=lifecycle.new_operation_id("training"),
            number=number,
            operation_type="training",
            request=request,
            queue=PARTS_QUEUE,
        )
        for number, request in enumerate(requests, start=1)
    ]
    family = scenes.claim(family_scenes.family())
    assert lifecycle.park(family.pk, 1, Decision(new=new, data={"rung": 0}))
    return family, [part.operation_id for part in new]


def completed(ids: list[str]) -> bool:
    return Operation.objects.filter(pk__in=ids, status=Status.COMPLETED).count() == len(ids)


def log_of(operation: Operation) -> list[str]:
    """Without what differs from one run to the next: ids and times."""
    lines = attempt_logs.read(operation, 1).text.splitlines()
    return [CHANGING.sub("…", line) for line in lines]


def processes(worker: StackProcess) -> dict[str, int]:
    """Which process claimed each operation, by its id."""
    lines = (json.loads(line) for line in worker.output.splitlines() if CLAIMED in line)
    return {line["operation_id"]: line["pid"] for line in lines}


def rests(worker: StackProcess) -> bool:
    """Whether its last fork is gone."""
    return not psutil.Process(worker.pid).children()


def test_the_last_part_of_a_process_is_as_the_first_of_a_new_one(
    stack: Stack, valkey: object
) -> None:
    different = list(islice(cycle([STRATEGY, ON_AUTOGRAD, LSTM]), NUM_PARTS - 1))
    _, ids = family_of([*different, ON_AUTOGRAD])
    worker = stack.worker(DJANGO_SETTINGS_MODULE="tests.acceptance.patient_site")
    wait_until(lambda: completed(ids) and rests(worker), 300, lambda: worker.output)
    _, alone = family_of([ON_AUTOGRAD])
    wait_until(lambda: completed(alone) and rests(worker), 120, lambda: worker.output)

    process = processes(worker)
    assert {process[pk] for pk in ids} == {process[ids[0]]}
    assert process[alone[0]] != process[ids[0]]
    last, first = (Operation.objects.get(pk=pk) for pk in (ids[-1], alone[0]))
    assert trainings.digests(last) == trainings.digests(first)
    assert log_of(last) == log_of(first)
    second, fifth = (Operation.objects.get(pk=pk) for pk in (ids[1], ids[4]))
    assert trainings.digests(second) == trainings.digests(fifth) == trainings.digests(first)


def test_the_last_operation_of_a_process_is_as_the_first_of_a_new_one(
    stack: Stack, valkey: object
) -> None:
    texts = [*islice(cycle([STRATEGY, ON_AUTOGRAD, LSTM]), NUM_PARTS - 1), ON_AUTOGRAD]
    waiting = [trainings.start(strategy_yaml=text, epochs=2) for text in texts]
    ids = [operation.pk for operation in waiting]
    worker = stack.worker()
    wait_until(lambda: completed(ids) and rests(worker), 300, lambda: worker.output)
    alone = trainings.start(strategy_yaml=ON_AUTOGRAD, epochs=2)
    wait_until(lambda: completed([alone.pk]) and rests(worker), 120, lambda: worker.output)

    process = processes(worker)
    assert {process[pk] for pk in ids} == {process[ids[0]]}
    assert process[alone.pk] != process[ids[0]]
    assert trainings.digests(waiting[-1]) == trainings.digests(alone)
    assert log_of(waiting[-1]) == log_of(alone)


def test_what_failed_takes_its_process_with_it(stack: Stack, valkey: object) -> None:
    failing = trainings.start(strategy_yaml=trainings.DIVERGING, epochs=2)
    waiting = trainings.start(strategy_yaml=STRATEGY, epochs=2)
    worker = stack.worker()
    wait_until(lambda: completed([waiting.pk]), 120, lambda: worker.output)
    assert trainings.now(failing).status == Status.FAILED
    process = processes(worker)
    assert process[failing.pk] != process[waiting.pk]


def test_of_a_horse_that_dies_its_worker_names_what_it_did_last(
    stack: Stack, valkey: object
) -> None:
    first = trainings.start(strategy_yaml=STRATEGY, epochs=2)
    second = trainings.start_resting()
    worker = stack.worker(KTRDR_FAILPOINTS=trainings.REST)
    trainings.wait_for_epoch(second, 2)
    assert len(set(processes(worker).values())) == 1
    trainings.horse_of(worker).kill()
    wait_until(lambda: "before its time" in worker.output, 30, lambda: worker.output)
    (told,) = (line for line in worker.output.splitlines() if "before its time" in line)
    assert second.pk in told
    assert "-9" in told
    assert first.pk not in worker.output.partition("before its time")[2]
