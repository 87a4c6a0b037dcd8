"""What an attempt says is written once: with whatever save or look comes first, whatever fails."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from checkpoints import failpoints
from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.errors import Superseded
from operations.models import Event, EventType, Metric, Operation
from operations.outage import DATABASE_AWAY
from tests.operations.statements import FENCED_EVENT, STATEMENT
from tests.training.trainer.synthetic import make_dataset, make_strategy
from training.attempt.checkpoint_saver import CheckpointSaver
from training.attempt.journal import Journal, Measured, Note
from training.model_trainer import ModelTrainer
from training.trainer.state import Snapshot

pytestmark = pytest.mark.django_db(transaction=True)

NEW_CHECKPOINT = ["SELECT checkpoint", "INSERT checkpoint", "INSERT checkpointartifact"]
OLD_CHECKPOINT = ["DELETE checkpointartifact", "DELETE checkpoint"]
GRACE_SECONDS = 5.0


@pytest.fixture
def journal() -> Journal:
    operation = lifecycle.start(operation_type="training", request={}, queue="training")
    assert lifecycle.claim(operation.pk, 1, worker="w", device="cpu", token="t")
    return Journal(operation.pk, 1)


@pytest.fixture
def saver(journal: Journal) -> Iterator[CheckpointSaver]:
    saver = CheckpointSaver(*journal.key, journal=journal, keep=2)
    yield saver
    saver.close()


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    strategy = make_strategy(epochs=1)
    return ModelTrainer(strategy).train(make_dataset(strategy)).final


@pytest.fixture
def lose_an_answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let one of the next commits happen, and its answer get lost: the first one is number 1."""
    database = type(connection._connections[connection._alias])  # type: ignore[attr-defined]
    commit = database._commit
    left = 0

    def lossy(self: object) -> None:
        nonlocal left
        commit(self)
        left -= 1
        if left == 0:
            raise OperationalError("server closed the connection unexpectedly")

    def lose(number: int) -> None:
        nonlocal left
        left = number

    monkeypatch.setattr(database, "_commit", lossy)
    return lose


def epoch(journal: Journal, step: int) -> None:
    journal.add(Measured(step=step, values={}), progress={"epoch": step})


def started(journal: Journal) -> None:
    journal.add(Note(event_type=EventType.STARTED, data={}))


def steps() -> list[int]:
    return list(Metric.objects.order_by("pk").values_list("step", flat=True))


def reported() -> int:
    """The epoch of the progress, -1 before the first."""
    epoch: int = Operation.objects.get().progress.get("epoch", -1)
    return epoch


def events() -> list[str]:
    """What follows the claim."""
    return list(Event.objects.order_by("number").values_list("event_type", flat=True))[2:]


def save(saver: CheckpointSaver, snapshot: Snapshot) -> None:
    saver.save_beside(snapshot, {})
    saver.wait()


def save_now(saver: CheckpointSaver, snapshot: Snapshot) -> bool:
    return saver.save_now(snapshot, "cancellation", {}, grace_seconds=GRACE_SECONDS)


def test_rows_are_written_in_order(journal: Journal) -> None:
    epoch(journal, 0)
    started(journal)
    epoch(journal, 1)
    journal.write_down()
    journal.write_down()
    assert (steps(), events()) == ([0, 1], ["started"])


def test_a_checkpoint_comes_with_the_metrics_and_events_before_it(
    journal: Journal, saver: CheckpointSaver, snapshot: Snapshot
) -> None:
    started(journal)
    epoch(journal, 0)
    save(saver, snapshot)
    assert (steps(), events()) == ([0], ["started", "checkpoint_saved"])
    epoch(journal, 1)
    assert save_now(saver, snapshot)
    assert (steps(), Checkpoint.objects.count()) == ([0, 1], 2)


def test_a_save_that_fails_takes_its_metrics_back(
    journal: Journal, saver: CheckpointSaver, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    epoch(journal, 0)
    monkeypatch.setenv("KTRDR_FAILPOINTS", "checkpoint.commit.end=raise")
    with pytest.raises(failpoints.FailpointError):
        save_now(saver, snapshot)
    assert (steps(), Checkpoint.objects.count()) == ([], 0)
    monkeypatch.delenv("KTRDR_FAILPOINTS")
    journal.write_down()
    assert steps() == [0]


@pytest.mark.parametrize("lost", [1, 2])
def test_what_was_written_before_an_answer_got_lost_is_not_written_again(
    journal: Journal, lose_an_answer: Callable[[int], None], lost: int
) -> None:
    epoch(journal, 0)
    started(journal)
    epoch(journal, 1)
    lose_an_answer(lost)
    with pytest.raises(DATABASE_AWAY):
        journal.write_down()
    journal.write_down()
    assert (steps(), events()) == ([0, 1], ["started"])


def test_a_last_save_whose_answer_got_lost_is_one_checkpoint_one_event_and_each_metric_once(
    journal: Journal,
    saver: CheckpointSaver,
    snapshot: Snapshot,
    lose_an_answer: Callable[[int], None],
) -> None:
    epoch(journal, 0)
    lose_an_answer(1)
    assert save_now(saver, snapshot)
    epoch(journal, 1)
    journal.write_down()
    assert (steps(), events()) == ([0, 1], ["checkpoint_saved"])
    assert Checkpoint.objects.count() == 1


def test_a_superseded_attempt_writes_neither_checkpoint_nor_metrics(
    journal: Journal, saver: CheckpointSaver, snapshot: Snapshot
) -> None:
    epoch(journal, 0)
    assert lifecycle.interrupt(*journal.key)
    with pytest.raises(Superseded):
        save_now(saver, snapshot)
    with pytest.raises(Superseded):
        journal.write_down()
    assert (steps(), Checkpoint.objects.count()) == ([], 0)


def test_metrics_are_written_with_the_progress_of_the_last_of_them(
    journal: Journal, saver: CheckpointSaver, snapshot: Snapshot
) -> None:
    assert reported() == -1
    epoch(journal, 0)
    started(journal)
    journal.write_down()
    assert (steps(), reported()) == ([0], 0)
    epoch(journal, 1)
    save(saver, snapshot)
    assert (steps(), reported()) == ([0, 1], 1)
    save(saver, snapshot)
    assert reported() == 1
    epoch(journal, 2)
    assert lifecycle.interrupt(*journal.key)
    with pytest.raises(Superseded):
        journal.write_down()
    assert (steps(), reported()) == ([0, 1], 1)


def test_a_journal_knows_whether_it_is_behind(journal: Journal) -> None:
    started(journal)
    assert not journal.is_behind(0)
    epoch(journal, 4)
    assert [journal.is_behind(number) for number in (3, 4, 5)] == [False, True, True]
    journal.write_down()
    assert not journal.is_behind(4)


def test_whoever_keeps_the_lease_does_not_wait_for_a_save(journal: Journal) -> None:
    epoch(journal, 0)
    won: list[bool] = []
    with journal.handed_over():
        thread = threading.Thread(target=lambda: won.append(journal.try_write_down()))
        thread.start()
        thread.join()
    assert won == [False]
    assert steps() == []


def test_the_metrics_cost_a_save_one_statement(
    journal: Journal, saver: CheckpointSaver, snapshot: Snapshot
) -> None:
    for number in range(3):  # more than are kept
        epoch(journal, number)
        with CaptureQueriesContext(connection) as captured:
            assert save_now(saver, snapshot)
    matches = (STATEMENT.match(query["sql"]) for query in captured.captured_queries)
    seen = [f"{match[1]} {match[2]}" for match in matches if match]
    fence, event = FENCED_EVENT[:1], FENCED_EVENT[1:]
    assert seen == [*fence, "INSERT metric", *NEW_CHECKPOINT, *OLD_CHECKPOINT, *event]
