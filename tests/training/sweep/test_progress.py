"""How far a search has come: counted when it is read, the same for page, list and terminal."""

from datetime import timedelta

import pytest
from django.utils import timezone

from operations import lifecycle
from operations.models import Operation
from operations.parts import run_next
from operations.reading.overview import overview
from operations.streams.changes import Watch
from operations.streams.hub import shown
from tests.operations import scenes
from tests.training.sweep.searches import play, start
from training.sweep.decided import Decided
from training.sweep.job import run_sweep
from training.sweep.progress import Rung, rungs_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]


def percent(sweep: Operation) -> float:
    told = overview(scenes.reread(sweep)).progress["percent"]
    assert told is not None
    return float(told)


def row(rung: Rung) -> tuple[int, int, int, int, bool]:
    return rung.bracket, rung.epochs, rung.there, rung.trials, rung.best is not None


def test_a_percent_rises_with_every_trial_and_no_trial_writes_it() -> None:
    sweep = start()
    told = []
    while (now := scenes.reread(sweep)).is_live:
        written = now.progress
        if now.waiting:
            told.append(percent(sweep))
            run_next(now.pk, now.attempt)
            assert scenes.reread(sweep).progress == written
        else:
            run_sweep(now.pk, now.attempt)
    assert len(told) == 9 + 3 + 1 + 1
    assert told == sorted(set(told))
    assert told[0] == 0
    # 9 trials of one epoch, 3 of another one, 1 of four more: 16 in all, then the winner's score.
    assert [told[9], told[12], told[13]] == pytest.approx([99 * 9 / 16, 99 * 12 / 16, 99])
    assert percent(sweep) == 100


def test_the_table_of_rungs_fills() -> None:
    sweep = start(brackets=2, rungs=(1, 6))
    planned = [(1, 1, 0, 5, False), (1, 6, 0, 1, False), (2, 1, 0, 4, False), (2, 6, 0, 1, False)]
    assert [row(rung) for rung in rungs_of(sweep, Decided(sweep))] == planned
    play(sweep, steps=3)
    now = scenes.reread(sweep)
    rungs = [row(rung) for rung in rungs_of(now, Decided(now))]
    assert rungs == [(1, 1, 2, 5, False), *planned[1:]]
    ended = play(sweep)
    assert [row(rung) for rung in rungs_of(ended, Decided(ended))] == [
        (1, 1, 5, 5, True),
        (1, 6, 1, 1, True),
        (2, 1, 4, 4, True),
        (2, 6, 1, 1, True),
    ]
    assert ended.result is not None
    rows = rungs_of(ended, Decided(ended))
    best = min(rung.best for rung in rows if rung.epochs == 6 and rung.best)
    assert best == ended.result["value"]


def test_a_part_that_ends_or_holds_is_told_of_with_its_family() -> None:
    sweep = start()
    run_sweep(sweep.pk, 1)
    watch = Watch()
    watch.look()
    run_next(sweep.pk, 2)
    changes = watch.look()
    (told,) = (changed for changed in changes.operations if changed.pk == sweep.pk)
    assert sweep.pk not in changes.notable
    said = shown(told, changes.counts[sweep.pk], is_routine=True)["progress"]
    assert said["percent"] == percent(sweep) > 0
    assert watch.look().operations == []


def test_what_remains_is_estimated_by_the_parts_that_have_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sweep = start()
    run_sweep(sweep.pk, 1)
    assert remaining(sweep) is None
    run_next(sweep.pk, 2)
    parked = scenes.reread(sweep).heartbeat_at
    assert parked
    monkeypatch.setattr(timezone, "now", lambda: parked + timedelta(seconds=10))
    done = percent(sweep)
    assert remaining(sweep) == pytest.approx(10 * (100 - done) / done, abs=0.1)
    assert lifecycle.request_cancel(sweep.pk, reason="enough")
    assert remaining(sweep) is None


def remaining(sweep: Operation) -> float | None:
    seconds: float | None = overview(scenes.reread(sweep)).progress["eta_seconds"]
    return seconds
