"""`/api/v1/operations/ID/events` as a stream: every event once and in order, until the end."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection

from operations import lifecycle
from operations.access import tokens
from operations.access.tokens import Scope
from operations.models import Operation
from operations.upkeep import histories
from tests.asking.clients import cookies
from tests.operations import scenes
from tests.running.postgres import PostgresServer
from tests.running.web import Listener, Web

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type"),
]


def listen(
    web: Web, operation: Operation, user: User, *, query: str = "", **headers: str
) -> Listener:
    sent = {**cookies(user), **{name.replace("_", "-"): value for name, value in headers.items()}}
    return web.listen(f"/api/v1/operations/{operation.pk}/events{query}", sent)


def numbers(listener: Listener) -> list[str]:
    return [heard.number for heard in listener.heard]


def test_what_has_happened_is_replayed_and_the_end_ends_it(web: Web, staff: User) -> None:
    operation = scenes.completed()
    with listen(web, operation, staff) as stream:
        stream.wait_for_end()
    assert stream.events() == scenes.events(operation) == ["created", "claimed", "completed"]
    assert numbers(stream) == ["1", "2", "3"]
    assert json.loads(stream.heard[1].data)["data"]["worker"] == "w1"
    assert stream.headers["Content-Type"] == "text/event-stream"


def test_what_happens_is_told_as_it_happens(web: Web, staff: User) -> None:
    operation = scenes.running()
    with listen(web, operation, staff) as stream:
        stream.wait_for("claimed")
        assert lifecycle.request_cancel(operation.pk)
        stream.wait_for("cancel_requested")
        assert not stream.has_ended
        assert lifecycle.cancel(operation.pk, 1)
        stream.wait_for_end()
    assert stream.events()[-1] == "cancelled"


def test_a_client_that_comes_back_gets_what_it_missed(web: Web, staff: User) -> None:
    operation = scenes.failed()
    with listen(web, operation, staff, Last_Event_ID="2") as stream:
        stream.wait_for_end()
    assert numbers(stream) == ["3"]
    with listen(web, operation, staff, query="?after=1") as stream:
        stream.wait_for_end()
    assert numbers(stream) == ["2", "3"]


def test_what_it_had_counts_more_than_where_it_began(web: Web, staff: User) -> None:
    operation = scenes.failed()
    with listen(web, operation, staff, query="?after=0", Last_Event_ID="2") as stream:
        stream.wait_for_end()
    assert numbers(stream) == ["3"]


def test_a_client_that_has_everything_is_told_to_stay_away(web: Web, staff: User) -> None:
    operation = scenes.failed()
    with listen(web, operation, staff, Last_Event_ID="3") as stream:
        assert stream.status == 204


def test_a_pruned_history_ends_it_too(web: Web, staff: User) -> None:
    operation = scenes.failed()
    assert histories.prune(older_than=timedelta(0))
    with listen(web, operation, staff) as stream:
        stream.wait_for_end()
    assert stream.heard == []


def test_an_outage_ends_nothing(web: Web, staff: User, postgres_server: PostgresServer) -> None:
    operation = scenes.running()
    with listen(web, operation, staff) as stream:
        stream.wait_for("claimed")
        connection.close()  # the test's own
        postgres_server.stop()
        postgres_server.start()
        assert lifecycle.fail(operation.pk, 1, scenes.BROKEN)
        stream.wait_for_end()
    assert stream.events() == ["created", "claimed", "failed"]


@pytest.mark.parametrize("number", ["-1", "two", "9" * 10, "9" * 5000])
def test_a_number_that_is_none_is_refused(web: Web, staff: User, number: str) -> None:
    with listen(web, scenes.pending(), staff, Last_Event_ID=number) as stream:
        assert stream.status == 400


def test_anothers_operation_is_not_there(web: Web, owner: User) -> None:
    with listen(web, scenes.pending(), owner) as stream:
        assert stream.status == 404
        assert stream.headers["Content-Type"] == "application/problem+json"


def test_a_token_that_may_read_may_listen(web: Web, staff: User) -> None:
    operation = scenes.failed()
    _, secret = tokens.issue(staff, scope=Scope.READ)
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {secret}"}
    with web.listen(f"/api/v1/operations/{operation.pk}/events", headers) as stream:
        stream.wait_for_end()
    assert len(stream.heard) == 3
