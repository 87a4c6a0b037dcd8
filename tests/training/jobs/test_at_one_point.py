"""Whoever reads a training's progress and its epochs together sees both at one point."""

import threading

import pytest
from django.db import connection
from django.db.models import Max, OuterRef, Subquery
from pytest_django.fixtures import Settings

from operations.models import Metric, Operation
from tests.acceptance import trainings
from training.jobs import run_training

pytestmark = pytest.mark.django_db(transaction=True)

EPOCHS = 400


def test_no_curve_is_ahead_of_the_numbers_above_it_or_behind_them(settings: Settings) -> None:
    settings.KTRDR_HEARTBEAT_SECONDS = 0.01
    operation = trainings.start(strategy_yaml=trainings.STRATEGY, epochs=EPOCHS)
    seen: set[tuple[int, int]] = set()
    is_over = threading.Event()

    def look() -> None:
        measured = Metric.objects.filter(operation=OuterRef("pk")).order_by().values("operation")
        newest = Subquery(measured.annotate(newest=Max("step")).values("newest"))
        rows = Operation.objects.filter(pk=operation.pk).annotate(newest=newest)
        while not is_over.wait(0.005):
            progress, step = rows.values_list("progress", "newest").get()
            seen.add((progress.get("epoch", -1), -1 if step is None else step))
        connection.close()

    watching = threading.Thread(target=look)
    watching.start()
    run_training(operation.pk, 1)
    is_over.set()
    watching.join()
    assert {(reported, newest) for reported, newest in seen if reported != newest} == set()
    assert len(seen) > 3
