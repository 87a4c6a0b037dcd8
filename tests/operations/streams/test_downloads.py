"""A download over ASGI: read as its client takes it, and holding nobody up."""

import hashlib
import http.client
import os
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from checkpoints.models import Checkpoint
from tests.asking.clients import cookies
from tests.operations import scenes
from tests.running.web import HOST, Web

pytestmark = pytest.mark.usefixtures("fake_type")

LARGE_BYTES = 64 * 2**20


def saved(content: bytes) -> Checkpoint:
    return scenes.save(scenes.running(), 0, artifacts={"model.pt": content})


def begin(web: Web, user: User, path: str, *, method: str = "GET") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(HOST, web.port, timeout=60)
    headers = {**cookies(user), "Accept": "*/*", "Connection": "close"}
    connection.request(method, path, headers=headers)
    return connection.getresponse()


def read(web: Web, user: User, path: str) -> bytes:
    with begin(web, user, path) as answer:
        assert answer.status == 200
        return answer.read()


def artifact(checkpoint: Checkpoint) -> str:
    return f"/api/v1/checkpoints/{checkpoint.pk}/artifacts/model.pt"


def most_memory_bytes(web: Web) -> int:
    """That the process ever had."""
    [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{web.pid}/status").read_text())
    return 1024 * int(kilobytes)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the memory")
def test_a_large_one_that_its_client_takes_slowly_costs_little_and_holds_nobody_up(
    web: Web, staff: User
) -> None:
    content = os.urandom(LARGE_BYTES)
    large, small = saved(content), saved(b"weights")
    assert read(web, staff, artifact(small)) == b"weights"  # whatever is loaded once
    before = most_memory_bytes(web)

    with begin(web, staff, artifact(large)) as download:
        digest = hashlib.sha256(download.read(1000))
        assert read(web, staff, "/healthz")
        assert read(web, staff, artifact(small)) == b"weights"
        while chunk := download.read(1 << 20):
            digest.update(chunk)

    assert download.getheader("Content-Length") == str(LARGE_BYTES)
    assert digest.digest() == hashlib.sha256(content).digest()
    assert most_memory_bytes(web) - before < LARGE_BYTES / 4


def test_head_tells_size_and_digest_and_reads_nothing(web: Web, staff: User) -> None:
    checkpoint = saved(b"a" * 2**20)
    Path(checkpoint.artifacts.get().file.path).write_bytes(b"b" * 2**20)  # nobody will see it
    before = web.output
    with begin(web, staff, artifact(checkpoint), method="HEAD") as answer:
        assert (answer.status, answer.getheader("Content-Length")) == (200, str(2**20))
        assert answer.getheader("Repr-Digest", "").startswith("sha-256=:")
    assert "BrokenOff" not in web.output.removeprefix(before)


def test_a_client_of_a_damaged_one_does_not_take_it_for_whole(web: Web, staff: User) -> None:
    checkpoint = saved(b"a" * 2**20)
    Path(checkpoint.artifacts.get().file.path).write_bytes(b"b" * 2**20)
    with pytest.raises(http.client.IncompleteRead):
        read(web, staff, artifact(checkpoint))
