"""docs/notes/mistakes.md: what each bad setting is answered with, as the table has it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running.stack import PROJECT

TABLE = PROJECT / "docs" / "notes" / "mistakes.md"
ROW = re.compile(r"\| `([A-Z_]+)=([^`]*)`.* \| (.+) \|")
RIGHT = {"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "localhost"}


def mistakes() -> list[tuple[str, str, str]]:
    return [found.groups() for line in TABLE.read_text().splitlines() if (found := ROW.match(line))]  # type: ignore[misc]


def test_the_table_has_rows() -> None:
    assert len(mistakes()) > 10


@pytest.mark.parametrize(("name", "value", "said"), mistakes())
def test_a_mistake_is_told_as_the_table_says(
    name: str, value: str, said: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "KTRDR_DATA_DIR": str(tmp_path / "data"),
            **RIGHT,
            name: value,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
