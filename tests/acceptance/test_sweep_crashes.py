"""A search of real trainings, killed around every rung and at random: the same winner, the same
bytes. `SWEEPS` sets how often, `CHAOS_SEED` repeats the dice of another run."""

import os
import secrets
import time
from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from operations.models import LIVE, Operation, Status
from tests.acceptance import trainings
from tests.acceptance.family_points import AROUND_A_RUNG
from tests.acceptance.killing import at_once
from tests.chaos import faults
from tests.chaos.crew import Crew
from tests.chaos.front import free_port
from tests.chaos.site import Site
from tests.operations import scenes
from tests.operations.family_scenes import assert_family_holds
from tests.running.servers import ON_SQLITE, Servers
from tests.running.stack import Stack, wait_until
from tests.training.sweep.searches import play, start, without_ids

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

ROUNDS = int(os.environ.get("SWEEPS", "1"))
WORKERS = (2, 1, 4)
"""In one round after the other."""
SECONDS = 600
"""Of a round, on a busy machine."""
AT_LENGTH = (("epochs", 90), ("rungs", (10, 30, 90)), ("trials", 27))
SIZE = AT_LENGTH if ROUNDS > 1 else ()
"""Of the search amid random faults."""
FAULT_SECONDS = 30.0 if ROUNDS > 1 else 6.0
PAUSE_SECONDS = (0.1, 0.8)
"""Between two faults."""
FAULTS = {
    fault: weight
    for fault, weight in faults.FAULTS.items()
    if fault not in (faults.cancel, faults.flip_a_bit, ON_SQLITE and faults.crash_postgresql)
}


def test_a_search_that_is_killed_around_every_rung_ends_with_the_same_digest(
    stack: Stack, valkey: object, tmp_path: Path
) -> None:
    undisturbed = ends_with()
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


def test_a_search_amid_random_faults_ends_with_the_same_digest(
    stack: Stack, servers: Servers, checkpoint_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Workers, horses, sweeper, web, Valkey and PostgreSQL."""
    undisturbed = ends_with(*SIZE)
    for number in range(ROUNDS):
        seed = os.environ.get("CHAOS_SEED") or secrets.token_hex(4)
        site = Site(stack=stack, servers=servers, storage=checkpoint_root, random=Random(seed))
        search = start(max_restarts=1000, **dict(SIZE))
        site.crew = _whole_site(stack, workers=WORKERS[number % len(WORKERS)])

        happened = _disturb(site)
        with capsys.disabled():
            print(f"\nseed {seed}: {dict(happened)}")
        story = partial(trainings.story, search)
        wait_until(_has_ended(search, site.crew), SECONDS, story)

        assert result_of(search) == undisturbed, f"seed {seed}"
        assert_family_holds(search.pk)
        assert happened.total() > 0
        for process in site.crew.at.values():
            process.kill_all()


def _disturb(site: Site) -> Counter[str]:
    happened: Counter[str] = Counter()
    ends_at = time.monotonic() + FAULT_SECONDS
    while time.monotonic() < ends_at:
        site.crew.look()
        (fault,) = site.random.choices(list(FAULTS), list(FAULTS.values()))
        happened[fault.__name__] += fault(site)
        time.sleep(site.random.uniform(*PAUSE_SECONDS))
    return happened


def _whole_site(stack: Stack, *, workers: int) -> Crew:
    address = f"127.0.0.1:{free_port()}"
    return Crew(
        {
            **{f"worker {number}": stack.worker for number in range(workers)},
            **{f"sweeper {number}": stack.sweeper for number in (1, 2)},
            "web": lambda: stack.start("web", "runserver", "--noreload", address),
        }
    )


@cache
def ends_with(*size: tuple[str, Any]) -> dict[str, Any]:
    """What a search of this size comes to when nothing disturbs it; played once."""
    return result_of(play(start(**dict(size))))


def _crew(stack: Stack, reached: Path, *, workers: int) -> Crew:
    env = at_once(AROUND_A_RUNG, reached)
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
