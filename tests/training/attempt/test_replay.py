"""What an attempt compares with earlier ones, and where it has to be asked for that."""

from training.attempt.replay import Recorded, Replay
from training.trainer.run import ALL_BATCHES, Progress
from training.trainer.state import Position

RECORDED = Recorded(digests={3: "d3", 4: "d4"}, position=Position(4, 17), loss_sum="0x1p+0")


def progress_at(position: Position, loss_sum: str = "0x1p+0") -> Progress:
    return Progress(position=position, loss_sum=loss_sum, weight_sum="0x1p+0", learning_rate=0.1)


def test_the_recorded_position_is_a_boundary() -> None:
    replay = Replay(RECORDED)
    assert replay.batches_to_pass(Position(4, 0)) == 17
    assert replay.batches_to_pass(Position(4, 16)) == 1


def test_nothing_else_is() -> None:
    replay = Replay(RECORDED)
    for position in (Position(3, 0), Position(4, 17), Position(4, 18), Position(5, 0)):
        assert replay.batches_to_pass(position) == ALL_BATCHES
    replay.passed(progress_at(Position(4, 17)))
    assert replay.batches_to_pass(Position(4, 0)) == ALL_BATCHES


def test_what_was_recorded_and_comes_out_the_same_is_verified() -> None:
    replay = Replay(RECORDED)
    assert replay.passed_epoch(3, "d3") and replay.passed_epoch(4, "d4")
    assert not replay.is_over
    assert replay.passed(progress_at(Position(4, 17)))
    assert replay.is_over and replay.verified


def test_a_running_loss_that_differs_in_its_last_bit_is_a_mismatch() -> None:
    replay = Replay(RECORDED)
    replay.passed(progress_at(Position(4, 17), "0x1.0000000000001p+0"))
    assert replay.mismatches == ["epoch 5, batch 17"]
    assert replay.verified is False


def test_without_anything_recorded_there_is_nothing_to_verify() -> None:
    replay = Replay(Recorded())
    assert replay.is_over and replay.verified is None
