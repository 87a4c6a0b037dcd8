"""Who is let in where, on every address that the site has."""

import shutil
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from checkpoints.models import Checkpoint
from operations.access import tokens
from operations.access.tokens import Scope
from operations.models import Operation
from tests.asking.downloads import received
from tests.operations import scenes
from tests.operations.access_table import API, ENDPOINTS, OWNED, Endpoint, routes
from training.models import TrainedModel
from training.uploads import folder

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")

PAGES = sorted(route for route in routes() if not route[1].startswith(API))
HOSTILE = [
    *("..", ".", "../../etc/passwd", "/etc/passwd", "//etc/passwd", "..\\..\\x", "C:\\x"),
    *("\0", "op\0", "model.pt\0.txt", "\n", "op\r\nSet-Cookie: x=1", " ", "~", "*", "%", "%2e%2e"),
    *("x" * 300, "9" * 300, "-1", "٣", "é", "\u202e", "'; DROP TABLE x; --", "<script>"),
]

ACTING = [endpoint for endpoint in ENDPOINTS if endpoint.acts]
FOR_STAFF = [endpoint for endpoint in ENDPOINTS if endpoint.staff_only]
SOMEBODYS = [endpoint for endpoint in ENDPOINTS if endpoint.is_owned]
FORMS = [path for method, path in PAGES if method == "POST"]
ACTING_FORMS = [path for path in FORMS if not path.startswith("account/")]

Answers = dict[str, tuple[int, str]]


@pytest.fixture
def ids(owner: User, request: pytest.FixtureRequest) -> dict[str, Any]:
    """Of what the owner has: an operation that can resume, its checkpoint, a model."""
    operation = scenes.cancelled(1)
    model = TrainedModel.objects.create(
        operation=scenes.completed(), size_bytes=0, weights_sha256="", evaluation={}, strategy={}
    )
    Operation.objects.update(owner=owner)
    checkpoint = scenes.newest(operation)
    shutil.rmtree(folder.root(), ignore_errors=True)  # of earlier tests, for a user of this number
    upload = folder.open_upload(owner, "prices.csv")
    request.addfinalizer(partial(folder.drop, upload.id))
    return {
        "operation_id": operation.pk,
        "checkpoint_id": checkpoint.pk,
        "model_id": model.pk,
        "symbol": "SP500",
        "timeframe": "1d",
        "upload_id": upload.id,
    }


@pytest.fixture
def unchanged(ids: dict[str, Any]) -> Iterator[None]:
    """A refusal leaves everything as it was."""
    before = everything()
    yield
    assert everything() == before


def everything() -> list[Any]:
    operations = list(Operation.objects.order_by("pk").values())
    return [*operations, *Checkpoint.objects.order_by("pk").values()]


def filled(path: str, ids: dict[str, Any]) -> str:
    name = "model.pt" if "artifacts" in path else "sp500_daily"
    return f"/{path.format(**{'name': name, 'file_type': 'svg', **ids})}"


def send(
    api: Client, endpoint: Endpoint, ids: dict[str, Any], *, query: str = "", body: str = "{}"
) -> Any:
    path = filled(API + endpoint.path, ids) + query
    return api.generic(endpoint.method, path, body, content_type="application/json")


def with_token(user: User, scope: Scope = Scope.OPERATE) -> Client:
    _, secret = tokens.issue(user, scope=scope)
    return APIClient(headers={"authorization": f"Bearer {secret}"})


def without_permissions(user: User) -> User:
    user.groups.clear()
    return user


def code(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def answers(endpoints: list[Endpoint], api: Client, ids: dict[str, Any]) -> Answers:
    return {str(endpoint): code(send(api, endpoint, ids)) for endpoint in endpoints}


def each(endpoints: list[Endpoint], status: int, problem: str) -> Answers:
    return {str(endpoint): (status, problem) for endpoint in endpoints}


def test_the_table_has_every_endpoint_and_no_other() -> None:
    table = {(endpoint.method, API + endpoint.path) for endpoint in ENDPOINTS}
    documentation = ("GET", f"{API}docs")  # a page, and so among them
    assert table == {route for route in routes() if route[1].startswith(API)} - {documentation}


@pytest.mark.usefixtures("unchanged")
def test_without_credentials_everything_is_401(
    ids: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    told = answers(ENDPOINTS, APIClient(), ids)
    assert told == each(ENDPOINTS, 401, "not_authenticated")
    assert caplog.text.count("refused: ") == len(ENDPOINTS)


@pytest.mark.usefixtures("unchanged")
def test_acting_with_a_token_that_may_only_read_is_403(
    ids: dict[str, Any], staff: User, caplog: pytest.LogCaptureFixture
) -> None:
    told = answers(ACTING, with_token(staff, Scope.READ), ids)
    assert told == each(ACTING, 403, "permission_denied")
    assert caplog.text.count("refused: ") == len(ACTING)


@pytest.mark.usefixtures("unchanged")
def test_acting_without_the_permission_is_403_and_says_which_is_needed(
    ids: dict[str, Any], staff: User, caplog: pytest.LogCaptureFixture
) -> None:
    api = with_token(without_permissions(staff))
    for endpoint in ACTING:
        answer = send(api, endpoint, ids)
        assert code(answer) == (403, "permission_denied"), endpoint
        assert str(endpoint.permission) in answer.json()["detail"]
        assert f"refused: {endpoint.permission} to staff" in caplog.text


@pytest.mark.usefixtures("unchanged")
def test_acting_in_a_session_without_its_csrf_token_is_403(
    ids: dict[str, Any], staff: User
) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(staff)
    assert answers(ACTING, browser, ids) == each(ACTING, 403, "permission_denied")


def test_a_session_with_its_csrf_token_may_act(ids: dict[str, Any], owner: User) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(owner)
    token = browser.get("/start/").cookies["csrftoken"].value
    path = f"/api/v1/operations/{ids['operation_id']}/resume"
    assert browser.post(path, headers={"x-csrftoken": token}).status_code == 200


@pytest.mark.usefixtures("unchanged")
def test_what_is_anothers_is_answered_as_what_is_not_there(
    ids: dict[str, Any], stranger: User, caplog: pytest.LogCaptureFixture
) -> None:
    api, nothing = with_token(stranger), ids | dict.fromkeys(OWNED, "99")
    for endpoint in SOMEBODYS:
        anothers = send(api, endpoint, ids)
        assert code(anothers)[0] == 404, endpoint
        [name] = [name for name in OWNED if f"{{{name}}}" in endpoint.path]
        missing = send(api, endpoint, nothing).content.decode()
        assert anothers.content.decode() == missing.replace("99", str(ids[name]))
    assert caplog.text.count("to its non-owner stranger") == len(SOMEBODYS)


@pytest.mark.usefixtures("unchanged")
def test_everyone_else_is_let_in(ids: dict[str, Any], owner: User, staff: User) -> None:
    """An ordinary user with what is theirs; reading needs no more than the scope read."""
    for endpoint in ENDPOINTS:
        user = staff if endpoint.staff_only else owner
        api = with_token(user, Scope.OPERATE if endpoint.acts else Scope.READ)
        nonsense = send(api, endpoint, ids, query="?nonsense=1", body='{"nonsense": 1}')
        assert nonsense.status_code not in (401, 403), endpoint
        if nonsense.streaming:
            received(nonsense)


@pytest.mark.usefixtures("unchanged")
def test_what_is_for_staff_is_403_for_everyone_else(
    ids: dict[str, Any], owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    told = answers(FOR_STAFF, with_token(owner), ids)
    assert told == each(FOR_STAFF, 403, "permission_denied")
    assert caplog.text.count("refused: what is for staff to owner") == len(FOR_STAFF)


@pytest.mark.usefixtures("unchanged")
def test_a_hostile_id_or_name_is_404(ids: dict[str, Any], staff: User) -> None:
    api = with_token(staff)
    for endpoint in ENDPOINTS:
        for name in (name for name in (*ids, "name") if f"{{{name}}}" in endpoint.path):
            for word in HOSTILE:
                answer = send(api, endpoint, {**ids, name: quote(word, safe="")})
                assert code(answer)[0] == 404, (endpoint, word)


@pytest.mark.usefixtures("unchanged")
def test_a_page_sends_who_is_not_signed_in_to_the_login(ids: dict[str, Any]) -> None:
    for method, path in PAGES:
        answer = Client().generic(method, filled(path, ids))
        if path == "stream/":  # no page: an `EventSource` cannot sign in
            assert answer.status_code == 401
        else:
            assert answer.status_code == 302, path
            assert answer["Location"].startswith("/login/?next=")


@pytest.mark.usefixtures("unchanged")
def test_a_page_of_what_is_anothers_is_not_there(
    ids: dict[str, Any], stranger: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.force_login(stranger)
    pages = [(method, path) for method, path in PAGES if any(f"{{{it}}}" in path for it in OWNED)]
    for method, path in pages:
        assert client.generic(method, filled(path, ids)).status_code == 404, path
    assert caplog.text.count("to its non-owner stranger") == len(pages)


@pytest.mark.usefixtures("unchanged")
def test_a_form_needs_its_csrf_token(ids: dict[str, Any], owner: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    for path in FORMS:
        assert browser.post(filled(path, ids)).status_code == 403, path


@pytest.mark.usefixtures("unchanged")
def test_a_form_does_nothing_without_the_permission(
    ids: dict[str, Any], owner: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.force_login(without_permissions(owner))
    for path in ACTING_FORMS:
        client.post(filled(path, ids), {"action": "resume", "operation": [ids["operation_id"]]})
    assert caplog.text.count(", who lacks it") == len(ACTING_FORMS)
