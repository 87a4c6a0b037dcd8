"""A training for which there is no room is refused before anything is made: at every door alike."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import escape
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from operations.access import tokens
from operations.access.tokens import Scope
from operations.errors import DomainError
from operations.models import Operation
from operations.restart import restart_operation
from tests.acceptance import trainings
from tests.asking.clients import start_again
from tests.asking.commands import Manage
from tests.asking.described_client import DescribedClient
from tests.training.views.start_form import START, form
from training.errors import NotEnoughDisk, NotEnoughMemory
from training.jobs import run_training
from training.launch import room
from training.launch.branching import extend_operation, fork_operation
from training.launch.seeds import start_seeds
from training.launch.start import StartRequest, start_training

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST = StartRequest(strategy_yaml=trainings.STRATEGY)
ALLOWED_MB = 50


@pytest.fixture
def parent(transactional_db: None) -> Operation:
    operation = trainings.start(strategy_yaml=trainings.STRATEGY, epochs=2)
    run_training(operation.pk, 1)
    return operation


@pytest.fixture
def owner(transactional_db: None) -> User:
    return User.objects.create_user("owner", is_staff=True, is_superuser=True)


@pytest.fixture
def api(owner: User) -> APIClient:
    _, secret = tokens.issue(owner, scope=Scope.OPERATE)
    return DescribedClient(headers={"authorization": f"Bearer {secret}"})


@pytest.fixture
def page(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def no_memory(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> type[DomainError]:
    settings.KTRDR_TRAINING_MEMORY_MB = ALLOWED_MB
    return NotEnoughMemory


def no_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> type[DomainError]:
    monkeypatch.setattr(room, "free_bytes", lambda: 1_000_000)
    return NotEnoughDisk


def starts(parent: Operation) -> dict[str, Callable[[], object]]:
    return {
        "start": lambda: start_training(REQUEST),
        "seeds": lambda: start_seeds(REQUEST, seeds=2),
        "restart": lambda: restart_operation(parent.pk, owner=None),
        "extend": lambda: extend_operation(parent.pk, epochs=4),
        "fork": lambda: fork_operation(parent.pk, settings={"training.epochs": 4}),
    }


@pytest.mark.parametrize("lack", [no_memory, no_disk])
def test_every_way_to_start_is_refused_in_the_same_words(
    parent: Operation,
    lack: Callable[[Settings, pytest.MonkeyPatch], type[DomainError]],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusal = lack(settings, monkeypatch)
    words = set()
    for start in starts(parent).values():
        with pytest.raises(refusal) as refused:
            start()
        words.add(str(refused.value))

    assert len(words) == 1
    assert Operation.objects.count() == 1


def test_every_door_says_the_same(
    parent: Operation, api: APIClient, page: Client, manage: Manage, settings: Settings
) -> None:
    settings.KTRDR_TRAINING_MEMORY_MB = ALLOWED_MB
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(NotEnoughMemory) as refused:
        start_training(StartRequest(strategy="sp500_daily"))
    words = str(refused.value)
    assert "may take 50 MB here (KTRDR_TRAINING_MEMORY_MB)" in words

    started = api.post("/api/v1/training/start", {"strategy": "sp500_daily"}, format="json")
    assert (started.status_code, started.json()["code"]) == (422, "not_enough_memory")
    assert started.json()["detail"] == words
    assert escape(words) in page.post(START, form()).content.decode()
    started_here = manage("start_training", "sp500_daily")
    assert started_here.code != 0 and words in " ".join(started_here.err.split())

    for command, *arguments in (
        ("start_training", "sp500_daily", "--seeds", "2"),
        ("restart_operation", parent.pk),
        ("extend_operation", parent.pk, "--epochs", "4"),
        ("fork_operation", parent.pk, "--set", "training.epochs=4"),
    ):
        refused_there = manage(command, *arguments)
        assert refused_there.code != 0, command
        assert "may take 50 MB here (KTRDR_TRAINING_MEMORY_MB)" in refused_there.err, command
    restarted = start_again(page, parent.pk, follow=True)
    assert "may take 50 MB here (KTRDR_TRAINING_MEMORY_MB)" in restarted.content.decode()
    for path, body in (
        ("restart", {}),
        ("extend", {"epochs": 4}),
        ("fork", {"set": {"training.epochs": 4}}),
    ):
        answer = api.post(f"/api/v1/operations/{parent.pk}/{path}", body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (422, "not_enough_memory"), path
    assert Operation.objects.count() == 1


def test_a_gpus_memory_is_not_estimated(settings: Settings) -> None:
    settings.KTRDR_TRAINING_MEMORY_MB = ALLOWED_MB

    assert start_training(StartRequest(strategy="sp500_daily", device="cuda"))


def test_no_limit_refuses_nothing(settings: Settings) -> None:
    settings.KTRDR_TRAINING_MEMORY_MB = 0
    text = trainings.STRATEGY.replace("batch_size: 1\n", "batch_size: 1048576\n")

    assert start_training(StartRequest(strategy_yaml=text.replace("[32, 16]", "[4096, 4096]")))
