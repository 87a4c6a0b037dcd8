"""When each attempt waited for a worker, and when it ran: one axis of time for all of them."""

import csv
import io
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from operations import selectors
from operations.models import Attempt, Operation
from operations.views.attempts_picture import attempts_picture
from tests.operations import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "redis_down")]

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def interrupted() -> Operation:
    """Waited 10 s, ran 30 s until its worker was lost; waited 20 s, and ran 40 s to its end."""
    operation = scenes.completed()

    def at(seconds: int) -> datetime:
        return BEGIN + timedelta(seconds=seconds)

    Attempt.objects.filter(operation=operation).update(
        created_at=BEGIN, claimed_at=at(10), ended_at=at(40), outcome="lost", worker="w"
    )
    Attempt.objects.create(
        operation=operation,
        number=2,
        created_at=at(40),
        claimed_at=at(60),
        ended_at=at(100),
        outcome="completed",
    )
    return operation


def test_waiting_is_told_from_running_at_its_place_on_the_axis(page: Client) -> None:
    operation = interrupted()
    drawn = attempts_picture(selectors.attempts(operation.pk))
    assert drawn is not None
    bars = [(bar.kind, bar.x, bar.width) for bar in drawn.bars]
    assert bars == [
        *(("waiting", 0.0, 100.0), ("lost", 100.0, 300.0)),
        *(("waiting", 400.0, 200.0), ("completed", 600.0, 400.0)),
    ]
    said = "2 attempts in 1 min 40 s: they waited 30 s for a worker, and ran 1 min 10 s."
    assert drawn.about == said
    html = page.get(reverse("operation-history", args=[operation.pk])).content.decode()
    assert said in html and html.count("<rect class=") == 4
    address = reverse("operation", args=[operation.pk])
    svg = ElementTree.fromstring(page.get(f"{address}attempts.svg").content)
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    answer = page.get(f"{address}attempts.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    told = [(row["attempt"], row["waited_seconds"], row["ran_seconds"]) for row in rows]
    assert told == [("1", "10.0", "30.0"), ("2", "20.0", "40.0")]
    assert page.get(f"{address}attempts.png").status_code == 404


def test_what_waits_or_runs_still_goes_on_until_now(page: Client) -> None:
    operation = scenes.pending()
    Attempt.objects.filter(operation=operation).update(created_at=BEGIN)
    (waiting,) = selectors.attempts(operation.pk)
    drawn = attempts_picture([waiting])
    assert drawn is not None and [bar.kind for bar in drawn.bars] == ["waiting"]
    scenes.claim(operation)
    (running,) = selectors.attempts(operation.pk)
    drawn = attempts_picture([running])
    assert drawn is not None and [bar.kind for bar in drawn.bars] == ["waiting", "running"]
    assert drawn.bars[1].width == 2.0  # a moment after a long wait, and seen


def test_without_any_time_there_is_nothing_to_draw(page: Client) -> None:
    operation = scenes.completed()
    Attempt.objects.filter(operation=operation).update(
        created_at=BEGIN, claimed_at=BEGIN, ended_at=BEGIN
    )
    assert attempts_picture(selectors.attempts(operation.pk)) is None
    assert attempts_picture([]) is None
    assert page.get(f"/operations/{operation.pk}/attempts.svg").status_code == 404
