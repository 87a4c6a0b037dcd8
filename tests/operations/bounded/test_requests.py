"""Requests that wait for work, at a real server: none keeps the others waiting, none leaves any."""

import http.client
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from django.db import connection

from tests.running.servers import Servers
from tests.running.stack import wait_until
from tests.running.web import HOST, Web

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 40
"""More than there are turns."""
AT_MOST_SECONDS = 5.0
"""For `/healthz`, on a machine that does other things, too; it takes some milliseconds."""


@pytest.fixture(scope="module")
def web(
    servers: Servers, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:
    running = started(servers, tmp_path_factory.mktemp("web"))
    yield running
    running.stop()


def started(servers: Servers, directory: Path) -> Web:
    return Web(
        servers,
        directory / "web.log",
        database=str(connection.settings_dict["NAME"]),
        application="tests.operations.bounded.lasting_site:application",
    )


class Crowd:
    """Clients that ask at once, each on a thread; who has no answer at the end goes away."""

    def __init__(self, web: Web, *addresses: str) -> None:
        self._lines = [http.client.HTTPConnection(HOST, web.port, timeout=120) for _ in addresses]
        self._threads = ThreadPoolExecutor(len(addresses))
        asks = zip(self._lines, addresses, strict=True)
        self.answers = [self._threads.submit(self._ask, line, where) for line, where in asks]

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *exception: object) -> None:
        self.leave()

    def statuses(self) -> list[tuple[int, str | None]]:
        """With `Retry-After`; of those who have an answer."""
        return [it.result() for it in self.answers if it.done() and not it.exception()]

    def leave(self) -> None:
        for line in self._lines:
            if line.sock is not None:
                line.sock.shutdown(socket.SHUT_RDWR)
        self._threads.shutdown()

    def _ask(self, line: http.client.HTTPConnection, address: str) -> tuple[int, str | None]:
        line.request("GET", address)
        try:
            answer = line.getresponse()
            answer.read()
            return answer.status, answer.headers["Retry-After"]
        finally:
            line.close()


def children(web: Web) -> list[psutil.Process]:
    """What works: children of the web process's one child."""
    return [child for it in psutil.Process(web.pid).children() for child in it.children()]


def longest_probe_seconds(web: Web) -> float:
    """Of some probes, one after the other."""
    took = []
    for _ in range(20):
        began = time.monotonic()
        with Crowd(web, "/healthz") as probe:
            assert probe.answers[0].result(60)[0] == 200
        took.append(time.monotonic() - began)
    return max(took)


def test_many_requests_of_many_users_are_told_to_come_again_and_the_site_goes_on(web: Web) -> None:
    with Crowd(web, *(f"/last/?user={number}" for number in range(MANY))) as crowd:
        assert longest_probe_seconds(web) < AT_MOST_SECONDS
        wait_until(lambda: len(crowd.statuses()) == MANY - 2, describe=lambda: web.output)
        wait_until(lambda: len(children(web)) == 2)
        assert set(crowd.statuses()) == {(429, "5")}
    wait_until(lambda: not children(web))


def test_many_requests_of_one_user_leave_the_newest(web: Web) -> None:
    with Crowd(web, *["/last/?newest&user=1"] * MANY) as crowd:
        assert longest_probe_seconds(web) < AT_MOST_SECONDS
        wait_until(lambda: len(crowd.statuses()) == MANY - 1, describe=lambda: web.output)
        wait_until(lambda: len(children(web)) == 1)
        assert set(crowd.statuses()) == {(409, None)}


def test_a_client_that_goes_ends_what_worked_for_it(web: Web) -> None:
    with Crowd(web, "/last/?user=1"):
        wait_until(lambda: len(children(web)) == 1)
    wait_until(lambda: not children(web))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_ends_takes_with_it_what_works_and_what_waits(
    servers: Servers, django_db_setup: None, tmp_path: Path, number: signal.Signals
) -> None:
    web = started(servers, tmp_path)
    with Crowd(web, *(f"/last/?user={number}" for number in range(3))):
        wait_until(lambda: len(children(web)) == 2)
        left = psutil.Process(web.pid).children(recursive=True)
        assert len(left) == 3
        psutil.Process(web.pid).send_signal(number)
        _, alive = psutil.wait_procs(left, timeout=30)
        assert not alive
    web.stop()
