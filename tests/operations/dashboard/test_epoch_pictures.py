"""What is drawn below the loss: the other numbers of each epoch, and what its attempt took."""

import csv
import io
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from operations import lifecycle
from operations.models import Operation
from tests.operations import scenes
from tests.operations.dashboard.pictures import records, reports
from training.presentation.epoch_pictures import MOST_DRAWN, EpochPicture, epoch_pictures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "redis_down")]

PICTURE = 'class="epoch-picture"'


def drawn(operation: Operation) -> dict[str, EpochPicture]:
    return {picture.key: picture for picture in epoch_pictures(operation)}


def test_only_what_epochs_have_is_drawn_as_their_latest_attempt_has_it(page: Client) -> None:
    operation = scenes.running()
    address = reverse("operation", args=[operation.pk])
    assert drawn(operation) == {} and PICTURE not in page.get(address).content.decode()
    records(operation, range(4), seconds=0.5, val_accuracy=0.25)
    assert lifecycle.interrupt(operation.pk, 1)
    second = scenes.claim(operation, worker="w2", token="t2")
    records(second, [3, 4], seconds=0.5, val_accuracy=0.5, cpu_percent=97, memory_bytes=2.5e8)
    pictures = drawn(second)
    assert list(pictures) == ["val_accuracy", "seconds", "cpu_percent", "memory_bytes"]
    accuracy = pictures["val_accuracy"]
    assert [value for *_, value in accuracy.values] == [0.25, 0.25, 0.25, 0.5, 0.5]
    assert (accuracy.low, accuracy.high, accuracy.cuts.count("M")) == ("0.2500", "0.5000", 1)
    assert accuracy.line == "M0.0 104.0L80.0 104.0L160.0 104.0L240.0 22.0L320.0 22.0"
    assert (pictures["memory_bytes"].low, pictures["memory_bytes"].high) == ("0 B", "250.0 MB")
    html = page.get(reverse("epoch-pictures", args=[second.pk])).content.decode()
    assert html.strip() in page.get(address).content.decode()
    assert html.count(PICTURE) == 4 and "97 %" in page.get(address).content.decode()


def test_a_picture_is_kept_as_a_file_of_its_own_and_as_its_numbers(page: Client) -> None:
    operation = scenes.running()
    records(operation, range(3), learning_rate=0.002)

    def kept(name: str) -> str:
        answer = page.get(reverse("operation", args=[operation.pk]) + f"pictures/{name}")
        assert answer.status_code == 200
        named = f'filename="{operation.pk}_{name}"'
        assert named in answer.headers["Content-Disposition"]
        return answer.content.decode()

    svg = ElementTree.fromstring(kept("learning_rate.svg"))
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    rows = list(csv.reader(io.StringIO(kept("learning_rate.csv"))))
    assert rows == [
        ["epoch", "attempt", "learning_rate"],
        *([str(n), "1", "0.002"] for n in (1, 2, 3)),
    ]
    for absent in ("cpu_percent.svg", "learning_rate.png"):
        answer = page.get(reverse("operation", args=[operation.pk]) + f"pictures/{absent}")
        assert answer.status_code == 404


def test_a_long_past_makes_no_picture_larger_and_one_slow_epoch_presses_no_other(
    page: Client,
) -> None:
    operation = scenes.running()
    records(operation, range(5000), seconds=0.01, cpu_percent=99)
    records(operation, [5000], seconds=60.0, cpu_percent=99)
    seconds = drawn(reports(operation, epoch=5000, best_epoch=7))["seconds"]
    assert len(seconds.values) == MOST_DRAWN + 1
    assert (seconds.high, seconds.last) == ("0.05 s and more", "5,001")
    assert len(page.get(reverse("epoch-pictures", args=[operation.pk])).content) < 12_000
