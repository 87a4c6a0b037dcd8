"""What a network must beat: the class prior, and a ridge model of the last row's features.

Names and definitions for readers are in `definitions.BESIDE`.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.evaluation.residue import last_places
from training.features.arrays import Float32Array
from training.features.dataset import Dataset

MOST_ROWS = 100_000  # evenly spaced training rows: more do not change a linear model
CHUNK_ROWS = 8192  # converted to float64 at a time
RIDGE = 1.0  # the usual penalty of half the squared norm, on standardised features
FARTHEST = 10.0  # deviations: one input far outside its training range shall not decide a score
MOST_STEPS = 50
STEP_TOLERANCE = 1e-6

Floats = NDArray[np.float64]
ToInputs = Callable[[Float32Array], Float32Array]
Chunks = Callable[[], Iterable[tuple[Tensor, Tensor]]]
"""Standardised inputs and labels, from the beginning at each call: as `LinearModel._chunks`."""


def class_prior(dataset: Dataset, samples: int) -> Floats:
    """The training part's class frequencies for every sample: float64 [samples, classes]."""
    labels = dataset.labels[dataset.train].astype(np.int64, copy=False)
    counts = np.bincount(labels, minlength=len(dataset.class_names))
    return np.tile(counts / counts.sum(), (samples, 1))


def mean_return(dataset: Dataset, samples: int) -> Floats:
    """The training part's mean label for every sample: float64 [samples]."""
    return np.full(samples, dataset.labels[dataset.train].astype(np.float64).mean())


class LinearModel:
    """Ridge regression, or multinomial logistic regression with a ridge penalty.

    Of a sample it sees the last row only, each feature standardised by the training rows and
    clipped to ±10 deviations. Fitted by Newton's method in float64, on at most 100,000 evenly
    spaced training rows.
    """

    def __init__(self, dataset: Dataset, inputs: ToInputs = lambda columns: columns) -> None:
        """`inputs` makes what a network sees of columns of the dataset: [rows, inputs]."""
        self._dataset = dataset
        self._inputs = inputs
        rows = dataset.train[:: -(-len(dataset.train) // MOST_ROWS)]
        self._shift, self._scale = self._standardisation(rows)
        fit = self._fit_classes if dataset.class_names else self._fit_values
        self._weights = fit(self._to_fit_on(rows))

    def predict(self, rows: NDArray[np.int64]) -> Floats:
        """Probabilities [rows, classes], or values [rows]."""
        by_output = self._weights.T.contiguous()
        outputs = torch.cat([by_output @ inputs for inputs, _ in self._chunks(rows)], dim=1)
        if not self._dataset.class_names:
            return outputs[0].numpy()
        return torch.softmax(outputs, dim=0).T.contiguous().numpy()

    def _to_fit_on(self, rows: NDArray[np.int64]) -> Chunks:
        """What a fit reads again in every step: made once where it is one chunk."""
        if len(rows) > CHUNK_ROWS:
            return lambda: self._chunks(rows)
        kept = list(self._chunks(rows))
        return lambda: kept

    def _fit_values(self, chunks: Chunks) -> Tensor:
        gram = self._penalty(1).diag()
        moments = torch.zeros(len(gram), dtype=torch.float64)
        for inputs, targets in chunks():
            gram += inputs @ inputs.T
            moments += inputs @ targets.double()
        weights: Tensor = torch.linalg.solve(gram, moments)
        return weights[:, None]

    def _fit_classes(self, chunks: Chunks) -> Tensor:
        """Newton steps, halved while they increase the loss; after a tiny one the next is less than
        the loss can tell."""
        classes = len(self._dataset.class_names)
        weights = torch.zeros(self._width, classes, dtype=torch.float64)
        loss = self._logistic_loss(chunks, weights)
        for _ in range(MOST_STEPS):
            gradient, curvature = self._logistic_slopes(chunks, weights)
            step: Tensor = torch.linalg.solve(curvature, gradient).view(classes, -1).T
            while step.abs().max() > STEP_TOLERANCE:
                candidate = self._logistic_loss(chunks, weights - step)
                if candidate <= loss:
                    break
                step = step / 2.0
            else:
                return weights - step
            weights, loss = weights - step, candidate
        return weights

    def _logistic_loss(self, chunks: Chunks, weights: Tensor) -> float:
        """Penalised."""
        flat = weights.T.reshape(-1)
        loss = 0.5 * torch.dot(flat * self._penalty(weights.shape[1]), flat)
        for inputs, targets in chunks():
            logs = torch.log_softmax(weights.T @ inputs, dim=0)
            loss -= logs.gather(0, targets[None]).sum()
        return float(loss)

    def _logistic_slopes(self, chunks: Chunks, weights: Tensor) -> tuple[Tensor, Tensor]:
        """The penalised loss's gradient and Hessian, by the weights flattened class by class."""
        penalty = self._penalty(weights.shape[1])
        gradient, curvature = weights.T.reshape(-1) * penalty, penalty.diag()
        for inputs, targets in chunks():
            shares = torch.log_softmax(weights.T @ inputs, dim=0).exp()
            missed = shares.clone()
            missed[targets, torch.arange(len(targets))] -= 1.0
            gradient += (missed @ inputs.T).reshape(-1)
            curvature += _curvature(inputs, shares)
        return gradient, curvature

    def _penalty(self, classes: int) -> Tensor:
        """RIDGE on every weight; on the intercepts just enough to make them unique."""
        one = torch.full((self._width,), RIDGE, dtype=torch.float64)
        one[-1] = 1e-6
        return one.repeat(classes)

    @property
    def _width(self) -> int:
        return len(self._shift) + 1

    def _chunks(self, rows: NDArray[np.int64]) -> Iterator[tuple[Tensor, Tensor]]:
        """Standardised features and a row of ones, float64 [width, chunk]; labels [chunk]."""
        for first in range(0, len(rows), CHUNK_ROWS):
            chunk = rows[first : first + CHUNK_ROWS]
            inputs = np.ones((self._width, len(chunk)))
            features = (self._inputs(self._dataset.features[chunk]) - self._shift) / self._scale
            inputs[:-1] = features.clip(-FARTHEST, FARTHEST).T
            yield torch.from_numpy(inputs), torch.from_numpy(self._dataset.labels[chunk])

    def _standardisation(self, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Mean and deviation of each feature; one that varies by rounding only is always 0."""
        mean = sum(block.sum(axis=0) for block in self._blocks(rows)) / len(rows)
        squares = sum(((block - mean) ** 2).sum(axis=0) for block in self._blocks(rows))
        largest = np.max([np.abs(block).max(axis=0) for block in self._blocks(rows)], axis=0)
        deviation = np.sqrt(squares / len(rows))
        return mean, np.where(deviation > last_places(largest), deviation, np.inf)

    def _blocks(self, rows: NDArray[np.int64]) -> Iterator[Floats]:
        """float64 [block, features], some rows at a time."""
        for first in range(0, len(rows), CHUNK_ROWS):
            columns = self._dataset.features[rows[first : first + CHUNK_ROWS]]
            yield self._inputs(columns).astype(np.float64)


def _curvature(inputs: Tensor, shares: Tensor) -> Tensor:
    """The Hessian of one chunk: [classes x width, classes x width].

    Shares sum to 1, so the blocks of a row sum to 0: what is on the diagonal follows.
    """
    classes = len(shares)
    width = len(inputs)
    blocks = torch.zeros(classes, width, classes, width, dtype=torch.float64)
    for first, second in combinations(range(classes), 2):
        both = (inputs * (shares[first] * shares[second])) @ inputs.T
        blocks[first, :, second], blocks[second, :, first] = -both, -both
        blocks[first, :, first] += both
        blocks[second, :, second] += both
    return blocks.view(classes * width, classes * width)
