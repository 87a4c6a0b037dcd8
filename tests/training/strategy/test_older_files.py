"""Keys of older files: ignored if they never had an effect, understood if they were renamed."""

from typing import Any

import pytest

from tests.training.strategy.documents import Place, faults_of, text_of, varied
from training.strategy import load_strategy
from training.strategy.labels import ZigzagLabels
from training.strategy.lenient import IGNORED, KEYS_THAT_ACTED


@pytest.mark.parametrize("place", sorted(IGNORED, key=str), ids=str)
def test_a_key_that_never_had_an_effect_is_ignored_when_asked_with_a_warning(place: Place) -> None:
    changes: dict[Place, Any] = {place: {"anything": 1}}
    (fault,) = faults_of(changes)
    assert fault.location == place
    assert "--lenient ignores it" in fault.message
    loaded = load_strategy(text_of(varied(changes)), source="test", lenient=True)
    assert [warning.location for warning in loaded.warnings] == [place]
    assert loaded.warnings[0].line is not None


@pytest.mark.parametrize("place", sorted(KEYS_THAT_ACTED, key=str), ids=str)
def test_of_a_key_that_acted_in_the_original_nobody_says_that_it_never_did(place: Place) -> None:
    (fault,) = faults_of({place: True})
    loaded = load_strategy(text_of(varied({place: True})), source="test", lenient=True)
    for message in (fault.message, loaded.warnings[0].message):
        assert "acted in KTRDR's backtest, does nothing here" in message


@pytest.mark.parametrize(
    "place",
    [
        ("indicators", "rsi_14", "method"),
        ("fuzzy_sets", "momentum", "scope"),
        ("training", "labels", "method"),
        ("model", "architecture", "features"),
        ("training", "scope"),
        ("anything",),
    ],
)
def test_any_other_unknown_key_is_an_error_even_then(place: Place) -> None:
    assert [fault.location for fault in faults_of({place: 1}, lenient=True)] == [place]


def test_zigzag_labels_have_their_older_names() -> None:
    labels = {"source": "zigzag", "zigzag_threshold": 0.03, "label_lookahead": 15}
    data = varied({("training", "labels"): labels})
    loaded = load_strategy(text_of(data), source="test").strategy.training.labels
    assert loaded == ZigzagLabels(source="zigzag", threshold=0.03, lookahead=15)


def test_an_older_name_is_the_path_of_its_fault() -> None:
    labels = {"source": "zigzag", "zigzag_threshold": 3}
    (fault,) = faults_of({("training", "labels"): labels})
    assert fault.path == "training.labels.zigzag_threshold"


def test_both_names_at_once_are_refused() -> None:
    labels = {"source": "zigzag", "zigzag_threshold": 0.03, "threshold": 0.02}
    (fault,) = faults_of({("training", "labels"): labels})
    assert "threshold is given twice" in fault.message


def test_a_date_range_is_a_start_and_an_end_date() -> None:
    dates = {"start": "2001-02-03", "end": "2004-05-06"}
    data = varied({("training_data", "date_range"): dates})
    training_data = load_strategy(text_of(data), source="test").strategy.training_data
    assert (training_data.start_date, training_data.end_date) == ("2001-02-03", "2004-05-06")
