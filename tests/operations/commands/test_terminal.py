"""What a person at a terminal sees, and that NO_COLOR and pipes get plain text."""

import os
import pty
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import NoReturn

import pytest
from django.core.management import execute_from_command_line
from django.db import connection, connections

from operations.models import Operation
from tests.operations import scenes
from tests.running.servers import Servers
from tests.running.stack import PROJECT

pytestmark = [pytest.mark.usefixtures("fake_type"), pytest.mark.django_db(transaction=True)]

COLOUR = "\x1b[3"


HOSTILE = "[/foo] [bold]x[/] \x1b]0;title\x07 \x9b31m \u202eesrever\u2066"
SHOWN = r"[/foo] [bold]x[/] \u001b]0;title\u0007 \u009b31m \u202eesrever\u2066"


def on_a_terminal(*arguments: str, **env: str) -> str:
    """What `manage.py` writes to a terminal of 200 columns: a fork of this process, which has
    loaded what a new one would need two seconds for."""
    connections.close_all()  # none must be shared with the child
    pid, terminal = pty.fork()
    if pid == 0:
        _become_manage_py(arguments, env)
    written = _all_of(terminal)
    os.waitpid(pid, 0)
    return written


def _become_manage_py(arguments: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    os.environ.update({"TERM": "xterm-256color", "COLUMNS": "200", **env})
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    try:
        execute_from_command_line(["manage.py", *arguments])
    except Exception:  # noqa: BLE001 - it is what this process would show
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # what pytest would tidy up is its own


def on_a_terminal_of_its_own(servers: Servers, *arguments: str, **env: str) -> str:
    """As above, by a new process, whose Python reads its settings."""
    reader, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={
            **os.environ,
            "DATABASE_URL": servers.database_url(str(connection.settings_dict["NAME"])),
            "TERM": "xterm-256color",
            "COLUMNS": "200",
            **env,
        },
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    written = _all_of(reader)
    process.wait(30)
    return written


def _all_of(terminal: int) -> str:
    written = b""
    while chunk := _read(terminal):
        written += chunk
    os.close(terminal)
    return written.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux: the other side has ended
        return b""


def test_a_list_is_a_table_with_a_heading() -> None:
    operation = scenes.running()
    written = on_a_terminal("list_operations")
    heading, row = written.splitlines()[:2]
    assert "STATUS" in heading
    assert operation.pk in row


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_an_id_is_never_shortened_and_a_row_is_one_line(columns: int) -> None:
    operation = scenes.as_training(scenes.running())
    progress = {"phase": "training", "percent": 40.0, "epoch": 3, "total_epochs": 10, "batch": 5}
    Operation.objects.filter(pk=operation.pk).update(progress=progress, name="a name " * 20)
    _, row, end = on_a_terminal("list_operations", COLUMNS=str(columns)).split("\r\n")
    assert row.startswith(operation.pk)
    assert len(row) <= columns
    assert not end


def test_following_shows_a_bar_that_stays_below_the_events(servers: Servers) -> None:
    """In a process of its own, where a training is no test's type of operation."""
    operation = scenes.as_training(scenes.running())
    progress = {"phase": "training", "percent": 40.0, "epoch": 3, "total_epochs": 10}
    Operation.objects.filter(pk=operation.pk).update(progress=progress)
    scenes.lifecycle.force_cancel(operation.pk, 1)
    written = on_a_terminal_of_its_own(servers, "follow_operation", operation.pk)
    assert "attempt 1  claimed" in written
    assert "4 of 10 epochs" in written
    assert COLOUR in written
    assert f"Operation {operation.pk} is cancelled." in written


def test_no_color_is_honoured() -> None:
    operation = scenes.completed()
    assert COLOUR not in on_a_terminal("follow_operation", operation.pk, NO_COLOR="1")


def test_with_no_color_a_heading_is_not_even_bold() -> None:
    scenes.completed()
    assert "\x1b[" in on_a_terminal("list_operations")
    assert "\x1b[" not in on_a_terminal("list_operations", "--no-color")


def test_a_name_is_text_and_neither_markup_nor_a_command() -> None:
    operation = scenes.completed()
    Operation.objects.filter(pk=operation.pk).update(name=HOSTILE)
    assert SHOWN in on_a_terminal("list_operations")


def test_a_reason_is_text_while_an_operation_is_followed() -> None:
    operation = scenes.running()
    assert scenes.lifecycle.force_cancel(operation.pk, 1, reason=HOSTILE)
    assert SHOWN in on_a_terminal("follow_operation", operation.pk)


def in_a_pipe(servers: Servers, command: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    database = servers.database_url(str(connection.settings_dict["NAME"]))
    return subprocess.run(
        ["sh", "-c", command],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": database, "PYTHON": sys.executable, **env},
        capture_output=True,
    )


def test_a_pipe_that_is_closed_ends_a_command_quietly(servers: Servers) -> None:
    for _ in range(3):
        scenes.pending()
    listing = in_a_pipe(servers, '"$PYTHON" manage.py list_operations --json | :')
    assert (listing.stdout, listing.stderr) == (b"", b"")


def test_a_terminal_without_unicode_ends_no_command(servers: Servers) -> None:
    operation = scenes.completed()
    Operation.objects.filter(pk=operation.pk).update(name="Zürich …")
    ascii_only = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    told = in_a_pipe(servers, '"$PYTHON" manage.py list_operations', **ascii_only)
    assert (told.returncode, told.stderr) == (0, b"")
    assert rb"Z\xfcrich \u2026" in told.stdout
    shown = on_a_terminal_of_its_own(servers, "list_operations", **ascii_only)
    assert r"Z\xfcrich \u2026" in shown
