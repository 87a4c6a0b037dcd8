"""A space says which settings are searched; all that is wrong with it is told at once."""

import pytest

from training.strategy import find_strategy
from training.strategy.faults import StrategyInvalid
from training.strategy.strategy import Strategy
from training.sweep.space import (
    Choice,
    FloatRange,
    IntRange,
    LogRange,
    SpaceInvalid,
    Values,
    read_space,
    shipped_spaces,
)


@pytest.fixture(scope="module")
def strategy() -> Strategy:
    return find_strategy("sp500_daily").load().strategy


def faults_of(text: str, strategy: Strategy) -> list[tuple[str, str, int | None]]:
    with pytest.raises(SpaceInvalid) as invalid:
        read_space(text, strategy)
    return [(fault.path, fault.message, fault.line) for fault in invalid.value.faults]


def test_each_setting_has_its_values_in_the_order_of_the_text(strategy: Strategy) -> None:
    space = read_space(
        """
        training.learning_rate: {log: [1e-4, 1e-2]}
        training.batch_size: {choice: [16, 32]}
        model.architecture.dropout: {float: [0, 0.5]}
        model.architecture.hidden_layers: {choice: [[32], [64, 32]]}
        indicators.rsi_14.period: {int: [7, 28]}
        training.gradient_clip: {choice: [null, 1.0]}
        """,
        strategy,
    )
    assert list(space.settings.items()) == [
        ("training.learning_rate", LogRange(1e-4, 1e-2)),
        ("training.batch_size", Choice((16, 32))),
        ("model.architecture.dropout", FloatRange(0.0, 0.5)),
        ("model.architecture.hidden_layers", Choice(([32], [64, 32]))),
        ("indicators.rsi_14.period", IntRange(7, 28)),
        ("training.gradient_clip", Choice((None, 1.0))),
    ]
    assert space.size is None


def test_a_share_of_a_range_is_a_value_of_it() -> None:
    assert [IntRange(7, 9).at(share) for share in (0, 0.34, 0.99)] == [7, 8, 9]
    assert [Choice(("a", "b")).at(share) for share in (0, 0.5, 1 - 2**-53)] == ["a", "b", "b"]
    assert LogRange(1e-4, 1e-2).at(0.5) == pytest.approx(1e-3)
    assert LogRange(1e-4, 1e-2).at(0) == pytest.approx(1e-4)
    assert FloatRange(0.0, 0.5).at(0.5) == 0.25


def test_every_fault_is_told_at_once_with_its_path_and_line(strategy: Strategy) -> None:
    text = """training.learning_rat: {log: [1e-4, 1e-2]}
training.batch_size: {choice: []}
model.architecture.dropout: {float: [0.5, 0]}
indicators.rsi_14.period: {int: [1, 28]}
training.labels.pt_multiplier: {float: [1, 3]}
training.seed: {int: [0, 9]}
model.architecture: {choice: [1, 2]}
training.weight_decay: {log: [0, 1]}
training.optimizer: {choice: [adam, adem]}
"""
    told = faults_of(text, strategy)
    assert [(path, line) for path, _, line in told] == [
        ("training.learning_rat", 1),
        ("training.batch_size", 2),
        ("model.architecture.dropout", 3),
        ("indicators.rsi_14.period", 4),
        ("training.labels.pt_multiplier", 5),
        ("training.seed", 6),
        ("model.architecture", 7),
        ("training.weight_decay", 8),
        ("training.optimizer", 9),
    ]
    words = [message for _, message, _ in told]
    assert words[:3] == [
        "there is no such setting in this strategy",
        "choice is empty",
        "float goes from the lowest to the highest: 0.5 is not below 0.0",
    ]
    assert words[3].startswith("1: ")
    assert words[4] == "is not searched: it changes what trials are compared by"
    assert words[5] == "is not searched: it would be a search for luck"
    assert words[7] == "log takes numbers above 0"
    assert words[8].startswith("adem: ")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("[1, 2]", "must be one of choice, int, float or log with a list of values"),
        ("{int: [1, 2], log: [1, 2]}", "must be one of choice, int, float or log with a list of "),
        ("{uniform: [1, 2]}", "uniform is none of choice, int, float and log"),
        ("{int: 5}", "int takes a list"),
        ("{int: [16, 32.5]}", "int takes two whole numbers, the lowest and the highest"),
        ("{int: [true, 32]}", "int takes two whole numbers, the lowest and the highest"),
        ("{int: [16, 32, 64]}", "int takes two numbers, the lowest and the highest"),
        ("{float: [a, 2]}", "float takes two numbers, the lowest and the highest"),
        ("{choice: [16, 16.0]}", "choice names a value twice"),
        ("{choice: [{a: 1}]}", "choice takes scalars and lists"),
    ],
)
def test_values_are_strict(written: str, message: str, strategy: Strategy) -> None:
    ((path, told, _),) = faults_of(f"training.batch_size: {written}", strategy)
    assert path == "training.batch_size"
    assert told.startswith(message)


@pytest.mark.parametrize("text", ["{}", "training.batch_size: {choice: [32]}"])
def test_one_point_is_no_search(text: str, strategy: Strategy) -> None:
    ((_, told, _),) = faults_of(text, strategy)
    assert told == "is one point: there is nothing to search"


@pytest.mark.parametrize(
    "path",
    ["training_data.start_date", "training.data_split.train", "decisions.confidence_threshold"],
)
def test_what_is_compared_stays(path: str, strategy: Strategy) -> None:
    ((_, told, _),) = faults_of(f"{path}: {{float: [0.1, 0.2]}}", strategy)
    assert told.startswith("is not searched: it changes")


def test_what_fits_some_values_of_others_only_is_left_to_its_trials(strategy: Strategy) -> None:
    """A fast period of 30 does not fit the strategy's slow one of 26, and a slow one of 40."""
    text = """
    indicators.macd_std.fast_period: {int: [5, 30]}
    indicators.macd_std.slow_period: {int: [20, 40]}
    """
    assert read_space(text, strategy).size == 26 * 21


def test_nothing_is_told_of_a_file_that_is_something_else(strategy: Strategy) -> None:
    ((path, told, _),) = faults_of("password: hunter2\nuser: ada\n", strategy)
    assert (path, told[:16]) == ("", "this is no space")


@pytest.mark.parametrize("name", shipped_spaces())
def test_a_shipped_space_is_one_of_its_strategy(name: str) -> None:
    strategy = find_strategy(name).load().strategy
    assert len(read_space(shipped_spaces()[name].read_text(), strategy).settings) >= 5


def test_a_text_that_is_no_space_is_refused_as_a_strategy_is(strategy: Strategy) -> None:
    assert issubclass(SpaceInvalid, StrategyInvalid)
    assert faults_of("- a list", strategy)[0][1].startswith("must be one YAML mapping")
    ((path, told, line),) = faults_of(
        "training.batch_size: {choice: [16, 32]}\ntraining.batch_size: {int: [1, 2]}\n", strategy
    )
    assert (path, line) == ("training.batch_size", 2)
    assert told.startswith("is given twice")


@pytest.mark.parametrize(
    "values",
    [Choice((None, 1.0, [32], 1)), IntRange(7, 28), FloatRange(0.0, 0.5), LogRange(1e-4, 1e-2)],
)
def test_a_value_is_drawn_where_it_is_drawn_from(values: Values) -> None:
    for share in (0.0, 0.3, 0.999):
        value = values.at(share)
        assert values.at(values.share_of(value)) == pytest.approx(value)
    assert 0 <= values.share_of(values.ends()[0]) < values.share_of(values.ends()[-1]) <= 1
