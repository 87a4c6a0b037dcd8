"""Networks that are trained on small datasets, as their bundle's reader has them."""

import torch

from training.features.dataset import Dataset
from training.model_trainer import ModelTrainer
from training.strategy import Strategy
from training.trained.bundle import make_bundle
from training.trained.bundle_reader import TrainedNetwork, read_files
from training.trainer.pinned import Pinned


def trained(strategy: Strategy, dataset: Dataset) -> TrainedNetwork:
    pinned = Pinned.by_rule(strategy, torch.device("cpu"))
    result = ModelTrainer(strategy, pinned=pinned).train(dataset)
    return read_files(make_bundle(strategy, dataset, result, pinned).files)
