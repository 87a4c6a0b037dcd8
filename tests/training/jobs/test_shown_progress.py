"""What a running training shows between the ends of two epochs."""

from training.attempt.progress import ProgressBoard
from training.trainer.run import EpochRecord, Progress
from training.trainer.state import Position


def epoch_done(board: ProgressBoard, epoch: int, val_loss: float, *, is_best: bool) -> None:
    metrics = {"train_loss": 1.0, "val_loss": val_loss, "learning_rate": 0.01}
    record = EpochRecord(epoch=epoch, metrics=metrics, digest="", seconds=1.0, is_best=is_best)
    board.epoch_done(board.measured(record))


def report(board: ProgressBoard, position: Position) -> None:
    board.reported(
        Progress(position=position, loss_sum="0x1p+0", weight_sum="0x1p+0", learning_rate=0.02)
    )


def a_board(before: dict | None = None) -> ProgressBoard:
    board = ProgressBoard(before or {}, total_epochs=10)
    board.training(Position(-1, 0), total_batches=4, samples=100)
    return board


def test_the_last_loss_stays_in_the_middle_of_an_epoch() -> None:
    board = a_board()
    epoch_done(board, 0, 0.9, is_best=True)
    report(board, Position(0, 2))
    assert (board.shown()["val_loss"], board.shown()["batch"]) == (0.9, 2)
    assert board.shown()["learning_rate"] == 0.02


def test_the_best_epoch_is_shown_beside_the_last_one() -> None:
    board = a_board()
    epoch_done(board, 0, 0.8, is_best=True)
    epoch_done(board, 1, 0.9, is_best=False)
    shown = board.shown()
    assert (shown["val_loss"], shown["best_epoch"], shown["best_val_loss"]) == (0.9, 0, 0.8)


def test_a_later_attempt_still_knows_the_best_epoch() -> None:
    board = a_board({"best_epoch": 3, "best_val_loss": 0.7, "val_loss": 0.8})
    assert (board.shown()["best_epoch"], board.shown()["val_loss"]) == (3, 0.8)
