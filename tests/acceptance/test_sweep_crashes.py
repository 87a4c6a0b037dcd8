"""A search of real trainings, killed around every rung: the same winner, the same bytes."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from operations.models import LIVE, Operation, Status
from tests.acceptance import trainings
from tests.acceptance.family_points import AROUND_A_RUNG
from tests.chaos.crew import Crew
from tests.operations import scenes
from tests.operations.family_scenes import assert_family_holds
from tests.running.stack import Stack, wait_until
from tests.training.sweep.searches import play, start, without_ids

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

ROUNDS = int(os.environ.get("SWEEPS", "1"))
WORKERS = (2, 1, 4)
"""In one round after the other."""
SECONDS = 600
"""Of a round, on a busy machine."""


def test_a_search_that_is_killed_around_every_rung_ends_with_the_same_digest(
    stack: Stack, valkey: object, tmp_path: Path
) -> None:
    undisturbed = result_of(play(start()))
    for number in range(ROUNDS):
        reached = tmp_path / f"reached-{number}"
        reached.mkdir()
        search = start(max_restarts=1000)
        crew = _crew(stack, reached, workers=WORKERS[number % len(WORKERS)])

        wait_until(_has_ended(search, crew), SECONDS, partial(trainings.story, search))

        assert {path.name for path in reached.iterdir()} == set(AROUND_A_RUNG)
        assert result_of(search) == undisturbed
        assert_family_holds(search.pk)
        assert Operation.objects.filter(part_of=search, attempts__outcome="lost").exists()
        for process in crew.at.values():
            process.kill_all()


def _crew(stack: Stack, reached: Path, *, workers: int) -> Crew:
    env = {
        "KTRDR_FAILPOINTS": ";".join(f"{point}=kill@once" for point in AROUND_A_RUNG),
        "KTRDR_FAILPOINTS_ONCE": str(reached),
    }
    return Crew(
        {
            **{f"worker {number}": lambda: stack.worker(**env) for number in range(workers)},
            "sweeper": lambda: stack.sweeper(),
        }
    )


def _has_ended(search: Operation, crew: Crew) -> Callable[[], bool]:
    def has_ended() -> bool:
        crew.look()
        return scenes.reread(search).status not in LIVE

    return has_ended


def result_of(search: Operation) -> dict[str, Any]:
    now = scenes.reread(search)
    assert now.status == Status.COMPLETED, trainings.story(search)
    assert now.result is not None
    return without_ids(now.result)
