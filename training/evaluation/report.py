"""The evaluation of a network on the test part, and of what it must beat."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from torch import nn

from training.evaluation.baselines import LinearModel, class_prior, mean_return
from training.evaluation.evaluation import Evaluation, Evaluator
from training.evaluation.fold_predictions import MODEL
from training.evaluation.predictions import predict
from training.features.dataset import Dataset
from training.features.learned_sets import Inputs
from training.features.plan import plan_features
from training.strategy import Strategy
from training.trainer.pinned import Pinned


def evaluate(
    strategy: Strategy, dataset: Dataset, network: nn.Module, pinned: Pinned
) -> Evaluation:
    """Score the network on the test part. Raises ValueError when that part is empty."""
    evaluator = Evaluator(strategy, dataset)
    said = predict(strategy, dataset, network, pinned, evaluator.decided)
    return evaluator.report({MODEL: said, **_baselines(strategy, dataset, evaluator.decided)})


def _baselines(
    strategy: Strategy, dataset: Dataset, decided: NDArray[np.int64]
) -> Mapping[str, NDArray[np.float64]]:
    """Predictions of some rows, by baseline."""
    linear = LinearModel(dataset, Inputs(plan_features(strategy))).predict(decided)
    if dataset.class_names:
        prior = class_prior(dataset, len(decided))
        return {"class_prior": prior, "logistic_regression": linear}
    mean = mean_return(dataset, len(decided))
    return {"mean_return": mean, "linear_regression": linear}
