"""Whatever is sent, the answer is no 5xx and has the documented shape."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from operations.models import Operation
from training.launch.start import StartRequest, start_training

pytestmark = pytest.mark.django_db

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters(exclude_categories=[]), max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
KEYS = st.sampled_from(
    [
        *("reason", "force", "accept_changed_data", "device", "strategy", "strategy_yaml"),
        *("symbols", "timeframes", "start_date", "end_date", "epochs", "seed", "name"),
        *("priority", "max_restarts", "checkpoint", "lenient", "set", "every_epochs", "keep"),
    ]
)
BODIES = JSON | st.dictionaries(KEYS, JSON, max_size=4)
QUERY_KEYS = st.sampled_from(
    [
        *("status", "operation_type", "resumable", "active", "search", "created_after"),
        *("ordering", "cursor", "page_size", "after", "after_epoch", "format"),
    ]
)
WORDS = st.text(max_size=40) | st.integers().map(str) | st.sampled_from(["true", "-created_at"])
ROUTES = st.sampled_from(
    [
        *("operations", "operations/{id}", "operations/{id}/cancel", "operations/{id}/resume"),
        *("operations/{id}/restart", "operations/{id}/extend", "operations/{id}/fork"),
        *("operations/{id}/attempts", "operations/{id}/checkpoints", "operations/{id}/metrics"),
        *("operations/{id}/events", "operations/{id}/results", "workers", "models", "models/{id}"),
        *("models/{id}/predict",),
        *("training/start", "strategies", "strategies/{id}", "strategies/validate"),
        *("data", "data/{id}"),
    ]
)
METHODS = st.sampled_from(["get", "post", "delete", "put", "patch", "head", "options"])


@pytest.fixture
def operation(owner: User) -> Operation:
    return start_training(StartRequest(strategy="rsi_reversal"), owner=owner)


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    route=ROUTES,
    method=METHODS,
    body=BODIES,
    query=st.dictionaries(QUERY_KEYS, WORDS, max_size=3),
    word=st.none() | st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=70),
    key=st.none() | st.text(max_size=20),
)
def test_nothing_that_is_sent_breaks_the_server(
    api: APIClient,
    operation: Operation,
    route: str,
    method: str,
    body: Any,
    query: dict[str, str],
    word: str | None,
    key: str | None,
) -> None:
    path = f"/api/v1/{route.replace('{id}', quote(word or operation.pk, safe=''))}"
    headers = {} if key is None else {"idempotency-key": key}
    send = getattr(api, method)
    if method in ("get", "head"):
        answer = send(f"{path}?{urlencode(query)}", headers=headers)
    else:
        answer = send(path, json.dumps(body), content_type="application/json", headers=headers)
    assert answer.status_code < 500
    if method == "head" or not answer.content:
        return
    if answer.status_code < 400:
        assert answer.json()["success"] is True
        assert "data" in answer.json()
    else:
        assert answer["Content-Type"] == "application/problem+json"
        assert {"type", "title", "status", "detail", "code"} <= answer.json().keys()
