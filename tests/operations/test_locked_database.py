"""A lock that does not come free is said so, 503 with a time to try again, and nothing is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.test import Client

from operations.access import tokens
from operations.models import Operation, Status
from tests.asking.described_client import DescribedClient
from tests.operations import scenes
from tests.running.servers import ON_SQLITE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type", "redis_down"),
]

IMPATIENT = "PRAGMA busy_timeout = 50" if ON_SQLITE else "SET lock_timeout = '50ms'"
ENOUGH_SECONDS = 60


@contextmanager
def locked(operation: Operation) -> Iterator[None]:
    """Another connection holds what a write of this one needs, and this one soon gives up."""
    is_held, is_over = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            assert Operation.objects.filter(pk=operation.pk).update(name="held") == 1
            is_held.set()
            is_over.wait(ENOUGH_SECONDS)
        connections.close_all()

    holder = Thread(target=hold)
    holder.start()
    assert is_held.wait(ENOUGH_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(IMPATIENT)
    try:
        yield
    finally:
        is_over.set()
        holder.join()
        connection.close()


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser("staff")


@pytest.fixture
def browser(staff: User) -> Client:
    browser = Client(raise_request_exception=False)
    browser.force_login(staff)
    return browser


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "k1"}], ids=["plain", "with a key"])
def test_the_api_answers_503_and_the_same_request_works_later(
    staff: User, headers: dict[str, str]
) -> None:
    _, secret = tokens.issue(staff, scope=tokens.Scope.OPERATE)
    api = DescribedClient(headers={"authorization": f"Bearer {secret}"})
    api.raise_request_exception = False
    operation = scenes.pending()
    path = f"/api/v1/operations/{operation.pk}/cancel"
    with locked(operation):
        answer = api.post(path, {}, format="json", headers=headers)
        assert answer.status_code == 503
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "database_unavailable"
        assert int(answer["Retry-After"]) > 0
    assert scenes.reread(operation).status == Status.PENDING
    assert api.post(path, {}, format="json", headers=headers).status_code == 200
    assert scenes.events(operation).count("cancelled") == 1


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/operations/{id}/cancel/", {}),
        ("/operations/-/act/", {"action": "cancel", "operation": "{id}"}),
        (
            "/admin/operations/operation/",
            {"action": "cancel_selected", "_selected_action": "{id}"},
        ),
    ],
)
def test_a_page_of_its_own_says_so(browser: Client, address: str, form: dict[str, str]) -> None:
    operation = scenes.pending()
    filled = {name: value.format(id=operation.pk) for name, value in form.items()}
    with locked(operation):
        answer = browser.post(address.format(id=operation.pk), filled)
        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
        assert "The database is busy" in answer.content.decode()
    assert browser.post(address.format(id=operation.pk), filled).status_code == 302
    assert scenes.reread(operation).status == Status.CANCELLED


def test_a_statement_that_no_database_understands_is_a_fault_of_ours(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def misspelled(*_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    monkeypatch.setattr("operations.selectors.visible_to", misspelled)
    answer = browser.get("/operations/")
    assert (answer.status_code, "Retry-After" in answer) == (500, False)
