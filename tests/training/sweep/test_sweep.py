"""A search trains its trials, lets the best go on, and scores the winner alone."""

from importlib.metadata import version
from typing import Any

import numpy as np
import pytest
import yaml

from operations import lifecycle
from operations.cancel import cancel_operation
from operations.models import LIVE, Event, EventType, Operation, Status
from operations.parts import run_next
from operations.resume import resume_operation
from tests.acceptance import trainings
from tests.operations import scenes
from tests.operations.family_scenes import assert_family_holds
from tests.training.sweep.searches import STRATEGY, play, start, without_ids
from training.errors import StartInvalid
from training.features.assembly import build_dataset
from training.features.dataset import Dataset
from training.jobs import run_training
from training.launch.request import TrainingRequest
from training.launch.start import StartRequest, start_training
from training.models import TrainedModel
from training.sweep import halving, samplers, tpe
from training.sweep.job import run_sweep
from training.sweep.request import Search, SweepRequest
from training.sweep.samplers import Point
from training.sweep.space import Space, SpaceInvalid
from training.sweep.start import SweepStart, start_sweep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]


def trials(sweep: Operation) -> list[Operation]:
    return list(Operation.objects.filter(part_of=sweep).order_by("part_number"))


def result_of(sweep: Operation) -> dict[str, Any]:
    assert (sweep.status, sweep.error_message) == (Status.COMPLETED, "")
    assert sweep.result is not None
    return dict(sweep.result)


def test_the_best_third_goes_on_at_each_rung_and_the_winner_is_a_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sweep = start()
    sealed = datasets_sealed_meanwhile(monkeypatch)
    sweep = play(sweep)
    assert_no_test_row_was_read_before_there_was_a_winner(sweep, sealed)
    result = result_of(sweep)
    told = {trial["number"]: trial for trial in result["trials"]}
    assert sorted(trial["epochs"] for trial in told.values()) == [1] * 6 + [2] * 2 + [6]
    assert [trial["end"] for trial in told.values()].count("out_at_rung") == 8
    winner = Operation.objects.get(pk=result["winner_id"])
    assert (winner.status, winner.part_number) == (Status.COMPLETED, result["winner"])
    assert result["settings"] == told[result["winner"]]["settings"]
    assert TrainedModel.objects.get().operation_id == winner.pk, "others were scored, too"
    alone = start_training(
        StartRequest(strategy_yaml=_text(winner.request["strategy"])), owner=None
    )
    run_training(alone.pk, 1)
    assert trainings.digests(alone) == trainings.digests(winner)
    assert_family_holds(sweep.pk)


def _text(snapshot: dict[str, Any]) -> str:
    text: str = yaml.safe_dump(snapshot)
    return text


def datasets_sealed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sealed: list[str] = []
    seal = Dataset.seal

    def noted(dataset: Dataset) -> None:
        seal(dataset)
        sealed.append(dataset.digest())

    monkeypatch.setattr(Dataset, "seal", noted)
    return sealed


def assert_no_test_row_was_read_before_there_was_a_winner(
    sweep: Operation, sealed: list[str]
) -> None:
    started = Event.objects.filter(operation__part_of=sweep, event_type=EventType.STARTED)
    told = [set(event.data["samples"]) for event in started.order_by("pk")]
    assert told == [{"train", "validation"}] * 13 + [{"train", "validation", "test"}]
    assert len(sealed) == 9 + 3 + 1  # of each trial at each rung; not where the winner is scored


def test_another_seed_finds_other_points() -> None:
    sweeps = [play(start(seed=seed, trials=2, rungs=(1,), epochs=1)) for seed in (0, 1)]
    first, other = ([trial["settings"] for trial in result_of(sweep)["trials"]] for sweep in sweeps)
    assert first != other


def test_a_search_that_is_cancelled_and_resumed_anywhere_ends_with_the_same() -> None:
    """Within its first rung, within its second, and where its winner is about to be scored."""
    search: dict[str, Any] = {"trials": 3, "rungs": (1, 3), "epochs": 3}
    undisturbed = without_ids(result_of(play(start(**search))))
    for steps in (2, 5, 7):
        sweep = start(**search)
        play(sweep, steps=steps)
        cancel_operation(sweep.pk)
        assert scenes.reread(sweep).status == Status.CANCELLED
        assert not Operation.objects.filter(part_of=sweep, status__in=LIVE).exists()
        resume_operation(sweep.pk)
        assert without_ids(result_of(play(sweep))) == undisturbed
        assert_family_holds(sweep.pk)


def test_a_trial_that_is_cancelled_by_hand_is_out_whatever_its_value() -> None:
    sweep = start()
    run_sweep(sweep.pk, 1)
    run_next(sweep.pk, 2)
    cancel_operation(trials(sweep)[0].pk)
    result = result_of(play(sweep))
    assert result["trials"][0]["end"] == "by_hand"
    assert result["winner"] != 1


def test_a_trial_that_is_out_goes_on_by_hand_to_the_bytes_of_a_training() -> None:
    sweep = play(start(trials=3, rungs=(2, 4), epochs=4))
    out = next(trial for trial in trials(sweep) if trial.part_end == "out_at_rung")
    resume_operation(out.pk)
    goes_on = scenes.reread(out)
    assert (goes_on.hold_at, goes_on.part_end) == (None, "")
    run_training(out.pk, goes_on.attempt)
    alone = start_training(StartRequest(strategy_yaml=yaml.safe_dump(out.request["strategy"])))
    run_training(alone.pk, 1)
    assert trainings.digests(out) == trainings.digests(alone)
    assert result_of(scenes.reread(sweep)) == sweep.result, "what was decided stays"


def test_a_sealed_dataset_has_its_digest_and_no_row_of_the_test_part() -> None:
    alone = trainings.start(epochs=1, strategy_yaml=STRATEGY)
    strategy = TrainingRequest.of(alone).read_strategy()
    dataset, sealed = build_dataset(strategy), build_dataset(strategy)
    sealed.seal()
    assert sealed.digest() == dataset.digest()
    for name in ("features", "open", "close"):
        assert np.isnan(getattr(sealed, name)[sealed.test_bars]).all()
    assert (sealed.labels[sealed.test_bars] == -1).all()
    assert not sealed.events[sealed.test_bars].any()
    others = np.concatenate([sealed.train, sealed.validation])
    assert np.array_equal(sealed.features[others], dataset.features[others])


def test_settings_that_cannot_be_trained_are_told_and_never_chosen() -> None:
    space = """
    indicators.macd_std.fast_period: {choice: [10, 30]}
    training.learning_rate: {choice: [0.001, 0.01]}
    """
    sweep = play(start(space=space, sampler="grid", trials=None))
    result = result_of(sweep)
    refused = [trial for trial in result["trials"] if trial["end"] == "cannot_be_trained"]
    assert len(refused) == 2
    assert all("macd_std" in trial["why"] for trial in refused)
    assert len(trials(sweep)) == 2


def test_a_trial_that_diverges_has_no_value() -> None:
    strategy = trainings.DIVERGING.replace("  learning_rate: 10", "  learning_rate: 0.001")
    training = StartRequest(strategy_yaml=strategy, epochs=2)
    space = "training.learning_rate: {choice: [0.0001, 10]}"
    sweep = start_sweep(SweepStart(training=training, space=space, sampler="grid", rungs=(1, 2)))
    ends = {
        trial["settings"]["training.learning_rate"]: trial["end"]
        for trial in result_of(play(sweep))["trials"]
    }
    assert ends == {0.0001: "completed", 10: "training_failed"}


def test_a_search_of_several_brackets_has_the_best_of_all() -> None:
    sweep = play(start(brackets=2, rungs=(1, 2), epochs=2))
    result = result_of(sweep)
    values = [float.fromhex(trial["value"]) for trial in result["trials"] if trial["value"]]
    finished = [trial for trial in result["trials"] if trial["epochs"] == 2]
    assert result["value"] == min(float.fromhex(trial["value"]) for trial in finished)
    assert len(values) == 9


def test_with_several_seeds_trials_are_compared_by_their_mean() -> None:
    sweep = play(start(trials=3, rungs=(1, 2), epochs=2, repeat=2))
    result = result_of(sweep)
    parts = trials(sweep)
    seeds = [part.request["strategy"]["training"]["seed"] for part in parts]
    assert seeds == [seeds[0], seeds[0] + 1] * 3
    assert parts[3].name.endswith(f"trial 2, seed {seeds[0] + 1}")
    told = result["trials"]
    for trial, own in zip(told, (parts[:2], parts[2:4], parts[4:]), strict=True):
        values = [float.fromhex(part.part_value) for part in own]
        assert float.fromhex(trial["value"]) == sum(values) / 2
        assert len({str(part.request["strategy"]["model"]) for part in own}) == 1
    went_on = [trial for trial in told if trial["epochs"] == 2]
    assert len(went_on) == 1 and went_on[0]["number"] == result["winner"]
    first = {trial["number"]: _first_mean(sweep, trial["number"]) for trial in told}
    assert first[result["winner"]] == min(first.values())
    winner = Operation.objects.get(pk=result["winner_id"])
    assert winner.part_number == 2 * result["winner"] - 1, "the strategy's own seed is scored"
    assert TrainedModel.objects.get().operation_id == winner.pk
    assert (result["overfitting"]["trials"], result["value"]) == (
        3,
        float.fromhex(went_on[0]["value"]),
    )
    assert_family_holds(sweep.pk)


def _first_mean(sweep: Operation, number: int) -> float:
    held = Event.objects.filter(operation__part_of=sweep, event_type=EventType.HELD)
    own = held.filter(operation__part_number__in=(2 * number - 1, 2 * number)).order_by("pk")
    return sum(float.fromhex(event.data["value"]) for event in own[:2]) / 2


def test_a_trial_of_which_one_training_has_no_value_is_never_chosen() -> None:
    sweep = start(trials=2, rungs=(1,), epochs=1, repeat=2)
    run_sweep(sweep.pk, 1)
    cancel_operation(trials(sweep)[0].pk)
    result = result_of(play(sweep))
    assert result["winner"] == 2
    assert (result["trials"][0]["end"], result["trials"][0]["value"]) == ("by_hand", "")


def test_a_search_that_learns_ends_with_the_same_wherever_it_was_stopped() -> None:
    learning = {"sampler": "tpe", "brackets": 2, "trials": 20, "rungs": (1,), "epochs": 1}
    undisturbed = result_of(play(start(**learning)))
    points = [trial["settings"] for trial in undisturbed["trials"]]
    random = SweepRequest.from_json(start(**learning | {"sampler": "random"}).request)
    drawn = [trial.point for trial in Search(random).trials]
    assert points[:10] == drawn[:10], "of nothing nothing is learned"
    assert not [point for point in points[10:] if point in drawn]
    assert {path for path, _ in undisturbed["importance"]} == set(points[0])
    sweep = play(start(**learning), steps=14)
    cancel_operation(sweep.pk)
    resume_operation(sweep.pk)
    assert without_ids(result_of(play(sweep))) == without_ids(undisturbed)


def test_another_version_of_what_suggests_does_not_go_on_with_a_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sweep = start(sampler="tpe", brackets=2, trials=4, rungs=(1,), epochs=1)
    run_sweep(sweep.pk, 1)
    monkeypatch.setattr(tpe, "VERSION", "Optuna 99.0.0")
    failed = play(sweep)
    assert (failed.status, failed.error_code) == (Status.FAILED, "code_changed")
    assert f"Optuna {version('optuna')} there and resume" in failed.error_message
    monkeypatch.undo()
    resume_operation(sweep.pk)
    assert play(sweep).status == Status.COMPLETED


def other_points(space: Space, seed: int, number: int, redraw: int) -> Point:
    return samplers.random_point(space, seed + 1, number, redraw)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ((samplers.SAMPLERS, "random", other_points), "the points of bracket 1"),
        ((halving, "GOES_ON", 2), "who goes on from the rung at 1 in bracket 1"),
        ((halving, "cost", lambda *_: 0.0), "who goes on from the rung at 1 in bracket 1"),
    ],
    ids=["points", "how many", "which"],
)
def test_what_was_decided_otherwise_is_no_ground_for_the_next_decision(
    change: tuple[Any, str, Any], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = play(start(trials=4, rungs=(1, 2), epochs=2), steps=1 + 4 + 1)
    where, name, other = change
    put = monkeypatch.setitem if isinstance(where, dict) else monkeypatch.setattr
    put(where, name, other)
    failed = play(sweep)
    assert (failed.status, failed.error_code) == (Status.FAILED, "replay_mismatch")
    assert f": {what}." in failed.error_message
    monkeypatch.undo()
    resume_operation(sweep.pk)
    assert play(sweep).status == Status.COMPLETED


def test_what_a_machine_did_to_a_trial_is_no_result_and_a_resume_trains_it() -> None:
    sweep = start()
    run_sweep(sweep.pk, 1)
    lost = scenes.claim(trials(sweep)[4])
    assert lifecycle.fail(lost.pk, lost.attempt, lifecycle.Failure(code="disk", message="Full."))
    failed = play(sweep)
    assert (failed.status, failed.error_code) == (Status.FAILED, "part_failed")
    assert lost.pk in failed.error_message
    resume_operation(sweep.pk)
    assert play(sweep).status == Status.COMPLETED


def test_faults_of_a_start_are_told_at_once() -> None:
    with pytest.raises(StartInvalid) as invalid:
        start(sampler="grid", trials=1, rungs=(3, 2), seed=-1, repeat=0)
    assert [fault["pointer"] for fault in invalid.value.errors] == [
        "#/sampler",
        "#/trials",
        "#/repeat",
        "#/seed",
        "#/rungs",
        "#/rungs",
    ]


def test_faults_of_a_space_and_of_its_search_are_told_at_once() -> None:
    with pytest.raises(SpaceInvalid) as invalid:
        start(space="training.seed: {int: [0, 9]}", trials=1, rungs=(7, 6), sampler="best")
    assert [fault.path for fault in invalid.value.faults] == [
        "training.seed",
        "sampler",
        "trials",
        "rungs",
    ]
    assert not Operation.objects.exists()


def test_what_learns_is_given_brackets_to_learn_from() -> None:
    with pytest.raises(StartInvalid) as invalid:
        start(sampler="tpe", brackets=1)
    assert [fault["pointer"] for fault in invalid.value.errors] == ["#/brackets"]
    assert start(sampler="tpe").request["brackets"] == 3
