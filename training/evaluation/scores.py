"""How well predictions fit the labels."""

import math

import numpy as np
from numpy.typing import NDArray

from training.evaluation.residue import values_vary

Floats = NDArray[np.float64]
Scores = dict[str, float | None]

SMALLEST_PROBABILITY = 1e-15  # keeps the log loss of a sure mistake finite


def confusion_matrix(
    labels: NDArray[np.int64], probabilities: Floats, num_classes: int
) -> NDArray[np.int64]:
    """[true class, predicted class]: numbers of samples."""
    predicted = probabilities.argmax(axis=1)
    pairs = np.bincount(labels * num_classes + predicted, minlength=num_classes**2)
    return pairs.reshape(num_classes, num_classes)


def classification_scores(
    labels: NDArray[np.int64], probabilities: Floats, class_names: tuple[str, ...]
) -> Scores:
    """Accuracy, balanced accuracy, log loss; precision, recall and F1 by class and their mean.

    Of a class that was never predicted the precision is None, of one that never occurred the
    recall; neither counts in a mean.
    """
    confusion = confusion_matrix(labels, probabilities, len(class_names))
    right = np.diag(confusion)
    scores: Scores = {
        "accuracy": float(right.sum() / len(labels)),
        "log_loss": _log_loss(labels, probabilities),
    }
    f1 = []
    for index, name in enumerate(class_names):
        precision = _ratio(right[index], confusion[:, index].sum())
        recall = _ratio(right[index], confusion[index].sum())
        f1.append(_ratio(2 * right[index], confusion[:, index].sum() + confusion[index].sum()))
        scores |= {f"precision_{name}": precision, f"recall_{name}": recall, f"f1_{name}": f1[-1]}
    scores["balanced_accuracy"] = _mean([scores[f"recall_{name}"] for name in class_names])
    scores["macro_f1"] = _mean(f1)
    return scores


def regression_scores(labels: Floats, predictions: Floats) -> Scores:
    """Errors, R², correlation, and the share of moves whose direction was right."""
    errors = predictions - labels
    moved = labels != 0
    spread = float(((labels - labels.mean()) ** 2).sum())
    return {
        "mse": float((errors**2).mean()),
        "mae": float(np.abs(errors).mean()),
        "r2": 1.0 - float((errors**2).sum()) / spread if values_vary(labels) else None,
        "correlation": _correlation(labels, predictions),
        "direction": _ratio((np.sign(predictions) == np.sign(labels))[moved].sum(), moved.sum()),
    }


def _log_loss(labels: NDArray[np.int64], probabilities: Floats) -> float:
    of_label = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(of_label, SMALLEST_PROBABILITY)).mean())


def _correlation(labels: Floats, predictions: Floats) -> float | None:
    if not values_vary(labels) or not values_vary(predictions):
        return None
    deviations = labels - labels.mean(), predictions - predictions.mean()
    scale = math.sqrt(float((deviations[0] ** 2).sum() * (deviations[1] ** 2).sum()))
    return float((deviations[0] * deviations[1]).sum()) / scale


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
