"""No part of an address that may be a secret is in any error, however it was mistyped."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from ktrdr_site.checkpoint_storage import storage_setting
from ktrdr_site.environment import env_database, env_int, env_redis, env_web_address
from ktrdr_site.logs import log_settings
from operations.text import without_login
from tests.running.stack import PROJECT

SECRETS = ("sekret", "tom", "hidden")


def told(read: object, name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name) as refused:
        read(name)  # type: ignore[operator]
    assert refused.value.__cause__ is None and refused.value.__suppress_context__
    return str(refused.value)


def is_discreet(message: str) -> bool:
    return "it accepts" in message and not any(secret in message for secret in SECRETS)


@pytest.mark.parametrize(
    "address",
    [
        "mysql://tom:sekret@host/name",
        "postgres://tom:sekret@host:54x2/name",
        "postgres://tom:hidden/sekret@host:5432/name",
        "postgres://tom:sekret@host:99999999/name",
        "postgres:/tom:sekret@host/name",
        "postgres//tom:sekret@host/name",
        "tom:sekret@host/name",
        "postgresql+x://tom:sekret@host/name?password=hidden",
        "://tom:sekret@host/name",
    ],
)
def test_of_a_database(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = lambda name: env_database(name, {})  # noqa: E731
    assert is_discreet(told(read, "DATABASE_URL", address, monkeypatch))


@pytest.mark.parametrize(
    "address",
    [
        "rediz://tom:sekret@host:6379/0",
        "redis://:hidden/sekret@host:6379/0",
        "redis://tom:sekret@host:port/0",
        "redis:/tom:sekret@host",
        "redis://",
        "tom:sekret@host:6379",
        "redis://tom:sekret@host/0?socket_timeout=hidden",
        "redis://tom:sekret@host/0?pasword=hidden",
        "unix://relative/sekret",
        "redis-sentinel://tom:sekret@host:26379/0",
        "redis://tom:sekret@host:6379/hidden",
    ],
)
def test_of_redis(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = lambda name: env_redis(name, "")  # noqa: E731
    message = told(read, "REDIS_URL", address, monkeypatch)
    assert is_discreet(message)
    for form in ("redis://", "rediss://", "unix:///", "redis-sentinel://"):
        assert form in message


@pytest.mark.parametrize(
    "address", ["redis://:pa%2Fss@host:6379/1", "rediss://tom@host", "unix:///run/x.sock?db=1"]
)
def test_a_right_one_of_redis_is_kept(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", address)
    assert env_redis("REDIS_URL", "") == address


@pytest.mark.parametrize(
    "address",
    [
        "ftp://tom:sekret@host/?key=hidden",
        "https://tom:sekret@host/hook",
        "https://tom:hidden/sekret@host/hook",
        "https://host:sekret/hook",
        "https:/host/sekret",
    ],
)
def test_of_a_webhook_and_of_s3(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_discreet(told(env_web_address, "KTRDR_WEBHOOK_URL", address, monkeypatch))
    given = {"KTRDR_S3_BUCKET": "ours", "KTRDR_S3_ENDPOINT_URL": address}
    with pytest.raises(ImproperlyConfigured, match="KTRDR_S3_ENDPOINT_URL") as refused:
        storage_setting("s3", given)
    assert is_discreet(str(refused.value))


@pytest.mark.parametrize("value", ["s3://tom:sekret@host/bucket", "tom:sekret@host"])
def test_of_a_storage(value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        storage_setting(value, {})
    assert is_discreet(str(refused.value))


def test_an_address_in_the_place_of_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    read = lambda name: env_int(name, 3, minimum=0)  # noqa: E731
    address = "redis://:sekret@host"
    assert is_discreet(told(read, "KTRDR_MAX_RESTARTS", address, monkeypatch))
    assert "='three'" in told(read, "KTRDR_MAX_RESTARTS", "three", monkeypatch)


def test_a_process_that_does_not_start_is_discreet_in_its_whole_traceback() -> None:
    given = {
        "DATABASE_URL": "mysql://tom:sekret@host/name",
        "SECRET_KEY": "x" * 50,
        "ALLOWED_HOSTS": "x",
    }
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
    )
    assert ended.returncode != 0
    assert "DATABASE_URL is not valid" in ended.stderr
    assert not any(secret in ended.stdout + ended.stderr for secret in ("sekret", "tom:"))


@pytest.mark.parametrize("as_json", [True, False])
def test_what_postgresql_says_names_no_user_in_a_log(as_json: bool) -> None:
    said = 'FATAL: password authentication failed for user "tom"; role "tom" \x1b[2J'
    code = (
        f"import logging, logging.config; from ktrdr_site.logs import log_settings\n"
        f"logging.config.dictConfig(log_settings(as_json={as_json}))\n"
        f"logging.getLogger('x').error({said!r})"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert "authentication failed for this user; this role" in told.stderr
    assert "tom" not in told.stderr and "\x1b" not in told.stderr
    assert log_settings(as_json=as_json)
    assert without_login(said).count("tom") == 0
