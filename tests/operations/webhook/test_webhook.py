"""The webhook is told of each end at least once, however it fails, and of nothing else."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django.fixtures import Settings

from operations import lifecycle
from operations.cancel import cancel_operation
from operations.models import WebhookMessage, seconds_from_now
from operations.resume import resume_operation
from operations.webhook.delivery import PAUSES, deliver_due
from tests.operations import scenes
from tests.operations.webhook.receiver import Received, Receiver
from tests.running.stack import PROJECT, Stack, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type", "redis_down"),
]

KEY = b"k" * 32
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    running = Receiver()
    settings.KTRDR_WEBHOOK_URL = running.url
    settings.KTRDR_WEBHOOK_KEY = KEY
    yield running
    running.stop()


def told(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(received.body) for received in receiver.received]


def make_due() -> None:
    assert WebhookMessage.objects.exclude(due_at=None).update(due_at=Now()) == 1


def test_each_end_is_told_of(receiver: Receiver) -> None:
    ends = [scenes.completed(), scenes.failed(), scenes.cancelled()]
    assert deliver_due() == 3
    assert [(it["type"], it["data"]["operation_id"]) for it in told(receiver)] == [
        (f"operation.{operation.status}", operation.pk) for operation in ends
    ]
    assert told(receiver)[1]["data"]["code"] == "broken"
    assert not WebhookMessage.objects.exists()


def test_what_is_no_end_is_not(receiver: Receiver) -> None:
    running = scenes.running()
    assert lifecycle.interrupt(running.pk, 1)
    assert not WebhookMessage.objects.exists()


def test_every_way_to_end_is_told_of_once(receiver: Receiver) -> None:
    unclaimed = scenes.pending()
    cancel_operation(unclaimed.pk)
    forced = scenes.running()
    cancel_operation(forced.pk, force=True)
    lost, cancelled_too_late = scenes.running(max_restarts=0), scenes.running()
    cancel_operation(cancelled_too_late.pk)
    for operation in (lost, cancelled_too_late):
        scenes.expire_lease(operation)
    assert lifecycle.lose(lost.pk, 1, as_of=timezone.now())
    assert lifecycle.cancel_lost(cancelled_too_late.pk, 1, as_of=timezone.now())
    assert deliver_due() == 4


def test_a_second_end_after_a_resume_is_another_message(receiver: Receiver) -> None:
    operation = scenes.cancelled(1)
    resume_operation(operation.pk)
    lifecycle.fail(operation.pk, 2, scenes.BROKEN)
    assert deliver_due() == 2
    ids = [received.headers["webhook-id"] for received in receiver.received]
    assert len(set(ids)) == 2 and all(it.startswith(f"{operation.pk}.") for it in ids)


def test_its_signature_is_that_of_standard_webhooks(receiver: Receiver) -> None:
    scenes.completed()
    deliver_due()
    assert is_signed(receiver.received[0])


def is_signed(received: Received) -> bool:
    """As a receiver checks it (Standard Webhooks 1.0, "Verifying webhook authenticity")."""
    sent = received.headers
    signed = f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + received.body
    digest = hmac.new(KEY, signed, hashlib.sha256).digest()
    return bool(sent["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}")


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_refused_message_comes_again_the_same(receiver: Receiver, status: int) -> None:
    scenes.completed()
    receiver.answers = [status]
    assert deliver_due() == 0
    assert str(status) in WebhookMessage.objects.get().last_error
    assert deliver_due() == 0, "not before its pause is over"
    make_due()
    assert deliver_due() == 1
    first, second = receiver.received
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


def test_one_that_is_refused_keeps_no_other_back(receiver: Receiver) -> None:
    scenes.completed()
    scenes.failed()
    receiver.answers = [500]
    assert deliver_due() == 1


def test_a_receiver_that_is_not_there_is_asked_once_a_round(receiver: Receiver) -> None:
    scenes.completed()
    scenes.failed()
    receiver.stop()
    assert deliver_due() == 0
    assert sorted(WebhookMessage.objects.values_list("tries", flat=True)) == [0, 1]


def test_after_the_last_try_it_is_dead_and_its_operation_says_so(receiver: Receiver) -> None:
    operation = scenes.completed()
    for _ in range(len(PAUSES) + 1):
        receiver.answers = [503]
        make_due()
        assert deliver_due() == 0
    message = WebhookMessage.objects.dead().get()
    assert "503" in message.last_error
    assert scenes.events(operation)[-1] == "webhook_failed"
    assert "503" in scenes.last_event(operation).data["reason"]
    assert scenes.reread(operation).status == "completed"


def test_a_sender_that_died_is_replaced(receiver: Receiver) -> None:
    scenes.completed()
    message = WebhookMessage.objects.get()
    assert WebhookMessage.objects.try_take(message, until=seconds_from_now(60))
    assert deliver_due() == 0
    make_due()
    assert deliver_due() == 1


def test_two_sweepers_at_once_send_it_once(receiver: Receiver) -> None:
    for _ in range(10):
        scenes.completed()

    def deliver() -> None:
        deliver_due()
        connections.close_all()

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deliver_due()
    assert len(receiver.received) == len({it.headers["webhook-id"] for it in receiver.received})
    assert len(receiver.received) == 10


def test_a_refused_end_leaves_no_message(receiver: Receiver) -> None:
    operation = scenes.running()
    with pytest.raises(RuntimeError), lifecycle.completing(operation.pk, 1, result={}):
        raise RuntimeError("it could not be stored")
    assert not WebhookMessage.objects.exists()


def test_nothing_is_kept_for_a_webhook_that_comes_later(receiver: Receiver, settings: Any) -> None:
    settings.KTRDR_WEBHOOK_URL = ""
    scenes.completed()
    settings.KTRDR_WEBHOOK_URL = receiver.url
    assert deliver_due() == 0 and not receiver.received


def test_a_sweeper_delivers(receiver: Receiver, stack: Stack) -> None:
    scenes.completed()
    stack.sweeper(KTRDR_WEBHOOK_URL=receiver.url, KTRDR_WEBHOOK_SECRET=SECRET)
    wait_until(lambda: receiver.received)
    assert is_signed(receiver.received[0])
    wait_until(lambda: not WebhookMessage.objects.exists())


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"KTRDR_WEBHOOK_URL": "ftp://host/", "KTRDR_WEBHOOK_SECRET": SECRET}, "URL"),
        ({"KTRDR_WEBHOOK_URL": "http://host/"}, "SECRET"),
        ({"KTRDR_WEBHOOK_SECRET": "whsec_c2hvcnQ="}, "SECRET"),
        ({"KTRDR_WEBHOOK_SECRET": SECRET.removeprefix("whsec_")}, "SECRET"),
    ],
)
def test_a_bad_setting_stops_the_process_and_shows_no_secret(
    changes: dict[str, str], name: str
) -> None:
    command = [sys.executable, "-c", "import ktrdr_site.settings"]
    ended = subprocess.run(
        command, cwd=PROJECT, env={**os.environ, **changes}, capture_output=True, text=True
    )
    assert ended.returncode
    assert f"KTRDR_WEBHOOK_{name}" in ended.stderr
    assert changes.get("KTRDR_WEBHOOK_SECRET", SECRET) not in ended.stderr
