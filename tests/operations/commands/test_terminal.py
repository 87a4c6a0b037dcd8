"""What a person at a terminal sees, and that NO_COLOR and pipes get plain text."""

import os
import pty
import subprocess
import sys

import pytest
from django.db import connection

from operations.models import Operation
from tests.operations import scenes
from tests.running.servers import Servers
from tests.running.stack import PROJECT

pytestmark = [pytest.mark.usefixtures("fake_type"), pytest.mark.django_db(transaction=True)]

COLOUR = "\x1b[3"


HOSTILE = "[/foo] [bold]x[/] \x1b]0;title\x07 \x9b31m \u202eesrever\u2066"
SHOWN = r"[/foo] [bold]x[/] \u001b]0;title\u0007 \u009b31m \u202eesrever\u2066"


def on_a_terminal(servers: Servers, *arguments: str, **env: str) -> str:
    """What `manage.py` writes to a terminal of 200 columns."""
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
    written = b""
    while chunk := _read(reader):
        written += chunk
    process.wait(30)
    os.close(reader)
    return written.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux: the other side has ended
        return b""


def test_a_list_is_a_table_with_a_heading(servers: Servers) -> None:
    operation = scenes.running()
    written = on_a_terminal(servers, "list_operations")
    heading, row = written.splitlines()[:2]
    assert "STATUS" in heading
    assert operation.pk in row


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_an_id_is_never_shortened_and_a_row_is_one_line(servers: Servers, columns: int) -> None:
    operation = scenes.as_training(scenes.running())
    progress = {"phase": "training", "percent": 40.0, "epoch": 3, "total_epochs": 10, "batch": 5}
    Operation.objects.filter(pk=operation.pk).update(progress=progress, name="a name " * 20)
    _, row, end = on_a_terminal(servers, "list_operations", COLUMNS=str(columns)).split("\r\n")
    assert row.startswith(operation.pk)
    assert len(row) <= columns
    assert not end


def test_following_shows_a_bar_that_stays_below_the_events(servers: Servers) -> None:
    operation = scenes.as_training(scenes.running())
    progress = {"phase": "training", "percent": 40.0, "epoch": 3, "total_epochs": 10}
    Operation.objects.filter(pk=operation.pk).update(progress=progress)
    scenes.lifecycle.force_cancel(operation.pk, 1)
    written = on_a_terminal(servers, "follow_operation", operation.pk)
    assert "attempt 1  claimed" in written
    assert "4 of 10 epochs" in written
    assert COLOUR in written
    assert f"Operation {operation.pk} is cancelled." in written


def test_no_color_is_honoured(servers: Servers) -> None:
    operation = scenes.completed()
    assert COLOUR not in on_a_terminal(servers, "follow_operation", operation.pk, NO_COLOR="1")


def test_with_no_color_a_heading_is_not_even_bold(servers: Servers) -> None:
    scenes.completed()
    assert "\x1b[" in on_a_terminal(servers, "list_operations")
    assert "\x1b[" not in on_a_terminal(servers, "list_operations", "--no-color")


def test_a_name_is_text_and_neither_markup_nor_a_command(servers: Servers) -> None:
    operation = scenes.completed()
    Operation.objects.filter(pk=operation.pk).update(name=HOSTILE)
    assert SHOWN in on_a_terminal(servers, "list_operations")


def test_a_reason_is_text_while_an_operation_is_followed(servers: Servers) -> None:
    operation = scenes.running()
    assert scenes.lifecycle.force_cancel(operation.pk, 1, reason=HOSTILE)
    assert SHOWN in on_a_terminal(servers, "follow_operation", operation.pk)


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
    assert r"Z\xfcrich \u2026" in on_a_terminal(servers, "list_operations", **ascii_only)
