"""However many processes act on one operation at once, exactly one wins.

64 threads in 8 processes, from one barrier. `RACE_ROUNDS` says how often; a release gets 200.
"""

import os
from collections import Counter

import pytest
from redis import Redis

from operations.models import Attempt, Operation, Outcome, Status
from operations.upkeep.sweeper import sweep
from tests.acceptance import trainings
from tests.operations import scenes
from tests.operations.history import assert_whole
from tests.operations.racing import NUM_PROCESSES, THREADS_PER_PROCESS, Act, Racers
from tests.training.views.scenes import stored_model
from training.models import Score, ScoredSymbol

ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))
ROUNDS_OF_OTHERS = max(3, ROUNDS // 10)
NUM_RACERS = NUM_PROCESSES * THREADS_PER_PROCESS
NUM_LOOKS = 100
"""So many that two transactions which write them are under way at once."""

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type", "valkey"),
]


def queued(valkey: Redis) -> list[str]:
    return [job_id.decode() for job_id in valkey.lrange("rq:queue:training", 0, -1)]


def expired() -> Operation:
    operation = scenes.running()
    scenes.expire_lease(operation)
    return operation


def test_of_many_resumes_exactly_one_succeeds(racers: Racers, valkey: Redis) -> None:
    for _ in range(ROUNDS):
        operation = scenes.cancelled(25)
        valkey.flushall()

        answers = Counter(racers.race(Act("resume", (operation.pk,))))

        assert answers == {"resumed": 1, "not_resumable": NUM_RACERS - 1}
        now = scenes.reread(operation)
        assert (now.status, now.attempt) == (Status.RUNNING, 2)
        assert Attempt.objects.filter(operation=now).count() == 2
        assert scenes.events(now).count("resumed") == 1
        assert queued(valkey) == [f"{now.pk}-2-1"]
        assert_whole(now.pk)


def test_resumes_of_different_operations_all_succeed(racers: Racers, valkey: Redis) -> None:
    operations = [scenes.cancelled(25) for _ in range(THREADS_PER_PROCESS)]

    answers = Counter(racers.race(*(Act("resume", (operation.pk,)) for operation in operations)))

    assert answers == {
        "resumed": len(operations),
        "not_resumable": NUM_RACERS - len(operations),
    }
    assert sorted(queued(valkey)) == sorted(f"{operation.pk}-2-1" for operation in operations)


def test_of_many_who_ask_for_an_analysis_one_creates_it(racers: Racers) -> None:
    for number in range(ROUNDS_OF_OTHERS):
        model = stored_model(trainings.start(seed=number))

        (operation_id,) = set(racers.race(Act("measure", (model.pk,))))

        analyses = Operation.objects.filter(operation_type="analysis", parent=model.operation)
        assert analyses.get().pk == operation_id


def test_of_many_deliveries_exactly_one_claims(racers: Racers) -> None:
    for _ in range(ROUNDS_OF_OTHERS):
        operation = scenes.pending()

        answers = Counter(racers.race(Act("claim", (operation.pk, 1))))

        assert answers == {"claimed": 1, "-": NUM_RACERS - 1}
        assert scenes.reread(operation).worker == scenes.attempt(operation, 1).worker
        assert_whole(operation.pk)


def test_a_claim_and_a_cancel_agree_on_who_was_first(racers: Racers) -> None:
    for _ in range(ROUNDS_OF_OTHERS):
        operation = scenes.pending()

        answers = Counter(
            racers.race(
                Act("claim", (operation.pk, 1)),
                Act("request_cancel", (operation.pk,)),
            )
        )

        now = scenes.reread(operation)
        if answers["claimed"]:
            assert answers == {"claimed": 1, "intent": 1, "-": NUM_RACERS - 2}
            assert (now.status, scenes.attempt(now, 1).ended_at) == (Status.RUNNING, None)
        else:
            assert answers == {"cancelled at once": 1, "-": NUM_RACERS - 1}
            assert now.status == Status.CANCELLED
        assert_whole(now.pk)


def test_an_attempt_ends_once(racers: Racers) -> None:
    for _ in range(ROUNDS_OF_OTHERS):
        operation = scenes.running()
        attempt = (operation.pk, 1)

        answers = Counter(
            racers.race(
                Act("complete", attempt),
                Act("cancel", attempt),
                Act("fail", attempt),
                Act("force_cancel", attempt),
            )
        )

        assert answers["-"] == NUM_RACERS - 1
        (winner,) = (answer for answer in answers if answer != "-")
        assert scenes.reread(operation).status == winner
        assert_whole(operation.pk)


def test_a_completion_wins_over_every_intent(racers: Racers) -> None:
    for _ in range(ROUNDS_OF_OTHERS):
        operation = scenes.running()

        answers = Counter(
            racers.race(
                Act("complete", (operation.pk, 1)),
                Act("request_cancel", (operation.pk,)),
            )
        )

        assert answers["completed"] == 1
        assert answers["intent"] <= 1
        assert answers["cancelled at once"] == 0
        assert scenes.reread(operation).status == Status.COMPLETED
        assert_whole(operation.pk)


def test_a_shutdown_and_a_cancel_leave_no_intent_that_nobody_sees(racers: Racers) -> None:
    for _ in range(ROUNDS_OF_OTHERS):
        operation = scenes.running()

        answers = Counter(
            racers.race(
                Act("interrupt", (operation.pk, 1)),
                Act("request_cancel", (operation.pk,)),
            )
        )

        now = scenes.reread(operation)
        if answers["interrupted"]:
            assert answers == {"interrupted": 1, "cancelled at once": 1, "-": NUM_RACERS - 2}
            assert (now.status, now.attempt) == (Status.CANCELLED, 2)
        else:
            assert answers == {"intent": 1, "-": NUM_RACERS - 1}
            assert (now.status, now.attempt) == (Status.RUNNING, 1)
        assert_whole(now.pk)


def test_many_sweepers_recover_an_attempt_once(racers: Racers, valkey: Redis) -> None:
    for _ in range(ROUNDS_OF_OTHERS):
        operation = expired()
        valkey.flushall()
        scenes.sweepers_were_awake()

        answers = Counter(racers.race(Act("look", ())))

        assert answers == {"recovered 1": 1, "-": NUM_RACERS - 1}
        now = scenes.reread(operation)
        assert (now.attempt, now.restarts) == (2, 1)
        assert queued(valkey) == [f"{now.pk}-2-1"]
        assert_whole(now.pk)
        Operation.objects.all().delete()


def test_an_attempt_is_either_revived_or_recovered(racers: Racers) -> None:
    for _ in range(ROUNDS_OF_OTHERS):
        operation = expired()
        scenes.sweepers_were_awake()

        answers = Counter(racers.race(Act("look", ()), Act("heartbeat", (operation.pk, 1))))

        now = scenes.reread(operation)
        if answers["recovered 1"]:
            # A heartbeat that came before the sweeper's look may have been answered all the same.
            assert answers["recovered 1"] == 1
            assert (now.attempt, scenes.attempt(now, 1).outcome) == (2, Outcome.LOST)
        else:
            assert answers["alive"] == NUM_RACERS // 2
            assert now.attempt == 1
        assert_whole(now.pk)
        Operation.objects.all().delete()


def test_the_end_of_a_late_worker_and_its_loss_exclude_each_other(racers: Racers) -> None:
    for _ in range(ROUNDS_OF_OTHERS):
        operation = expired()
        scenes.sweepers_were_awake()

        answers = Counter(racers.race(Act("look", ()), Act("complete", (operation.pk, 1))))

        assert answers["completed"] + answers["recovered 1"] == 1
        now = scenes.reread(operation)
        assert now.status == (Status.COMPLETED if answers["completed"] else Status.RUNNING)
        assert_whole(now.pk)
        Operation.objects.all().delete()


def test_of_many_rings_of_one_number_exactly_one_is_a_job(racers: Racers, valkey: Redis) -> None:
    for _ in range(ROUNDS_OF_OTHERS):
        operation = scenes.pending()
        valkey.flushall()

        answers = Counter(racers.race(Act("ring", (operation.pk, 1, 0))))

        assert answers == {"rung": 1, "-": NUM_RACERS - 1}
        assert queued(valkey) == [f"{operation.pk}-1-1"]
        assert_whole(operation.pk)


def test_after_every_race_the_sweeper_still_works() -> None:
    expired()
    scenes.sweepers_were_awake()

    assert sweep(name="s").recovered == 1


def test_looks_at_one_range_are_written_once_in_whatever_order(racers: Racers) -> None:
    for number in range(ROUNDS_OF_OTHERS):
        looks = [f"{number} {look}" for look in range(NUM_LOOKS)]

        answers = racers.race(
            Act("record_looks", (*looks,)), Act("record_looks", (*reversed(looks),))
        )

        assert Counter(answers) == {"recorded": NUM_RACERS}
        assert Score.objects.count() == (number + 1) * NUM_LOOKS
        assert ScoredSymbol.objects.count() == (number + 1) * 2 * NUM_LOOKS


def test_two_that_complete_at_once_and_have_looked_at_the_same_both_complete(
    racers: Racers,
) -> None:
    """In two orders, as two families with the same windows: no deadlock, and each look once."""
    for number in range(ROUNDS // 2):
        looks = [f"{number} {look}" for look in range(NUM_LOOKS)]
        one, other = scenes.running(), scenes.running()

        answers = racers.race(
            Act("complete_scored", (one.pk, 1, *looks)),
            Act("complete_scored", (other.pk, 1, *reversed(looks))),
        )

        assert Counter(answers) == {"completed": 2, "-": NUM_RACERS - 2}
        assert Score.objects.count() == (number + 1) * NUM_LOOKS
        assert ScoredSymbol.objects.count() == (number + 1) * 2 * NUM_LOOKS
