"""On the page of a series: what was imported, and the buttons that take it back."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.training.api.test_imports import take
from tests.training.views.scenes import started
from training.models import Import, Pin

PAGE = "/data/ACME/1d/"

pytestmark = pytest.mark.django_db


def fields(html: str) -> dict[str, str]:
    """The hidden ones of the page's form."""
    return dict(re.findall(r'<input type="hidden" name="(key|number)" value="([^"]+)"', html))


def shown(answer: Any) -> str:
    html: str = answer.content.decode()
    return html


def test_imports_are_shown_with_what_they_did(browser: Client, tmp_path: Path) -> None:
    take(tmp_path, 10)
    take(tmp_path, 12)
    page = shown(browser.get(PAGE))
    assert "2 bars after 2020-01-10, to 2020-01-12" in page
    assert "Back to the 5 bars of import 1." in page
    assert "Undo the newest import" not in shown(browser.get("/data/SP500/1d/"))


def test_undo_pressed_twice_goes_back_once(browser: Client, tmp_path: Path) -> None:
    for last in (10, 12, 14):
        take(tmp_path, last)
    sent = fields(shown(browser.get(PAGE)))
    for _ in range(2):
        page = shown(browser.post(f"{PAGE}undo/", sent, follow=True))
        assert "Import 3 is undone: back to the 7 bars of import 2." in page
    assert Import.objects.count() == 4
    older = {**sent, "key": "another"}  # a page that was open before
    page = shown(browser.post(f"{PAGE}undo/", older, follow=True))
    assert "is number 4, and not 3" in page
    assert Import.objects.count() == 4


def test_a_first_import_cannot_be_undone_and_the_button_says_why(
    browser: Client, tmp_path: Path
) -> None:
    take(tmp_path, 10)
    page = shown(browser.get(PAGE))
    assert "there are no bars before its first import" in page
    assert re.search(r"<button[^>]* disabled[^>]*>Undo the newest import", page)


def test_a_series_is_deleted_after_a_page_that_says_what_goes(
    browser: Client, tmp_path: Path
) -> None:
    take(tmp_path, 10)
    page = shown(browser.get(f"{PAGE}forget/"))
    assert "5 bars from 2020-01-06 to 2020-01-10" in page
    stale = {**fields(page), "number": "7"}
    answer = browser.post(f"{PAGE}forget/", stale)
    assert answer.status_code == 409
    answer = browser.post(f"{PAGE}forget/", fields(shown(answer)), follow=True)
    assert "Forgot ACME 1d, with its imports: 1." in shown(answer)
    assert not Import.objects.exists()


def test_a_series_that_something_stands_on_is_not_deleted(
    browser: Client, owner: User, tmp_path: Path
) -> None:
    Pin.objects.create(operation=(mine := started(owner)), data=take(tmp_path, 10).data)
    page = shown(browser.get(f"{PAGE}forget/"))
    assert mine.pk in page
    assert re.search(r"<button[^>]* disabled[^>]*>Delete it", page)
    answer = browser.post(f"{PAGE}forget/", fields(page))
    assert answer.status_code == 409
    assert Import.objects.count() == 1
    assert mine.pk in shown(browser.get(PAGE))  # among what uses it


def test_who_may_not_is_told_and_nothing_is_done(
    browser: Client, owner: User, tmp_path: Path
) -> None:
    take(tmp_path, 10)
    take(tmp_path, 12)
    sent = fields(shown(browser.get(PAGE)))
    owner.groups.clear()
    assert "training.delete_marketdata" in shown(browser.get(PAGE))
    assert browser.get(f"{PAGE}forget/").status_code == 403
    for action in ("undo", "forget"):
        assert browser.post(f"{PAGE}{action}/", sent).status_code == 403
    assert Import.objects.count() == 2
