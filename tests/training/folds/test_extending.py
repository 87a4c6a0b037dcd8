"""A walk-forward is extended by what fits by now: no window that was trained changes."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import Client

from operations.models import Operation, Status
from tests.training.folds.families import STRATEGY, play, result_of, walk, without_ids
from tests.training.jobs.scenes import write_csv
from tests.training.views.start_form import shown
from training.errors import CannotBranch, NotEnoughDisk, WindowChanged
from training.folds.extending import extend_walk_forward
from training.launch import room
from training.launch.branching import extend_operation
from training.market_data.bars import Bars
from training.market_data.importing import import_market_data
from training.market_data.samples import load_sample
from training.models import TrainedModel
from training.strategy.values import first_second

pytestmark = pytest.mark.django_db(transaction=True)

OWN = STRATEGY.replace("symbol: SP500", "symbol: OWN").replace('end_date: "2018-12-31"\n', "")


def bars_until(date: str) -> Bars:
    return load_sample("SP500", "1d").between(None, first_second(date))


def take(folder: Path, bars: Bars, *, replacing: bool = False) -> None:
    write_csv(folder / "own.csv", bars)
    import_market_data(folder / "own.csv", symbol="OWN", timeframe="1d", replace=replacing)


@pytest.fixture
def two_windows(tmp_path: Path) -> Operation:
    take(tmp_path, bars_until("2017-01-03"))
    family = play(walk(yaml=OWN))
    assert len(result_of(family)["folds"]) == 2
    return family


def test_it_ends_as_one_that_had_all_bars_from_the_beginning(
    tmp_path: Path, two_windows: Operation
) -> None:
    models = TrainedModel.objects.count()
    take(tmp_path, bars_until("2018-12-31"))
    longer = play(extend_walk_forward(two_windows.pk))
    assert (longer.parent_id, TrainedModel.objects.count()) == (two_windows.pk, models + 1)
    assert longer.name == f"{two_windows.name}, 1 more window"
    folds, before = result_of(longer)["folds"], result_of(two_windows)["folds"]
    for name in ("state_digest", "weights_sha256", "operation_id", "train", "test"):
        assert [fold[name] for fold in folds[:2]] == [fold[name] for fold in before]
    at_once = play(walk(yaml=OWN))
    assert without_ids(result_of(longer)) == without_ids(result_of(at_once))
    with pytest.raises(CannotBranch, match=r"tested to 2018-07-01, and no further one fits"):
        extend_walk_forward(longer.pk)


def test_other_bars_of_an_old_window_are_refused_by_symbol_and_date(
    tmp_path: Path, two_windows: Operation
) -> None:
    bars = bars_until("2018-12-31")
    day = int(np.searchsorted(bars.times, first_second("2015-09-01")))
    closes = bars.close.copy()
    closes[day] = (bars.high[day] + bars.low[day]) / 2.0
    take(tmp_path, replace(bars, close=closes), replacing=True)
    operations = Operation.objects.count()
    with pytest.raises(WindowChanged, match=r"window 2 .* those of OWN/1d differ from 2015-09-01"):
        extend_walk_forward(two_windows.pk)
    assert Operation.objects.count() == operations


def test_the_disk_that_all_its_new_windows_need_is_asked_for_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(tmp_path, bars_until("2015-10-01"))
    one_window = play(walk(yaml=OWN))
    take(tmp_path, bars_until("2018-12-31"))
    monkeypatch.setattr(room, "free_bytes", lambda: 7_000_000)  # for one there is room
    with pytest.raises(NotEnoughDisk, match="checkpoints of its 2 trainings need"):
        extend_walk_forward(one_window.pk)


def test_what_has_no_windows_or_has_not_ended_is_refused(two_windows: Operation) -> None:
    part = Operation.objects.filter(part_of=two_windows).first()
    assert part is not None
    with pytest.raises(CannotBranch, match="is no walk-forward that has completed"):
        extend_walk_forward(part.pk)
    with pytest.raises(CannotBranch, match="only a training goes on from a state"):
        extend_operation(two_windows.pk, epochs=9)
    with pytest.raises(CannotBranch, match="no further one fits into bars to 2017-01-0"):
        extend_walk_forward(two_windows.pk)
    going_on = walk(yaml=OWN)
    with pytest.raises(CannotBranch, match=f"walk_forward, {Status.RUNNING}|pending"):
        extend_walk_forward(going_on.pk)


def test_a_page_shows_what_would_be_trained_and_starts_it_once(
    client: Client, tmp_path: Path, two_windows: Operation
) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    address = f"/operations/{two_windows.pk}/extend-walk-forward/"
    assert f'href="{address}"' in shown(client.get(f"/operations/{two_windows.pk}/"))
    refused = client.get(address)
    assert refused.status_code == 409
    assert "no further one fits into bars to" in shown(refused)
    take(tmp_path, bars_until("2018-12-31"))
    page = shown(client.get(address))
    assert "1 more window</h2>" in page
    assert page.count('class="fold-test"') == 3
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    first, second = (client.post(address, {"key": key[1]}) for _ in range(2))
    assert first["Location"] == second["Location"]
    longer = Operation.objects.get(parent=two_windows)
    assert first["Location"] == f"/operations/{longer.pk}/"
    assert play(longer).status == Status.COMPLETED
    assert "before</td>" in shown(client.get(f"/operations/{longer.pk}/"))
