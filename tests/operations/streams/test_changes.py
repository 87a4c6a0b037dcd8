"""`/stream/`: an open page hears what changes, of what its user may see, and within a second."""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from operations import lifecycle
from operations.cancel import cancel_operation
from operations.models import Operation, Process
from operations.streams.hub import TELL_AGAIN_SECONDS
from operations.upkeep import presence
from tests.asking.clients import cookies
from tests.operations import scenes
from tests.running.postgres import PostgresServer
from tests.running.servers import Servers
from tests.running.stack import wait_until
from tests.running.web import Heard, Listener, Web

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type"),
]

Listen = Callable[[User], Listener]


@pytest.fixture
def listen(web: Web, request: pytest.FixtureRequest) -> Listen:
    """A page of this user, once it hears everything."""

    def open_page(user: User) -> Listener:
        listener = web.listen("/stream/", cookies(user))
        request.addfinalizer(listener.close)
        listener.wait_for("reload")
        return listener

    return open_page


def told_of(listener: Listener, operation: Operation) -> list[dict[str, object]]:
    kind = f"operation-{operation.pk}"
    return [json.loads(heard.data) for heard in listener.heard if heard.event == kind]


def wait_for_event_told(listener: Listener, operation: Operation) -> None:
    """Until the page has heard of everything that has happened to it."""
    newest = scenes.reread(operation).last_event
    wait_until(lambda: newest in [it["last_event"] for it in told_of(listener, operation)], 10)


def wait_for_progress(listener: Listener, operation: Operation, epoch: int) -> None:
    def epochs() -> list[object]:
        return [it["progress"]["epoch"] for it in told_of(listener, operation)]  # type: ignore[index]

    wait_until(lambda: epoch in epochs(), 10, epochs)


def test_a_new_operation_is_told_of(listen: Listen, staff: User) -> None:
    page = listen(staff)
    operation = scenes.pending()
    page.wait_for(f"operation-{operation.pk}")
    page.wait_for("operations")
    told = told_of(page, operation)[0]
    assert (told["id"], told["status"], told["last_event"]) == (operation.pk, "pending", 1)


def test_progress_is_told_of_without_an_event(listen: Listen, staff: User) -> None:
    operation = scenes.as_training(scenes.running())
    page = listen(staff)
    assert lifecycle.heartbeat(operation.pk, 1, progress={"epoch": 7, "phase": "training"})
    wait_for_progress(page, operation, 7)
    assert told_of(page, operation)[-1]["phase"] == "training"


def test_progress_that_comes_with_epochs_is_told_of_before_the_next_heartbeat(
    listen: Listen, staff: User
) -> None:
    operation = scenes.as_training(scenes.running())
    page = listen(staff)
    for epoch in (7, 8):
        with lifecycle.fenced(operation.pk, 1, progress={"epoch": epoch}):
            pass
        wait_for_progress(page, operation, epoch)


def test_the_end_is_told_of(listen: Listen, staff: User) -> None:
    operation = scenes.running()
    page = listen(staff)
    assert lifecycle.fail(operation.pk, 1, scenes.BROKEN)
    wait_until(lambda: "failed" in [it["status"] for it in told_of(page, operation)], 10)


def test_a_burst_of_reports_is_told_of_once_and_ends_with_the_newest(
    listen: Listen, staff: User
) -> None:
    operation = scenes.as_training(scenes.running())
    page = listen(staff)
    began = time.monotonic()
    for epoch in range(50):
        assert lifecycle.heartbeat(operation.pk, 1, progress={"epoch": epoch})
    wait_for_progress(page, operation, 49)
    seconds = time.monotonic() - began
    assert len(told_of(page, operation)) <= 2 + seconds / TELL_AGAIN_SECONDS


def test_saves_are_routine_and_change_no_list(listen: Listen, staff: User) -> None:
    page = listen(staff)
    operation = scenes.running()
    wait_for_event_told(page, operation)
    before = page.events().count("operations")
    scenes.save(operation, 1)
    wait_for_event_told(page, operation)
    assert told_of(page, operation)[-1]["is_routine"]
    assert page.events().count("operations") == before
    assert lifecycle.fail(operation.pk, 1, scenes.BROKEN)
    wait_until(lambda: page.events().count("operations") > before, 10)
    wait_until(lambda: told_of(page, operation)[-1]["status"] == "failed", 10)
    assert not told_of(page, operation)[-1]["is_routine"]


def test_nobody_hears_of_anothers_operation(listen: Listen, staff: User, owner: User) -> None:
    page, pages_of_staff = listen(owner), listen(staff)
    anothers = scenes.pending()
    pages_of_staff.wait_for(f"operation-{anothers.pk}")
    own = scenes.pending()
    Operation.objects.filter(pk=own.pk).update(owner=owner)
    cancel_operation(own.pk)
    wait_until(lambda: "cancelled" in [it["status"] for it in told_of(page, own)], 10)
    assert not told_of(page, anothers)


def test_workers_that_come_and_go_are_told_of(listen: Listen, staff: User) -> None:
    page = listen(staff)
    presence.beat(Process.Kind.WORKER, "w1")
    wait_until(lambda: Heard(event="workers", data='{"alive":1}', number="") in page.heard, 10)
    presence.leave(Process.Kind.WORKER, "w1")
    wait_until(lambda: page.heard[-1].data == '{"alive":0}', 10)


def test_a_page_that_opens_later_hears_as_much(listen: Listen, staff: User) -> None:
    first = listen(staff)
    second = listen(staff)
    operation = scenes.pending()
    for page in (first, second):
        page.wait_for(f"operation-{operation.pk}")


def test_who_is_not_signed_in_hears_nothing(web: Web, transactional_db: None) -> None:
    with web.listen("/stream/", {"Accept": "text/event-stream"}) as refused:
        assert refused.status == 401
        refused.wait_for_end()
    assert Client().get("/stream/", headers={"accept": "text/event-stream"}).json()["code"]


def test_an_outage_is_told_of_and_nothing_is_missed(
    listen: Listen, staff: User, postgres_server: PostgresServer
) -> None:
    page = listen(staff)
    connection.close()  # the test's own
    postgres_server.stop()
    page.wait_for("database")
    postgres_server.start()
    operation = scenes.pending()
    page.wait_for(f"operation-{operation.pk}")
    assert [json.loads(it.data)["is_away"] for it in page.heard if it.event == "database"] == [
        True,
        False,
    ]
    assert not page.has_ended


def test_pages_leave_nothing_behind(listen: Listen, web: Web, staff: User) -> None:
    process = psutil.Process(web.pid)
    listen(staff).close()
    before, threads = process.num_fds(), process.num_threads()
    pages = [web.listen("/stream/", cookies(staff)) for _ in range(20)]
    for page in pages:
        page.wait_for("reload")
        page.close()
    wait_until(lambda: process.num_fds() <= before, 10, process.num_fds)
    # The pool that answers requests keeps a few; twenty pages would leave twenty.
    wait_until(lambda: process.num_threads() < threads + 10, 10, process.num_threads)


def test_an_open_page_holds_up_no_shutdown(staff: User, servers: Servers, tmp_path: Path) -> None:
    database = str(connection.settings_dict["NAME"])
    web = Web(servers, tmp_path / "web.log", database=database)
    with web.listen("/stream/", cookies(staff)) as page:
        page.wait_for("reload")
        assert web.stop() == -signal.SIGTERM
        page.wait_for_end()
    assert "exceeded" not in web.output, "the page did not end by itself"
