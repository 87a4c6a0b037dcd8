"""One training, killed at random moments again and again, ends as if nothing had happened.

`make kills` runs it; `KILLS` sets how often, `KILL_SEED` repeats the moments of another run.
"""

import os
import random
import secrets

import pytest

from operations.models import Outcome, Status
from tests.acceptance import trainings
from tests.acceptance.trainings import now, wait_for_end, wait_for_event
from tests.stack import Stack, StackProcess, wait_until

KILLS = int(os.environ.get("KILLS", "30"))
WHOLE_WORKERS = 0.2  # share of kills that take the worker, too
LONGEST_LIFE_SECONDS = 1.0  # after its claim
EPOCHS = 25 * KILLS  # more than the fastest machine trains in all those lives


@pytest.mark.skipif("KILLS" not in os.environ, reason="make kills runs it: several minutes")
def test_a_training_killed_at_random_moments_equals_its_undisturbed_twin(
    stack: Stack, twin, capsys
) -> None:
    undisturbed = twin(EPOCHS)
    seed = os.environ.get("KILL_SEED") or secrets.token_hex(4)
    moments = random.Random(seed)
    stack.sweeper()
    worker = stack.worker()
    operation = trainings.start(epochs=EPOCHS, every_epochs=1, max_restarts=KILLS)
    log = [f"seed {seed}"]
    for number in range(1, KILLS + 1):
        wait_for_event(operation, "claimed", number)
        life_seconds = moments.uniform(0, LONGEST_LIFE_SECONDS)
        whole = moments.random() < WHOLE_WORKERS
        log.append(_kill(stack, worker, operation, life_seconds, whole=whole))
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


def _kill(
    stack: Stack, worker: StackProcess, operation, life_seconds: float, *, whole: bool
) -> str:
    """Kill the horse, or worker and horse, so long after the claim; returns a line of the log."""
    horse = trainings.horse_of(worker)
    claimed_at = trainings.now(operation).claimed_at
    wait_until(lambda: trainings.seconds_since(claimed_at) >= life_seconds, 30)
    if whole:
        worker.kill_all()
    else:
        horse.kill()
    progress = now(operation).progress
    victim = "worker and horse" if whole else "horse"
    return (
        f"attempt {now(operation).attempt}: {victim} killed {life_seconds:.2f} s after its claim, "
        f"last known at epoch {progress.get('epoch')}, batch {progress.get('batch')}"
    )
