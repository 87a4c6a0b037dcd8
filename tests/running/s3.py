"""An S3 server on loopback, from the moto wheel; what it holds is gone with it."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.config import Config
from pytest_django import Settings

from ktrdr_site.checkpoint_storage import storage_setting
from ktrdr_site.local.watchdog import Ward
from tests.running.servers import Servers
from tests.running.stack import wait_until

BUCKET = "ktrdr"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


class S3Server:
    def __init__(self, servers: Servers, *, host: str = "127.0.0.1") -> None:
        port = free_port()
        self.environment = {
            **CREDENTIALS,
            "KTRDR_CHECKPOINT_STORAGE": "s3",
            "KTRDR_S3_BUCKET": BUCKET,
            "KTRDR_S3_ENDPOINT_URL": f"http://{host}:{port}",
        }
        self._watchdog = servers.watchdog
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", host, "-p", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._watchdog.watch(Ward(stage=1, pid=self._process.pid))
        wait_until(lambda: _answers(host, port), 60)
        self.empty()

    def empty(self) -> None:
        """One bucket with nothing in it, whatever was there."""
        reset = f"{self.environment['KTRDR_S3_ENDPOINT_URL']}/moto-api/reset"
        urllib.request.urlopen(urllib.request.Request(reset, method="POST")).close()
        self.client().create_bucket(Bucket=BUCKET)

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.environment["KTRDR_S3_ENDPOINT_URL"],
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=CREDENTIALS["AWS_DEFAULT_REGION"],
            config=Config(s3={"addressing_style": "path"}),
        )

    def names(self, prefix: str = "") -> set[str]:
        """Every object there is."""
        listed = self.client().list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return {entry["Key"] for entry in listed}

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._watchdog.forget(self._process.pid)


@pytest.fixture(scope="session")
def s3_server(servers: Servers) -> Iterator[S3Server]:
    server = S3Server(servers)
    yield server
    server.stop()


@pytest.fixture
def s3(s3_server: S3Server, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """With an empty bucket, which is the checkpoint storage of this test."""
    s3_server.empty()
    store_on(s3_server, settings, monkeypatch)
    return s3_server


@pytest.fixture
def own_s3(
    servers: Servers, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[S3Server]:
    """For a test that stops it."""
    server = S3Server(servers)
    store_on(server, settings, monkeypatch)
    yield server
    server.stop()


def store_on(server: S3Server, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    settings.STORAGES = {**settings.STORAGES, "checkpoints": storage_setting("s3", os.environ)}


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(host: str, port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex((host, port)) == 0
