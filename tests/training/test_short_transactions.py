"""Whatever acts looks first and writes then: nothing slow happens while it holds a lock."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.access import tokens
from operations.models import Operation
from tests.asking.write_lock import watched
from tests.documentation import sources
from tests.operations import scenes
from tests.operations.access_table import API, ENDPOINTS, routes
from tests.running.servers import NOBODY_LISTENS
from tests.training.launch import attempts
from tests.training.views.scenes import stored_model
from training.jobs import run_training
from training.launch.start import PreparedStart, StartRequest, prepare_start, start_prepared
from training.market_data import samples
from training.market_data.importing import import_market_data
from training.market_data.samples import SAMPLES
from training.models import Import, TrainedModel

pytestmark = pytest.mark.django_db(transaction=True)

MOST_SECONDS = 0.25
"""Of a processor, ten times what it takes on a fast machine alone."""
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SAMPLE = str(Path(samples.__file__).parent / "sp500.csv")

Act = Callable[[], Any]


@pytest.fixture
def staff(db: None, settings: Settings) -> User:
    settings.REDIS_URL = NOBODY_LISTENS
    return User.objects.create_superuser("staff")


@cache
def prepared() -> PreparedStart:
    return prepare_start(StartRequest(strategy="sp500_daily", epochs=9), owner=None)


def stopped(owner: User, *, epochs: int = 2) -> Operation:
    """A cancelled training with as many checkpoints: what a branch does not look into."""
    operation = scenes.claim(waiting(owner))
    for epoch in range(epochs):
        scenes.save(operation, epoch)
    assert lifecycle.request_cancel(operation.pk)
    assert lifecycle.cancel(operation.pk, operation.attempt)
    Checkpoint.objects.update(created_at=LONG_AGO)
    Operation.objects.exclude(completed_at=None).update(completed_at=LONG_AGO)
    return scenes.reread(operation)


def waiting(owner: User) -> Operation:
    return start_prepared(replace(prepared(), owner=owner))


SPACE = "training.learning_rate: {log: [1e-4, 1e-2]}"
BODIES: dict[str, dict[str, Any]] = {
    "training/start": {"strategy": "sp500_daily"},
    "training/sweep": {"strategy": "sp500_daily", "space_yaml": SPACE},
    "training/walk-forward": {"strategy": "sp500_daily", "train": "5y", "test": "1y"},
    "training/cross-validation": {"strategy": "sp500_daily", "groups": 4},
    "operations/{operation_id}/extend": {"epochs": 20},
    "operations/{operation_id}/fork": {"set": {"training.learning_rate": 0.01}},
    "checkpoints/cleanup": {"max_age_days": 1},
}
UPLOADS = "uploads"
"""What acts on them writes no row in the web process: its child imports as the command does."""
EXTENDS_WALKS = "extend-walk-forward"
"""It has to have completed. It is written as a start of one is."""
ACTING = [
    endpoint
    for endpoint in ENDPOINTS
    if endpoint.acts and UPLOADS not in endpoint.path and EXTENDS_WALKS not in endpoint.path
]
PASSWORD = "as long as it takes"
FORMS: dict[str, dict[str, Any]] = {
    "account/password/": {
        **dict.fromkeys(("old_password", "new_password1", "new_password2"), PASSWORD),
        "end_tokens": "on",
    },
}
WRITES_ONE_ROW = "account/tokens/"
PAGES = sorted(
    path
    for method, path in routes()
    if method == "POST"
    and not path.startswith(API)
    and path != WRITES_ONE_ROW
    and EXTENDS_WALKS not in path
    and UPLOADS not in path
)
ADMIN = sorted(
    (f"/admin/{model._meta.app_label}/{model._meta.model_name}/", action)
    for model, shown in admin.site._registry.items()
    for action in shown.actions
)
COMMANDS: dict[str, list[str]] = {
    "cancel_operation": ["{waiting}"],
    "forget_market_data": ["{copy}", "--timeframe", "1d"],
    "undo_import": ["{copy}", "--timeframe", "1d"],
    "describe_operation": ["{stopped}", "--tag", "best", "--note", "Look again."],
    "extend_operation": ["{stopped}", "--epochs", "20"],
    "fork_operation": ["{stopped}", "--set", "training.learning_rate=0.01"],
    "importance": ["{model}"],
    "import_market_data": [SAMPLE, "--symbol", "COPY", "--timeframe", "1d"],
    "open_test": ["{stopped}"],
    "prune_checkpoints": [],
    "prune_operations": ["--older-than-days", "1"],
    "restart_operation": ["{stopped}"],
    "resume_operation": ["{stopped}"],
    "start_walk_forward": ["sp500_daily", "--train", "5y", "--test", "1y"],
    "start_cross_validation": ["sp500_daily", "--groups", "4"],
    "start_sweep": ["sp500_daily", "--space", "sp500_daily", "--trials", "3"],
    "start_training": ["sp500_daily", "--seeds", "3"],
    "sweep_operations": [],
    "verify_checkpoints": [],
}
OTHERS = {
    *("follow_operation", "list_market_data", "list_operations", "predict", "show_operation"),
    *(
        "ledger",
        "list_models",
        "validate_strategy",
        "convert_strategy",
        "compile",
        "plot_sets",
        "rules",
        "explain",
        "export",
    ),
    "create_token",  # writes one row
    "extend_walk_forward",  # as `start_walk_forward`, of what has completed
    "doctor",  # writes no row
    *("demo", "rqworker", "serve", "up"),  # start other processes, or become one
}


def short(act: Callable[[], Act]) -> None:
    """`act` makes what it needs and returns what is watched, for calls first and then for time."""
    first, second = act(), act()
    with watched(calls=True) as held:
        first()
    assert held.transactions
    assert held.slow_calls == set()
    with watched(calls=False) as held:
        second()
    assert held.longest_seconds < MOST_SECONDS


def address(path: str, operation: Operation) -> str:
    newest = scenes.newest(operation).pk if operation.is_resumable else 0
    series = {"symbol": import_copy(), "timeframe": "1d"} if "{symbol}" in path else {}
    if "{model_id}" in path:
        series = {"model_id": stored_model(operation).pk}
    return "/" + path.format(operation_id=operation.pk, checkpoint_id=newest, **series)


def with_and_without_a_key() -> Iterator[Any]:
    """Each endpoint one way by day, every other one with a key, and the other way by night."""
    for number, endpoint in enumerate(ACTING):
        for key in (True, False):
            if key and endpoint.method == "DELETE":
                continue  # takes none
            is_daily = key == (number % 2 == 0) or endpoint.method == "DELETE"
            marks = [] if is_daily else pytest.mark.repeats
            name = f"{endpoint}, {'with a key' if key else 'plain'}"
            yield pytest.param(endpoint, key, marks=marks, id=name)


@pytest.mark.parametrize(("endpoint", "key"), list(with_and_without_a_key()))
def test_an_endpoint(endpoint: Any, key: bool, staff: User) -> None:
    _, secret = tokens.issue(staff, scope=tokens.Scope.OPERATE)
    api = APIClient(headers={"authorization": f"Bearer {secret}"})
    is_cancel = endpoint.path.endswith("cancel") or endpoint.path == "operations/{operation_id}"

    def prepare() -> Act:
        operation = waiting(staff) if is_cancel else stopped(staff)
        path = address(API + endpoint.path, operation)
        headers = {"idempotency-key": operation.pk} if key else {}
        body = BODIES.get(endpoint.path, {})

        def act() -> None:
            method = getattr(api, endpoint.method.lower())
            answer = method(path, body, format="json", headers=headers)
            assert answer.status_code in (200, 202), answer.content

        return act

    short(prepare)


@pytest.mark.parametrize("path", PAGES)
def test_a_page(path: str, staff: User, client: Client) -> None:
    staff.set_password(PASSWORD)
    staff.save()
    client.force_login(staff)

    def prepare() -> Act:
        operation = waiting(staff) if "cancel" in path else stopped(staff)
        form = FORMS.get(path, {"operation": operation.pk, "action": "resume"})
        if "{model_id}" in path:
            form = {"key": operation.pk}
        if "{symbol}" in path:
            form = {"key": operation.pk, "number": "2"}
        if path.endswith(("restart/", "extend/", "fork/", "open-test/", "sample/")):
            changes = {"epochs": 20, "settings": "training.learning_rate=0.01"}
            form = {"key": operation.pk, **changes}
        if path in ("start/", "start/search/", "start/walk-forward/", "start/cross-validation/"):
            text = Path("training/strategies/sp500_daily.yaml").read_text()
            form = {"key": operation.pk, "strategy_yaml": text, "device": "auto"}
            form |= {"priority": "normal", "sampler": "random", "trials": "9"}
            form["space_yaml"] = "training.learning_rate: {log: [1e-4, 1e-2]}"
            form |= {"train": "5y", "test": "1y", "groups": "4", "test_groups": "2"}
        where = address(path, operation)

        def act() -> None:
            assert client.post(where, form).status_code == 302

        return act

    short(prepare)


@pytest.mark.parametrize(("path", "action"), ADMIN)
def test_an_action_of_the_admin(path: str, action: str, staff: User, client: Client) -> None:
    client.force_login(staff)

    def prepare() -> Act:
        operation = waiting(staff) if "cancel" in action else stopped(staff)
        chosen = operation.pk if "operation/" in path else oldest(operation).pk
        form = {"action": action, "_selected_action": [chosen]}

        def act() -> None:
            assert client.post(path, form).status_code == 302

        return act

    short(prepare)


def oldest(operation: Operation) -> Checkpoint:
    return Checkpoint.objects.filter(operation=operation).earliest("pk")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command(command: str, staff: User, capsys: pytest.CaptureFixture[str]) -> None:
    def prepare() -> Act:
        ids = {"waiting": waiting(staff).pk, "stopped": stopped(staff).pk}
        if command == "importance":
            ids["model"] = str(stored_model(stopped(staff)).pk)
        if command in ("forget_market_data", "undo_import"):
            ids["copy"] = import_copy()
        arguments = [argument.format(**ids) for argument in COMMANDS[command]]
        return lambda: call_command(command, *arguments)

    short(prepare)


def import_copy() -> str:
    """The symbol of a series with two imports."""
    symbol = f"COPY{Import.objects.count()}"
    for path in SAMPLES.values():
        import_market_data(path, symbol=symbol, timeframe="1d", replace=True)
    return symbol


def test_an_attempt(staff: User) -> None:
    """A worker's: its saves and its end."""

    def prepare() -> Act:
        operation = attempts.start(epochs=3, every_epochs=1)
        return lambda: run_training(operation.pk, operation.attempt)

    short(prepare)
    assert TrainedModel.objects.count() == 2


def test_every_command_that_writes_is_among_them() -> None:
    assert set(sources.commands()) == set(COMMANDS) | OTHERS
