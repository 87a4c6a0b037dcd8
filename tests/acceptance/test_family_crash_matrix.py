"""SIGKILL once at every named point of a family's life: it ends with the same winner and digest."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from operations.cancel import cancel_operation
from operations.dispatch import ring_after_commit
from operations.models import LIVE, Operation, Status
from operations.resume import resume_operation
from tests.acceptance import family_points, trainings
from tests.acceptance.killing import at_once, kill_at
from tests.chaos.crew import Crew
from tests.operations import family_scenes, scenes
from tests.operations.family_scenes import assert_family_holds
from tests.operations.family_type import run_family
from tests.operations.family_types import FAMILY_TYPES
from tests.running.stack import Stack, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(900),
]

NUM_FAMILIES = 3
MATRIX_SECONDS = 300
"""On a busy machine."""


@pytest.fixture(autouse=True)
def families(settings: Settings) -> None:
    settings.OPERATION_TYPES = {**settings.OPERATION_TYPES, **FAMILY_TYPES}


def test_a_family_ends_with_one_winner_whatever_is_killed_where(
    stack: Stack, valkey: object, tmp_path: Path
) -> None:
    undisturbed = family_scenes.play(family_scenes.family(seed=5)).result
    reached = tmp_path / "reached"
    reached.mkdir()
    cancelled = family_scenes.family(seed=5, max_restarts=1000)
    run_family(cancelled.pk, 1)
    for point in family_points.REQUEST:
        kill_at(point, lambda: cancel_operation(cancelled.pk), reached)
        assert scenes.reread(cancelled).waiting
    cancel_operation(cancelled.pk)
    resume_operation(cancelled.pk)
    others = [family_scenes.family(seed=5, max_restarts=1000) for _ in range(NUM_FAMILIES - 1)]
    for family in others:
        ring_after_commit(family.pk, family.attempt)
    crew = _crew(stack, reached)

    def all_ended() -> bool:
        crew.look()
        return not Operation.objects.filter(status__in=LIVE).exists()

    searches = [cancelled, *others]
    wait_until(all_ended, MATRIX_SECONDS, lambda: "\n".join(map(trainings.story, searches)))

    assert {path.name for path in reached.iterdir()} == {
        *family_points.REQUEST,
        *family_points.WORKER,
    }
    for family in searches:
        assert (scenes.reread(family).status, scenes.reread(family).result) == (
            Status.COMPLETED,
            undisturbed,
        )
        assert_family_holds(family.pk)


def _crew(stack: Stack, reached: Path) -> Crew:
    env = {
        "DJANGO_SETTINGS_MODULE": "tests.acceptance.family_site",
        **at_once(family_points.WORKER, reached),
    }
    return Crew(
        {
            "first worker": lambda: stack.worker(**env),
            "second worker": lambda: stack.worker(**env),
            "sweeper": lambda: stack.sweeper(**env),
        }
    )
