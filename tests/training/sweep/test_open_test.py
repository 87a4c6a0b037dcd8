"""What a trial that is out had learned is scored on its test part for whoever asks, as a look."""

import pytest
import yaml

from operations.models import EventType, Operation, PartEnd, Status
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


def out_of_a_search(text: str) -> Operation:
    training = StartRequest(strategy_yaml=text, epochs=4)
    wanted = SweepStart(training=training, space=RATE, trials=3, rungs=(RUNG, 4))
    sweep = searches.play(start_sweep(wanted))
    assert sweep.status == Status.COMPLETED, sweep.error_message
    return Operation.objects.filter(part_of=sweep, part_end=PartEnd.OUT_AT_RUNG)[0]


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

    own = yaml.safe_dump(trial.request["strategy"])
    alone = start_training(StartRequest(strategy_yaml=own, epochs=RUNG))
    run_training(alone.pk, 1)
    assert trainings.digests(child) == trainings.digests(alone)


def test_its_trial_stays_out_and_says_that_it_was_opened() -> None:
    trial = out_of_a_search(ONE_CYCLE)
    child = opened(trial)
    event = trial.events.get(event_type=EventType.TEST_OPENED)
    assert event.data == {"operation_id": child.pk}
    trial.refresh_from_db()
    assert (trial.status, trial.part_end) == (Status.CANCELLED, PartEnd.OUT_AT_RUNG)
    with pytest.raises(CannotBranch, match="when it completed"):
        open_test(child.pk)
