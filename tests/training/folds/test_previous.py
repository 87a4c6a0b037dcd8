"""Windows that begin with what the one before has learned."""

import pytest

from operations.cancel import cancel_operation
from operations.models import Metric, Operation
from operations.resume import resume_operation
from tests.operations.family_scenes import assert_family_holds
from tests.training.folds.families import play, result_of, walk, without_ids

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_window_goes_on_from_the_one_before_and_none_is_scored_on_what_it_knows() -> None:
    family = play(walk(start="previous"))
    folds = result_of(family)["folds"]
    assert [fold["epochs_trained"] for fold in folds] == [2, 4, 6]
    parts = list(Operation.objects.filter(part_of=family).order_by("part_number"))
    origins = [part.request.get("origin", {}).get("operation_id") for part in parts]
    assert origins == [None, parts[0].pk, parts[1].pk]
    assert all("seen_test" not in part.request for part in parts)
    steps = Metric.objects.filter(operation=parts[2]).order_by("step")
    assert list(steps.values_list("step", flat=True)) == [4, 5]
    assert all(fold["best_epoch"] >= 2 * number for number, fold in enumerate(folds))
    fresh = result_of(play(walk()))["folds"]
    assert folds[0]["weights_sha256"] == fresh[0]["weights_sha256"]
    assert folds[1]["weights_sha256"] != fresh[1]["weights_sha256"]


def test_one_that_is_cancelled_and_resumed_anywhere_ends_with_the_same() -> None:
    undisturbed = without_ids(result_of(play(walk(start="previous"))))
    for steps in (2, 3):
        family = walk(start="previous")
        play(family, steps=steps)
        cancel_operation(family.pk)
        resume_operation(family.pk)
        assert without_ids(result_of(play(family))) == undisturbed
        assert_family_holds(family.pk)
