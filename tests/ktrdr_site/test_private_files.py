"""What a site keeps is for its user alone, also in a directory that others could look into."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from ktrdr_site.private import make_directory, tighten_directory
from tests.running.stack import PROJECT

NOBODY = 65534
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file to somebody else")

WRITE = """
import json, sys
from pathlib import Path
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE noted (line TEXT)")
    found = Path(sys.argv[1]).iterdir()
    print(json.dumps({path.name: path.stat().st_mode & 0o777 for path in found}))
"""


def make_open(directory: Path) -> Path:
    """For all to look into."""
    directory.mkdir()
    directory.chmod(0o755)
    return directory


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def run(data: Path, code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """As a process that began with the laxest umask, and set up as any other by Django."""
    environment = {**os.environ, "KTRDR_DATA_DIR": str(data)}
    environment["DATABASE_URL"] = f"sqlite:///{data}/ktrdr.sqlite3"
    environment["DJANGO_SETTINGS_MODULE"] = "ktrdr_site.settings"
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {code}", *arguments],
        cwd=PROJECT,
        env=environment,
        umask=0,
        capture_output=True,
        text=True,
    )


def test_no_file_of_sqlite_is_for_others(tmp_path: Path) -> None:
    data = make_open(tmp_path / "data")
    (data / "ktrdr.sqlite3").touch()
    (data / "ktrdr.sqlite3").chmod(0o644)
    done = run(data, f"exec({WRITE.strip()!r})", str(data))
    assert done.stderr == ""
    private = 0o600
    names = [f"ktrdr.sqlite3{suffix}" for suffix in ("", "-wal", "-shm")]
    assert json.loads(done.stdout) == dict.fromkeys(names, private)
    assert mode(data) == 0o700


@pytest.mark.parametrize(
    "entry", ["import ktrdr_site.asgi", "import manage; sys.argv = ['', 'help']; manage.main()"]
)
def test_every_process_makes_files_for_its_user_alone(entry: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import os, sys; {entry}; print(oct(os.umask(0)))"],
        cwd=PROJECT,
        umask=0,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1:] == ["0o77"], done.stderr


def test_a_directory_that_others_may_read_is_tightened(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    tighten_directory(tmp_path)
    assert mode(tmp_path) == 0o700


def test_a_link_of_ones_own_is_followed(tmp_path: Path) -> None:
    (tmp_path / "var").symlink_to(make_open(tmp_path / "disk"))
    make_directory(tmp_path / "var")
    assert mode(tmp_path / "disk") == 0o700


@as_root
def test_a_strangers_directory_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    theirs = make_open(tmp_path / "theirs")
    os.chown(theirs, NOBODY, NOBODY)
    with pytest.raises(ImproperlyConfigured, match="another user"):
        make_directory(theirs)
    assert mode(theirs) == 0o755
    done = run(theirs, "pass")
    assert "belongs to another user" in done.stderr


@as_root
def test_a_strangers_link_is_refused_wherever_it_leads(tmp_path: Path) -> None:
    ours = make_open(tmp_path / "ours")
    (tmp_path / "link").symlink_to(ours)
    os.lchown(tmp_path / "link", NOBODY, NOBODY)
    with pytest.raises(ImproperlyConfigured, match="another user"):
        make_directory(tmp_path / "link")
    assert mode(ours) == 0o755
