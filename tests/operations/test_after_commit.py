"""What happens after a commit may fail: the answer is the success that was committed.

Every function that is handed to `on_commit` is found in the code, and is made to raise where it
begins, in the calls of `ACTS`: a new one has to be added there.
"""

import ast
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from checkpoints import store
from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.models import Operation, Status
from operations.restart import restart_operation
from operations.resume import resume_operation
from tests.operations import family_scenes, scenes
from tests.running.stack import PROJECT
from tests.training.market_data.series import imported
from training.models import MarketData

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type", "redis_down"),
]

ROOMS = ("checkpoints", "operations", "training", "ktrdr_site")


def calls_of_on_commit() -> Iterator[tuple[Path, ast.Call, list[str]]]:
    """The file, the call, and the names of the functions around it."""

    def within(node: ast.AST, around: list[str]) -> Iterator[tuple[ast.Call, list[str]]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call) and ast.unparse(child.func).endswith("on_commit"):
                yield child, around
            named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            yield from within(child, [*around, child.name] if named else around)

    for room in ROOMS:
        for file in sorted((PROJECT / room).rglob("*.py")):
            for call, around in within(ast.parse(file.read_text()), []):
                yield file, call, around


def hook_of(file: Path, call: ast.Call, around: list[str]) -> str:
    """The qualified name of the function that this call is given, which must be defined beside it:
    Django asks one that failed for its name, which neither a `partial` nor an object has."""
    given = ast.unparse(call.args[0])
    enclosing = f"{file.relative_to(PROJECT)}, {'.'.join(around)}"
    defined = {node.name for node in ast.walk(ast.parse(file.read_text())) if _is_function(node)}
    assert given in defined, f"{enclosing}: hand on_commit a function that has a name, not {given}"
    assert "robust=True" in ast.unparse(call), f"{enclosing}: a failing {given} would be the answer"
    return ".".join([*around, "<locals>", given])


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef)


class Broken(Exception):
    """What no function here expects."""


@contextmanager
def raising_in(hook: str) -> Iterator[list[str]]:
    """It raises wherever it begins; yields a list with an entry for each time it did."""
    raised: list[str] = []

    def trace(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_qualname == hook:
            raised.append(hook)
            raise Broken(hook)

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield raised
    finally:
        sys.settrace(before)


def api() -> APIClient:
    client = APIClient()
    client.force_authenticate(_administrator())
    return client


def browser() -> Client:
    client = Client()
    client.force_login(_administrator())
    return client


def _administrator() -> User:
    name = "administrator"
    return User.objects.filter(username=name).first() or User.objects.create_superuser(name)


def by_api(operation: Operation) -> bool:
    answer = api().post(f"/api/v1/operations/{operation.pk}/resume", {}, format="json")
    return answer.status_code == 200 and answer.json()["data"]["attempt"] == 2


def by_page(operation: Operation) -> bool:
    page = browser().post(f"/operations/{operation.pk}/resume/", follow=True)
    return page.status_code == 200 and scenes.reread(operation).attempt == 2


def by_admin(operation: Operation) -> bool:
    form = {"action": "resume_selected", "_selected_action": [operation.pk]}
    page = browser().post("/admin/operations/operation/", form, follow=True)
    return "Successfully resumed operation" in page.content.decode()


def by_command(operation: Operation) -> bool:
    out = io.StringIO()
    call_command("resume_operation", operation.pk, stdout=out)  # would exit with its code
    return "Successfully resumed operation" in out.getvalue()


def restarted(operation: Operation) -> bool:
    return restart_operation(operation.pk, owner=None).parent_id == operation.pk


def deleted_by_api(operation: Operation) -> bool:
    checkpoint = scenes.newest(operation)
    answer = api().delete(f"/api/v1/checkpoints/{checkpoint.pk}")
    gone = not Checkpoint.objects.filter(pk=checkpoint.pk).exists()
    return answer.status_code in (200, 204) and gone


def pruned_by_command(operation: Operation) -> bool:
    out = io.StringIO()
    call_command("prune_checkpoints", "--older-than-days=0", stdout=out)
    return "Deleted 1 checkpoints" in out.getvalue()


def completed(operation: Operation) -> bool:
    """What a worker does when it has trained to the end."""
    resume_operation(operation.pk)
    running = scenes.claim(operation)
    with lifecycle.completing(running.pk, running.attempt, result={}):
        store.delete_rows(running.pk)
    return scenes.reread(operation).status == Status.COMPLETED


def forgotten(operation: Operation) -> bool:
    with TemporaryDirectory() as folder:
        data = imported(Path(folder))
    series = (data.symbol, f"--timeframe={data.timeframe}")
    call_command("forget_market_data", *series, stdout=io.StringIO())
    return not MarketData.objects.filter(symbol=data.symbol).exists()


def parked(operation: Operation) -> bool:
    """A family that begins to wait for its parts."""
    return family_scenes.parked(1).waiting


ACTS: dict[str, list[Callable[[Operation], bool]]] = {
    "ring_after_commit.<locals>.ring_now": [by_api, by_page, by_admin, by_command, restarted],
    "ring_parts_after_commit.<locals>.ring_parts_now": [parked],
    "_delete.<locals>.remove_files": [deleted_by_api, pruned_by_command, completed],
    "remove_unused.<locals>.remove": [forgotten],
}
"""By function: calls that come to it, each with whether its answer is that of a success. They are
given an operation that was cancelled and has two checkpoints."""


def test_every_function_that_runs_after_a_commit_is_tried() -> None:
    found = [hook_of(*call) for call in calls_of_on_commit()]
    assert sorted(found) == sorted(ACTS)


@pytest.mark.parametrize(
    ("hook", "act"), [(hook, act) for hook, acts in ACTS.items() for act in acts]
)
def test_it_may_raise_and_the_answer_is_what_was_committed(
    hook: str, act: Callable[[Operation], bool], caplog: pytest.LogCaptureFixture
) -> None:
    operation = scenes.cancelled(1, 2)
    with raising_in(hook) as raised:
        answered = act(operation)
    assert raised, f"{act.__name__} never came to {hook}"
    assert answered
    assert any(hook in record.getMessage() for record in caplog.records)
