"""One worker, two users' families, and a training that is urgent."""

from itertools import groupby

import pytest
from pytest_django.fixtures import Settings

from operations import lifecycle
from operations.dispatch import ring_after_commit
from operations.models import LIVE, Event, EventType, Operation
from tests.acceptance import trainings
from tests.operations import family_scenes, scenes
from tests.operations.family_scenes import assert_family_holds
from tests.operations.family_type import request_of_family
from tests.operations.family_types import FAMILY_TYPES
from tests.running.stack import Stack, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

WIDTH = 9


@pytest.fixture(autouse=True)
def families(settings: Settings) -> None:
    settings.OPERATION_TYPES = {**settings.OPERATION_TYPES, **FAMILY_TYPES}


def urgent() -> Operation:
    """It is rung for on the queue that every worker empties first."""
    request = request_of_family(width=1, seed=9)
    operation = lifecycle.start(operation_type="family", request=request, queue="training-high")
    ring_after_commit(operation.pk, 1)
    return operation


def claims() -> list[tuple[str, str | None]]:
    """Each operation that was claimed, and its family, in order."""
    claimed = Event.objects.filter(event_type=EventType.CLAIMED).order_by("created_at", "pk")
    return list(claimed.values_list("operation_id", "operation__part_of_id"))


def test_the_urgent_one_waits_for_one_part_and_two_families_take_turns(
    stack: Stack, valkey: object
) -> None:
    both = [family_scenes.family(width=WIDTH, seed=seed, max_restarts=1000) for seed in (1, 2)]
    for family in both:
        ring_after_commit(family.pk, 1)
    worker = stack.worker(DJANGO_SETTINGS_MODULE="tests.acceptance.family_site")
    wait_until(lambda: any(part_of for _, part_of in claims()), 60, lambda: worker.output)

    hurries = urgent()
    before = len(claims())
    wait_until(
        lambda: not Operation.objects.filter(status__in=LIVE).exists(),
        120,
        lambda: "\n".join(map(trainings.story, both)),
    )

    told, ids = claims(), [family.pk for family in both]
    at = [operation_id for operation_id, _ in told].index(hurries.pk)
    assert len([1 for _, part_of in told[before:at] if part_of]) <= 1
    assert any(part_of for _, part_of in told[at:])
    turns = [pk for pk, _ in groupby(part_of for _, part_of in told if part_of in ids)]
    assert len(turns) >= 4
    for family in both:
        assert scenes.reread(family).status == "completed"
        assert_family_holds(family.pk)
