"""What a confidence is worth, by hand; and that a picture's numbers are those of the evaluation."""

import csv
import io

import numpy as np
import pytest
from django.contrib.auth.models import User

from operations.models import Operation
from tests.training.jobs.scenes import CLASSES, trained
from tests.training.views.scenes import signed_in
from training.evaluation.confidence import (
    calibration_error,
    hits_by_confidence,
    returns_by_prediction,
    wilson,
)

THRESHOLD = "decisions: {confidence_threshold: 0.36}\n"
LEARNS = CLASSES.replace("batch_size: 1\n", "batch_size: 32\n  learning_rate: 0.01\n")


def test_hits_are_counted_by_the_confidence_of_the_class_that_is_said() -> None:
    said = np.array([[0.9, 0.05, 0.05], [0.05, 0.92, 0.03], [0.4, 0.3, 0.3], [0.2, 0.38, 0.42]])
    sure, unsure = hits_by_confidence(said, np.array([0, 0, 0, 0]))[::-1]
    assert (sure.count, sure.said, sure.came) == (2, pytest.approx(0.91), 0.5)
    assert (unsure.count, unsure.said, unsure.came) == (2, pytest.approx(0.41), 0.5)
    assert calibration_error([sure, unsure]) == pytest.approx((0.41 + 0.09) / 2)
    assert wilson(0.8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0.0, 5)[0] == pytest.approx(0.0, abs=1e-12)


def test_returns_are_grouped_by_what_was_predicted() -> None:
    predicted = np.arange(100.0)[::-1].copy()
    groups = returns_by_prediction(predicted, 2 * predicted)
    assert [own.count for own in groups] == [5] * 20
    assert groups[0].said == 2.0 and groups[0].came == 4.0
    assert groups[0].low == pytest.approx(4.0 - 1.96 * np.sqrt(10 / 5))
    (one,) = returns_by_prediction(np.array([0.1]), np.array([0.2]))
    assert one.low == one.high == 0.2


@pytest.mark.django_db(transaction=True)
def test_a_picture_says_what_the_evaluation_says_at_the_strategys_own_threshold() -> None:
    model = trained(LEARNS + THRESHOLD, epochs=3)
    owner = User.objects.create_user("owner")
    Operation.objects.update(owner=owner)
    browser = signed_in(owner)
    address = f"/models/{model.pk}/pictures/confidence/"
    page = browser.get(address).content.decode()
    assert "is another look at it" in page and "Threshold, its own" in page
    rows = list(csv.DictReader(io.StringIO(browser.get(f"{address}?format=csv").content.decode())))
    metrics = model.evaluation["metrics"]
    own = next(row for row in rows if row["threshold"] == "0.36")
    assert float(own["net_return"]) == metrics["net_return"]
    assert int(own["trades"]) == metrics["trades"]
    bins = [row for row in rows if row["count"]]
    assert sum(int(row["count"]) for row in bins) == model.evaluation["samples"]
    hits = sum(int(row["count"]) * float(row["came"]) for row in bins)
    assert hits / model.evaluation["samples"] == pytest.approx(metrics["accuracy"])
    highest = next(row for row in rows if row["threshold"] == "0.9")
    assert int(highest["trades"]) <= int(own["trades"])
