"""`prune_checkpoints` deletes old checkpoints of stopped operations, and leftovers."""

import pytest

from operations.models import Operation
from tests.checkpoints import scenes
from tests.checkpoints.commands import run


@pytest.fixture
def stopped(operation: Operation) -> Operation:
    """With two checkpoints of 31 days, and the leftovers of a save."""
    for epoch in (1, 2):
        scenes.age(scenes.save(operation, epoch), days=31)
    scenes.stage(operation, 3)
    return scenes.cancel(operation)


def test_the_newest_stays_and_leftovers_go(stopped: Operation) -> None:
    answer = run("prune_checkpoints")

    assert answer.code == 0
    assert "Deleted 1 checkpoints" in answer.out
    assert "1 leftover directories" in answer.out
    assert scenes.positions(stopped) == [(1, 2, 0)]


def test_a_dry_run_only_says_so(stopped: Operation) -> None:
    answer = run("prune_checkpoints", "--dry-run", "--json")

    assert answer.json["dry_run"] is True
    assert [pruned["epoch"] for pruned in answer.json["pruned"]] == [1]
    assert len(answer.json["orphans"]) == 1
    assert len(scenes.positions(stopped)) == 2


def test_the_age_can_be_given(stopped: Operation) -> None:
    assert run("prune_checkpoints", "--older-than-days", "40", "--json").json["pruned"] == []
    assert len(run("prune_checkpoints", "--older-than-days", "0", "--json").json["pruned"]) == 1


@pytest.mark.parametrize("days", ["-1", "nan", "1e300"])
def test_an_impossible_age_is_bad_input(stopped: Operation, days: str) -> None:
    assert run("prune_checkpoints", f"--older-than-days={days}").code == 2
    assert len(scenes.positions(stopped)) == 2
