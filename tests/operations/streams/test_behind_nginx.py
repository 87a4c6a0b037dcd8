"""Behind the documented nginx: heads that do not come are closed, and streams stay open."""

import http.client
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from ktrdr_site.doorway.bodies import STRANGERS, UPLOAD
from operations import lifecycle
from operations.streams.wire import KEEP_ALIVE_SECONDS
from tests.asking.clients import cookies
from tests.operations import scenes
from tests.running.proxy import DOCUMENTED, Proxy
from tests.running.servers import Servers
from tests.running.web import HOST, Listener, Web

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type"),
]

HALF_SENT = 300
HEAD_SECONDS = 3
PATIENCE_SECONDS = 120
"""However slow the machine is; nginx closes by its own clock."""


@pytest.fixture
def proxy(servers: Servers, web: Web) -> Iterator[Proxy]:
    running = Proxy(servers, to_port=web.port, head_seconds=HEAD_SECONDS)
    yield running
    running.stop()


def connected(proxy: Proxy) -> socket.socket:
    return socket.create_connection((HOST, proxy.port), timeout=PATIENCE_SECONDS)


def status_of(proxy: Proxy, path: str) -> int:
    asking = http.client.HTTPConnection(HOST, proxy.port, timeout=PATIENCE_SECONDS)
    try:
        asking.request("GET", path)
        return asking.getresponse().status
    finally:
        asking.close()


def half_sent(proxy: Proxy) -> socket.socket:
    asking = connected(proxy)
    asking.sendall(b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    return asking


def test_heads_that_do_not_come_are_closed_stop_nobody_and_end_no_stream(
    proxy: Proxy, staff: User
) -> None:
    operation = scenes.running()
    events = f"/api/v1/operations/{operation.pk}/events"
    with ExitStack() as open_ones:
        stream = open_ones.enter_context(Listener(proxy.port, events, cookies(staff)))
        stream.wait_for("claimed")
        slow = [open_ones.enter_context(half_sent(proxy)) for _ in range(HALF_SENT)]
        assert status_of(proxy, "/healthz") == status_of(proxy, "/login/") == 200
        for asking in slow:
            assert asking.recv(65_536)[:13] in (b"", b"HTTP/1.1 408 ")
        assert lifecycle.request_cancel(operation.pk)
        stream.wait_for("cancel_requested")
        assert not stream.has_ended


def test_a_body_is_refused_before_it_is_whole(proxy: Proxy) -> None:
    head = (
        b"POST /api/v1/training/start HTTP/1.1\r\nHost: localhost\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    size = STRANGERS.size_bytes + 1  # of more nginx may fail to write the rest, and answer 502
    with connected(proxy) as asking:
        asking.sendall(head + b"%x\r\n" % size + b"x" * size)
        assert asking.recv(65_536).startswith(b"HTTP/1.1 413 ")


def test_the_documented_limits_fit_the_sites_own() -> None:
    text = DOCUMENTED.read_text()
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", text)
    assert settings.KTRDR_UPLOAD_MB * 1024**2 < UPLOAD.size_bytes <= int(megabytes) * 1024**2
    [quiet] = re.findall(r"proxy_read_timeout (\d+)s;", text)
    assert int(quiet) >= 2 * KEEP_ALIVE_SECONDS
    [body] = re.findall(r"client_body_timeout (\d+)s;", text)
    assert int(body) <= STRANGERS.seconds
