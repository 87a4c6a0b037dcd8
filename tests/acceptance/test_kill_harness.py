"""One training, killed at random moments again and again, ends as if nothing had happened: with its
twin's bytes, and every epoch's metrics.

`make kills` kills more often; `KILL_SEED` repeats the moments of another run.
"""

import os
import random
import secrets

import pytest

from operations.models import Operation, Outcome, Status
from tests.acceptance import trainings
from tests.acceptance.trainings import now, wait_for_end, wait_for_event
from tests.chaos.invariants import broken_rules
from tests.running.stack import Stack, wait_until

pytestmark = pytest.mark.timeout(900)

KILLS = int(os.environ.get("KILLS", "4"))
WHOLE_WORKERS = 0.2  # share of kills that take the worker, too
LONGEST_LIFE_SECONDS = 1.0  # after its claim
EPOCHS_OF_A_LIFE = 15  # on average at most, so that however fast the machine, no life is the last
EPOCHS_OF_A_SAVE = 7  # so that many a life has trained more than it had saved
EPOCHS = EPOCHS_OF_A_LIFE * (KILLS + 5)


def test_a_training_killed_at_random_moments_equals_its_undisturbed_twin(
    stack: Stack, twin, capsys
) -> None:
    undisturbed = twin(EPOCHS)
    seed = os.environ.get("KILL_SEED") or secrets.token_hex(4)
    moments = random.Random(seed)
    stack.sweeper()
    worker = stack.worker()
    operation = trainings.start(epochs=EPOCHS, every_epochs=EPOCHS_OF_A_SAVE, max_restarts=KILLS)
    log = [f"seed {seed}"]
    for number in range(1, KILLS + 1):
        wait_for_event(operation, "claimed", number)
        horse = trainings.horse_of(worker)
        if number < KILLS:
            _live(operation, moments.uniform(0, LONGEST_LIFE_SECONDS), number * EPOCHS_OF_A_LIFE)
        else:
            _live_past_a_save(operation, number * EPOCHS_OF_A_LIFE)
        whole = moments.random() < WHOLE_WORKERS
        worker.kill_all() if whole else horse.kill()
        log.append(_told(operation, "worker and horse" if whole else "horse"))
        if whole:
            worker = stack.worker()
    assert wait_for_end(operation, timeout=60 + EPOCHS).status == Status.COMPLETED
    with capsys.disabled():
        print("\n" + "\n".join(log))
    lost = operation.attempts.filter(outcome=Outcome.LOST).count()
    assert (lost, now(operation).restarts) == (KILLS, KILLS)
    assert not operation.events.filter(event_type="replay_mismatch").exists()
    assert operation.events.filter(event_type="replay_verified").exists()
    assert trainings.digests(operation) == undisturbed
    assert broken_rules(now(operation)) == []


def _live(operation: Operation, life_seconds: float, last_epoch: int) -> None:
    """Returns so long after the claim, or when the epoch is trained if that is earlier."""
    claimed_at = now(operation).claimed_at
    assert claimed_at is not None
    trained = trainings.reached(operation, last_epoch)
    wait_until(lambda: trainings.seconds_since(claimed_at) >= life_seconds or trained(), 30)


def _live_past_a_save(operation: Operation, last_epoch: int) -> None:
    """Returns when the next attempt has to train epochs again, however slow the machine is."""

    def is_past() -> bool:
        saved = operation.checkpoints.order_by("-epoch").values_list("epoch", flat=True).first()
        return trainings.reached(operation, -1 if saved is None else saved + 1)()

    trained = trainings.reached(operation, last_epoch)
    wait_until(lambda: is_past() or trained(), 120)


def _told(operation: Operation, victim: str) -> str:
    """A line of the log, about the attempt whose process has just been killed."""
    seen = now(operation)
    assert seen.claimed_at is not None
    return (
        f"attempt {seen.attempt}: {victim} killed {trainings.seconds_since(seen.claimed_at):.2f} s "
        f"after its claim, last known at epoch {seen.progress.get('epoch')}, "
        f"batch {seen.progress.get('batch')}"
    )
