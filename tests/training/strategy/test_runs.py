"""`data_split` as explicit runs: what is refused, where, and in which words."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.training.strategy.documents import Place, faults_of, text_of, varied
from training.strategy import Strategy, load_strategy
from training.strategy.converting import convert
from training.strategy.data_split import RangeSplit
from training.strategy.overrides import apply_settings

SPLIT: Place = ("training", "data_split")
RUNS: dict[str, Any] = {
    "train": [["2000-01-03", "2004-01-02"], ["2008-01-02", "2012-01-03"]],
    "validation": [["2004-01-02", "2005-01-03"]],
    "test": [["2005-01-03", "2008-01-02"]],
}
FORM = "must be a list of runs, each [from, until], like [[2001-01-02, 2009-01-02]]"


def strategy_in_runs() -> Strategy:
    return load_strategy(text_of(varied({SPLIT: RUNS})), source="test").strategy


def faults_of_runs(changes: dict[str, Any]) -> list[tuple[str, str]]:
    """As path and message; a change of None removes a key."""
    split = {key: value for key, value in {**RUNS, **changes}.items() if value is not None}
    return [(fault.path, fault.message) for fault in faults_of({SPLIT: split})]


def test_runs_are_read_in_any_order_and_kept_as_they_are_written() -> None:
    turned = {**RUNS, "train": RUNS["train"][::-1]}
    text = text_of(varied({SPLIT: turned})).replace("'", "")
    split = load_strategy(text, source="test").strategy.training.data_split
    assert isinstance(split, RangeSplit)
    assert split.runs("train") == (("2008-01-02", "2012-01-03"), ("2000-01-03", "2004-01-02"))
    assert [first for first, _ in split.seconds("train")] == [946_857_600, 1_199_232_000]
    assert (split.purge, split.embargo) == ("auto", 0)


def test_a_snapshot_in_runs_is_read_back_and_changed_by_path() -> None:
    strategy = strategy_in_runs()
    assert Strategy.from_snapshot(strategy.snapshot()) == strategy
    changed = apply_settings(strategy.snapshot(), {"training.data_split.embargo": 5})
    assert changed.training.data_split.embargo == 5
    assert changed.digest() != strategy.digest()


@pytest.mark.parametrize("part", ["train", "validation", "test"])
@pytest.mark.parametrize(
    "wrong",
    [
        *(0.7, "2000-01-03", ["2000-01-03", "2001-01-02"], [[]], [["2000-01-03"]]),
        *([["2000-01-03", "2001-01-02", "2002-01-02"]], [{"from": "2000-01-03"}], {"from": 1}),
    ],
)
def test_what_is_no_list_of_pairs_is_one_fault_that_shows_one(part: str, wrong: Any) -> None:
    assert faults_of_runs({part: wrong}) == [(f"training.data_split.{part}", FORM)]


def test_every_part_has_a_run() -> None:
    assert faults_of_runs({"test": []}) == [("training.data_split.test", "needs at least 1")]
    for part in RUNS:
        assert faults_of_runs({part: None}) == [(f"training.data_split.{part}", "is required")]


@pytest.mark.parametrize("end", ["2000-01-03", "1999-12-31"])
def test_a_run_that_ends_where_it_begins_or_before_is_refused(end: str) -> None:
    assert faults_of_runs({"train": [["2000-01-03", end]]}) == [
        (
            "training.data_split",
            f"a run of train must begin before it ends, not [2000-01-03, {end}]; its end is not "
            "included",
        )
    ]


def overlapping() -> Iterator[tuple[dict[str, Any], str]]:
    yield (
        {"test": [["2004-06-01", "2008-01-02"]]},
        "validation until 2005-01-03 and the one of test",
    )
    yield {"train": [["2000-01-03", "2012-01-03"]]}, "train until 2012-01-03 and the one of valid"
    yield (
        {"train": [[*RUNS["train"][0]] for _ in range(2)]},
        "train until 2004-01-02 and the one of train from 2000",
    )
    late = [["2005-01-02T23:59:59Z", "2008-01-02"]]
    yield (
        {"test": late},
        "validation until 2005-01-03 and the one of test from 2005-01-02T23:59:59Z",
    )


@pytest.mark.parametrize(("changes", "words"), list(overlapping()))
def test_runs_that_have_times_in_common_are_named(changes: dict[str, Any], words: str) -> None:
    [(path, message)] = faults_of_runs(changes)
    assert path == "training.data_split"
    assert words in message
    assert message.endswith("have times in common: let one end where the other begins")


def test_dates_that_are_none_are_named_by_their_place_and_nothing_is_said_twice() -> None:
    wrong = {"train": [["2000-02-30", "2004-01-02"]], "test": [["2005-01-03", 2008]]}
    assert [path for path, _ in faults_of_runs(wrong)] == [
        "training.data_split.train[0][0]",
        "training.data_split.test[0][1]",
    ]


def test_runs_beside_the_dates_of_another_split_are_refused() -> None:
    assert faults_of_runs({"validation_start": "2004-01-02"}) == [
        ("training.data_split.validation_start", "unknown key; did you mean validation?")
    ]


def test_more_runs_than_a_strategy_may_have_are_refused_as_such() -> None:
    many = [[f"{year}-01-01", f"{year}-02-01"] for year in range(1000, 1501)]
    assert faults_of_runs({"train": many}) == [
        ("training.data_split.train", "has more than 500 entries")
    ]


def test_a_run_without_a_bar_between_the_dates_is_refused() -> None:
    data = {
        ("training_data", "start_date"): "2004-01-02",
        ("training_data", "end_date"): "2008-01-01",
    }
    faults = [(fault.path, fault.message) for fault in faults_of({SPLIT: RUNS, **data})]
    assert faults == [
        (
            "training.data_split.train",
            "the run until 2004-01-02 is before start_date 2004-01-02: leave it out",
        ),
        (
            "training.data_split.train",
            "the run from 2008-01-02 is after end_date 2008-01-01: leave it out",
        ),
    ]


def test_a_purge_below_the_horizon_is_refused_of_runs_too() -> None:
    [(path, message)] = faults_of_runs({"purge": 3})
    assert (path, "horizon of 10 bars" in message) == ("training.data_split.purge", True)


def test_converting_leaves_runs_as_they_are() -> None:
    renamed = {**RUNS, "val": RUNS["validation"]}
    del renamed["validation"]
    converted = convert(text_of(varied({SPLIT: renamed})), source="test")
    assert yaml.safe_load(converted.text)["training"]["data_split"] == RUNS
