"""Addresses of apprise are told of each end, each for itself; what they hold is seen nowhere."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from ktrdr_site import checks
from operations.models import WebhookMessage, seconds_from_now
from operations.webhook.addresses import name_of
from operations.webhook.delivery import PAUSES, deliver_due
from tests.operations import scenes
from tests.operations.webhook.receiver import Receiver
from tests.running.stack import PROJECT, Stack, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type", "redis_down"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of modules that apprise loads
]

SECRET = "tok3n-that-nobody-sees"


@pytest.fixture
def receivers(settings: Settings) -> Iterator[list[Receiver]]:
    running = [Receiver(), Receiver()]
    settings.KTRDR_NOTIFY_URLS = tuple(address_of(one) for one in running)
    yield running
    for one in running:
        one.stop()


def address_of(receiver: Receiver) -> str:
    return f"json://user:{SECRET}@127.0.0.1:{receiver.server_port}/{SECRET}"


def told(receiver: Receiver) -> list[tuple[str, str, str]]:
    bodies = [json.loads(received.body) for received in receiver.received]
    return [(body["title"], body["message"], body["type"]) for body in bodies]


def make_due() -> None:
    WebhookMessage.objects.exclude(due_at=None).update(due_at=Now())


def test_each_end_is_told_to_each_in_words(receivers: list[Receiver]) -> None:
    ends = [scenes.completed(), scenes.failed(), scenes.cancelled()]
    kinds = {"completed": "success", "failed": "failure", "cancelled": "info"}
    messages = list(WebhookMessage.objects.order_by("pk"))
    assert deliver_due() == 6
    for receiver in receivers:
        for operation, (title, text, kind) in zip(ends, told(receiver), strict=True):
            end = next(it for it in messages if it.operation_id == operation.pk)
            words = {"cancelled": "was cancelled"}.get(operation.status, f"has {operation.status}")
            assert title == f"{operation.name or operation.pk} {words}"
            first, *more = text.splitlines()
            when = f"{end.created_at:%Y-%m-%d %H:%M} UTC."
            assert first == f"{operation.pk} ({operation.operation_type}), attempt 1, {when}"
            broken = f"broken: {end.data.get('message')}"
            assert more == ([broken] if operation.status == "failed" else [])
            assert kind == kinds[operation.status]
    assert not WebhookMessage.objects.exists()


def test_they_are_told_beside_the_webhook_of_the_same_ends(
    receivers: list[Receiver], settings: Settings
) -> None:
    webhook = Receiver()
    settings.KTRDR_WEBHOOK_URL, settings.KTRDR_WEBHOOK_KEY = webhook.url, b"k" * 32
    scenes.running()
    scenes.completed()
    assert deliver_due() == 3
    assert [len(one.received) for one in (webhook, *receivers)] == [1, 1, 1]
    webhook.stop()


def test_one_that_is_away_is_tried_again_and_the_others_only_once(
    receivers: list[Receiver],
) -> None:
    away, there = receivers
    scenes.completed()
    scenes.failed()
    away.answers = [503]
    assert deliver_due() == 2
    assert (len(away.received), len(there.received)) == (1, 2)
    assert sorted(WebhookMessage.objects.values_list("tries", flat=True)) == [0, 1]
    make_due()
    assert deliver_due() == 2
    assert (len(away.received), len(there.received)) == (3, 2)
    assert len(set(told(away)[-2:])) == 2


def test_after_the_last_try_its_operation_says_so_without_the_address(
    receivers: list[Receiver], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    operation = scenes.completed()
    for _ in range(len(PAUSES) + 1):
        receivers[0].answers = [503]
        make_due()
        deliver_due()
    dead = WebhookMessage.objects.dead().get()
    assert dead.last_error == "address 1 (json://) did not take it"
    event = scenes.last_event(operation)
    assert event.event_type == "webhook_failed"
    assert event.data["reason"].startswith(f"{dead.receiver} of KTRDR_NOTIFY_URLS was told 8 times")
    kept = f"{list(WebhookMessage.objects.values())} {event.data} {caplog.text}"
    assert SECRET not in kept and "127.0.0.1" not in kept


def test_a_sender_that_died_is_replaced(receivers: list[Receiver]) -> None:
    scenes.completed()
    for message in WebhookMessage.objects.all():
        assert WebhookMessage.objects.try_take(message, until=seconds_from_now(60))
    assert deliver_due() == 0
    make_due()
    assert deliver_due() == 2


def test_an_address_that_apprise_does_not_know_is_named_by_its_place(settings: Settings) -> None:
    settings.KTRDR_NOTIFY_URLS = (f"nope://{SECRET}",)
    scenes.completed()
    assert deliver_due() == 0
    message = WebhookMessage.objects.get()
    assert message.last_error == "apprise knows no such service: address 1 (nope://)"
    assert message.receiver == name_of(f"nope://{SECRET}") and SECRET not in message.receiver
    [error] = checks.services_are_known()
    assert (error.id, SECRET in error.msg) == ("ktrdr.E012", False)
    assert "address 1 (nope://)" in error.msg


def test_nobody_is_told_of_what_ended_for_an_address_that_is_gone(
    receivers: list[Receiver], settings: Settings
) -> None:
    scenes.completed()
    settings.KTRDR_NOTIFY_URLS = settings.KTRDR_NOTIFY_URLS[1:]
    assert deliver_due() == 1
    assert [len(one.received) for one in receivers] == [0, 1]


def test_a_sweeper_delivers(receivers: list[Receiver], stack: Stack, settings: Settings) -> None:
    scenes.completed()
    urls = "\n".join(address_of(one) for one in receivers)
    stack.sweeper(KTRDR_NOTIFY_URLS=urls, SECRET_KEY=settings.SECRET_KEY)
    wait_until(lambda: all(one.received for one in receivers))
    wait_until(lambda: not WebhookMessage.objects.exists())


WITHOUT = """
import sys
sys.modules["apprise"] = None
sys.argv = ["manage.py", "check"]
from importlib import util
found = util.find_spec
util.find_spec = lambda name, *more: None if name == "apprise" else found(name, *more)
import manage
manage.main()
"""


@pytest.mark.parametrize(
    ("urls", "said"),
    [
        (f"json://{SECRET}", "apprise, which sends to them, is not installed"),
        (
            f"json://host {SECRET}",
            "KTRDR_NOTIFY_URLS is not valid: it accepts addresses",
        ),
    ],
)
def test_what_it_lacks_is_said_at_the_start_and_no_address(urls: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        cwd=PROJECT,
        env={**os.environ, "KTRDR_NOTIFY_URLS": urls},
        capture_output=True,
        text=True,
    )
    assert done.returncode
    assert said in done.stderr.replace("\n", " ")
    assert SECRET not in done.stderr + done.stdout
