"""Parts end, hold and are cancelled while their family parks, is cancelled and is resumed.

64 threads in 8 processes, from one barrier. `RACE_ROUNDS` says how often;
a release gets 200.
"""

import os
from collections import Counter

import pytest
from redis import Redis

from operations import lifecycle
from operations.models import LIVE, Operation
from operations.parts import parts_to_resume
from operations.resume import resume_operation
from operations.upkeep.sweeper import sweep
from tests.operations import scenes
from tests.operations.family_scenes import assert_family_holds, parked
from tests.operations.racing import Act, Racers

ROUNDS = int(os.environ.get("RACE_ROUNDS", "4"))
NUM_PARTS = 16
ENDS = ("hold", "complete", "cancel_part", "fail_as_result")
"""Nothing is open after one of these, so that the last two of a family end at the same moment."""
ACTS = ("hold", "complete", "request_cancel", "fail_as_result")
ANSWERS = {
    *(
        "held",
        "completed",
        "cancelled",
        "cancelled at once",
        "intent",
        "failed",
        "parked",
        "resumed",
    ),
    *("not_resumable", "-"),
}

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("family_type", "valkey"),
]


@pytest.fixture(autouse=True)
def awake(db: None) -> None:
    scenes.sweepers_were_awake()


def with_running_parts(*, is_parked: bool) -> tuple[Operation, list[Operation]]:
    """A family whose parts are all claimed; it waits for them, or is just about to."""
    family = parked(NUM_PARTS)
    parts = [scenes.claim(part) for part in Operation.objects.filter(part_of=family)]
    if not is_parked:
        assert Operation.objects.filter(pk=family.pk).update(waiting=False) == 1
        scenes.claim(family)
    return scenes.reread(family), sorted(parts, key=lambda part: part.part_number or 0)


def acts_of(parts: list[Operation], *ways: str) -> list[Act]:
    acts = []
    for number, part in enumerate(parts):
        way = ways[number % len(ways)]
        alone = way == "request_cancel"
        acts.append(Act(way, (part.pk,) if alone else (part.pk, part.attempt)))
    return acts


def rings(valkey: Redis, family: Operation) -> Counter[str]:
    queued = (job_id.decode() for job_id in valkey.lrange("rq:queue:training", 0, -1))
    return Counter(job_id for job_id in queued if job_id.startswith(family.pk))


def end_what_runs(family: Operation) -> None:
    """The workers of what still runs answer their intents, or end."""
    for part in Operation.objects.filter(part_of=family, claimed_at__isnull=False):
        if part.status in LIVE:
            assert lifecycle.cancel(part.pk, part.attempt)


def assert_woken_once(valkey: Redis, family: Operation) -> None:
    now = scenes.reread(family)
    assert (now.status, now.waiting, now.claimed_at) == ("running", False, None)
    rung = rings(valkey, now)  # those of earlier attempts may lie there, too
    assert rung[f"{now.pk}-{now.attempt}-1"] == 1
    assert set(rung.values()) == {1}
    assert sweep(name="s").woken == 0


def test_however_its_parts_end_a_family_is_woken_once(racers: Racers, valkey: Redis) -> None:
    for number in range(ROUNDS):
        is_parked = number % 2 == 0
        family, parts = with_running_parts(is_parked=is_parked)
        valkey.flushall()
        parks = [] if is_parked else [Act("park", (family.pk, family.attempt))]

        answers = Counter(racers.race(*acts_of(parts, *ENDS), *parks))

        assert answers.keys() <= ANSWERS, answers
        assert answers["parked"] == len(parks)
        assert sum(answers.values()) - answers["-"] == NUM_PARTS + len(parks)
        assert_woken_once(valkey, family)
        assert_family_holds(family.pk)


def test_a_family_that_is_cancelled_and_resumed_meanwhile_forgets_no_part(
    racers: Racers, valkey: Redis
) -> None:
    for number in range(ROUNDS):
        is_parked = number % 2 == 0
        family, parts = with_running_parts(is_parked=is_parked)
        valkey.flushall()
        parks = [] if is_parked else [Act("park", (family.pk, family.attempt))]
        around = [Act("request_cancel", (family.pk,)), Act("resume", (family.pk,))]

        answers = Counter(
            racers.race(*acts_of(parts[:8], *ACTS), *parks, *around, Act("look", ()), *around)
        )

        assert answers.keys() <= ANSWERS, answers
        assert_family_holds(family.pk)
        end_what_runs(family)
        now = scenes.reread(family)
        if now.claimed_at:  # it heard of the cancel before it could wait
            assert lifecycle.cancel(now.pk, now.attempt)
        if scenes.reread(family).status not in LIVE:
            resume_operation(family.pk)
        assert_woken_once(valkey, family)
        claimed = scenes.claim(family)
        with_family = Operation.objects.filter(part_of=family, part_end="with_family")
        assert {part.pk for part in parts_to_resume(claimed)} == {part.pk for part in with_family}
        assert not Operation.objects.filter(part_of=family, status__in=LIVE, held_at=None).exists()
        assert_family_holds(family.pk)
        Operation.objects.all().delete()
