"""A deployment that would break a promise is refused, with the id of the check."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.contrib import admin
from django.core.checks import run_checks
from django.db import connection
from pytest_django import Settings

from ktrdr_site.checks import without_holes
from tests.running.servers import ON_SQLITE

NO_LIMITS = ["ktrdr.W003"]
"""The tests' own connection has none: a test may hold a transaction for as long as it likes."""


def found(databases: list[str] | None = None) -> list[str]:
    ids = [str(message.id) for message in run_checks(databases=databases)]
    return [check_id for check_id in ids if check_id.startswith("ktrdr.")]


def test_the_settings_pass() -> None:
    assert found() == []


@pytest.mark.skipif(ON_SQLITE, reason="about PostgreSQL")
@pytest.mark.django_db
def test_a_postgresql_that_a_power_cut_destroys_is_an_error() -> None:
    """As is the one of these tests."""
    assert found(databases=["default"]) == ["ktrdr.E002", *NO_LIMITS]


@pytest.mark.skipif(ON_SQLITE, reason="about PostgreSQL")
@pytest.mark.django_db
def test_a_postgresql_that_answers_before_it_has_written_is_a_warning() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")

    assert found(databases=["default"]) == ["ktrdr.E002", "ktrdr.W001", *NO_LIMITS]


@pytest.mark.skipif(not ON_SQLITE, reason="about SQLite")
@pytest.mark.django_db(transaction=True)
def test_sqlite_as_configured_is_durable() -> None:
    assert found(databases=["default"]) == []


@pytest.mark.skipif(not ON_SQLITE, reason="about SQLite")
@pytest.mark.django_db(transaction=True)
def test_a_sqlite_that_returns_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)
    assert found(databases=["default"]) == ["ktrdr.E013"]


@pytest.fixture
def own_file(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """Another journal takes a database that nobody else has open."""
    connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", str(tmp_path / "own.sqlite3"))
        yield
        connection.close()


@pytest.mark.skipif(not ON_SQLITE, reason="about SQLite")
@pytest.mark.usefixtures("own_file")
@pytest.mark.parametrize("weaken", ["PRAGMA journal_mode=DELETE", "PRAGMA synchronous=NORMAL"])
def test_a_sqlite_that_can_lose_a_commit_is_an_error(weaken: str) -> None:
    assert found(databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute(weaken)
    assert found(databases=["default"]) == ["ktrdr.E001"]


@pytest.mark.parametrize("location", ["a file/below", "a file"])
def test_a_storage_that_cannot_be_written_is_an_error(
    location: str, tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "a file").write_text("in the way")
    use_storage(settings, tmp_path / location)

    assert found() == ["ktrdr.E003"]


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_storage_of_somebody_else_is_an_error(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "theirs").mkdir(mode=0o500)
    use_storage(settings, tmp_path / "theirs")

    assert found() == ["ktrdr.E003"]


def test_a_storage_that_has_yet_to_be_made_passes(tmp_path: Path, settings: Settings) -> None:
    use_storage(settings, tmp_path / "not" / "yet")

    assert found() == []


def test_a_queue_that_is_not_json_is_an_error(settings: Settings) -> None:
    settings.RQ_QUEUES = {**configured.RQ_QUEUES, "training": {"URL": "redis://"}}

    assert found() == ["ktrdr.E004"]


@pytest.mark.parametrize("name", ["JOB_CLASS", "WORKER_CLASS"])
@pytest.mark.parametrize("value", [None, "rq.job.Job"])
def test_a_class_that_runs_what_redis_names_is_an_error(
    name: str, value: str | None, settings: Settings
) -> None:
    settings.RQ = {**configured.RQ, name: value}

    assert found() == ["ktrdr.E007"]


def test_rqs_own_pages_are_an_error(settings: Settings) -> None:
    settings.RQ_SHOW_ADMIN_LINK = True

    assert found() == ["ktrdr.E008"]


def test_rqs_own_pages_are_not_there() -> None:
    models = {model._meta.app_label for model in admin.site._registry}

    assert "operations" in models and "django_rq" not in models


@pytest.mark.parametrize(
    ("host", "expected"), [("ktrdr.example", ["ktrdr.E005"]), ("localhost", [])]
)
def test_debug_is_refused_on_a_site_that_others_reach(
    host: str, expected: list[str], settings: Settings
) -> None:
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = [host]

    assert found() == expected


@pytest.mark.parametrize(("lease", "expected"), [(2.9, ["ktrdr.E006"]), (3.0, [])])
def test_a_lease_outlives_two_lost_heartbeats(
    lease: float, expected: list[str], settings: Settings
) -> None:
    settings.KTRDR_HEARTBEAT_SECONDS = 1.0
    settings.KTRDR_LEASE_SECONDS = lease

    assert found() == expected


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ((3, 11, 7), ["3.11.10"]),
        ((3, 11, 10), []),
        ((3, 12, 5), ["3.12.6"]),
        ((3, 12, 6), []),
        ((3, 13, 0), []),
    ],
)
def test_a_python_with_known_holes_is_told_of(
    version: tuple[int, int, int], wanted: list[str]
) -> None:
    assert without_holes(version) == wanted


def test_a_python_is_looked_at_before_a_deployment_only() -> None:
    told = [str(message.id) for message in run_checks(include_deployment_checks=True)]
    assert ("ktrdr.W004" in told) == bool(without_holes(sys.version_info[:3]))
    assert "ktrdr.W004" not in found()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"KTRDR_TLS_PROXY": "true"}, ["ktrdr.W005"]),
        ({"KTRDR_TLS_PROXY": "false"}, ["ktrdr.W005"]),
        ({"KTRDR_TLS_PROXY": "false", "KTRDR_TRUSTED_PROXIES": "10.0.0.7"}, ["ktrdr.W006"]),
        ({"KTRDR_TRUSTED_PROXIES": "10.0.0.7"}, []),
    ],
)
def test_the_older_way_to_name_proxies_is_told_of(
    given: dict[str, str], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert found() == expected


def use_storage(settings: Settings, location: Path) -> None:
    checkpoints = {**configured.STORAGES["checkpoints"], "OPTIONS": {"location": str(location)}}
    settings.STORAGES = {**configured.STORAGES, "checkpoints": checkpoints}


def test_a_pyyaml_without_libyaml_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found() == []
    monkeypatch.setattr("yaml.__with_libyaml__", False)
    assert found() == ["ktrdr.W002"]
