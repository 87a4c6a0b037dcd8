"""A relative path in a setting is the same place for every process, wherever that was started."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ktrdr_site.local.place import BASE_DIR

SHOW = """
import json
from django.conf import settings
print(json.dumps([str(it) for it in (
    settings.KTRDR_DATA_DIR,
    settings.DATABASES["default"]["NAME"],
    settings.STORAGES["checkpoints"]["OPTIONS"]["location"],
)]))
"""


def read_from(directory: Path, database_url: str) -> list[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(BASE_DIR),
        "DJANGO_SETTINGS_MODULE": "ktrdr_site.settings",
        "KTRDR_DATA_DIR": "mydata",
        "DATABASE_URL": database_url,
        "KTRDR_CHECKPOINT_STORAGE": "./mydata/ckpt",
    }
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=directory, env=environment, capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stderr
    answer: list[str] = json.loads(shown.stdout)
    return answer


@pytest.mark.parametrize("directory", [BASE_DIR, Path("/")])
def test_relative_paths_begin_at_the_checkout(directory: Path) -> None:
    expected = [BASE_DIR / "mydata", BASE_DIR / "my.sqlite3", BASE_DIR / "mydata" / "ckpt"]
    assert read_from(directory, "sqlite:///my.sqlite3") == [str(path) for path in expected]


def test_absolute_paths_stay(tmp_path: Path) -> None:
    assert read_from(tmp_path, f"sqlite:///{tmp_path}/my.sqlite3")[1] == f"{tmp_path}/my.sqlite3"
