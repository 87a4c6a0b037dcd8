"""Extend, fork and start again in the browser: what is carried is shown before, and a form starts
one child."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from operations.models import Operation
from tests.operations import scenes as acts
from tests.training.views import scenes
from tests.training.views.scenes import signed_in


def stopped(owner: User) -> Operation:
    """Cancelled after its third epoch."""
    operation = acts.claim(scenes.started(owner, name="mine"))
    acts.save(operation, 2)
    assert acts.lifecycle.request_cancel(operation.pk, reason="")
    assert acts.lifecycle.cancel(operation.pk, operation.attempt)
    return acts.reread(operation)


def failed(owner: User, code: str) -> Operation:
    operation = acts.claim(scenes.started(owner, name="mine"))
    acts.save(operation, 2)
    failure = acts.Failure(code=code, message="It broke.", traceback="")
    assert acts.lifecycle.fail(operation.pk, operation.attempt, failure)
    return acts.reread(operation)


@pytest.fixture
def operation(owner: User) -> Operation:
    return stopped(owner)


def page(browser: Client, name: str, operation: Operation) -> str:
    answer = browser.get(reverse(name, args=[operation.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def key_of(html: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', html)
    assert found
    return found[1]


def child_of(operation: Operation) -> Operation:
    return Operation.objects.get(parent=operation)


@pytest.mark.parametrize("name", ["extend", "fork"])
def test_what_is_carried_is_shown_before_and_nothing_is_made(
    browser: Client, operation: Operation, name: str
) -> None:
    html = page(browser, name, operation)
    assert re.search(r"weights</th><td>carried<", html)
    address = reverse(name, args=[operation.pk])
    given = {"key": key_of(html), "epochs": 60, "settings": "training.optimizer=sgd"}
    told = browser.post(address, {**given, "action": "look"}).content.decode()
    fate = "carried" if name == "extend" else "reset"
    assert re.search(rf"optimizer</th><td>{fate}<", told)
    assert not Operation.objects.filter(parent=operation).exists()


def test_an_extension_is_its_readers_and_says_what_changed(
    browser: Client, owner: User, operation: Operation
) -> None:
    address = reverse("extend", args=[operation.pk])
    given = {"key": key_of(page(browser, "extend", operation)), "epochs": 900}
    places = {browser.post(address, given).headers["Location"] for _ in range(2)}
    child = child_of(operation)  # one, of a form that was sent twice
    assert places == {reverse("operation", args=[child.pk])}
    assert (child.name, child.owner) == ("mine, epochs 900", owner)
    assert child.request["strategy"]["training"]["epochs"] == 900


def test_a_fork_has_the_settings_of_its_lines(browser: Client, operation: Operation) -> None:
    address = reverse("fork", args=[operation.pk])
    lines = "training.learning_rate=0.002\r\n\r\ntraining.batch_size = 16"
    given = {"key": key_of(page(browser, "fork", operation)), "settings": lines}
    assert browser.post(address, given).status_code == 302
    child = child_of(operation)
    training = child.request["strategy"]["training"]
    assert (training["learning_rate"], training["batch_size"]) == (0.002, 16)
    assert child.name == "mine, learning_rate 0.002, batch_size 16"


@pytest.mark.parametrize(
    ("name", "given", "status", "words"),
    [
        ("extend", {"epochs": 2}, 409, "3 epochs are done: ask for more"),
        ("extend", {"epochs": ""}, 400, "Epochs in all"),
        ("fork", {"settings": "training.learning_rate"}, 400, "it has no ="),
        ("fork", {"settings": "training.learning_rat=1"}, 400, "learning_rat"),
        ("fork", {"settings": "model.hidden=[3]"}, 400, "hidden"),
        ("fork", {"settings": "", "checkpoint": 10**8}, 409, "has no checkpoint 100000000"),
    ],
)
def test_a_refusal_stands_beside_the_form_and_starts_nothing(
    browser: Client, operation: Operation, name: str, given: dict[str, str], status: int, words: str
) -> None:
    key = key_of(page(browser, name, operation))
    for action in ("look", "start"):
        answer = browser.post(
            reverse(name, args=[operation.pk]), {"key": key, "action": action, **given}
        )
        assert answer.status_code == status
        assert words in answer.content.decode()
    assert not Operation.objects.filter(parent=operation).exists()


def test_a_form_that_has_started_one_and_is_changed_asks_before_it_starts_another(
    browser: Client, operation: Operation
) -> None:
    address = reverse("extend", args=[operation.pk])
    key = key_of(page(browser, "extend", operation))
    browser.post(address, {"key": key, "epochs": 900})
    again = browser.post(address, {"key": key, "epochs": 901})
    assert again.status_code == 409 and "has started an operation already" in again.content.decode()
    assert key_of(again.content.decode()) != key
    assert Operation.objects.filter(parent=operation).count() == 1


def test_who_may_not_start_sees_no_plan_and_is_refused(
    owner: User, browser: Client, operation: Operation
) -> None:
    owner.groups.clear()
    assert "May not" not in page(browser, "fork", operation)
    assert 'id="may-not-start"' in page(browser, "fork", operation)
    answer = browser.post(reverse("fork", args=[operation.pk]), {"key": "k"})
    assert answer.status_code == 403


def test_what_a_start_from_the_beginning_takes_over_is_shown_before(
    browser: Client, operation: Operation
) -> None:
    html = page(browser, "restart", operation)
    told = dict(re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', html))
    assert told == {
        "strategy and settings": "the same",
        "seed": "the same, 7",
        "bars": "the same: SP500/1d",
        "rows": "the same",
        "weights": "anew, as the seed draws them",
        "optimizer, history, checkpoints": "anew",
        "name": "mine, again",
    }
    assert not Operation.objects.filter(parent=operation).exists()


@pytest.mark.parametrize("name", ["extend", "fork", "restart"])
def test_anothers_is_not_there(db: None, operation: Operation, name: str) -> None:
    stranger = signed_in(User.objects.create_user("stranger"))
    address = reverse(name, args=[operation.pk])
    assert stranger.get(address).status_code == stranger.post(address).status_code == 404


@pytest.mark.parametrize(
    ("code", "prefilled"),
    [
        ("training_failed", "training.learning_rate=0.0001"),
        ("out_of_memory", "training.batch_size=16"),
        ("worker_lost", ""),
    ],
)
def test_a_fork_after_a_failure_begins_with_what_is_worth_trying(
    browser: Client, owner: User, code: str, prefilled: str
) -> None:
    operation = failed(owner, code)
    training = operation.request["strategy"]["training"]
    assert (training["learning_rate"], training["batch_size"]) == (0.001, 32)
    html = page(browser, "fork", operation)
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", html, re.DOTALL)
    assert text and text[1] == prefilled


def test_an_operations_page_leads_there_once_there_is_a_state(browser: Client, owner: User) -> None:
    running = acts.claim(scenes.started(owner))
    acts.save(running, 0)
    links = [reverse(name, args=[running.pk]) for name in ("extend", "fork")]
    before = page(browser, "operation", running)
    assert not any(f'href="{link}"' in before for link in links)
    assert acts.lifecycle.fail(running.pk, 1, acts.BROKEN)
    after = page(browser, "operation", running)
    assert all(f'href="{link}"' in after for link in links)
