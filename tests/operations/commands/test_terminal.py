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


def test_following_shows_a_bar_that_stays_below_the_events(servers: Servers) -> None:
    operation = scenes.as_training(scenes.running())
    progress = {"phase": "training", "percent": 40.0, "epoch": 3, "total_epochs": 10}
    Operation.objects.filter(pk=operation.pk).update(progress=progress)
    scenes.lifecycle.force_cancel(operation.pk, 1)
    written = on_a_terminal(servers, "follow_operation", operation.pk)
    assert "attempt 1  claimed" in written
    assert "epoch 3 of 10" in written
    assert COLOUR in written
    assert f"Operation {operation.pk} is cancelled." in written


def test_no_color_is_honoured(servers: Servers) -> None:
    operation = scenes.completed()
    assert COLOUR not in on_a_terminal(servers, "follow_operation", operation.pk, NO_COLOR="1")
