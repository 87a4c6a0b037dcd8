"""Who follows `predict` bar by bar has the equity that the model was evaluated with.

For every source of labels and every setting that drops rows from a part: to the last digit.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from operations.errors import InvalidInput
from tests.training.jobs.predictions import LABELS, RETURNS, since_of
from tests.training.jobs.scenes import (
    CLASSES,
    LSTM,
    TWO_SYMBOLS,
    WEEKS,
    iso,
    trained,
    write_csv,
)
from training.explaining.process import explained
from training.features.assembly import build_dataset
from training.market_data import load_bars
from training.market_data.bars import Bars
from training.market_data.importing import import_market_data
from training.market_data.samples import load_sample
from training.models import TrainedModel
from training.strategy import Strategy
from training.strategy.data_split import RangeSplit
from training.strategy.values import first_second
from training.trained.knowledge import Knowledge
from training.trained.notes import NoteCode
from training.trained.prediction import forecast
from training.trained.stored_models import read_network
from training.trained.supply import Supply

pytestmark = pytest.mark.django_db(transaction=True)

SPLIT = "data_split: {train: 0.7, validation: 0.15, test: 0.15"
CUSUM_LABELS = LABELS.replace("10}", "10, cusum_threshold: 0.03}")


def sampled(text: str) -> str:
    """With labels at the CUSUM filter's events only."""
    return text.replace(LABELS, CUSUM_LABELS)


def sure(text: str, decisions: str) -> str:
    """With a threshold that many decisions do not reach: they are holds."""
    return text + f"decisions: {{confidence_threshold: 0.4, {decisions}}}\n"


DAYS_IN_WEEKS = WEEKS.replace("base_timeframe: 1d", "base_timeframe: 1w")
WHOLE_SPLIT = SPLIT + "}"
IN_RUNS = (
    "data_split: {train: [[2009-01-02, 2012-01-03], [2014-01-02, 2016-01-04]], "
    "validation: [[2016-01-04, 2017-01-03]], "
    "test: [[2017-01-03, 2018-01-03], [2012-01-03, 2013-01-02], [2013-01-02, 2014-01-02]]}"
)
"""Two tests follow each other at once, between what is trained on; a third is the last part."""
STRATEGIES = {
    "triple barrier": CLASSES,
    "zigzag": CLASSES.replace(LABELS, "labels: {source: zigzag, threshold: 0.03}"),
    "forward return": RETURNS,
    "cusum": sampled(CLASSES),
    "cusum, long only": sampled(CLASSES) + "decisions: {allow_short: false}\n",
    "a hold keeps": sure(CLASSES, "on_hold: keep"),
    "a hold keeps, long only": sure(CLASSES, "on_hold: keep, allow_short: false"),
    "as the original KTRDR": sure(CLASSES, "on_hold: keep, allow_short_from_flat: false"),
    "sell closes": CLASSES + "decisions: {allow_short_from_flat: false}\n",
    "cusum, a hold keeps": sampled(CLASSES) + "decisions: {on_hold: keep}\n",
    "forward return, a hold keeps": RETURNS.replace("regression,", "regression, on_hold: keep,"),
    "two symbols, a hold keeps": sure(TWO_SYMBOLS, "on_hold: keep"),
    "windows, a hold keeps": sure(LSTM, "on_hold: keep"),
    "cusum, windows": sampled(LSTM),
    "cusum, two symbols": sampled(TWO_SYMBOLS),
    "cusum, days and weeks": sampled(WEEKS),
    "cusum, embargo and purge": sampled(CLASSES).replace(SPLIT, SPLIT + ", embargo: 9, purge: 25"),
    "embargo and purge": CLASSES.replace(SPLIT, SPLIT + ", embargo: 9, purge: 25"),
    "dates": CLASSES.replace(
        SPLIT, "data_split: {validation_start: 2015-01-01, test_start: 2017-06-30"
    ),
    "an end before the newest bar": CLASSES.replace(
        'start_date: "2009-01-02"', 'start_date: "2009-01-02"\n  end_date: "2016-05-31"'
    ),
    "runs": CLASSES.replace(WHOLE_SPLIT, IN_RUNS),
    "runs, windows, a hold keeps": sure(LSTM, "on_hold: keep").replace(WHOLE_SPLIT, IN_RUNS),
    "runs, cusum, two symbols": sampled(TWO_SYMBOLS).replace(WHOLE_SPLIT, IN_RUNS),
    "windows": LSTM,
    "two symbols": TWO_SYMBOLS,
    "days and weeks": WEEKS,
    "weeks that see days": DAYS_IN_WEEKS,
    "volatility of closes": CLASSES.replace("10}", "10, vol_method: close, vol_span: 5}"),
}


def followed(model: TrainedModel, symbol: str) -> Iterator[tuple[int, float]]:
    """Time and return of each bar for who takes each position at the next open."""
    strategy = Strategy.from_snapshot(model.strategy)
    until = strategy.training_data.end_seconds
    bars = load_bars(symbol, strategy.base_timeframe, end=until)
    found = forecast(read_network(model), symbol=symbol, since=since_of(model))
    said = {
        time: row["position"] for time, row in zip(found.times.tolist(), found.rows(), strict=True)
    }
    half = strategy.decisions.cost_model.round_trip_cost / 2.0
    opens = bars.open.tolist()
    for tested in bars_of_tests(model, strategy, bars):
        before, last = 0, min(tested[-1], len(bars) - 3)
        for number in tested[: last - tested[0] + 1]:
            held = said.get(int(bars.times[number]), before)  # a dropped bar: it stands
            changed = abs(held - before) + (abs(held) if number == last else 0)
            move = opens[number + 2] / opens[number + 1] - 1.0
            yield int(bars.times[number + 1]), held * move - half * changed
            before = held


def bars_of_tests(model: TrainedModel, strategy: Strategy, bars: Bars) -> list[range]:
    """Runs of bars that follow each other; begun flat, and closed at their end."""
    split, times = strategy.training.data_split, bars.times
    if not isinstance(split, RangeSplit):
        return [range(int(np.searchsorted(times, model.evaluation["first_time"])), len(bars))]
    found: list[range] = []
    for start, until in split.seconds("test"):
        first, end = np.searchsorted(times, (start, until)).tolist()
        if found and found[-1].stop == first:
            first = found.pop().start
        found.append(range(first, end))
    return found


def equity_of(model: TrainedModel) -> dict[int, float]:
    """All symbols weighted alike, by time."""
    symbols = Strategy.from_snapshot(model.strategy).symbols
    returns: dict[int, float] = {}
    for symbol in symbols:
        for time, value in followed(model, symbol):
            returns[time] = returns.get(time, 0.0) + value
    equity, curve = 1.0, {}
    for time in sorted(returns):
        equity *= 1.0 + returns[time] / len(symbols)
        curve[time] = equity
    return curve


@pytest.mark.parametrize("name", STRATEGIES)
def test_following_the_predictions_is_the_evaluated_equity(name: str) -> None:
    model = trained(STRATEGIES[name])
    curve = model.evaluation["equity_curve"]
    mine = equity_of(model)
    assert [mine[time] for time in curve["times"]] == curve["equity"]
    assert model.evaluation["metrics"]["net_return"] == mine[max(mine)] - 1.0
    assert len(set(curve["equity"])) > 10
    assert len(curve["times"]) == min(len(mine), 400)


@pytest.mark.parametrize("name", ["triple barrier", "windows", "cusum", "cusum, windows"])
def test_the_equity_begins_with_the_test_part_and_ends_with_the_data(name: str) -> None:
    """Bars without a label are traded, too: only the scores need one."""
    model = trained(STRATEGIES[name])
    evaluation, dataset = model.evaluation, build_dataset(Strategy.from_snapshot(model.strategy))
    times = dataset.times[dataset.test_bars].tolist()
    assert (evaluation["first_time"], evaluation["last_time"]) == (times[0], times[-1])
    assert evaluation["equity_curve"]["times"][0] == times[1]
    assert evaluation["equity_curve"]["times"][-1] == times[-2]
    assert evaluation["samples"] == len(dataset.test) < len(times)


def test_a_position_stands_on_weeks_without_a_day(tmp_path: Path) -> None:
    """Such weeks are dropped: neither decided on nor shown, and a page may begin on one."""
    days, weeks = load_bars("SP500", "1d"), load_bars("SP500", "1w")
    gap = weeks.times[-40] + 3600, weeks.times[-35] + 3600
    known = days.rows(slice(0, int(np.searchsorted(days.times, gap[0]))))
    known = known.followed_by(days.between(gap[1], None))
    for timeframe, bars in (("1d", known), ("1w", weeks)):
        path = write_csv(tmp_path / f"{timeframe}.csv", bars)
        import_market_data(path, symbol="GAPPY", timeframe=timeframe)
    model = trained(DAYS_IN_WEEKS.replace("SP500", "GAPPY") + "decisions: {on_hold: keep}\n")
    mine, curve = equity_of(model), model.evaluation["equity_curve"]
    assert [mine[time] for time in curve["times"]] == curve["equity"]
    dropped = set(weeks.times[-39:-35].tolist())
    whole = forecast(read_network(model), since=since_of(model))
    assert not dropped & set(whole.times.tolist())
    [note] = [note for note in whole.notes if note.code == NoteCode.DROPPED_ROWS]
    assert note.text.startswith("4 of the ")
    with pytest.raises(InvalidInput, match="no 1d bar had closed within the 1w before its end"):
        explained(model, symbol=None, at=min(dropped))
    later = forecast(read_network(model), since=iso(int(weeks.times[-38])), limit=9)
    assert later.positions.tolist() == whole.positions[-35:][: len(later.times)].tolist()
    assert len(later.times) == 9 - 3


@pytest.fixture
def of_events(transactional_db: None) -> TrainedModel:
    return trained(STRATEGIES["cusum"])


def rows_of(model: TrainedModel, since: str, **asked: Any) -> list[dict[str, Any]]:
    return list(forecast(read_network(model), since=since, **asked).rows())


def test_a_bar_that_is_no_event_carries_the_position(of_events: TrainedModel) -> None:
    rows = rows_of(of_events, since_of(of_events))
    taken = {"buy": 1, "hold": 0, "sell": -1}
    before = 0
    for row in rows:
        assert row["position"] == (taken[row["decision"]] if row["is_event"] else before)
        before = row["position"]
    assert 0 < sum(row["is_event"] for row in rows) < len(rows) / 2
    assert any(taken[row["decision"]] != row["position"] for row in rows)


def test_the_test_part_begins_flat_whatever_was_held_before(of_events: TrainedModel) -> None:
    network = read_network(of_events)
    held = list(forecast(network, since="2009-01-02").rows())
    first = next(
        number
        for number, row in enumerate(held)
        if number and held[number - 1]["position"] and not row["is_event"]
    )
    network.manifest["evaluation"]["first_time"] = first_second(held[first]["time"])
    rows = list(forecast(network, since="2009-01-02").rows())
    assert rows[:first] == held[:first]
    assert held[first]["position"] != rows[first]["position"] == 0


@pytest.mark.parametrize("name", ["cusum", "a hold keeps", "cusum, a hold keeps"])
def test_neither_since_nor_a_limit_changes_a_position(name: str) -> None:
    of_events = trained(STRATEGIES[name])
    whole = rows_of(of_events, "2009-01-02")
    for first in range(0, len(whole), 173):
        since = whole[first]["time"]
        some = rows_of(of_events, since, limit=31)
        expected = whole[first : first + 31]
        for name in ("time", "decision", "position", "is_event"):
            assert [row[name] for row in some] == [row[name] for row in expected]


def test_bars_of_a_test_run_are_a_forecast_and_those_between_two_are_not() -> None:
    network = read_network(trained(STRATEGIES["runs"]))

    def said(since: str, limit: int) -> list[str]:
        notes = forecast(network, since=since, limit=limit).notes
        return [note.text for note in notes if note.code == NoteCode.NO_FORECAST]

    assert said("2012-01-03", 200) == said("2013-12-02", 20) == said("2017-01-03", 400) == []
    told = "fitted on bars up to 2016-12-30, except for its test runs"
    for since in ("2009-06-01", "2013-12-31", "2015-01-02", "2016-12-29"):
        [text] = said(since, 9)
        assert told in text


def test_bars_that_the_labels_of_the_last_run_reach_are_no_forecast() -> None:
    runs = IN_RUNS.replace("[2017-01-03, 2018-01-03], ", "")
    network = read_network(trained(CLASSES.replace(WHOLE_SPLIT, runs)))
    for since, is_told in (("2017-01-17", True), ("2017-01-18", False)):
        codes = [note.code for note in forecast(network, since=since, limit=5).notes]
        assert (NoteCode.NO_FORECAST in codes) == is_told


def test_the_filter_sums_from_the_first_bar_that_was_trained_on(of_events: TrainedModel) -> None:
    """Older bars that are stored since would begin it elsewhere."""
    bars = load_sample("SP500", "1d")
    network, strategy = read_network(of_events), Strategy.from_snapshot(of_events.strategy)
    first = network.manifest["data_ranges"]["SP500/1d"]["first"]
    assert bars.times[0] < first
    knowledge = Knowledge(network.manifest, strategy, (), "SP500")
    assert knowledge.as_trained(Supply(bars={"1d": bars})).bars["1d"].times[0] == first
    alone = Supply(bars={"1d": bars.rows(slice(3000, None))}, apart="a gap")
    assert knowledge.as_trained(alone) is alone


def test_the_events_are_those_that_the_labels_were_sampled_at(of_events: TrainedModel) -> None:
    dataset = build_dataset(Strategy.from_snapshot(of_events.strategy))
    events = [row["time"] for row in rows_of(of_events, since_of(of_events)) if row["is_event"]]
    sampled = [iso(time)[:10] for time in dataset.times[dataset.test].tolist()]
    assert events[: len(sampled)] == sampled
