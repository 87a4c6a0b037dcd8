"""Tags and a note: on an operation's page, in the API and by command; lists find it by them."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from operations.describing import MOST_TAGS, NOTE_MAX_LENGTH, TAG_MAX_LENGTH, describe_operation
from operations.errors import InvalidInput, OperationNotFound
from operations.models import Event, EventType, Operation
from operations.reading.known import known_of
from tests.asking.clients import Browser
from tests.asking.commands import Manage
from tests.asking.commands import manage as manage
from tests.operations import scenes
from tests.operations.dashboard.pictures import owned_by
from tests.operations.history import assert_whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "redis_down")]

API = "/api/v1/operations"


@pytest.fixture
def operation(owner: User) -> Operation:
    return owned_by(owner, scenes.pending())


@pytest.fixture
def owners(browser: Browser, owner: User) -> Client:
    return browser(owner)


def tags(operation: Operation) -> list[str]:
    return known_of([operation])[operation.pk].tags


def described(operation: Operation) -> list[Any]:
    events = Event.objects.filter(operation=operation, event_type=EventType.DESCRIBED)
    return list(events.values_list("data", flat=True))


def post(client: Client, operation: Operation, **body: Any) -> Any:
    path = f"{API}/{operation.pk}/describe"
    return client.post(path, json.dumps(body), content_type="application/json")


def test_its_page_keeps_tags_and_a_note_and_shows_them(
    owners: Client, operation: Operation
) -> None:
    sent = {"tags": " best,  to show ,,best", "note": "First line,\r\nsecond <b>line</b>."}
    html = owners.post(f"/operations/{operation.pk}/describe/", sent, follow=True).content.decode()
    assert tags(operation) == ["best", "to show"]
    assert scenes.reread(operation).note == "First line,\nsecond <b>line</b>."
    assert '<a class="tag" href="/operations/?tag=to%20show">to show</a>' in html
    assert "second &lt;b&gt;line&lt;/b&gt;." in html and "Tag best; tag to show" not in html
    assert "tag best; tag to show" in html and "by owner" in html  # its history
    form = owners.get(f"/operations/{operation.pk}/describe/").content.decode()
    assert 'value="best, to show"' in form and "second &lt;b&gt;line" in form


def test_a_list_finds_it_by_its_tag(owners: Client, operation: Operation, owner: User) -> None:
    owned_by(owner, scenes.pending())
    describe_operation(operation.pk, tags=["to show"])
    rows = owners.get(API, {"tag": "to show"}).json()["data"]
    assert [row["operation_id"] for row in rows] == [operation.pk]
    assert rows[0]["tags"] == ["to show"]
    html = owners.get("/operations/", {"tag": "to show"}).content.decode()
    assert html.count('class="tag"') == 1


def test_what_is_not_given_stays(owners: Client, operation: Operation) -> None:
    assert post(owners, operation, tags=["a", "b"], note="n").json()["data"]["tags"] == ["a", "b"]
    answer = post(owners, operation, add=["c"], remove=["a", "z"])
    assert answer.json()["data"] == {
        "operation_id": operation.pk,
        "tags": ["b", "c"],
        "note": "n",
    }
    assert post(owners, operation, note="").json()["data"]["tags"] == ["b", "c"]
    assert described(operation) == [
        {"added": ["a", "b"], "removed": []},
        {"added": ["c"], "removed": ["a"]},
        {"added": [], "removed": []},
    ]
    assert_whole(operation.pk)


def test_saying_it_again_is_no_event(operation: Operation) -> None:
    for _ in range(2):
        describe_operation(operation.pk, tags=["a"], note="n")
    describe_operation(operation.pk, add=["a"])
    assert len(described(operation)) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"tags": ["a\nb"]}, "it holds U+000A"),
        ({"tags": ["a,b"]}, "it holds a comma"),
        ({"add": ["x" * (TAG_MAX_LENGTH + 1)]}, "at most 50 characters"),
        ({"tags": [f"t{number}" for number in range(MOST_TAGS + 1)]}, "at most 20 tags"),
        ({"note": "x" * (NOTE_MAX_LENGTH + 1)}, "at most 5,000 characters"),
        ({"note": "\x1b[2J"}, "it holds U+001B"),
    ],
)
def test_what_is_none_is_refused_with_a_sentence_and_changes_nothing(
    owners: Client, operation: Operation, given: dict[str, Any], words: str
) -> None:
    describe_operation(operation.pk, tags=["kept"], note="kept")
    with pytest.raises(InvalidInput, match=words.replace("+", r"\+")):
        describe_operation(operation.pk, **given)
    assert post(owners, operation, **given).status_code == 400
    assert (tags(operation), scenes.reread(operation).note) == (["kept"], "kept")


def test_a_refused_form_keeps_what_was_typed(owners: Client, operation: Operation) -> None:
    sent = {"tags": "x" * 51, "note": "typed"}
    answer = owners.post(f"/operations/{operation.pk}/describe/", sent)
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "at most 50 characters" in html and "x" * 51 in html and "typed" in html


def test_whoever_may_not_start_or_does_not_own_it_changes_nothing(
    browser: Browser, operation: Operation, owner: User
) -> None:
    path = f"/operations/{operation.pk}/describe/"
    stranger = browser(User.objects.create_user("stranger"))
    assert stranger.get(path).status_code == stranger.post(path, {"tags": "a"}).status_code == 404
    owner.groups.clear()
    assert browser(owner).post(path, {"tags": "a"}).status_code == 403
    assert tags(operation) == []


def test_the_command_adds_and_takes_away(manage: Manage, operation: Operation) -> None:
    tail = operation.pk[-8:]
    assert manage("describe_operation", tail, "--tag", "a", "--tag", "b").code == 0
    told = manage("describe_operation", tail, "--untag", "a", "--note", "n", "--json")
    assert json.loads(told.out)["tags"] == ["b"]
    assert "n" in manage("show_operation", operation.pk).out
    listed = json.loads(manage("list_operations", "--tag", "b", "--json").out)
    assert [row["note"] for row in listed] == ["n"]


def test_of_none_there_is_nothing_to_describe() -> None:
    with pytest.raises(OperationNotFound):
        describe_operation("op_none", note="n")
