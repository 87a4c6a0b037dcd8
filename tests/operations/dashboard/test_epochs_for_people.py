"""People count epochs that are done; the API, files and logs count from 0."""

import re

import pytest

from operations.reading.words import done_words, ordinal
from tests.running.stack import PROJECT

TEMPLATES = sorted(
    path for room in ("operations", "training") for path in (PROJECT / room).rglob("*.html")
)
RAW = re.compile(r"{{[^}|]*\b(best_)?epoch\s*(\|(?!epochs_done|ordinal|the_epoch)[^}]*)?}}")


def test_no_template_prints_an_epoch_as_it_is_stored() -> None:
    assert TEMPLATES
    for template in TEMPLATES:
        assert not [found[0] for found in RAW.finditer(template.read_text())], template


def test_a_raw_epoch_would_be_found() -> None:
    found = [bool(RAW.search(text)) for text in ("{{ a.epoch }}", "{{ x.best_epoch|grouped }}")]
    assert found == [True, True]
    assert not RAW.search("{{ progress.epoch|epochs_done }}")


@pytest.mark.parametrize(
    ("epoch", "batch", "words"),
    [
        (-1, 0, "0 batches of the first epoch"),
        (-1, 1, "1 batch of the first epoch"),
        (0, 0, "1 epoch"),
        (25, 0, "26 epochs"),
        (25, 7, "26 epochs and 7 batches"),
        (1999, 1, "2,000 epochs and 1 batch"),
    ],
)
def test_what_was_done_in_words(epoch: int, batch: int, words: str) -> None:
    assert done_words(epoch, batch) == words


def test_an_ordinal_is_one_more_than_what_is_stored() -> None:
    told = {
        0: "1st",
        1: "2nd",
        2: "3rd",
        3: "4th",
        10: "11th",
        11: "12th",
        20: "21st",
        1110: "1,111th",
    }
    assert {epoch: ordinal(epoch) for epoch in told} == told
    assert ordinal(None) == ordinal("") == "—"
