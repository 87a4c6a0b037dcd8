"""One network on one set of rows, trained in several ways: seconds per epoch of each."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import yaml
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from tests.training.trainer.synthetic import make_dataset, make_strategy
from training.features.dataset import Dataset
from training.model_trainer import ModelTrainer
from training.strategy import Strategy
from training.trainer.engines.rule import KERNEL
from training.trainer.networks import initial_network
from training.trainer.pinned import Pinned
from training.trainer.run import EpochRecord, Request, Unattended
from training.trainer.state import Position

CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
"""On a machine that others use, too, only the processor's time can be compared."""

_clock = "wall"

SHORTEST_SECONDS = 0.001  # between two checkpoints: each epoch has one
VALIDATION_ROWS = 16  # as good as none: the ways we are compared with have none
CPU = torch.device("cpu")
RETURNS = {"source": "forward_return"}


def use_clock(name: str) -> None:
    global _clock
    _clock = name


def clock_name() -> str:
    return _clock


def clock() -> float:
    return CLOCKS[_clock]()


def strategy_for(batch_size: int, *, model: dict[str, Any], **training: Any) -> Strategy:
    """50 features; trains until it is stopped."""
    if training.get("loss") in ("mse", "huber"):
        training["labels"] = RETURNS
    return make_strategy(
        model=model, num_features=50, batch_size=batch_size, epochs=100_000, **training
    )


def rows_for(strategy: Strategy, rows: int) -> Dataset:
    """So many training rows."""
    spare = make_dataset(strategy, rows=math.ceil(rows / 0.6) + 100)
    first = spare.sequence_length - 1
    train = np.arange(first, first + rows)
    validation = spare.validation[:VALIDATION_ROWS]
    return replace(spare, train=train, validation=validation)


class Stopwatch(Unattended):
    """Asks for nothing, and notes when each epoch ended."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = epochs
        self.ends: list[float] = []

    def at_boundary(self, position: Position) -> Request:
        return Request.STOP if len(self.ends) > self._epochs else Request.NONE

    def epoch_done(self, record: EpochRecord) -> None:
        self.ends.append(clock())

    @property
    def seconds(self) -> float:
        """Per epoch; the first one, which begins cold, does not count."""
        return (self.ends[-1] - self.ends[0]) / (len(self.ends) - 1)


def ours(strategy: Strategy, dataset: Dataset, *, engine: str, epochs: int) -> float:
    """Whatever the rule says of them."""
    pinned = Pinned.with_autograd(strategy, CPU)
    if engine == KERNEL:
        pinned = replace(pinned, engine=KERNEL, optimizer_flavour=KERNEL, threads=1)
    watch = Stopwatch(epochs)
    ModelTrainer(strategy, run=watch, pinned=pinned).train(dataset)
    return watch.seconds


def plain_loop(strategy: Strategy, dataset: Dataset, *, threads: int, epochs: int = 1) -> float:
    """What the tutorials show: DataLoader, forward, loss, backward, clip, step."""
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)
    network, loader = _network(strategy, dataset), _loader(strategy, dataset)
    optimizer, loss_of = _optimizer(strategy, network), _loss(strategy)
    begun = clock()
    for _ in range(epochs):
        total = torch.zeros(())
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = loss_of(network(inputs), targets)
            loss.backward()
            if strategy.training.gradient_clip:
                nn.utils.clip_grad_norm_(network.parameters(), strategy.training.gradient_clip)
            optimizer.step()
            total += loss.detach()
    return (clock() - begun) / epochs


def lightning(strategy: Strategy, dataset: Dataset, *, threads: int, epochs: int = 1) -> float:
    """Lightning's Trainer with everything off that can be."""
    from lightning.pytorch import Callback, LightningModule, Trainer

    torch.set_num_threads(threads)
    loss_of = _loss(strategy)
    ends: list[float] = []

    class Module(LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = _network(strategy, dataset)

        def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
            return loss_of(self.network(batch[0]), batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return _optimizer(strategy, self.network)

    class Ends(Callback):
        def on_train_epoch_start(self, *_: Any) -> None:
            ends.append(clock())

        def on_train_epoch_end(self, *_: Any) -> None:
            ends.append(clock())

    trainer = Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        gradient_clip_val=strategy.training.gradient_clip,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[Ends()],
    )
    trainer.fit(Module(), _loader(strategy, dataset))
    return (ends[-1] - ends[0]) / epochs


def everything_on(strategy: Strategy, dataset: Dataset, *, epochs: int) -> float:
    """A whole attempt at an operation of this process's site.

    Metrics, progress, heartbeat, events, log, a checkpoint every epoch, a look for a stop every
    batch. Only the features are given instead of computed.
    """
    from training import jobs, pipeline
    from training.attempt.requests import StopReason
    from training.attempt.run_context import RunContext
    from training.launch.start import CheckpointSettings, StartRequest, start_training

    text = yaml.safe_dump(strategy.snapshot(), sort_keys=False)
    checkpoint = CheckpointSettings(every_epochs=1, every_seconds=SHORTEST_SECONDS)
    operation = start_training(StartRequest(strategy_yaml=text, checkpoint=checkpoint))
    watch = Stopwatch(epochs)
    real_prepare, real_end = pipeline._prepare, RunContext.epoch_done

    def epoch_done(run: RunContext, record: EpochRecord) -> None:
        real_end(run, record)
        watch.epoch_done(record)
        if watch.at_boundary(Position(record.epoch, 0)):
            run.requests.stop(StopReason.CANCEL)

    pipeline._prepare = lambda *_: dataset
    RunContext.epoch_done = epoch_done  # type: ignore[method-assign]
    try:
        jobs.run_training(operation.pk, 1)
    finally:
        pipeline._prepare = real_prepare
        RunContext.epoch_done = real_end  # type: ignore[method-assign]
    _require_everything(operation, epochs=epochs)
    return watch.seconds


def _require_everything(operation: Any, *, epochs: int) -> None:
    """Nothing is fast for having failed."""
    operation.refresh_from_db()
    steps, saved = operation.metrics.count(), operation.checkpoints.count()
    if operation.status != "cancelled" or steps < epochs or not saved:
        raise RuntimeError(f"{operation} {operation.status}: {steps} epochs, {saved} checkpoints")


def _network(strategy: Strategy, dataset: Dataset) -> nn.Module:
    outputs = len(dataset.class_names) or 1
    return initial_network(strategy, inputs=len(dataset.feature_ids), outputs=outputs)


def _loader(strategy: Strategy, dataset: Dataset) -> DataLoader[tuple[Tensor, ...]]:
    """Of rows; of windows, each a view of the features."""
    features, labels = torch.from_numpy(dataset.features), torch.from_numpy(dataset.labels)
    if dataset.sequence_length == 1:
        rows: Any = TensorDataset(features[dataset.train], labels[dataset.train])
    else:
        rows = Windows(features, labels, dataset)
    return DataLoader(rows, strategy.training.batch_size, shuffle=True)


class Windows(torch.utils.data.Dataset[tuple[Tensor, Tensor]]):
    def __init__(self, features: Tensor, labels: Tensor, dataset: Dataset) -> None:
        self._features, self._labels = features, labels
        self._rows, self._length = dataset.train, dataset.sequence_length

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        end = int(self._rows[index]) + 1
        return self._features[end - self._length : end], self._labels[end - 1]


def _optimizer(strategy: Strategy, network: nn.Module) -> torch.optim.Optimizer:
    """As its users make it: torch's defaults except for the grammar's constants."""
    rate, parameters = strategy.training.learning_rate, network.parameters()
    match strategy.training.optimizer:
        case "adam":
            return torch.optim.Adam(parameters, rate)
        case "adamw":
            return torch.optim.AdamW(parameters, rate, weight_decay=0.0)
        case "sgd":
            return torch.optim.SGD(parameters, rate, momentum=0.9)
        case _:
            return torch.optim.RMSprop(parameters, rate)


def _loss(strategy: Strategy) -> Callable[[Tensor, Tensor], Tensor]:
    training = strategy.training

    def focal(outputs: Tensor, targets: Tensor) -> Tensor:
        entropy = functional.cross_entropy(outputs, targets, reduction="none")
        return ((1 - torch.exp(-entropy)) ** training.focal_gamma * entropy).mean()

    losses: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        "cross_entropy": functional.cross_entropy,
        "focal": focal,
        "mse": lambda outputs, targets: functional.mse_loss(outputs.squeeze(1), targets),
        "huber": lambda outputs, targets: functional.huber_loss(
            outputs.squeeze(1), targets, delta=training.huber_delta
        ),
    }
    return losses[training.loss]
