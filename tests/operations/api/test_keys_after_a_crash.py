"""A request whose process dies at any point: what it did is found, what it did not is done once."""

import re
import signal
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from operations.access import idempotency
from operations.access.idempotency import IdempotencyKey, Key
from operations.models import Operation
from operations.restart import prepare_restart, restart_prepared
from tests.checkpoints.killing import run_until_killed
from tests.operations import scenes

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type", "redis_down"),
]


BEFORE_THE_COMMIT = ("key.claimed", "start.written", "key.kept")
AFTER_IT = ("ring.taken", "key.written")


def restart(api: APIClient, operation: Operation) -> Response:
    path = f"/api/v1/operations/{operation.pk}/restart"
    return api.post(path, {}, format="json", headers={"idempotency-key": "k1"})


def kill_at(point: str, api: APIClient, operation: Operation) -> None:
    code = run_until_killed(lambda it: restart(api, it) and None, operation, point)
    assert code == -signal.SIGKILL


def children(operation: Operation) -> list[str]:
    return list(Operation.objects.filter(parent=operation).values_list("pk", flat=True))


def a_minute_passes() -> None:
    long_ago = timezone.now() - idempotency.ABANDONED_AFTER * 2
    assert IdempotencyKey.objects.update(claimed_at=long_ago) == 1


def test_every_point_of_a_keys_life_is_among_those_below() -> None:
    source = Path(idempotency.__file__).read_text()
    points = set(re.findall(r'failpoint\("([^"]+)"\)', source))
    assert points == {*BEFORE_THE_COMMIT, *AFTER_IT} - {"start.written", "ring.taken"}


@pytest.mark.parametrize("point", BEFORE_THE_COMMIT)
def test_before_the_commit_nothing_is_done_and_the_key_is_free_in_a_minute(
    point: str, api: APIClient
) -> None:
    operation = scenes.cancelled(1)
    kill_at(point, api, operation)
    assert children(operation) == []
    too_soon = restart(api, operation)
    assert (too_soon.status_code, too_soon.json()["code"]) == (409, "idempotency_key_in_flight")
    a_minute_passes()
    assert restart(api, operation).status_code == 202
    assert restart(api, operation)["Idempotency-Replayed"] == "true"
    assert len(children(operation)) == 1


@pytest.mark.parametrize("point", AFTER_IT)
def test_after_the_commit_the_next_request_is_told_what_was_done(
    point: str, api: APIClient
) -> None:
    operation = scenes.cancelled(1)
    kill_at(point, api, operation)
    [child] = children(operation)
    first, second = restart(api, operation), restart(api, operation)
    assert first.status_code == 202
    assert first.json()["data"]["operation_id"] == child
    assert first["Idempotency-Replayed"] == "true"
    assert (second.content, second["Location"]) == (first.content, first["Location"])
    a_minute_passes()  # a key whose work is done is nobody's to take over
    assert restart(api, operation).content == first.content
    assert children(operation) == [child]


def test_a_key_that_is_written_with_its_work_needs_no_minute(staff: User) -> None:
    """As the start page does it."""
    operation, key = scenes.cancelled(1), Key(staff, "/start/", "k1", b"")

    def start(parent: Operation) -> None:
        def write() -> dict[str, str]:
            return {"operation_id": restart_prepared(prepare_restart(parent.pk, owner=staff)).pk}

        idempotency.write_once(key, write)

    assert run_until_killed(start, operation, "key.kept") == -signal.SIGKILL
    assert (children(operation), idempotency.find(key)) == ([], None)
    for _ in range(2):
        start(operation)
    [child] = children(operation)
    assert idempotency.find(key) == {"operation_id": child}
