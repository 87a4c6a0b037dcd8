"""The strategies that ship with KTRDR, and how they are found."""

from pathlib import Path

import pytest

from training.strategy import StrategyInvalid, StrategyNotFound, find_strategy, list_strategies
from training.strategy.library import StrategyFile


@pytest.mark.parametrize("file", list_strategies(), ids=lambda file: file.name)
def test_each_is_valid_without_a_warning_and_named_like_its_file(file: StrategyFile) -> None:
    loaded = file.load()
    assert loaded.warnings == ()
    assert loaded.strategy.name == file.name
    assert loaded.strategy.description


def test_together_they_show_what_the_grammar_can() -> None:
    strategies = [file.load().strategy for file in list_strategies()]
    assert len(strategies) >= 6
    assert {strategy.model.type for strategy in strategies} == {"mlp", "lstm", "gru", "tsk"}
    assert {strategy.output_format for strategy in strategies} == {"classification", "regression"}
    assert {len(strategy.symbols) for strategy in strategies} == {1, 2}
    assert {strategy.timeframes for strategy in strategies} == {("1d",), ("1d", "1w")}
    assert 1 in {len(strategy.indicators) for strategy in strategies}


def test_the_sample_uses_five_indicators_and_never_stops_early() -> None:
    sample = find_strategy("sp500_daily").load().strategy
    types = {indicator.type for indicator in sample.indicators.values()}
    assert types == {"rsi", "macd", "atr", "bollinger_width", "adx"}
    assert sample.training.early_stopping is None


def test_an_unknown_name_is_answered_with_a_near_one() -> None:
    with pytest.raises(StrategyNotFound, match=r"Did you mean sp500_daily\?") as caught:
        find_strategy("sp500_dayly")
    assert caught.value.status == 404


@pytest.mark.parametrize(
    "name", ["../strategies/sp500_daily", "/etc/passwd", "sp500_daily.yaml", "a\0b", "x" * 300, ""]
)
def test_a_remote_users_name_never_reaches_the_filesystem(name: str) -> None:
    with pytest.raises(StrategyNotFound):
        find_strategy(name)


def test_a_path_is_a_strategy_only_where_paths_are_allowed(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\n")
    with pytest.raises(StrategyNotFound):
        find_strategy(str(path))
    assert find_strategy(str(path), allow_paths=True).text == "name: mine\n"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "binary.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StrategyInvalid, match="is not UTF-8 text"):
        find_strategy(str(path), allow_paths=True)


def test_a_name_too_long_for_the_filesystem_is_just_not_found() -> None:
    with pytest.raises(StrategyNotFound):
        find_strategy("x" * 5000, allow_paths=True)
