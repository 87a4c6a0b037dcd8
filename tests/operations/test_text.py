"""What a name and a reason may hold, and how a terminal is shown what they hold all the same."""

import json

import pytest

from operations.cancel import cancel_operation
from operations.errors import InvalidInput
from operations.text import printable, unspeakable
from tests.asking.commands import Manage
from tests.asking.commands import manage as manage
from tests.operations import scenes
from training.errors import StartInvalid
from training.launch.start import StartRequest, check_request

DIRECTING = [*"\0\x07\x7f\x9b\u2028\u202e\u2066\u200f\ud800", "\x1b[31m"]


@pytest.mark.parametrize("text", [*DIRECTING, "two\nlines", "a\ttab"])
def test_a_name_or_reason_may_not_hold_it(text: str) -> None:
    assert unspeakable(f"a {text}").startswith("U+")
    with pytest.raises(StartInvalid, match="without control characters"):
        check_request(StartRequest(strategy="sp500_daily", name=text))
    with pytest.raises(InvalidInput, match="on one line"):
        cancel_operation("op", reason=text)


@pytest.mark.parametrize("text", ["", "[/foo]", "Zürich …", "日本語", "שלום", "👩\u200d🔬", "<b>"])
def test_a_name_may_hold_what_people_write(text: str) -> None:
    assert not unspeakable(text)
    assert printable(text) == text


@pytest.mark.parametrize("text", DIRECTING)
def test_json_reads_what_is_printed_as_it_was(text: str) -> None:
    printed = printable(json.dumps(text, ensure_ascii=False))
    assert not any(character in printed for character in text if not character.isprintable())
    assert json.loads(printed) == text


def test_lines_and_tabs_stay() -> None:
    assert printable("a\n\tb") == "a\n\tb"


@pytest.mark.usefixtures("fake_type", "redis_down")
def test_a_cancel_with_such_a_reason_does_nothing(manage: Manage) -> None:
    operation = scenes.running()
    assert manage("cancel_operation", operation.pk, "--reason", "a\x1b[2J").code == 2
    operation.refresh_from_db()
    assert operation.cancel_requested_at is None
