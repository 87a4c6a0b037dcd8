"""What the last preview found of the same text and data, a start passes on."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from operations.models import Operation
from tests.training.views.start_form import HTMX, SP500, START, form, shown
from training.launch.previewed import Previewed

NO_SWING = re.sub(
    r"labels:.*?(?=\n  \w)",
    "labels: {source: zigzag, threshold: 0.5, lookahead: 5}",
    SP500,
    count=1,
    flags=re.DOTALL,
)


def previewed(browser: Client, **changes: Any) -> str:
    """The form's hidden field after a preview."""
    part = shown(browser.post(START, form(action="preview", **changes), headers=HTMX))
    found = re.search(r'name="previewed" value="([^"]*)"', part)
    assert found, part
    return unescape(found[1])


def test_a_training_whose_preview_was_refused_is_not_started_and_says_why(browser: Client) -> None:
    sealed = previewed(browser, strategy_yaml=NO_SWING)
    for _ in range(2):
        answer = browser.post(START, form(strategy_yaml=NO_SWING, previewed=sealed))
        assert answer.status_code == 422
        assert "The training part has no row of class buy and sell" in shown(answer)
        assert not Operation.objects.exists()
        assert answer.context["sealed"] == sealed


def test_what_was_changed_since_its_preview_is_started(browser: Client) -> None:
    sealed = previewed(browser, strategy_yaml=NO_SWING)
    answer = browser.post(START, form(previewed=sealed))
    assert answer.status_code == 302


def test_warnings_of_its_preview_are_told_on_the_operations_page(browser: Client) -> None:
    neutral = "neutral: {type: gaussian, parameters: [50, 10]}"
    assert neutral in SP500
    gapped = SP500.replace(neutral, "neutral: [49, 50, 51]")
    sealed = previewed(browser, strategy_yaml=gapped)
    started = browser.post(START, form(strategy_yaml=gapped, previewed=sealed), follow=True)
    assert "Its preview found: All memberships of" in shown(started)


@pytest.mark.parametrize("sealed", ["", "no seal", Previewed(subject="x").seal()[:-1] + "!"])
def test_what_no_preview_sealed_changes_nothing(browser: Client, sealed: str) -> None:
    assert browser.post(START, form(previewed=sealed)).status_code == 302


def test_a_check_after_a_preview_says_what_the_preview_has_found(browser: Client) -> None:
    unknown = form(action="check", strategy_yaml=NO_SWING)
    assert "is valid" in shown(browser.post(START, unknown, headers=HTMX))
    known = {**unknown, "previewed": previewed(browser, strategy_yaml=NO_SWING)}
    part = shown(browser.post(START, known, headers=HTMX))
    assert "The training part has no row of class buy and sell" in part
    assert "is valid" not in part
