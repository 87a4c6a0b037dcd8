""" "Start again" on an operation's page: one new operation, however often it is clicked."""

import threading

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from operations.models import Operation
from tests.asking.clients import Browser, key_of_start_again
from tests.operations import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "redis_down")]


def press(page: Client, operation: Operation, key: str) -> str:
    return page.post(reverse("restart", args=[operation.pk]), {"key": key}).headers["Location"]


def test_it_leads_to_the_new_operation(page: Client) -> None:
    operation = scenes.failed()
    shown = press(page, operation, key_of_start_again(page, operation.pk))
    assert shown == f"/operations/{Operation.objects.get(parent=operation).pk}/"


def test_a_page_sent_twice_starts_one_operation(page: Client) -> None:
    operation = scenes.failed()
    key = key_of_start_again(page, operation.pk)
    assert press(page, operation, key) == press(page, operation, key)
    assert Operation.objects.filter(parent=operation).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_starts_one_operation(browser: Browser, staff: User) -> None:
    operation = scenes.failed()
    key = key_of_start_again(browser(staff), operation.pk)
    shown: list[str] = []

    def click() -> None:
        shown.append(press(browser(staff), operation, key))
        connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert Operation.objects.filter(parent=operation).count() == 1
    assert len(shown) == 2 and len(set(shown)) == 1


def test_the_page_read_again_starts_another(page: Client) -> None:
    operation = scenes.failed()
    for _ in range(2):
        press(page, operation, key_of_start_again(page, operation.pk))
    assert Operation.objects.filter(parent=operation).count() == 2


def test_what_becomes_of_it_is_shown_before_and_nothing_is_made(page: Client) -> None:
    operation = scenes.failed()
    html = page.get(reverse("restart", args=[operation.pk])).content.decode()
    assert "request</th><td>the same" in html
    assert not Operation.objects.filter(parent=operation).exists()


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_a_page_without_a_key_of_its_own_starts_nothing_and_says_what_to_do(
    page: Client, key: str
) -> None:
    operation = scenes.failed()
    address = reverse("restart", args=[operation.pk])
    told = page.post(address, {"key": key}, follow=True).content.decode()
    assert "That page was out of date. Press the button on this one." in told
    assert not Operation.objects.filter(parent=operation).exists()
