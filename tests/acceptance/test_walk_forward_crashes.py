"""A walk-forward of real trainings, killed wherever it may die: the same account, byte for byte."""

import os
from functools import partial
from pathlib import Path

import pytest

from operations.models import LIVE, Operation, Status
from tests.acceptance import trainings
from tests.acceptance.killing import at_once
from tests.chaos.crew import Crew
from tests.operations import scenes
from tests.operations.family_scenes import assert_family_holds
from tests.running.stack import Stack, wait_until
from tests.training.folds.families import play, result_of, walk, without_ids
from training.models import Score

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

ROUNDS = int(os.environ.get("WALKS", "1"))
WINDOWS = {"train": "3y", "test": "4mo"} if ROUNDS > 1 else {}
"""Twenty of them at length, else three."""
POINTS = (
    "claim.end",
    *("park.inserted", "park.written", "parts.begin", "parts.rung"),
    *("model.stage.artifact", "model.commit.score", "model.commit.row"),
    *("end.complete.updated", "end.complete.written"),
    *("settle.updated", "settle.woken", "wake.taken"),
)
SECONDS = 600
"""Of a round, on a busy machine."""


def test_one_that_is_killed_everywhere_ends_with_the_same_account(
    stack: Stack, valkey: object, tmp_path: Path
) -> None:
    undisturbed = without_ids(result_of(play(walk(**WINDOWS))))
    for number in range(ROUNDS):
        reached = tmp_path / f"reached-{number}"
        reached.mkdir()
        family = walk(max_restarts=1000, **WINDOWS)
        crew = _crew(stack, reached, workers=1 + number % 3)

        def has_ended(family: Operation = family, crew: Crew = crew) -> bool:
            crew.look()
            return scenes.reread(family).status not in LIVE

        wait_until(has_ended, SECONDS, partial(trainings.story, family))

        ended = scenes.reread(family)
        assert ended.status == Status.COMPLETED, trainings.story(family)
        assert without_ids(result_of(ended)) == undisturbed
        assert {path.name for path in reached.iterdir()} == set(POINTS)
        assert_family_holds(family.pk)
        for process in crew.at.values():
            process.kill_all()
    looks = Score.objects.values_list("look", flat=True).distinct()
    assert looks.count() == 1, "equal returns on equal bars are one look, whoever had them first"


def _crew(stack: Stack, reached: Path, *, workers: int) -> Crew:
    env = at_once(POINTS, reached)
    return Crew(
        {
            **{f"worker {number}": lambda: stack.worker(**env) for number in range(workers)},
            "sweeper": lambda: stack.sweeper(),
        }
    )
