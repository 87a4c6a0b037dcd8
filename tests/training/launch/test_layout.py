"""Where a layout says that the parts lie is where the dataset cuts them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.features.datasets import daily, make_strategy, serve
from training.features.assembly import build_dataset
from training.launch.layout import lay_out, with_cuts
from training.market_data.timeframes import DAY, HOUR

SYMBOLS = ("AAA", "BBB")


@pytest.mark.parametrize("num_bars", [605, 610, 700])
def test_symbols_whose_days_begin_at_different_hours_are_cut_as_the_dataset_is(
    num_bars: int,
) -> None:
    """Each day is two opens of the two, and one day: counted by opens, a cut could be a day off."""
    own, other = daily(num_bars), daily(num_bars, seed=2)
    bars = {"AAA": own, "BBB": replace(other, times=other.times - HOUR)}
    strategy = make_strategy(symbols=SYMBOLS)
    layout = lay_out(strategy, load_bars=serve(bars))
    dated = with_cuts(strategy, layout.cuts)
    by_fractions, by_dates = (
        build_dataset(each, load_bars=serve(bars)) for each in (strategy, dated)
    )
    for part in ("train", "validation", "test"):
        assert np.array_equal(getattr(by_fractions, part), getattr(by_dates, part))
    [trained] = layout.trained
    last = {name: trained[name][1] for name in SYMBOLS}
    assert last["AAA"] - last["BBB"] == HOUR
    [tested] = layout.scored["test"]
    assert tested["AAA"][0] == by_fractions.times[by_fractions.test_bars].min() + HOUR
    assert last["AAA"] % DAY == 0


def test_a_run_is_told_up_to_what_its_labels_may_look_at_before_a_later_part() -> None:
    def date(day: int) -> str:
        return str(np.datetime64("2005-01-03") + day)

    split = {
        "train": [[date(100), date(200)], [date(400), date(500)]],
        "validation": [[date(200), date(300)]],
        "test": [[date(300), date(390)], [date(9000), date(9001)]],
    }
    bars = daily(700)
    begin = int(bars.times[0]) // DAY * DAY
    layout = lay_out(make_strategy(data_split=split), load_bars=serve({"AAA": bars}))

    def days(*runs: tuple[int, int]) -> list[dict[str, tuple[int, int]]]:
        return [{"AAA": (begin + first * DAY, begin + last * DAY)} for first, last in runs]

    assert str(np.datetime64(begin, "s"))[:10] == "2005-01-03"
    assert list(layout.trained) == days((100, 199), (400, 509))
    assert list(layout.scored["validation"]) == days((200, 299))
    assert list(layout.scored["test"]) == days((300, 399))
