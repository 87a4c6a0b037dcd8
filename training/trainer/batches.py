"""Batches from data in memory: index permutations gathered in reused chunks, no second copy."""

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.trainer.losses import class_weights
from training.trainer.sampling import Rows, epoch_order

if TYPE_CHECKING:
    from training.features.dataset import Dataset
    from training.strategy import Strategy

CHUNK_FLOATS = 1_000_000  # inputs gathered at once: 4 MB, about a second-level cache


class Batch(NamedTuple):
    """Views into a reused chunk: valid until the next batch is drawn."""

    inputs: Tensor  # float32 [rows, features], or [rows, sequence_length, features]
    targets: Tensor  # int64 [rows] classes, or float32 [rows] values
    weights: Tensor | None  # float32 [rows]; in training they sum to 1


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One way through some samples."""

    samples: Tensor  # int64 [samples], in the order of the pass
    targets: Tensor  # [samples]
    weights: Tensor | None  # float32 [samples]
    weight_sums: Tensor  # float64 [batches], on the CPU


class DeviceData:
    """A dataset's tensors on the training's device; on the CPU they share the dataset's memory."""

    def __init__(self, strategy: "Strategy", dataset: "Dataset", device: torch.device) -> None:
        self.device = device
        self.features = self.put(dataset.features)
        self.targets = self.put(dataset.labels)
        self.sequence_length = dataset.sequence_length
        self._training = strategy.training
        self._samples = dataset.train
        self._uniqueness = dataset.weights
        self._class_weights = self._class_weights_of(strategy, dataset)

    @property
    def num_batches(self) -> int:
        return math.ceil(len(self._samples) / self._training.batch_size)

    @property
    def largest_batch(self) -> int:
        """Rows of the largest batch of an epoch."""
        return min(self._training.batch_size, len(self._samples))

    def training_pass(self, epoch: int) -> Pass:
        """The epoch's samples in its order, each batch's weights divided by their sum."""
        order = self._order(epoch)
        samples, batch_size = self.put(order), self._training.batch_size
        targets = self.targets.index_select(0, samples)
        weights = self._training_weights(order, targets)
        sums = _batch_sums(weights, len(order), batch_size)
        if weights is not None:
            weights = _divide_by_sums(weights, sums, batch_size)
        return Pass(samples=samples, targets=targets, weights=weights, weight_sums=sums.cpu())

    def evaluation_pass(self, rows: Rows, batch_size: int) -> Pass:
        """The rows in their own order; weighted by class as the loss is, never by uniqueness."""
        samples = self.put(rows)
        targets = self.targets.index_select(0, samples)
        weights = self._weights_by_class(targets)
        sums = _batch_sums(weights, len(rows), batch_size)
        return Pass(samples=samples, targets=targets, weights=weights, weight_sums=sums.cpu())

    def prediction_pass(self, rows: Rows, batch_size: int) -> Pass:
        """The rows in their own order, without weights: some may have no label."""
        samples = self.put(rows)
        return Pass(
            samples=samples,
            targets=self.targets.index_select(0, samples),
            weights=None,
            weight_sums=_batch_sums(None, len(rows), batch_size).cpu(),
        )

    def put(self, array: NDArray[Any]) -> Tensor:
        """The array on the device; on the CPU without a copy. It may be read-only: we only read."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The given NumPy array is not writable")
            return torch.from_numpy(array).to(self.device)

    def _order(self, epoch: int) -> Rows:
        training = self._training
        uniqueness = None if self._uniqueness is None else self._uniqueness[self._samples]
        return epoch_order(
            self._samples,
            sampling=training.sampling,
            seed=training.seed,
            epoch=epoch,
            weights=uniqueness,
        )

    def _training_weights(self, order: Rows, targets: Tensor) -> Tensor | None:
        by_class = self._weights_by_class(targets)
        if self._uniqueness is None or self._training.sampling == "weighted":
            return by_class
        uniqueness = self.put(self._uniqueness[order])
        return uniqueness if by_class is None else uniqueness * by_class

    def _weights_by_class(self, targets: Tensor) -> Tensor | None:
        if self._class_weights is None:
            return None
        return self._class_weights.index_select(0, targets)

    def _class_weights_of(self, strategy: "Strategy", dataset: "Dataset") -> Tensor | None:
        if not np.issubdtype(dataset.labels.dtype, np.integer):
            return None
        labels = dataset.labels[dataset.train].astype(np.int64, copy=False)
        weights = class_weights(strategy, labels, dataset.class_names)
        return None if weights is None else self.put(weights)


class Batches:
    """Cuts passes into batches, gathering several at a time into one reused buffer.

    A chunk always starts at a multiple of its length, also when a pass starts in its middle: a
    batch then lies at the same address in the buffer as in an undisturbed run.
    """

    def __init__(self, data: DeviceData, batch_size: int) -> None:
        self._windows = _windows(data.features, data.sequence_length)
        self._first_row = data.sequence_length - 1  # window i ends in row i + first_row
        self.batch_size = batch_size
        floats = batch_size * math.prod(self._windows.shape[1:])
        self._chunk = batch_size * max(1, CHUNK_FLOATS // floats)  # samples
        shape = (self._chunk, *self._windows.shape[1:])
        self._buffer = torch.empty(shape, dtype=data.features.dtype, device=data.device)

    def of(self, way: Pass, *, start: int = 0) -> Iterator[Batch]:
        """The pass's batches from number `start` on; the last one may be shorter."""
        skip = start * self.batch_size % self._chunk // self.batch_size
        for first in range(start * self.batch_size // self._chunk, _chunks(way, self._chunk)):
            yield from self._gather(way, first * self._chunk)[skip:]
            skip = 0

    def _gather(self, way: Pass, first: int) -> list[Batch]:
        samples = way.samples[first : first + self._chunk]
        count, size = len(samples), self.batch_size
        windows = samples - self._first_row if self._first_row else samples
        inputs = torch.index_select(self._windows, 0, windows, out=self._buffer[:count])
        rows = torch.split(inputs, size)
        targets = torch.split(way.targets[first : first + count], size)
        if way.weights is None:
            return [Batch(*parts, None) for parts in zip(rows, targets, strict=True)]
        weights = torch.split(way.weights[first : first + count], size)
        return [Batch(*parts) for parts in zip(rows, targets, weights, strict=True)]


def _chunks(way: Pass, chunk: int) -> int:
    return math.ceil(len(way.samples) / chunk)


def _windows(features: Tensor, sequence_length: int) -> Tensor:
    """[rows, features] as overlapping windows [rows - L + 1, L, features]: a view, no memory."""
    if sequence_length == 1:
        return features
    rows, width = features.shape
    size = (rows - sequence_length + 1, sequence_length, width)
    return features.as_strided(size, (width, width, 1))


def _batch_sums(weights: Tensor | None, count: int, batch_size: int) -> Tensor:
    """float64 [batches]: what each batch's rows weigh together (1 a row without weights)."""
    num_batches = math.ceil(count / batch_size)
    if weights is None:
        sums = torch.full((num_batches,), float(batch_size), dtype=torch.float64)
        sums[-1:] = float(count - (num_batches - 1) * batch_size)
        return sums
    padded = functional.pad(weights, (0, num_batches * batch_size - count))
    return padded.view(num_batches, batch_size).sum(dim=1, dtype=torch.float64)


def _divide_by_sums(weights: Tensor, sums: Tensor, batch_size: int) -> Tensor:
    """Each batch's weights divided by their sum."""
    return (weights / sums.repeat_interleave(batch_size)[: len(weights)]).to(weights.dtype)
