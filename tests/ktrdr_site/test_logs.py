"""A log line is one JSON object, or a line for a person; it says what it is about."""

import http.client
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory

from ktrdr_site.logs import JsonFormatter
from operations import log_context
from tests.asking.clients import cookies
from tests.running.servers import Servers
from tests.running.stack import PROJECT, wait_until
from tests.running.web import HOST, Web

LOGS_ONE = "import django; django.setup(); import logging; logging.getLogger('x').warning('é\\n2')"


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What is logged to the logger `test`."""
    found: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(self.format(record)))

    handler = Keep()
    handler.setFormatter(JsonFormatter())
    logging.getLogger("test").addHandler(handler)
    yield found
    logging.getLogger("test").removeHandler(handler)


def say(message: str, *args: object, **how: Any) -> None:
    logging.getLogger("test").warning(message, *args, **how)


def test_a_line_says_when_how_bad_where_and_what(lines: list[dict[str, Any]]) -> None:
    say("%d of %d", 1, 2)
    line = lines[0]
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "test", "1 of 2")
    assert line["time"].endswith("+00:00")
    assert "operation_id" not in line and "request_id" not in line


def test_an_exception_is_in_its_line(lines: list[dict[str, Any]]) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        say("it broke", exc_info=True)
    assert "ValueError: broken" in lines[0]["exception"]


def test_what_it_is_about_is_in_it_and_no_longer_than_that(lines: list[dict[str, Any]]) -> None:
    with log_context.about("op_1", 2):
        say("inside")
    say("outside")
    assert (lines[0]["operation_id"], lines[0]["attempt"]) == ("op_1", 2)
    assert "operation_id" not in lines[1]


def test_every_thread_of_an_attempt_says_which(lines: list[dict[str, Any]]) -> None:
    with log_context.process_about("op_1", 3):
        thread = threading.Thread(target=say, args=("from the side",))
        thread.start()
        thread.join()
    assert (lines[0]["operation_id"], lines[0]["attempt"]) == ("op_1", 3)


def test_a_request_whose_user_nobody_asked_for_is_logged_without_asking(
    lines: list[dict[str, Any]],
) -> None:
    with log_context.during(RequestFactory().get("/")):
        say("the database is away")
    assert "user" not in lines[0]


@pytest.mark.parametrize(("setting", "is_json"), [("json", True), ("text", False), ("", True)])
def test_the_setting_chooses(setting: str, is_json: bool) -> None:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "ktrdr_site.settings"}
    said = subprocess.run(
        [sys.executable, "-c", LOGS_ONE],
        cwd=PROJECT,
        env={**env, "KTRDR_LOG_FORMAT": setting},
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert ("WARNING x: é\n2" in said) is not is_json
    if is_json:
        assert json.loads(said)["message"] == "é\n2"


def test_an_id_that_came_with_the_request_is_kept_if_it_is_plain(db: None) -> None:
    client = Client()
    given = client.get("/login/", headers={"x-request-id": "abc-1"})
    assert given["X-Request-ID"] == "abc-1"
    hostile = client.get("/login/", headers={"x-request-id": 'a"} {'})
    assert hostile["X-Request-ID"] != 'a"} {' and len(hostile["X-Request-ID"]) == 16


def test_a_web_process_writes_nothing_but_such_lines(
    transactional_db: None, servers: Servers, tmp_path: Path
) -> None:
    database = str(connection.settings_dict["NAME"])
    web = Web(servers, tmp_path / "web.log", database=database, KTRDR_LOG_FORMAT="json")
    user = User.objects.create_user("owner")
    call = http.client.HTTPConnection(HOST, web.port)
    call.request("GET", "/api/v1/operations/op_none", headers={**cookies(user), "Accept": "*/*"})
    answer = call.getresponse()
    call.close()
    assert answer.status == 404
    wait_until(lambda: "op_none" in web.output)
    web.stop()
    written = [json.loads(line) for line in web.output.splitlines()]
    about = [line for line in written if line.get("request_id") == answer.headers["X-Request-ID"]]
    assert about
    assert {line["operation_id"] for line in about} == {"op_none"}
    assert "owner" in {line.get("user") for line in about}
