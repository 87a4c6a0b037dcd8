"""A child's name says what changed, and fits its column."""

import pytest

from operations.models import NAME_MAX_LENGTH
from operations.naming import child_name, name_again
from training.launch.changes import in_words


@pytest.mark.parametrize(
    ("parent", "changes", "name"),
    [
        ("mine", ("epochs 200",), "mine, epochs 200"),
        ("mine, epochs 200", ("epochs 400",), "mine, epochs 400"),
        ("mine, epochs 200", ("seed 8",), "mine, epochs 200, seed 8"),
        ("mine, epochs of doubt", ("epochs 9",), "mine, epochs of doubt, epochs 9"),
        ("", ("epochs 9",), ""),
        ("seed 7", ("seed 8",), "seed 7, seed 8"),
        ("mine", tuple(f"setting{n} {n}" for n in range(40)), "mine, changes 40"),
    ],
)
def test_a_name_has_the_newest_of_each_change(
    parent: str, changes: tuple[str, ...], name: str
) -> None:
    assert child_name(parent, changes) == name


def test_a_long_name_gives_way_to_what_changed() -> None:
    name = child_name("x" * NAME_MAX_LENGTH, ("epochs 200",))
    assert len(name) == NAME_MAX_LENGTH and name.endswith("x, epochs 200")


def test_again_is_counted() -> None:
    assert name_again("mine") == "mine, again"
    assert name_again("mine, again") == "mine, again 2"
    assert name_again("mine, again 9") == "mine, again 10"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("training.learning_rate", 0.0003, "learning_rate 0.0003"),
        ("training.learning_rate", 1e-05, "learning_rate 1e-05"),
        ("model.hidden", [3, 4], "hidden changed"),
        ("training.optimizer", {"type": "sgd"}, "optimizer changed"),
        ("training_data.symbol", "x" * 99, "symbol changed"),
        ("training_data.symbol", "A\u202eB", "symbol changed"),
        ("fuzzy.a b", 1, "setting changed"),
    ],
)
def test_a_setting_is_one_word_and_one_short_value(path: str, value: object, words: str) -> None:
    assert in_words({path: value}) == (words,)
