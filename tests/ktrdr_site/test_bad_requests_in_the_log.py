"""Whatever anybody sends, the log gets a line or two of it: nobody fills a disk with tracebacks."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from ktrdr_site.logs import MOST_CHARACTERS
from tests.running.servers import Servers
from tests.running.web import HOST, Web

LINES_EACH = 2
"""Why it was refused, and the answer's status."""
ENVELOPE = 300
"""Characters around a message: the time, the logger, ids."""

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded"


def request(line: bytes, *headers: bytes, body: bytes = b"", host: bytes = b"localhost") -> bytes:
    length = b"Content-Length: %d" % len(body)
    lines = [line + b" HTTP/1.1", b"Host: " + host, b"Connection: close", length, *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


BAD = {
    "no HTTP": [b"\x16\x03\x01\x02\x00\x01\r\n\r\n"],
    "a host that is not ours": [request(b"GET /login/", host=b"evil.example")],
    "a host that is none": [request(b"GET /login/", host=b"a_b/.." + b"x" * 9000)],
    "NUL in a query": [request(b"GET /login/?next=%00")],
    "NUL in a path": [request(b"GET /operations/%00")],
    "a long path": [request(b"GET /" + b"a" * 9000)],
    "a long path of the API": [request(b"GET /api/v1/operations/" + b"a" * 9000)],
    "headers that are too large": [request(b"GET /" + b"a" * 9000, b"X-Large: " + b"x" * 9000)],
    "too many parameters": [request(b"GET /login/?" + b"a=1&" * 2000)],
    "too many fields": [request(b"POST /login/", FORM, body=b"a=1&" * 2000)],
    "a form in no encoding": [request(b"POST /login/", FORM + b"; charset=rot13", body=b"a=b")],
    "a form without a boundary": [
        request(b"POST /login/", b"Content-Type: multipart/form-data", body=b"a=b")
    ],
    "a bad chunk": [b"POST /login/ HTTP/1.1\r\nHost: localhost\r\n" + CHUNKED + b"zz\r\n"],
    "a bad chunk beside an answer": [
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + CHUNKED + b"zz\r\n"
    ],
    "a bad chunk after an answer": [
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + CHUNKED,
        b"zz\r\n",
    ],
    "a body after a refusal": [
        b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n",
        b"zz\r\n",
    ],
}
"""Each what is sent at once, and what after an answer."""


@pytest.fixture
def web(transactional_db: None, servers: Servers, tmp_path: Path) -> Iterator[Web]:
    database = str(connection.settings_dict["NAME"])
    running = Web(servers, tmp_path / "web.log", database=database, KTRDR_LOG_FORMAT="json")
    yield running
    running.stop()


def send(web: Web, parts: list[bytes]) -> None:
    """And wait until its connection is closed."""
    with socket.create_connection((HOST, web.port), timeout=60) as connected:
        for number, part in enumerate(parts, start=1):
            connected.sendall(part)
            if number < len(parts):
                assert connected.recv(65_536)
        try:
            while connected.recv(65_536):
                pass
        except ConnectionError:
            pass


def test_a_bad_request_is_a_line_or_two_in_the_log(web: Web) -> None:
    faults: list[str] = []
    for name, parts in BAD.items():
        before = len(web.output)
        send(web, parts)
        written = web.output[before:].splitlines()
        if len(written) > LINES_EACH:
            faults.append(f"{name}: {len(written)} lines")
        for line in written:
            if "exception" in (read := json.loads(line)) or read["level"] == "ERROR":
                faults.append(f"{name}: {read['message'][:80]}: {read.get('exception', '')[-80:]}")
            if len(line) > MOST_CHARACTERS + ENVELOPE:
                faults.append(f"{name}: {len(line)} characters")
    assert not faults, "\n".join(faults)
