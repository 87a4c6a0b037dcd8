"""Two machines share PostgreSQL, Valkey and S3; one is cut off in the middle of a training.

Each machine is a network namespace, and no packet leaves them. Skipped, visibly, where the user may
make none.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db import connection

from ktrdr_site.local.watchdog import Ward
from operations.models import Outcome, Status
from tests.acceptance import trainings
from tests.acceptance.trainings import now, wait_for_end, wait_for_epoch
from tests.running.network import (
    DATABASE_PORT,
    HUB,
    S3_PORT,
    VALKEY_PORT,
    Network,
    NotPermitted,
    forward_command,
)
from tests.running.s3 import BUCKET, CREDENTIALS
from tests.running.servers import Servers
from tests.running.stack import PROJECT, Stack, wait_until
from training.models import TrainedModel

EPOCHS = 60
CREATE_BUCKET = f"""
import contextlib, socket, time
while True:
    with contextlib.suppress(OSError), socket.create_connection(("{HUB}", {S3_PORT})):
        break
    time.sleep(0.05)
import boto3
boto3.client("s3", endpoint_url="http://{HUB}:{S3_PORT}").create_bucket(Bucket="{BUCKET}")
"""


@pytest.fixture
def network() -> Iterator[Network]:
    try:
        made = Network(("left", "right"))
    except NotPermitted as reason:
        pytest.skip(f"network namespaces are not permitted here: {reason}")
    yield made
    made.close()


@pytest.fixture
def hub(network: Network, servers: Servers, valkey, transactional_db) -> Iterator[dict[str, str]]:
    """The servers, as the machines reach them: the environment of a process there."""
    sockets = {
        DATABASE_PORT: servers.postgres.directory / ".s.PGSQL.5432",
        VALKEY_PORT: servers.valkey.socket,
    }
    s3 = [sys.executable, "-m", "moto.server", "-H", HUB, "-p", str(S3_PORT)]
    commands = [s3, *(forward_command(port, path) for port, path in sockets.items())]
    running = [_start(servers, network.prefix("hub") + command) for command in commands]
    _create_bucket(network)
    yield {
        **CREDENTIALS,
        "DATABASE_URL": f"postgres://postgres@{HUB}:{DATABASE_PORT}/{_database()}",
        "REDIS_URL": f"redis://{HUB}:{VALKEY_PORT}/0",
        "KTRDR_CHECKPOINT_STORAGE": "s3",
        "KTRDR_S3_BUCKET": BUCKET,
        "KTRDR_S3_ENDPOINT_URL": f"http://{HUB}:{S3_PORT}",
    }
    for process in running:
        process.kill()
        process.wait()
        servers.watchdog.forget(process.pid)


def test_a_machine_that_was_cut_off_comes_back_to_find_one_model(
    stack: Stack, twin, network: Network, hub: dict[str, str]
) -> None:
    undisturbed = twin(EPOCHS)
    stack.sweeper()
    left = stack.worker(prefix=network.prefix("left"), **hub)
    operation = trainings.start(epochs=EPOCHS, every_epochs=10)
    wait_for_epoch(operation, 12)
    horse = trainings.horse_of(left)
    network.cut_off("left")
    stack.worker(prefix=network.prefix("right"), **hub)
    assert wait_for_end(operation, 120).status == Status.COMPLETED
    network.reconnect("left")
    wait_until(lambda: not horse.is_running() or horse.status() == "zombie", 60)

    lost, completed = operation.attempts.order_by("number")
    assert (lost.outcome, completed.outcome) == (Outcome.LOST, Outcome.COMPLETED)
    assert lost.worker != completed.worker
    assert TrainedModel.objects.filter(operation=operation).count() == 1
    assert operation.events.filter(event_type="completed").count() == 1
    assert trainings.digests(operation) == undisturbed
    next_one = trainings.start(epochs=2)
    for process in stack.processes[-1:]:
        process.kill_all()
    assert wait_for_end(next_one, 120).status == Status.COMPLETED
    assert now(next_one).attempts.last().worker.split(".")[1] == str(left.pid)


def _start(servers: Servers, command: list[str]) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    servers.watchdog.watch(Ward(stage=1, pid=process.pid, stop_signal=signal.SIGKILL))
    return process


def _create_bucket(network: Network) -> None:
    """Once the S3 server answers."""
    command = [*network.prefix("hub"), "env", *(f"{k}={v}" for k, v in CREDENTIALS.items())]
    subprocess.run([*command, sys.executable, "-c", CREATE_BUCKET], check=True, timeout=120)


def _database() -> str:
    return str(connection.settings_dict["NAME"])
