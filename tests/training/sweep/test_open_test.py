"""What a trial that is out had learned is scored on its test part for whoever asks, as a look."""

from pathlib import Path

import pytest
import yaml
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from checkpoints import store
from checkpoints.storage import checkpoint_storage
from operations.models import EventType, Operation, PartEnd, Status
from operations.operation_types import out_note
from tests.acceptance import trainings
from tests.training.sweep import searches
from training.errors import CannotBranch
from training.jobs import run_training
from training.launch.branching import open_test
from training.launch.start import StartRequest, start_training
from training.models import Score
from training.sweep.start import SweepStart, start_sweep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]

RUNG = 2
RATE = "training.learning_rate: {log: [1e-4, 1e-1]}"
NO_SCHEDULE = searches.STRATEGY.replace("  lr_scheduler: {type: cosine}\n", "")
ONE_CYCLE = NO_SCHEDULE + "  lr_scheduler: {type: one_cycle}\n"


def out_of_a_search(text: str, *, trials: int = 3, rungs: tuple[int, ...] = (RUNG, 4)) -> Operation:
    """A trial that was out at the rung after two epochs."""
    training = StartRequest(strategy_yaml=text, epochs=4)
    wanted = SweepStart(training=training, space=RATE, trials=trials, rungs=rungs)
    sweep = searches.play(start_sweep(wanted))
    assert sweep.status == Status.COMPLETED, sweep.error_message
    return Operation.objects.filter(part_of=sweep, part_end=PartEnd.OUT_AT_RUNG, hold_at=RUNG)[0]


def alone(trial: Operation, *, epochs: int) -> Operation:
    """A training of its settings, of so many epochs."""
    own = yaml.safe_dump(trial.request["strategy"])
    training = start_training(StartRequest(strategy_yaml=own, epochs=epochs))
    run_training(training.pk, 1)
    return training


def opened(trial: Operation) -> Operation:
    child = open_test(trial.pk).operation
    run_training(child.pk, child.attempt)
    child.refresh_from_db()
    assert child.status == Status.COMPLETED, child.error_message
    return child


def test_it_is_scored_as_a_training_of_as_many_epochs_and_counts_as_a_look() -> None:
    trial = out_of_a_search(NO_SCHEDULE)
    looks = Score.objects.count()
    child = opened(trial)
    assert Score.objects.count() == looks + 1
    assert child.result["best_value"].hex() == trial.part_value
    assert not child.metrics.exists()

    assert trainings.digests(child) == trainings.digests(alone(trial, epochs=RUNG))


def test_behind_a_damaged_checkpoint_the_older_state_is_scored_as_it_stands() -> None:
    trial = out_of_a_search(NO_SCHEDULE, trials=6, rungs=(1, RUNG, 4))
    newest, older = store.candidates(trial.pk)
    assert (newest.epoch, older.epoch) == (1, 0)
    Path(checkpoint_storage().path(f"{newest.directory}/model.pt")).write_bytes(b"torn")
    child = opened(trial)
    assert [each.epoch for each in store.candidates(trial.pk)] == [0]
    assert child.request["strategy"]["training"]["epochs"] == 1
    assert not child.metrics.exists()
    assert trainings.digests(child) == trainings.digests(alone(trial, epochs=1))


def test_its_trial_stays_out_and_says_that_it_was_opened(client: Client) -> None:
    trial = out_of_a_search(ONE_CYCLE)
    client.force_login(User.objects.create_superuser("staff"))
    told = client.get(reverse("operation", args=[trial.pk])).content.decode()
    assert out_note(trial) in told  # beside its resume
    told = client.get(reverse("open-test", args=[trial.pk])).content.decode()
    assert "weights</th>" in told and "Show what is carried over" not in told
    child = opened(trial)
    event = trial.events.get(event_type=EventType.TEST_OPENED)
    assert event.data == {"operation_id": child.pk}
    trial.refresh_from_db()
    assert (trial.status, trial.part_end) == (Status.CANCELLED, PartEnd.OUT_AT_RUNG)
    assert "one more look at the test part" in out_note(trial)
    assert not out_note(child)
    with pytest.raises(CannotBranch, match="when it completed"):
        open_test(child.pk)
