"""A training that is a part holds where its family says, and goes on to the same bytes."""

from pathlib import Path

import pytest
from django.conf import settings as site
from pytest_django.fixtures import Settings

from checkpoints import store
from operations import lifecycle
from operations.decision import Decision, NewPart
from operations.models import Operation, Status
from tests.acceptance import trainings
from tests.operations import family_scenes, scenes
from tests.operations.family_scenes import assert_family_holds
from tests.operations.family_types import FAMILY_TYPES
from training.jobs import run_training

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]

EPOCHS = 6


@pytest.fixture(autouse=True)
def families(settings: Settings) -> None:
    settings.OPERATION_TYPES = {**site.OPERATION_TYPES, **FAMILY_TYPES}


def new_part(training: Operation, *, number: int, hold_at: int) -> NewPart:
    return NewPart(
        operation_id=lifecycle.new_operation_id("training"),
        number=number,
        operation_type="training",
        request=training.request,
        queue="training-low",
        hold_at=hold_at,
    )


def family_of(training: Operation, *, hold_at: int) -> tuple[Operation, Operation]:
    """A family that waits for a part with this training's request."""
    family = scenes.claim(family_scenes.family())
    new = new_part(training, number=1, hold_at=hold_at)
    assert lifecycle.park(family.pk, 1, Decision(new=[new]))
    return family, Operation.objects.get(pk=new.operation_id)


def test_it_holds_with_a_checkpoint_and_completes_as_if_it_never_had() -> None:
    alone = trainings.start(epochs=EPOCHS, strategy_yaml=trainings.STRATEGY)
    run_training(alone.pk, 1)
    family, part = family_of(alone, hold_at=2)

    run_training(part.pk, 1)

    held = scenes.reread(part)
    assert (held.status, bool(held.held_at), held.attempt) == (Status.RUNNING, True, 2)
    newest = store.candidates(part.pk).first()
    assert newest is not None
    assert (newest.checkpoint_type, newest.epoch, newest.batch) == ("hold", 1, 0)
    first_two = part.metrics.filter(step__lt=2).values_list("values__val_loss", flat=True)
    assert held.part_value == min(first_two).hex()
    scenes.claim(family)
    assert lifecycle.park(family.pk, 2, Decision(released=[part.pk]))
    run_training(part.pk, 2)
    assert trainings.digests(part) == trainings.digests(alone)
    assert scenes.reread(part).part_value == scenes.reread(alone).result["best_value"].hex()
    assert scenes.reread(alone).part_value == ""
    assert_family_holds(family.pk)


def test_an_attempt_that_begins_where_it_holds_trains_nothing_and_saves_nothing() -> None:
    alone = trainings.start(epochs=EPOCHS, strategy_yaml=trainings.STRATEGY)
    family, part = family_of(alone, hold_at=2)
    run_training(part.pk, 1)
    value = scenes.reread(part).part_value
    lifecycle.request_cancel(family.pk)
    resumed = lifecycle.resume(
        part.pk, 2, resumed_from=None, request=part.request, queue="training-low"
    )
    assert resumed is not None
    assert Operation.objects.filter(pk=part.pk).update(hold_at=2) == 1
    saved = part.checkpoints.count()

    run_training(part.pk, 3)

    held = scenes.reread(part)
    assert (bool(held.held_at), held.attempt, held.part_value) == (True, 4, value)
    assert part.checkpoints.count() == saved
    assert set(part.metrics.values_list("step", flat=True)) == {0, 1}


def test_a_part_whose_checkpoints_are_all_damaged_begins_anew_and_ends_the_same(
    checkpoint_root: Path,
) -> None:
    alone = trainings.start(epochs=EPOCHS, strategy_yaml=trainings.STRATEGY)
    run_training(alone.pk, 1)
    family, part = family_of(alone, hold_at=2)
    run_training(part.pk, 1)
    for file in (checkpoint_root / "checkpoints" / part.pk).rglob("*"):
        if file.is_file():
            file.write_bytes(b"nonsense")
    scenes.claim(family)
    assert lifecycle.park(family.pk, 2, Decision(released=[part.pk]))

    run_training(part.pk, 2)

    assert store.candidates(part.pk).count() == 0
    assert trainings.digests(part) == trainings.digests(alone)


def test_the_first_part_pins_the_machine_and_a_part_on_another_is_not_exact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)  # some machines set it
    alone = trainings.start(epochs=EPOCHS, strategy_yaml=trainings.STRATEGY)
    family, first = family_of(alone, hold_at=1)
    run_training(first.pk, 1)
    machine = scenes.reread(family).pinned["machine"]
    assert machine["device_type"] == "cpu"
    assert scenes.reread(first).attempts.get(number=1).exact
    scenes.claim(family)
    second = new_part(alone, number=2, hold_at=1)
    assert lifecycle.park(family.pk, 2, Decision(new=[second]))
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")

    run_training(second.operation_id, 1)

    attempt = Operation.objects.get(pk=second.operation_id).attempts.get(number=1)
    assert attempt.exact is False
    told = f"cpu_switches was  for the first part of {family.pk}, is MKL_CBWR=COMPATIBLE"
    assert attempt.differences == [told]
    assert scenes.reread(family).pinned["machine"] == machine
