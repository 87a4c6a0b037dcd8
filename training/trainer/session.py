"""A training as a machine of steps: what it consists of, and what each step changes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch

from training.trainer.batches import Batches, DeviceData, Pass
from training.trainer.best_model import BestModel
from training.trainer.early_stopping import EarlyStopping
from training.trainer.engines.choice import make_engine
from training.trainer.engines.engine import Epoch
from training.trainer.epoch_losses import EpochLosses
from training.trainer.history import History
from training.trainer.losses import row_losses
from training.trainer.networks import initial_network
from training.trainer.pinned import Pinned
from training.trainer.randomness import dropout_seeds
from training.trainer.run import Progress, TrainingRun
from training.trainer.schedules import make_schedule
from training.trainer.state import Cursor, Position, TrainerState
from training.trainer.validation import Validation

if TYPE_CHECKING:
    from training.features.dataset import Dataset
    from training.strategy import Strategy


class TrainingSession:
    """One strategy on one dataset: everything that is computed, nothing of who watches."""

    def __init__(self, strategy: "Strategy", dataset: "Dataset", pinned: Pinned) -> None:
        self._strategy = strategy
        self._device = torch.device(pinned.device)
        self._data = DeviceData(strategy, dataset, self._device)
        self.num_batches = self._data.num_batches  # per epoch
        self._validation = self._validation_of(dataset, pinned.validation_batch)
        self.network = initial_network(
            strategy, inputs=len(dataset.feature_ids), outputs=len(dataset.class_names) or 1
        ).to(self._device)
        self._engine = make_engine(strategy, self.network, pinned, self._data)
        self._schedule = make_schedule(strategy, num_batches=self.num_batches)
        self._monitor = strategy.training.monitored
        self.best = BestModel(monitor=self._monitor)
        self.stopping = EarlyStopping(strategy)
        self.history = History()
        self._losses = EpochLosses(self.num_batches, self._device)
        self._cursor = Cursor()
        self._pass: Pass  # the epoch under way, once it has been begun
        self.state = TrainerState(
            {
                "model": self.network,
                "optimizer": self._engine.optimizer,
                "scheduler": self._schedule,
                "best_model": self.best.weights,
                "best": self.best,
                "early_stopping": self.stopping,
                "history": self.history,
                "losses": self._losses,
                "position": self._cursor,
            }
        )

    @property
    def position(self) -> Position:
        return self._cursor.position

    @property
    def epoch(self) -> int:
        """The epoch under way, counted from 0."""
        return self._cursor.position.epoch + 1

    @property
    def finished(self) -> bool:
        return self.stopping.stopped or self.epoch >= self._strategy.training.epochs

    def training_steps(self, run: TrainingRun) -> Iterator[None]:
        """Train what is left of the epoch under way; yields where the run wants to be asked."""
        number, batches = self.epoch, range(self.num_batches)
        epoch = self._begin_epoch(number)
        while rest := batches[self.position.batch :]:
            for batch in self._engine.train(
                epoch, rest[: run.batches_to_pass(self.position)], self._losses, run.attention
            ):
                self._cursor.position = Position(number - 1, batch)
                if run.attention.is_called:
                    break
            yield

    def _begin_epoch(self, epoch: int) -> Epoch:
        self._pass = self._data.training_pass(epoch)
        return Epoch(
            way=self._pass,
            learning_rates=self._schedule.learning_rates(epoch, self.num_batches),
            dropout_seeds=dropout_seeds(self._strategy.training.seed, epoch, self.num_batches),
        )

    def validation_steps(self) -> Iterator[None]:
        """Score the validation part, one batch a step; the position stays where it is."""
        return self._validation.steps(self.network)

    def end_epoch(self) -> tuple[dict[str, float], bool]:
        """Everything that the end of an epoch changes, at once: its metrics, and is it the best."""
        epoch = self.epoch
        metrics = self._metrics(epoch)
        value = metrics[self._monitor]
        self.history.append(metrics)
        is_best = self.best.consider(epoch, value, self.network)
        self._schedule.after_epoch(metrics["val_loss"])
        self.stopping.observe(epoch, value)
        self._losses.clear()
        self._cursor.position = Position(epoch, 0)
        return metrics, is_best

    def progress(self) -> Progress:
        loss_sum, weight_sum = self._losses.sums(self._pass.weight_sums)
        return Progress(
            position=self.position,
            loss_sum=loss_sum.hex(),
            weight_sum=weight_sum.hex(),
            learning_rate=self._schedule.learning_rate(self.epoch, self.position.batch),
        )

    def first_bad_batch(self) -> int | None:
        """The batch of this epoch after which something was no longer a number."""
        bad = self._losses.first_bad_batch()
        if bad is None and not self._engine.is_finite():
            return max(self.position.batch - 1, 0)
        return bad

    def _metrics(self, epoch: int) -> dict[str, float]:
        loss_sum, weight_sum = self._losses.sums(self._pass.weight_sums)
        return {
            "train_loss": loss_sum / weight_sum,
            **self._validation.metrics(),
            "learning_rate": self._schedule.learning_rate(epoch, self.num_batches - 1),
        }

    def _validation_of(self, dataset: "Dataset", batch_size: int) -> Validation:
        way = self._data.evaluation_pass(dataset.validation, batch_size)
        return Validation(Batches(self._data, batch_size), way, row_losses(self._strategy))
