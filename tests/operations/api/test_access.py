"""Who may see and do what, and that refusals are logged."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from operations.access import tokens
from operations.access.tokens import ApiToken, Scope
from operations.models import Operation, Status
from tests.asking.clients import ClientFor
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")

LIST = "/api/v1/operations"


@pytest.fixture
def operation(owner: User) -> Operation:
    operation = scenes.cancelled(1)
    Operation.objects.filter(pk=operation.pk).update(owner=owner)
    return operation


def test_without_credentials_the_answer_is_401_with_a_challenge(
    operation: Operation, caplog: pytest.LogCaptureFixture
) -> None:
    for path in (LIST, f"{LIST}/{operation.pk}"):
        answer = APIClient().get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer["WWW-Authenticate"].startswith("Bearer")
    assert "refused: GET '/api/v1/operations'" in caplog.text


def test_a_session_is_as_good_as_a_token(owner: User, operation: Operation) -> None:
    api = APIClient()
    api.force_login(owner)
    assert api.get(f"{LIST}/{operation.pk}").status_code == 200
    assert api.post(f"{LIST}/{operation.pk}/resume").status_code == 200


def test_a_session_needs_its_csrf_token_to_act(owner: User, operation: Operation) -> None:
    api = APIClient(enforce_csrf_checks=True)
    api.force_login(owner)
    answer = api.post(f"{LIST}/{operation.pk}/resume")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert scenes.reread(operation).status == Status.CANCELLED


@pytest.mark.parametrize(
    "authorization", ["Bearer nonsense", "Bearer", "Bearer \xff", "Bearer a b", "bearer ktrdr_"]
)
def test_a_token_nobody_issued_is_401(db: None, authorization: str) -> None:
    answer = APIClient(headers={"authorization": authorization}).get(LIST)
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_an_expired_token_is_401(owner: User, client_for: ClientFor) -> None:
    api = client_for(owner, lifetime=timedelta(seconds=-1))
    assert api.get(LIST).status_code == 401


def test_the_token_of_a_locked_user_is_401(owner: User, client_for: ClientFor) -> None:
    api = client_for(owner)
    assert api.get(LIST).status_code == 200
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert api.get(LIST).status_code == 401


def test_a_token_is_stored_only_as_a_hash_and_its_use_is_noted(owner: User) -> None:
    _, secret = tokens.issue(owner, scope=Scope.READ)
    api = APIClient(headers={"authorization": f"Bearer {secret}"})
    assert api.get(LIST).status_code == 200
    row = ApiToken.objects.values().get()
    assert secret not in str(row)
    assert row["last_used_at"] is not None


def test_reading_needs_read_and_acting_needs_operate(
    owner: User, client_for: ClientFor, operation: Operation, caplog: pytest.LogCaptureFixture
) -> None:
    api = client_for(owner, Scope.READ)
    one = f"{LIST}/{operation.pk}"
    assert api.get(one).status_code == 200
    for answer in (api.post(f"{one}/resume"), api.post(f"{one}/cancel"), api.delete(one)):
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert scenes.reread(operation).status == Status.CANCELLED
    assert "refused: POST" in caplog.text


def test_anothers_operation_is_not_found_and_not_listed(
    stranger: User, client_for: ClientFor, operation: Operation, caplog: pytest.LogCaptureFixture
) -> None:
    api = client_for(stranger)
    one = f"{LIST}/{operation.pk}"
    unknown = api.get(f"{LIST}/op_unknown").json()
    parts = ("attempts", "checkpoints", "metrics", "events", "results")
    reads = [one, *(f"{one}/{part}" for part in parts)]
    answers = [api.get(path) for path in reads]
    answers += [api.post(f"{one}/{verb}") for verb in ("resume", "cancel", "restart")]
    answers += [api.delete(one)]
    for answer in answers:
        assert answer.status_code == 404
        assert answer.json()["code"] == unknown["code"]
        assert answer.json()["detail"] == unknown["detail"].replace("op_unknown", operation.pk)
    assert api.get(LIST).json()["data"] == []
    assert scenes.reread(operation).status == Status.CANCELLED
    assert "to its non-owner stranger" in caplog.text


def test_staff_see_what_belongs_to_others_and_to_nobody(
    api: APIClient, operation: Operation
) -> None:
    nobodys = scenes.pending()
    seen = {row["operation_id"] for row in api.get(LIST).json()["data"]}
    assert seen == {operation.pk, nobodys.pk}
