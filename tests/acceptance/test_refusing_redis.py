"""A worker that Redis refuses, or that finds nobody there, says so and waits; then it trains."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from operations import selectors
from operations.doorbell.patience import Complaints
from operations.models import Operation, Process, Status
from tests.acceptance import trainings
from tests.acceptance.trainings import wait_for_end, wait_for_workers
from tests.running import tls
from tests.running.servers import ValkeyServer
from tests.running.stack import Stack, StackProcess, wait_until

SAID = "Redis lets no ring through to this worker"


def says(worker: StackProcess, reason: str) -> None:
    wait_until(lambda: SAID in worker.output, 60, lambda: worker.output)
    assert reason in worker.output
    assert worker.alive and "Traceback" not in worker.output


def trains(worker: StackProcess) -> None:
    assert wait_for_end(trainings.start(epochs=2)).status == Status.COMPLETED
    assert worker.alive


def test_for_want_of_a_password(stack: Stack, valkey: Redis) -> None:
    valkey.config_set("requirepass", "s3cret")
    worker = stack.worker()
    try:
        says(worker, "asks for a user and a password")
    finally:
        valkey.config_set("requirepass", "")
    trains(worker)


def test_while_nobody_is_there(stack: Stack, valkey_server: ValkeyServer) -> None:
    valkey_server.stop()
    worker = stack.worker()
    says(worker, "connecting to")
    wait_until(
        lambda: selectors.starting_workers().exists(), 60
    )  # before it compiles, until it beats
    valkey_server.start()
    trains(worker)


@pytest.mark.parametrize("named", ["localhost", "another.example"])
def test_for_a_certificate_that_it_cannot_trust(
    named: str, stack: Stack, valkey_server: ValkeyServer, tmp_path: Path
) -> None:
    """Signed by nobody it knows, then by somebody but for another name; then by that name."""
    with tls.relay(valkey_server.socket, tmp_path, name=named) as server:
        trusting = {"ssl_ca_certs": str(server.certificate)} if named != "localhost" else {}
        worker = stack.worker(afresh=True, REDIS_URL=server.url(**trusting))
        says(worker, "certificate verify failed")
        said, loaded = worker.output.index(SAID), worker.output.find("loading the kernel")
        assert loaded < 0 or said < loaded, "it is said before what takes seconds"


def test_a_certificate_that_redis_url_vouches_for(
    stack: Stack, valkey_server: ValkeyServer, tmp_path: Path
) -> None:
    with tls.relay(valkey_server.socket, tmp_path, name="localhost") as server:
        worker = stack.worker(REDIS_URL=server.url(ssl_ca_certs=str(server.certificate)))
        trains(worker)
        assert SAID not in worker.output


def test_while_it_cannot_write(stack: Stack, valkey: Redis, valkey_server: ValkeyServer) -> None:
    """Once, and the worker goes on beating; it ended at each look before, and was started anew."""
    worker = stack.worker()
    wait_for_workers(1)
    with unable_to_write(valkey, valkey_server):
        says(worker, "MISCONF")
        for _ in range(2):
            beats_again()
        waiting = trainings.start(epochs=2)
        assert Operation.objects.get(pk=waiting.pk).status == Status.PENDING
        assert worker.output.count("MISCONF") == 1
    trains(worker)


@contextmanager
def unable_to_write(valkey: Redis, server: ValkeyServer) -> Iterator[None]:
    """As with a full disk: where its file should be is a directory, over which it cannot be put."""
    in_the_way = server.directory / "dump.rdb"
    (in_the_way / "kept").mkdir(parents=True)
    valkey.config_set("save", "3600 1")
    valkey.bgsave()
    wait_until(lambda: valkey.info("persistence")["rdb_last_bgsave_status"] == "err")
    try:
        yield
    finally:
        valkey.config_set("save", "")
        (in_the_way / "kept").rmdir()
        in_the_way.rmdir()


def beats_again() -> None:
    workers = Process.objects.filter(kind=Process.Kind.WORKER)
    before = workers.get().beat_at
    wait_until(lambda: workers.get().beat_at > before, 60)


def test_it_is_said_at_once_and_then_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    often, now_and_then = Complaints(every_seconds=0), Complaints()
    for complaints in (often, now_and_then):
        for number in (1, 2):
            complaints.about(ConnectionError(f"failure {number}"))
    assert caplog.text.count("failure 1") == 2
    assert caplog.text.count("failure 2") == 1
