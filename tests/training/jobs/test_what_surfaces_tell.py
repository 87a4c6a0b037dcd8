"""Seeds, exactness and warnings of a training show on every surface."""

import json
import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from operations.models import Attempt
from operations.reading.as_json import present_whole
from operations.reading.overview import overview
from operations.selectors import attempts
from tests.acceptance import trainings
from training.jobs import run_training
from training.launch.seeds import start_seeds
from training.launch.start import StartRequest
from training.models import TrainedModel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operations():
    request = StartRequest(strategy_yaml=trainings.STRATEGY, epochs=2)
    started = start_seeds(request, seeds=2)
    for operation in started:
        run_training(operation.pk, 1)
    return started


def shown(operation, manage) -> tuple[dict, str]:
    """By the API and by the command."""
    current = trainings.now(operation)
    answer = present_whole(overview(current), attempts(current.pk))
    return json.loads(json.dumps(answer, default=str)), manage("show_operation", operation.pk).out


def test_the_spread_over_the_seeds_is_shown(operations, manage) -> None:
    answer, printed = shown(operations[1], manage)
    assert answer["seeds"]["completed"] == 2
    assert "accuracy of 2 seeds" in printed


def test_a_replay_that_differs_is_a_warning(operations, manage) -> None:
    differing = Attempt.objects.filter(operation=operations[0])
    differing.update(
        replay_verified=False, replayed_epochs=1, exact=False, differences=["torch was 1, is 2"]
    )
    answer, printed = shown(operations[0], manage)
    assert len(answer["warnings"]) == 2
    for words in ("torch was 1, is 2", "came out different", "DIFFERENT"):
        assert words in printed


def test_the_result_is_one_line_and_the_same_on_every_surface(operations, manage) -> None:
    """Page, API, `show_operation`, and the end of `--follow`."""
    answer, printed = shown(operations[0], manage)
    line = answer["headline"]
    assert line.startswith("Net return ") and "luck of 2 looks at its test range" in line
    assert line in printed
    last = manage("follow_operation", operations[0].pk).out.splitlines()[-1]
    assert last == f"Operation {operations[0].pk} is completed. {line}"
    page = Client()
    page.force_login(User.objects.create_superuser("admin"))
    html = page.get(f"/operations/{operations[0].pk}/").content.decode()
    words = " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())
    assert line.removesuffix(".").lower() in words.lower()


def test_an_operation_and_its_results_name_its_model(operations, manage) -> None:
    answer, _ = shown(operations[0], manage)
    model = TrainedModel.objects.get(operation=operations[0])
    assert answer["model_id"] == model.pk
    client = Client()
    client.force_login(User.objects.create_superuser("admin"))
    results = client.get(f"/api/v1/operations/{operations[0].pk}/results").json()["data"]
    assert results["model_id"] == model.pk


def test_a_completed_training_shows_its_last_epoch(operations, manage) -> None:
    answer, _ = shown(operations[0], manage)
    assert (answer["progress"]["epoch"], answer["warnings"]) == (1, [])
