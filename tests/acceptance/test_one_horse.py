"""The process that has run many parts runs the next one as a new one would: `PARTS`, counted."""

import os
import re
from itertools import cycle, islice

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
from tests.running.stack import Stack, wait_until
from tests.training.launch.attempts import STRATEGY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

LSTM = STRATEGY.replace("type: mlp", "type: lstm").replace(
    "{hidden_layers: [32, 16], activation: relu, dropout: 0.1}",
    "{sequence_length: 12, hidden_size: 6}",
)
ON_AUTOGRAD = STRATEGY.replace("hidden_layers: [32, 16]", "hidden_layers: [600, 400]")
ON_AUTOGRAD = ON_AUTOGRAD.replace("batch_size: 64", "batch_size: 512")
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


def test_the_last_part_of_a_process_is_as_the_first_of_a_new_one(
    stack: Stack, valkey: object
) -> None:
    different = list(islice(cycle([STRATEGY, ON_AUTOGRAD, LSTM]), NUM_PARTS - 1))
    family, ids = family_of([*different, ON_AUTOGRAD])
    worker = stack.worker(DJANGO_SETTINGS_MODULE="tests.acceptance.patient_site")
    wait_until(lambda: completed(ids), 300, lambda: worker.output)
    taken = f"{PARTS_QUEUE}: operations.parts.run_next, {family.pk}"
    assert worker.output.count(taken) == 1

    other, alone = family_of([ON_AUTOGRAD])
    wait_until(lambda: completed(alone), 120, lambda: worker.output)
    answered = f"has been answered: operations.parts.run_next, {other.pk}"
    wait_until(lambda: answered in worker.output, 60, lambda: worker.output)

    last, first = (Operation.objects.get(pk=pk) for pk in (ids[-1], alone[0]))
    assert trainings.digests(last) == trainings.digests(first)
    assert log_of(last) == log_of(first)
    second, fifth = (Operation.objects.get(pk=pk) for pk in (ids[1], ids[4]))
    assert trainings.digests(second) == trainings.digests(fifth) == trainings.digests(first)
