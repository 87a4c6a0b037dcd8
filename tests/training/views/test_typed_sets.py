"""The fuzzy sets beside the strategy's text, drawn over their bars as they are typed."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.test import Client

from operations.bounded.room import Room
from operations.models import Operation
from tests.training.views.start_form import HTMX, SP500, START, form, shown
from training.bounded_work import ROOM, TYPED_SETS
from training.launch import preview as previews
from training.launch.preview import run_preview, sets_as_typed
from training.launch.start import StartRequest


def asked(browser: Client, **changes: str) -> tuple[bool, str]:
    """Whether something was drawn, and what was answered."""
    answer = browser.post(START, form(action="sets", **changes), headers=HTMX)
    assert answer.status_code == 200
    return answer["Content-Type"].startswith("text/html"), shown(answer)


def test_they_are_a_previews_and_follow_the_text(browser: Client, owner: User) -> None:
    text = SP500.replace("[55, 75, 100]", "[55, 85, 100]")
    request = StartRequest(strategy_yaml=text)
    drawn = sets_as_typed(request, user=owner)
    assert drawn == run_preview(request, user=owner).fuzzy_sets
    is_drawn, part = asked(browser, strategy_yaml=text)
    assert is_drawn and "<html" not in part
    assert "330.0,128.0 510.0,8.0 600.0,128.0" in part  # of 600 for 0 to 100
    assert all(f">{one.reached:,}<" in part for group in drawn for one in group.sets)
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"strategy_yaml": SP500.replace("[55, 75, 100]", "[55, 75]")}, "overbought"),
        ({"strategy_yaml": "[" * 5_000}, "YAML"),
        ({"strategy_yaml": "x" * 2_000_000}, "A field has a fault."),
        ({"symbols": "GOLD"}, "There is no market data of GOLD"),
    ],
    ids=["a corner less", "deep", "long", "no bars"],
)
def test_what_cannot_be_drawn_is_said_in_words(
    browser: Client, changes: dict[str, str], words: str
) -> None:
    is_drawn, said = asked(browser, **changes)
    assert not is_drawn and words in said


def test_what_takes_too_long_to_follow_is_left_to_a_preview(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "TYPED_SETS", replace(TYPED_SETS, seconds=0.001))
    is_drawn, said = asked(browser)
    assert not is_drawn and "longer than 0.001 s. Preview draws them." in said


def test_only_who_may_start_is_answered_and_only_where_there_is_room(
    owner: User, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "ROOM", Room(ROOM.children, waiting=0))
    answer = browser.post(START, form(action="sets"), headers=HTMX)
    assert (answer.status_code, answer["Retry-After"]) == (429, "5")
    owner.groups.clear()
    assert browser.post(START, form(action="sets"), headers=HTMX).status_code == 403
    assert "typed-sets" not in shown(browser.get(START))
