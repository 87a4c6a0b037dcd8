"""Bars that nothing can be decided on are refused with what to do."""

from pathlib import Path

import pytest

from tests.training.features.datasets import make_strategy
from tests.training.features.price_series import random_bars
from tests.training.from_bars.networks import bundle_of, network_of
from tests.training.jobs.scenes import write_csv
from training.strategy import Strategy
from training.trained.from_bars.bar_file import BarsRefused, read_bars
from training.trained.from_bars.command import decide_on_bars, main

HEADER = "date,open,high,low,close,volume\n"
DAY = "2024-01-02,10,11,9,10,5\n"
FAULTS = {
    "nothing": ("", "no column time, open, high, low, close, volume; its header has nothing"),
    "no header": (DAY, "no column time, open, high, low, close, volume; its header has 2024-01-02"),
    "no low": ("Date,Open,High,Close,Volume\n", "no column low; its header has date, open, high"),
    "no volume": ("time,open,high,low,close\n", "no column volume;"),
    "no bars": (HEADER, "has no bars: under its header stands a line for each"),
    "no date": (HEADER + DAY.replace("2024-01-02", "2.1.2024"), "bars.csv line 2: it is no bar"),
    "a short line": (HEADER + DAY + "2024-01-03,10,11\n", "bars.csv line 3: it is no bar"),
    "no number": (HEADER + DAY.replace("11", "n/a"), "line 2: it is no bar (could not convert"),
    "a hole": (HEADER + DAY.replace("11", "nan"), "line 2: a value is not a finite number"),
    "a price of 0": (HEADER + DAY.replace("9", "0"), "line 2: prices are above 0"),
    "high below low": (HEADER + DAY.replace("11", "8"), "line 2: prices are above 0, high is not"),
    "a negative volume": (HEADER + DAY.replace("5", "-5"), "volume not below 0"),
    "the newest first": (
        HEADER + DAY.replace("01-02", "01-03") + DAY,
        "bars.csv: 2024-01-02 stands after 2024-01-03. Sort the bars by time, the oldest first",
    ),
    "a day twice": (HEADER + DAY + DAY, "bars.csv: 2024-01-02 stands twice."),
}


@pytest.mark.parametrize(("text", "said"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_file_is_refused_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(text)
    with pytest.raises(BarsRefused) as refused:
        read_bars(path)
    assert said in str(refused.value)


def test_columns_are_found_by_name_and_times_are_utc_without_an_offset(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    text = "\ufeffClose, Low,HIGH,open,Adj Close,Timestamp\n10,9,11,10.5,7,1970-01-01T01:00:00\n\n"
    path.write_text(text + "12,9,13,10.5,7,1970-01-01T04:00:00+02:00\n")
    bars = read_bars(path, with_volume=False)
    assert bars.times.tolist() == [3600, 7200]
    assert (bars.high.tolist(), bars.close.tolist()) == ([11.0, 13.0], [10.0, 12.0])
    assert bars.volume.tolist() == [0.0, 0.0]


WINDOWS = make_strategy(sequence_length=5)
WEEKS = make_strategy(timeframes=("1d", "1w"))
SINCE = make_strategy(training_data={"start_date": "2030-01-01"})
REFUSED = {
    "another timeframe": (WINDOWS, 500, 3600, "bars of 1d: most of these are 3600 s apart"),
    "weeks": (WINDOWS, 500, 7 * 86_400, "are 604800 s apart, not 86400. Give it bars of 1d"),
    "too few": (WINDOWS, 88, 86_400, "88 bars of 1d are too few: 89 of 1d are needed, for"),
    "too few weeks": (WEEKS, 500, 86_400, "500 bars of 1d are too few: 85 of 1w are needed"),
    "before the start": (SINCE, 900, 86_400, "and one from 2030-01-01 on"),
}


@pytest.mark.parametrize(("strategy", "number", "seconds", "said"), REFUSED.values(), ids=REFUSED)
def test_bars_of_another_kind_or_too_few_are_refused(
    strategy: Strategy, number: int, seconds: int, said: str, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "bars.csv", random_bars(number, seconds=seconds))
    with pytest.raises(BarsRefused) as refused:
        decide_on_bars(network_of(strategy), read_bars(path))
    assert said in str(refused.value)


def test_one_bar_more_is_enough(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "bars.csv", random_bars(89))
    assert decide_on_bars(network_of(WINDOWS), read_bars(path)).times.size == 1


def test_an_input_without_a_value_is_refused_by_name_and_date(tmp_path: Path) -> None:
    strategy = make_strategy(
        indicators={"ratio": {"type": "volume_ratio", "period": 3}},
        fuzzy_sets={},
        nn_inputs=[{"raw_indicator": "ratio"}],
    )
    path = tmp_path / "bars.csv"
    days = [DAY.replace("01-02", f"01-{day:02d}").replace(",5\n", ",0\n") for day in range(2, 30)]
    path.write_text(HEADER + "".join(days))
    with pytest.raises(BarsRefused, match="ratio has no value on 2024-01-04, as"):
        decide_on_bars(network_of(strategy), read_bars(path))


def test_the_command_says_in_one_line_why_it_cannot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = write_csv(tmp_path / "bars.csv", random_bars(300))
    assert main([str(bars)], tmp_path) == 1
    assert capsys.readouterr().err == "manifest.json is missing\n"
    for name, content in bundle_of(make_strategy()).items():
        (tmp_path / name).write_bytes(content)
    assert main([str(bars)], tmp_path) == 0
    assert len(capsys.readouterr().out.splitlines()) == 31
    assert main([str(bars), "--since", "2030-01-01"], tmp_path) == 1
    assert "There is no bar from then on: the newest is of 2005-10-29" in capsys.readouterr().err
    assert main([str(tmp_path / "none.csv")], tmp_path) == 1
    assert "none.csv" in capsys.readouterr().err
