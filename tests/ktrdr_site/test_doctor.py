"""`doctor`: what it says of a whole site, and of each part that is broken."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings
from redis import Redis

from ktrdr_site import doctor
from ktrdr_site.local import up_lock
from operations.models import Process
from operations.upkeep import presence
from tests.asking.commands import Manage, manage
from tests.running.servers import NOBODY_LISTENS
from tests.running.stack import PROJECT

__all__ = ["manage"]


def states(told: list[dict[str, Any]]) -> dict[str, str]:
    return {finding["part"]: finding["state"] for finding in told}


def test_a_whole_site_is_said_to_be_whole(
    manage: Manage, settings: Settings, valkey: Redis
) -> None:
    settings.KTRDR_LEASE_SECONDS = settings.KTRDR_SWEEP_INTERVAL_SECONDS = 300.0
    presence.beat(Process.Kind.WORKER, "w")
    presence.beat(Process.Kind.SWEEPER, "s")
    found = manage("doctor", "--json")
    whole = {part for part, state in states(found.json).items() if state == "ok"}
    of_this_machine = {
        "compiler",
        "settings",
    }  # the tests' PostgreSQL is one that can lose a commit
    assert whole | of_this_machine == {finding["part"] for finding in found.json}, found.out
    assert {"database", "migrations", "redis", "workers", "sweeper", "storage", "disk"} <= whole
    assert not list(Path(settings.KTRDR_CHECKPOINT_STORAGE).glob("doctor*"))
    assert manage("doctor").out.startswith("ok       python      KTRDR ")


def test_what_is_broken_is_said_with_what_helps(
    manage: Manage, settings: Settings, tmp_path: Path
) -> None:
    settings.REDIS_URL, settings.EMBEDDED_VALKEY = NOBODY_LISTENS, False
    settings.KTRDR_CHECKPOINT_KEEP = 10**9
    (tmp_path / "file").touch()
    settings.STORAGES = settings.STORAGES | {
        "checkpoints": {
            "BACKEND": "checkpoints.storage.DurableFileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "file")},
        }
    }
    MigrationRecorder.Migration.objects.filter(app="operations").latest("id").delete()
    found = manage("doctor", "--json")
    assert found.code == 1
    broken = {finding["part"] for finding in found.json if finding["state"] == "broken"}
    assert broken >= {"redis", "disk", "storage", "migrations", "settings"}
    ours = [
        finding for finding in found.json if finding["part"] != "settings"
    ]  # Django has no hint
    assert all(finding["remedy"] for finding in ours if finding["state"] != "ok")


def test_a_site_of_ones_own_that_is_not_up_is_not_broken(
    manage: Manage, settings: Settings, tmp_path: Path
) -> None:
    settings.REDIS_URL, settings.EMBEDDED_VALKEY = NOBODY_LISTENS, True
    settings.KTRDR_DATA_DIR = tmp_path
    asked = [doctor.redis(), *doctor.processes()]
    assert {(it.state, it.remedy) for it in asked} == {("warning", doctor.START)}
    held = up_lock.take(tmp_path)
    asked = [doctor.redis(), *doctor.processes()]
    os.close(held)
    assert {it.state for it in asked} == {"broken"}


def test_packages_are_compared_with_what_is_asked_for(tmp_path: Path) -> None:
    asked = tmp_path / "requirements.txt"
    asked.write_text("Django==1.0  # long ago\nno-such-package==2\n# none\n")
    missing = doctor.packages(asked)
    assert (missing.state, missing.found) == ("broken", "not installed: no-such-package")
    asked.write_text("Django==1.0")
    assert doctor.packages(asked).state == "warning"


def test_without_a_site_or_its_database_it_says_so(tmp_path: Path) -> None:
    nowhere = tmp_path / "none"
    site = run_alone(tmp_path, KTRDR_DATA_DIR=str(nowhere))
    assert (site.returncode, site.stderr) == (0, "")
    told = json.loads(site.stdout)
    assert told[-1]["found"] == f"there is no site in {nowhere} yet"
    assert not nowhere.exists()
    assert states(told)["compiler"] == "warning"
    secret = {"SECRET_KEY": "x" * 50, "DEBUG": "true"}
    away = run_alone(tmp_path, DATABASE_URL="postgres://me:hush@127.0.0.1:1/x", **secret)
    assert away.returncode == 1
    assert states(json.loads(away.stdout))["database"] == "broken"
    assert "hush" not in away.stdout + away.stderr


def run_alone(tmp_path: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """With nothing compiled."""
    kept = {"PATH": os.environ["PATH"], "NUMBA_CACHE_DIR": str(tmp_path / "code")}
    return subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json"],
        cwd=PROJECT,
        env={**kept, **env},
        capture_output=True,
        text=True,
    )
