"""API, page, admin action and command answer alike, because they call one
function."""

import contextlib
import html
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from operations.models import Operation
from tests.operations import scenes

pytestmark = [pytest.mark.usefixtures("fake_type", "redis_down"), pytest.mark.django_db]

Surface = Callable[[str, Operation, Client, pytest.CaptureFixture[str]], str]


def api(verb: str, operation: Operation, browser: Client, capsys: Any) -> str:
    path = f"/api/v1/operations/{operation.pk}/{verb}"
    answer = browser.post(path, content_type="application/json")
    return answer.content.decode()


def page(verb: str, operation: Operation, browser: Client, capsys: Any) -> str:
    answer = browser.post(f"/operations/{operation.pk}/{verb}/", follow=True)
    return html.unescape(answer.content.decode())


def admin(verb: str, operation: Operation, browser: Client, capsys: Any) -> str:
    form = {"action": f"{verb}_selected", "_selected_action": [operation.pk]}
    answer = browser.post("/admin/operations/operation/", form, follow=True)
    return html.unescape(answer.content.decode())


def command(verb: str, operation: Operation, browser: Client, capsys: Any) -> str:
    with contextlib.suppress(SystemExit):
        call_command(f"{verb}_operation", operation.pk)
    written = capsys.readouterr()
    return written.out + written.err


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("admin"))
    return client


def spoiled() -> Operation:
    operation = scenes.cancelled(1)
    scenes.spoil(scenes.newest(operation))
    return operation


SURFACES = pytest.mark.parametrize("surface", [api, page, admin, command])


@SURFACES
@pytest.mark.parametrize(
    ("verb", "scene", "words"),
    [
        ("resume", scenes.running, "Operation {id} is already running."),
        ("resume", scenes.completed, "Operation {id} is already completed."),
        ("resume", scenes.pending, "Cannot resume operation {id} from status pending."),
        ("resume", scenes.failed, "Operation {id} has no checkpoint to resume from."),
        ("resume", spoiled, "None of the checkpoints of operation {id} verifies"),
        ("resume", lambda: scenes.cancelled(1, data_changed=True), "{id} have changed."),
        ("cancel", scenes.completed, "Operation {id} is already completed: there is nothing"),
    ],
)
def test_a_refusal_has_the_same_words_on_every_surface(
    surface: Surface,
    verb: str,
    scene: Callable[[], Operation],
    words: str,
    browser: Client,
    capsys: pytest.CaptureFixture[str],
) -> None:
    operation = scene()
    status = operation.status
    assert words.format(id=operation.pk) in surface(verb, operation, browser, capsys)
    assert scenes.reread(operation).status == status


@SURFACES
def test_a_resume_leaves_the_same_behind_on_every_surface(
    surface: Surface, browser: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    operation = scenes.cancelled(3)
    checkpoint = scenes.newest(operation)
    surface("resume", operation, browser, capsys)
    resumed = scenes.reread(operation)
    assert (resumed.status, resumed.attempt, resumed.completed_at) == ("running", 2, None)
    origin = scenes.attempt(operation, 2).resumed_from
    assert origin is not None
    assert origin["checkpoint_id"] == checkpoint.pk
    assert scenes.events(operation)[-1] == "resumed"
